"""Log-in: how often a password may be guessed, and what the page says.

Failed log-ins are limited for one account from one address, for one address over all accounts (somebody tries a usual
password on everybody), and for one account over all addresses (many computers guess). A browser in which the account
has logged in before is counted by itself, so that nobody else can keep the owner out (OWASP calls it a device cookie).
"""

import datetime
import secrets
from typing import Any

from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_login_failed
from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import Max, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry.second_factor.state import forget, waits
from registry.security.events import record
from registry.security.models import EventKind
from registry.values.people import Account

COOKIE = "known_browser"
COOKIE_AGE = 180 * 24 * 60 * 60
ACCOUNTS_OF_A_BROWSER = 10
KNOWN = "known browser "
"""Prefix in the log of failed log-ins for attempts from a known browser, which are counted separately."""
OTHER = "browser"
"""Prefix for all other attempts, so that a browser which only claims to be known is counted like any other."""
LONGEST = 150
"""The greatest length of a user name: Django's own limit."""
SOON = 2
"""The number of remaining attempts from which on the page shows how many are left."""


class LoginHandler(AxesDatabaseHandler):
    """Counts failed log-ins by three limits, where django-axes has one; two are multiples of AXES_FAILURE_LIMIT.

    It hears of every log-in, whichever page it comes by, and writes it into the log of security events. Where an
    account has a second factor, somebody is logged in when it is passed: until then failures stay counted.
    """

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        username, address = get_client_username(request, credentials), request.axes_ip_address  # type: ignore[attr-defined]
        recent = AccessAttempt.objects.filter(attempt_time__gte=get_cool_off_threshold(request))
        if browser := known_browser(request, username):
            return _sum(recent.filter(username=username, user_agent__startswith=f"{KNOWN}{browser} "))
        recent = recent.exclude(user_agent__startswith=KNOWN)
        here, everywhere = Q(ip_address=address), Q(username=username)
        limit = settings.AXES_FAILURE_LIMIT
        return max(
            _sum(recent.filter(here, everywhere)),
            _sum(recent.filter(here)) * limit // settings.LOGIN_FAILURES_OF_ADDRESS,
            _sum(recent.filter(everywhere)) * limit // settings.LOGIN_FAILURES_OF_ACCOUNT,
        )

    def user_login_failed(
        self, sender: object, credentials: dict[str, Any], request: Any = None, **kwargs: Any
    ) -> None:
        if request is None:
            return
        username = get_client_username(request, credentials) or ""
        browser = known_browser(request, username)
        mark = f"{KNOWN}{browser}" if browser else OTHER
        request.axes_user_agent = f"{mark} {request.axes_user_agent}"[:255]
        ignored = request.axes_locked_out
        record(
            EventKind.LOGIN_FAILED,
            username=username,
            factor=credentials.get("factor"),
            ignored=ignored or None,
            sign_in="nonce" in credentials or None,
            claim=getattr(request, "sign_in_name", None),
        )
        super().user_login_failed(sender, credentials, request, **kwargs)
        if request.axes_locked_out and not ignored:
            record(EventKind.LOCKOUT, username, username="")

    def user_logged_in(self, sender: object, request: HttpRequest, user: Account, **kwargs: Any) -> None:
        forget(request.session)
        if not waits(user, request.session):
            self.entered(request, user)

    def entered(self, request: HttpRequest, user: Account, factor: str = "") -> None:
        """Somebody has passed all that the account asks for: forget the failures, and log it."""
        super().user_logged_in(None, request, user)
        record(EventKind.LOGIN, by=user, factor=factor)

    def user_logged_out(self, sender: object, request: HttpRequest, user: Account, **kwargs: Any) -> None:
        if user is not None and not waits(user, request.session):
            record(EventKind.LOGOUT, by=user, idle=getattr(request, "idle", None))
        super().user_logged_out(sender, request, user, **kwargs)


def entered(request: HttpRequest, factor: str) -> None:
    """Finish the log-in of a request that has passed the second factor."""
    AxesProxyHandler.update_request(request)
    AxesProxyHandler.get_implementation().entered(request, request.user, factor)


