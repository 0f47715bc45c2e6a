"""Says which accounts need a second factor, and which have one.

A rule of a role counts first; a role without one goes by settings.SECOND_FACTOR, the start value. A superuser, who may
do what every role may, needs a factor as soon as any role does.
"""

from functools import cache
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, Permission, User
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy
from django_otp.plugins.otp_totp.models import TOTPDevice

from registry.api.lists.statements import EqualsParameter, PreparedQuery
from registry.database.permission_names import permission
from registry.second_factor import ALL, NONE, PRIVATE
from registry.second_factor.models import RoleFactor

START, NEEDED, NOT_NEEDED = "start", "needed", "not needed"
RULES = (
    (START, gettext_lazy("as set for the whole site")),
    (NEEDED, gettext_lazy("needed by every account of this role")),
    (NOT_NEEDED, gettext_lazy("not needed for this role")),
)
"""The rules that a role can have, with their labels."""


def rule_of(role: Group) -> str:
    row = RoleFactor.objects.filter(role=role.pk).first()
    return START if row is None else NEEDED if row.required else NOT_NEEDED


def set_rule(role: Group, rule: str) -> None:
    if rule == START:
        RoleFactor.objects.filter(role=role).delete()
    else:
        RoleFactor.objects.update_or_create(role=role, defaults={"required": rule == NEEDED})


def private_permissions() -> set[str]:
    """Return the permissions to see personal or confidential rows, or to look after accounts."""
    confidential = (model for model in apps.get_models() if getattr(model, "CONFIDENTIAL", False))
    return {*(permission("view", model) for model in confidential), "registry.reveal_contact", "auth.change_user"}


def _private() -> Q:
    """Return the condition on permissions that they are private."""
    found = Q()
    for name in sorted(private_permissions()):
        app, _dot, codename = name.partition(".")
        found |= Q(content_type__app_label=app, codename=codename)
    return found


def roles_that_need_it() -> QuerySet[Group]:
    """Return the roles whose accounts need a second factor."""
    needed = Q(second_factor__required=True)
    if settings.SECOND_FACTOR == ALL:
        needed |= Q(second_factor=None)
    elif settings.SECOND_FACTOR == PRIVATE:
        private = Group.permissions.through.objects.filter(
            group=OuterRef("pk"), permission__in=Permission.objects.filter(_private()).order_by()
        )
        needed |= Q(Exists(private), second_factor=None)
    return Group.objects.filter(needed).order_by()


def needs_factor(account: str = "") -> Combinable:
    """Return the expression for whether an account needs a second factor; `account` is the path to it, with `__`."""
    user = OuterRef(f"{account}pk")
    by_role = User.groups.through.objects.filter(user=user, group__in=roles_that_need_it().values("pk"))
    needed = Q(Exists(by_role))
    superuser = Q(**{f"{account}is_superuser": True})
    if settings.SECOND_FACTOR == NONE:
        needed |= superuser & Q(Exists(RoleFactor.objects.filter(required=True)))
    else:
        own = User.user_permissions.through.objects.filter(user=user)
        if settings.SECOND_FACTOR == PRIVATE:
            own = own.filter(permission__in=Permission.objects.filter(_private()).order_by())
        needed |= superuser | Q(Exists(own))
    return Case(When(needed, then=Value(True)), default=Value(False))


def with_factor(users: QuerySet[User]) -> QuerySet[User]:
    """Add to accounts the id of their second factor, `factor_id`, and whether they need one, `needs_factor`."""
    devices = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True).order_by("-pk")
    return users.annotate(factor_id=Subquery(devices.values("pk")[:1]), needs_factor=needs_factor())


def standing(user: Any) -> tuple[int | None, bool]:
    """Return the id of the second factor of an account, and whether it needs one."""
    if not hasattr(user, "factor_id"):
        fresh: Any = with_factor(User.objects.filter(pk=user.pk)).first()
        user.factor_id, user.needs_factor = (fresh.factor_id, fresh.needs_factor) if fresh else (None, False)
    return user.factor_id, user.needs_factor


class AccountBackend(ModelBackend):
    """Django's accounts, read with what is known of their second factor: a request asks for both at once."""

    def get_user(self, user_id: int) -> User | None:
        for *values, factor_id, needs_factor in _account(settings.SECOND_FACTOR).rows(user_id):
            user = User.from_db(None, USER, values)
            user.factor_id, user.needs_factor = factor_id, needs_factor  # type: ignore[attr-defined]
            return user if self.user_can_authenticate(user) else None
        return None


USER = [field.attname for field in User._meta.concrete_fields]


@cache
def _account(start_value: str) -> PreparedQuery:
    """Return the statement; it holds the start value of the rule of second factors (`needs_factor()`)."""
    accounts = with_factor(User.objects.order_by().filter(EqualsParameter("pk")))
    return PreparedQuery(accounts.values_list(*USER, "factor_id", "needs_factor"))
