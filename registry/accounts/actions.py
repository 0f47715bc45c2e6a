"""Changes accounts: at once if the acting person learns nothing new by it, otherwise prepared for a second person.

Every change of roles, closing or passwords of other accounts on the site uses this module. The account is locked first.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from registry.accounts.log import account_name, record
from registry.accounts.models import AccountRequest, AccountTelephone
from registry.accounts.rights import administrators_reaching, holds, reaches, rights_of, rights_of_roles
from registry.accounts.roles import must_stay_apart
from registry.database.db_errors import Conflict
from registry.organizations.models.reach import LIMITED, AccountTownship
from registry.reference.models import Township
from registry.second_factor.codes import remove
from registry.values.people import Account

Outcome = AccountRequest.Outcome


@dataclass(frozen=True, slots=True)
class AccountBefore:
    """The state of an account before it is changed."""

    is_new: bool = True
    is_superuser: bool = False
    rights: set[str] = field(default_factory=set)
    reaching: set[int] = field(default_factory=set)
    """Ids of administrators who may know its password."""


@dataclass(frozen=True, slots=True)
class AccountChange:
    """The result of a change: a waiting request, and whether the acting person must hand over a link for a new
    password.
    """

    waiting: AccountRequest | None = None
    link: bool = False
    outdated: bool = False


def before(account: User) -> AccountBefore:
    stored = User.objects.get(pk=account.pk)
    rights = rights_of(stored)
    # What it may do in its townships it may not do elsewhere: another role would be new to it.
    if LIMITED in rights and not stored.is_superuser:
        rights = set()
    return AccountBefore(False, stored.is_superuser, rights, administrators_reaching(stored))


def locked(pk: int) -> User:
    return User.objects.select_for_update(no_key=True).get(pk=pk)


def state_of(account: User) -> str:
    """Return a digest of everything that a page shows of the account, except its log-ins."""
    own = (account.username, account.first_name, account.last_name, account.email)
    flags = (account.is_active, account.is_superuser)
    groups = sorted(account.groups.values_list("pk", flat=True))
    permissions = sorted(account.user_permissions.values_list("pk", flat=True))
    towns = sorted(account.account_townships.values_list("township", flat=True))
    return hashlib.sha256(repr((own, flags, groups, permissions, towns, phone_of(account))).encode()).hexdigest()


def phone_of(account: User) -> str:
    """Return the telephone number of the person; empty if none is stored."""
    return AccountTelephone.objects.filter(user=account.pk).values_list("phone", flat=True).first() or ""


def keep_phone(account: User, phone: str) -> None:
    """Store the telephone number, which the form has checked; an empty one is removed."""
    if phone:
        AccountTelephone.objects.update_or_create(user=account, defaults={"phone": phone})
    else:
        AccountTelephone.objects.filter(user=account).delete()


def waiting_for(account: User) -> AccountRequest | None:
    return AccountRequest.objects.filter(account=account.pk, outcome=Outcome.WAITING).first()


# --- Preparing


@transaction.atomic
def arrange(
    account: User,
    was: AccountBefore,
    roles: Collection[Group],
    *,
    townships: Collection[Township] = (),
    active: bool,
    by: Account,
    fields: Collection[str] = (),
) -> AccountChange:
    """Give the account the wanted roles, townships and state as far as `by` may do so alone, and prepare the rest.

    Taking a role or a township away and closing an account take effect at once. A waiting request stays: saving a
    page that shows it does not confirm it.
    """
    if not account.is_superuser:
        must_stay_apart([role.name for role in roles])
    current, wanted = set(account.groups.all()), set(roles)
    added, removed = wanted - current, current - wanted
    old = waiting_for(account)
    waits = set(old.roles) if old else set()
    secret = {r for r in added if r.name in waits or not holds(by, rights_of_roles([r]) - was.rights)}
    account.groups.remove(*removed)
    account.groups.add(*(added - secret))
    towns = _bind(account, townships, waits=set(old.townships) if old else set(), roles=roles, by=by)
    opens, closes = active and not account.is_active, account.is_active and not active
    reopen = opens and (bool(old and old.reopen) or not reaches(by, account))
    if not reopen:
        account.is_active = active
    had_password = account.has_usable_password()
    new_password = _settle(account, was) or was.is_new
    steps = _those(
        created=was.is_new,
        closed=closes,
        opened=opens and not reopen,
        superuser=account.is_superuser and not was.is_superuser,
        no_superuser=was.is_superuser and not account.is_superuser,
        reset=had_password and not account.has_usable_password(),
        alone=by.is_superuser and (bool(added - secret) or (opens and not reopen)),
    )
    given, taken = _sorted(added - secret), _sorted(removed)
    more = {"towns_given": towns.given, "towns_taken": towns.taken}
    record(by, account, *steps, given=given, taken=taken, fields=list(fields), **more)
    return _prepare(
        account, by, roles=_sorted(secret), townships=towns.secret, reopen=reopen, new_password=new_password
    )


@dataclass(frozen=True, slots=True)
class TownshipChange:
    """Codes of townships: given and taken away at once, and those that a second person has to confirm."""

    given: list[str]
    taken: list[str]
    secret: list[str]


def _bind(
    account: User, wanted: Collection[Township], waits: set[str], roles: Collection[Group], by: Account
) -> TownshipChange:
    """Bind the account to the townships as far as `by` may do alone what the account may do there."""
    codes = {township.code for township in wanted}
    current = set(account.account_townships.values_list("township__code", flat=True))
    taken, added = current - codes, codes - current
    known = holds(by, rights_of(account) | rights_of_roles(roles))
    secret = {code for code in added if code in waits or not known}
    account.account_townships.filter(township__code__in=taken).delete()
    _add_townships(account, added - secret)
    return TownshipChange(sorted(added - secret), sorted(taken), sorted(secret))


def _add_townships(account: User, codes: Collection[str]) -> None:
    for township in Township.objects.filter(code__in=codes).order_by("code"):
        AccountTownship.objects.get_or_create(user=account, township=township)


@transaction.atomic
def renew_password(account: User, by: Account) -> AccountChange:
    """Make a link for a new password: at once if `by` reaches the account, otherwise after a second person's
    consent.
    """
    account = locked(account.pk)
    if not account.is_active:
        raise Conflict(_("This account is closed: it gets a new password once it is open again."))
    if reaches(by, account):
        record(by, account, "link")
        return AccountChange(link=True)
    old = waiting_for(account)
    roles, townships = (old.roles, old.townships) if old else ([], [])
    return _prepare(account, by, roles=roles, townships=townships, reopen=False, new_password=True)


@transaction.atomic
def reset_factor(account: User, by: Account, reason: str) -> bool:
    """Remove the second factor of an account whose owner has lost it; return whether there was one.

    It opens nothing by itself: the password is asked for as before, and the next log-in sets up a new factor.
    """
    account = locked(account.pk)
    if not remove(account):
        return False
    record(by, account, "factor_reset", reason=reason)
    return True


def _those(**steps: bool) -> list[str]:
    """Return the names of the steps that were taken, for the log."""
    return [step for step, taken in steps.items() if taken]


def _sorted(roles: Collection[Group]) -> list[str]:
    return sorted(role.name for role in roles)


def _settle(account: User, was: AccountBefore) -> bool:
    """Store the account and return whether its owner needs a link for a new password.

    The password ends if an administrator who no longer reaches the account may know it.
    """
    account.is_staff = account.is_superuser or account.groups.exists() or account.user_permissions.exists()
    lost = was.reaching - administrators_reaching(account) - {account.pk}
    if lost:
        account.set_unusable_password()  # it also ends the links that were made for the earlier one
    account.save(update_fields=["is_active", "is_staff", "password"])
    return bool(lost)


def _prepare(
    account: User, by: Any, *, roles: list[str], townships: list[str], reopen: bool, new_password: bool
) -> AccountChange:
    """Replace the waiting request of the account by a new one; keep it if it asks for the same."""
    old = waiting_for(account)
    new_password |= bool(old and old.new_password)
    link = new_password and not (roles or townships or reopen) and reaches(by, account)
    if link:
        record(by, account, "link")
        new_password = False
    state = state_of(account)
    if old:
        asked = (sorted(old.roles), sorted(old.townships), old.reopen, old.new_password, old.state)
        if asked == (roles, townships, reopen, new_password, state):
            return AccountChange(old)
        _decide(old, Outcome.REPLACED, by)
    if not (roles or townships or reopen or new_password):
        if old:
            record(by, account, "withdrawn", roles=old.roles, towns=old.townships)
        return AccountChange(link=link)
    waiting = AccountRequest.objects.create(
        account=account,
        roles=roles,
        townships=townships,
        reopen=reopen,
        new_password=new_password,
        state=state,
        prepared_by=by,
    )
    record(by, account, "prepared", *_asked(waiting), roles=roles, towns=townships)
    return AccountChange(waiting)


def _asked(request: AccountRequest) -> list[str]:
    return _those(to_open=request.reopen, to_password=request.new_password)


# --- Deciding


def may_confirm(user: Account, request: AccountRequest) -> bool:
    """Return whether the user may confirm the request: another person with all the rights of the future account.

    A superuser may also confirm their own requests.
    """
    if user.is_superuser:
        return True
    account = request.account
    if user.pk == request.prepared_by_id or account.is_superuser:
        return False
    return holds(user, rights_of(account) | rights_of_roles(Group.objects.filter(name__in=request.roles)))


def may_return(user: Account, request: AccountRequest) -> bool:
    return user.pk == request.prepared_by_id or may_confirm(user, request)


@transaction.atomic
def confirm(request: AccountRequest, by: Account) -> AccountChange:
    """Carry out the request.

    The confirming person hands over the link: it must not reach the person who prepared it.
    """
    request, account = _locked_waiting(request)
    if not may_confirm(by, request):
        raise PermissionDenied
    groups = list(Group.objects.filter(name__in=request.roles))
    if request.state != state_of(account) or len(groups) != len(request.roles):
        _decide(request, Outcome.OUTDATED, by)
        record(by, account, "outdated", *_asked(request), roles=request.roles, towns=request.townships)
        return AccountChange(outdated=True)
    if not account.is_superuser:
        must_stay_apart([*request.roles, *account.groups.values_list("name", flat=True)])
    was = before(account)
    account.groups.add(*groups)
    _add_townships(account, request.townships)
    account.is_active |= request.reopen
    had_password = account.has_usable_password()
    link = _settle(account, was) or request.new_password
    _decide(request, Outcome.CONFIRMED, by)
    steps = _those(
        confirmed=True,
        opened=request.reopen,
        reset=had_password and not account.has_usable_password(),
        link=link,
        alone=by.pk == request.prepared_by_id,
    )
    record(
        by,
        account,
        *steps,
        given=sorted(request.roles),
        towns_given=sorted(request.townships),
        prepared_by=account_name(request.prepared_by),
    )
    return AccountChange(link=link)


@transaction.atomic
def send_back(request: AccountRequest, by: Account) -> None:
    """End the request without effect: the second person returns it, or the person who prepared it withdraws it."""
    request, account = _locked_waiting(request)
    _decide(request, Outcome.RETURNED, by)
    step = "withdrawn" if by.pk == request.prepared_by_id else "returned"
    record(by, account, step, *_asked(request), roles=request.roles, prepared_by=account_name(request.prepared_by))


def _locked_waiting(request: AccountRequest) -> tuple[AccountRequest, User]:
    account = locked(request.account_id)
    request = AccountRequest.objects.select_for_update(of=("self",), no_key=True).get(pk=request.pk)
    if request.outcome != Outcome.WAITING:
        said = {"outcome": request.get_outcome_display(), "who": account_name(request.decided_by)}
        raise Conflict(_("This is decided already: %(outcome)s (%(who)s).") % said)
    return request, account


def _decide(request: AccountRequest, outcome: str, by: Any) -> None:
    request.outcome, request.decided_by, request.decided_at = outcome, by, timezone.now()
    request.save(update_fields=["outcome", "decided_by", "decided_at"])
