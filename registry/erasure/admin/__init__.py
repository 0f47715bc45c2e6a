"""The record of erasures, and the page on which a person is found and erased."""

from registry.erasure.admin import records

__all__ = ["records"]
