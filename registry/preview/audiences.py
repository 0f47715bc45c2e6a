"""Through whose eyes the staff may look: the public's, and those of the role 查询员."""

import time
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from registry.accounts.rights import holds, rights_of_roles
from registry.accounts.roles import VIEWER, role_label
from registry.preview.inner import with_rights
from registry.values.people import Account

PUBLIC_EYES, VIEWER_EYES = "public", "viewer"
_PUBLIC = gettext_lazy("the public")


def label(audience: str) -> str | Promise:
    return _PUBLIC if audience == PUBLIC_EYES else role_label(VIEWER)


class ViewerRights:
    """Remembers what the role may for the link on every page; whoever follows it is judged by the database."""

    SECONDS: ClassVar[float] = 60
    _kept: ClassVar[tuple[float, set[str]] | None] = None

    @classmethod
    def now(cls) -> set[str]:
        """Return what the role may; empty where the office has no such role."""
        return rights_of_roles(Group.objects.filter(name=VIEWER))

    @classmethod
    def lately(cls) -> set[str]:
        if cls._kept is None or time.monotonic() - cls._kept[0] > cls.SECONDS or not cls._kept[1]:
            cls._kept = time.monotonic(), cls.now()
        return cls._kept[1]

    @classmethod
    def cache_clear(cls) -> None:
        cls._kept = None


def eyes_of_viewer(user: Account) -> Any:
    """Return the account with the rights of a viewer; None for accounts that may not do all that a viewer may."""
    rights = ViewerRights.now()
    return with_rights(user, rights) if rights and holds(user, rights) else None


def offers_viewer(user: Account) -> bool:
    rights = ViewerRights.lately()
    return bool(rights) and holds(user, rights)


class ClosedEyes:
    """Stands for anybody: sees no table of the staff."""

    is_active = is_superuser = False

    def has_perm(self, permission: str, obj: models.Model | None = None) -> bool:
        return False


def has_public_pages() -> bool:
    return bool(settings.PUBLIC_SITE)
