"""The pages of the staff's site; Django looks for them here. Their order is that of the menu."""

from registry.organizations.admin import organizations  # isort: skip
from registry.organizations.admin import published  # isort: skip
from registry.imports.admin import batches  # isort: skip
from registry.collection import admin as collection  # isort: skip
from registry.reference import admin as reference  # isort: skip
from registry.site import tokens, accounts  # isort: skip

__all__ = ["accounts", "batches", "collection", "organizations", "published", "reference", "tokens"]
