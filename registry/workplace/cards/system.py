"""The cards about accounts, tokens, log-ins, exported files and looks at personal data."""

from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.http import HttpRequest, QueryDict
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from registry.accounts.actions import may_confirm
from registry.accounts.admin.accounts import CLOSED_SOON
from registry.accounts.admin.logins import locked
from registry.accounts.admin.requests import waiting
from registry.disclosure.admin import VIEW_LOOKS, VIEW_RECEIPTS
from registry.disclosure.filtersets import midnight
from registry.disclosure.models import Disclosure, Receipt
from registry.retention.accounts import closed_soon
from registry.site.tokens import expiring
from registry.workplace.cards.card import Number, StartCard, add, bounded, list_address
from registry.workplace.changes.asked import CHANGE, TODAY, ChangesQuery
from registry.workplace.changes.walking import count_operations

MOST_CHANGES = 500
VIEW_ATTEMPTS = "axes.view_accessattempt"


def _today(page: str) -> str:
    return list_address(page, since=localdate())


def _to_confirm(request: HttpRequest) -> Number:
    return Number(sum(may_confirm(request.user, one) for one in waiting()))


def _changes(request: HttpRequest) -> Number:
    asked = ChangesQuery(request.user, QueryDict(f"day={TODAY}&kind={CHANGE}"))
    number = count_operations(asked, MOST_CHANGES)
    return Number(min(number, MOST_CHANGES), number > MOST_CHANGES)


CARDS = (
    StartCard(
        "account-requests",
        _("Accounts and roles to confirm"),
        ("registry.view_accountrequest",),
        _to_confirm,
        lambda request: list_address("registry_accountrequest_changelist"),
        if_any=True,
    ),
    StartCard(
        "accounts-unused",
        _("Accounts that have never logged in"),
        ("auth.view_user",),
        lambda request: bounded(User.objects.filter(last_login=None, is_active=True)),
        lambda request: list_address("auth_user_changelist", open="true", login="never"),
    ),
    StartCard(
        "accounts-closing",
        _("Accounts that will be closed, because they are not used"),
        ("auth.view_user",),
        lambda request: bounded(closed_soon()),
        lambda request: list_address("auth_user_changelist", login=CLOSED_SOON),
        if_any=True,
    ),
    StartCard(
        "locked",
        _("Log-ins closed after failures"),
        (VIEW_ATTEMPTS,),
        lambda request: bounded(locked()),
        lambda request: list_address("axes_accessattempt_changelist", locked="true"),
    ),
    StartCard(
        "failed",
        _("Failed log-ins"),
        (VIEW_ATTEMPTS,),
        lambda request: bounded(AccessAttempt.objects.all()),
        lambda request: list_address("axes_accessattempt_changelist"),
    ),
    StartCard(
        "changes",
        _("Changes today"),
        (VIEW_RECEIPTS,),
        _changes,
        lambda request: list_address("changes", day=TODAY, kind=CHANGE),
    ),
    StartCard(
        "looks",
        _("Looks at personal data today"),
        (VIEW_LOOKS,),
        lambda request: bounded(Disclosure.objects.filter(at__gte=midnight(localdate()))),
        lambda request: _today("registry_disclosure_changelist"),
    ),
    StartCard(
        "receipts",
        _("Files exported today"),
        (VIEW_RECEIPTS,),
        lambda request: bounded(Receipt.objects.filter(started_at__gte=midnight(localdate()))),
        lambda request: _today("registry_receipt_changelist"),
    ),
    StartCard(
        "tokens",
        _("Tokens that expire within 30 days"),
        (),
        lambda request: bounded(expiring(request.user)),
        lambda request: list_address("registry_apitoken_changelist", expires="soon"),
        if_any=True,
    ),
)
add(*CARDS)
