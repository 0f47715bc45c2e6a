"""Decides which administrators reach an account: only those who may do everything that the account may do.

What a role may do with records, such as publish them, is in `fixtures/roles.json`.

An administrator cannot create an account that may do more than they may, nor get a password for one alone, because both
would let them see what the account sees.
"""

from collections.abc import Iterable

from django.contrib.auth.models import Group, Permission, User
from django.db.models import Q, QuerySet

from registry.accounts.roles import ADMINISTRATOR
from registry.organizations.models.reach import LIMITED, reach_of
from registry.values.people import Account

BACKEND = "django.contrib.auth.backends.ModelBackend"


def rights_of(account: User) -> set[str]:
    """Return the permissions that its roles give and its own, whether the account is closed or not."""
    return _names(Permission.objects.filter(Q(group__user=account.pk) | Q(user=account.pk)))


def rights_of_roles(roles: Iterable[Group]) -> set[str]:
    return _names(Permission.objects.filter(group__in=[role.pk for role in roles]))


def rights_of_role(name: str) -> set[str]:
    """Return the permissions of the role with this name; none if there is no such role."""
    return _names(Permission.objects.filter(group__name=name))


def _names(permissions: QuerySet[Permission]) -> set[str]:
    pairs = permissions.order_by().values_list("content_type__app_label", "codename").distinct()
    return {f"{app}.{codename}" for app, codename in pairs}


def holds(user: Account, rights: set[str]) -> bool:
    """Return whether the user has these permissions, and for the whole city."""
    if not user.is_active or user.is_superuser:
        return user.is_active
    return reach_of(user) is None and rights - {LIMITED} <= user.get_all_permissions()


def reaches(user: Account, account: User) -> bool:
    """Return whether the user could act as the account without learning or doing anything new."""
    return user.is_superuser or (not account.is_superuser and holds(user, rights_of(account)))


def may_look_after(user: Account, account: User) -> bool:
    """Return whether the user may change the account. Only superusers may change superusers."""
    return user.has_perm("auth.change_user") and (user.is_superuser or not account.is_superuser)


def administrators() -> set[int]:
    """Return the ids of the open accounts that may look after accounts."""
    keepers = User.objects.with_perm("auth.change_user", is_active=True, backend=BACKEND)
    return set(keepers.values_list("pk", flat=True))


def is_last_administrator(account: User) -> bool:
    """Return whether nobody could look after accounts if this one were closed."""
    return administrators() == {account.pk}


def administrators_reaching(account: User) -> set[int]:
    """Return the ids of administrators who could make a password for the account alone and so may know its password.

    Closed administrators count, too; the number 0 represents everybody who had the administrator's role before.
    """
    if account.is_superuser:
        return set()
    rights = rights_of(account) - {LIMITED}
    keepers = User.objects.with_perm("auth.change_user", is_active=None, include_superusers=False, backend=BACKEND)  # type: ignore[arg-type]
    found = {keeper.pk for keeper in keepers if rights <= rights_of(keeper)}
    return found | ({0} if rights <= rights_of_roles(Group.objects.filter(name=ADMINISTRATOR)) else set())
