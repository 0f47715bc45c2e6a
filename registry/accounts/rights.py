"""Who reaches an account: whoever may do all that it may do, and nobody else.

An account that may do something that an administrator may not is closed to the administrator: they can neither make it
nor get a password for it alone, because both would give them what it sees.
"""

from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser, Group, Permission, User
from django.db.models import Q, QuerySet

from registry.accounts.roles import ADMINISTRATOR

BACKEND = "django.contrib.auth.backends.ModelBackend"


def rights_of(account: User) -> set[str]:
    """Return the permissions that its roles give and its own, whether the account is closed or not."""
    return _names(Permission.objects.filter(Q(group__user=account.pk) | Q(user=account.pk)))


def rights_of_roles(roles: Iterable[Group]) -> set[str]:
    return _names(Permission.objects.filter(group__in=[role.pk for role in roles]))


def _names(permissions: QuerySet[Permission]) -> set[str]:
    pairs = permissions.order_by().values_list("content_type__app_label", "codename").distinct()
    return {f"{app}.{codename}" for app, codename in pairs}


def holds(user: User | AnonymousUser, rights: set[str]) -> bool:
    return user.is_active and (user.is_superuser or rights <= user.get_all_permissions())


def reaches(user: User | AnonymousUser, account: User) -> bool:
    """Whether the user may act as the account without learning or doing anything new."""
    return user.is_superuser or (not account.is_superuser and holds(user, rights_of(account)))


def may_look_after(user: User | AnonymousUser, account: User) -> bool:
    """Whether the user may change the account. Superusers are out of reach for everybody else."""
    return user.has_perm("auth.change_user") and (user.is_superuser or not account.is_superuser)


def administrators_reaching(account: User) -> set[int]:
    """The keepers of accounts who could make a password for the account alone, so may know the one that it has.

    Closed ones are among them, and as number 0 whoever had the administrator's role once.
    """
    if account.is_superuser:
        return set()
    rights = rights_of(account)
    keepers = User.objects.with_perm("auth.change_user", is_active=None, include_superusers=False, backend=BACKEND)  # type: ignore[arg-type]
    found = {keeper.pk for keeper in keepers if rights <= rights_of(keeper)}
    return found | ({0} if rights <= rights_of_roles(Group.objects.filter(name=ADMINISTRATOR)) else set())
