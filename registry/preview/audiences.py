"""Through whose eyes the staff may look: the public's, or an account's with the role 查询员."""

from django.conf import settings
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from registry.accounts.rights import holds, rights_of_role
from registry.accounts.roles import VIEWER, role_label
from registry.preview.inner import with_rights
from registry.values.people import Account

PUBLIC_EYES, VIEWER_EYES = "public", "viewer"
_PUBLIC = gettext_lazy("the public")


def label(audience: str) -> str | Promise:
    return _PUBLIC if audience == PUBLIC_EYES else role_label(VIEWER)


def eyes_of_viewer(user: Account) -> Account | None:
    """Return the account with the rights of a viewer; None for accounts that may not do all that a viewer may."""
    rights = rights_of_role(VIEWER)
    return with_rights(user, rights) if rights and holds(user, rights) else None


class ClosedEyes:
    """Stands for anybody: sees no table of the staff."""

    is_active = is_superuser = False

    def has_perm(self, permission: str, obj: models.Model | None = None) -> bool:
        return False


Eyes = Account | ClosedEyes
"""Who looks, as far as rights go."""


def has_public_pages() -> bool:
    return bool(settings.PUBLIC_SITE)
