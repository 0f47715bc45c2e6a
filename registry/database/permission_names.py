"""Builds the names of Django's permissions on models."""

from django.contrib.auth import get_permission_codename
from django.db.models import Model


def permission(action: str, model: type[Model]) -> str:
    """Return the permission's name. A proxy model has the permissions of its concrete model."""
    options = model._meta.concrete_model._meta  # type: ignore[union-attr]
    return f"{options.app_label}.{get_permission_codename(action, options)}"
