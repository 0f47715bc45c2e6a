"""The names of Django's permissions on models."""

from django.contrib.auth import get_permission_codename
from django.db.models import Model


def permission(action: str, model: type[Model]) -> str:
    """The permission's name. A proxy has none of its own: its concrete model's holds."""
    options = model._meta.concrete_model._meta  # type: ignore[union-attr]
    return f"{options.app_label}.{get_permission_codename(action, options)}"