def factor_failed(request: HttpRequest) -> None:
    """Count a wrong code as a failed log-in. A request for which log-in is closed is answered by django-axes."""
    credentials = {"username": request.user.get_username(), "factor": "wrong"}
    AxesProxyHandler.update_request(request)
    user_login_failed.send(__name__, credentials=credentials, request=request)


def is_closed(request: HttpRequest) -> bool:
    """Return whether too many failures have closed the log-in, and let django-axes say so."""
    credentials = {"username": request.user.get_username()}
    if AxesProxyHandler.is_allowed(request, credentials):
        return False
    request.axes_locked_out = True  # type: ignore[attr-defined]
    factor_failed(request)
    return True


def opens_at(request: HttpRequest, credentials: dict[str, Any] | None) -> datetime.datetime:
    """Return when log-in is open again at the latest; attempts that are ignored do not delay it."""
    here = Q(ip_address=request.axes_ip_address)  # type: ignore[attr-defined]
    attempts = AccessAttempt.objects.filter(here | Q(username=get_client_username(request, credentials)))
    last = attempts.aggregate(last=Max("attempt_time"))["last"] or timezone.now()
    return timezone.localtime(last + settings.AXES_COOLOFF_TIME)


def _sum(attempts: QuerySet[AccessAttempt]) -> int:
    return attempts.aggregate(failures=Sum("failures_since_start"))["failures"] or 0


def known_browser(request: HttpRequest, username: str | None) -> str:
    """The mark of the browser, if the account has logged in with it; else empty."""
    cookie = _cookie(request)
    return cookie["mark"] if _account(username) in cookie["accounts"] else ""


def remember_browser(request: HttpRequest, response: HttpResponse) -> None:
    """Mark the browser after a log-in as one that the account uses."""
    cookie = _cookie(request)
    account = _account(request.user.get_username())
    accounts = [account, *(other for other in cookie["accounts"] if other != account)][:ACCOUNTS_OF_A_BROWSER]
    response.set_cookie(
        settings.COOKIE_PREFIX + COOKIE,
        signing.dumps({"mark": cookie["mark"] or secrets.token_hex(8), "accounts": accounts}, salt=COOKIE),
        max_age=COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _cookie(request: HttpRequest) -> dict[str, Any]:
    try:
        return signing.loads(request.COOKIES.get(settings.COOKIE_PREFIX + COOKIE, ""), salt=COOKIE, max_age=COOKIE_AGE)
    except signing.BadSignature:
        return {"mark": "", "accounts": []}


def _account(username: str | None) -> str:
    """Return a digest that represents the account in the cookie, which other users of the browser may read."""
    return salted_hmac(COOKIE, username or "").hexdigest()[:20]


class LoginForm(AdminAuthenticationForm):
    """The log-in form, which says why a right password does not open the site, and how many attempts are left."""

    def clean_username(self) -> str:
        """Refuse a name that is longer than any account's: the log of failed log-ins could not hold it."""
        username: str = self.cleaned_data["username"]
        if len(username) > LONGEST:
            raise self.get_invalid_login_error()
        return username

    def confirm_login_allowed(self, user: User) -> None:
        if user.is_active and not user.is_staff:
            raise ValidationError(_("This account has no role yet. Ask your administrator for one."), code="no_role")
        super().confirm_login_allowed(user)

    def get_invalid_login_error(self) -> ValidationError:
        error = ValidationError(_("The user name or the password is not right. Note upper and lower case."))
        failures = getattr(self.request, "axes_failures_since_start", None) or 0
        left = settings.AXES_FAILURE_LIMIT - failures
        if not 0 < left <= SOON:
            return error
        text = ngettext(
            "After %(count)d further failure log-in is closed for %(minutes)d minutes.",
            "After %(count)d further failures log-in is closed for %(minutes)d minutes.",
            left,
        )
        said = text % {"count": left, "minutes": settings.AXES_COOLOFF_TIME.total_seconds() // 60}
        return ValidationError([error, ValidationError(said)])
