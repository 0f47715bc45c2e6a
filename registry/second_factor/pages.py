"""The pages of one's own second factor: passing it at log-in, setting it up, replacing it, new recovery codes.

Setting up and new codes ask for the password again: a screen that was left open does not give the account away.
"""

import base64
from collections.abc import Callable
from functools import wraps
from typing import Any

import segno
from django import forms
from django.contrib import admin, messages
from django.contrib.auth import authenticate
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key

from registry.second_factor import codes
from registry.second_factor.gate import NEXT
from registry.second_factor.rules import standing
from registry.second_factor.state import is_pending, passes
from registry.site import login

KEY = "second_factor_key"
"""The name in the session of the key that is being set up."""
FEW = 3
"""The number of recovery codes from which on the page advises to make new ones."""
Page = Callable[[HttpRequest], HttpResponse]


class CodeForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("Verification code"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}),
    )


class PasswordForm(forms.Form):
    """Asks for the password again; an account without one signs in by another system, and is not asked."""

    password = forms.CharField(
        label=gettext_lazy("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        if not request.user.has_usable_password():  # type: ignore[union-attr]
            del self.fields["password"]

    def clean_password(self) -> str:
        """Check it as the log-in does, which counts failures."""
        password: str = self.cleaned_data["password"]
        if authenticate(self.request, username=self.request.user.get_username(), password=password) is None:
            raise forms.ValidationError(_("The password is not right."))
        return password


class SetUpForm(PasswordForm):
    code = forms.CharField(
        label=gettext_lazy("The code that the app shows now"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}),
    )
    field_order = ("code", "password")


def _of_staff(view: Page) -> Page:
    """Let in accounts that have logged in with the password, whether or not they have passed the factor."""

    @wraps(view)
    @sensitive_post_parameters()
    def checked(request: HttpRequest) -> HttpResponse:
        if not (request.user.is_active and request.user.is_staff):
            return redirect_to_login(request.get_full_path(), reverse("admin:login"))
        response = view(request)
        add_never_cache_headers(response)
        return response

    return checked


@_of_staff
def factor_page(request: HttpRequest) -> HttpResponse:
    """Ask for the code at log-in; afterwards show the state of one's own factor."""
    factor, _needed = standing(request.user)
    if not is_pending(request):
        return _overview(request)
    if factor is None:
        return HttpResponseRedirect(_with_next(request, "second_factor_set_up"))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if login.is_closed(request):
            return HttpResponse(status=429)
        answer = codes.check(request.user, form.cleaned_data["code"])  # type: ignore[arg-type]
        if answer.passed:
            return _passed(request, factor, answer.passed)
        if answer.open_at:
            until = {"time": f"{localtime(answer.open_at):%H:%M:%S}"}
            form.add_error("code", _("Too many wrong codes: the next one is checked after %(time)s.") % until)
        else:
            login.factor_failed(request)
            form.add_error("code", _("The code is not right, or was used already. Wait for the next one."))
    return _page(request, "second_factor.html", _("Second factor"), form=form)


def _passed(request: HttpRequest, factor: int, how: str) -> HttpResponse:
    _let_in(request, factor, how)
    if how == codes.RECOVERY:
        messages.warning(
            request, _("A recovery code let you in, and is used up. Have you lost your phone? Set up anew.")
        )
    response = HttpResponseRedirect(reverse("admin:second_factor") if how == codes.RECOVERY else _next(request))
    login.remember_browser(request, response)
    return response


def _let_in(request: HttpRequest, factor: int, how: str) -> None:
    """Let the session name the factor, under a new key; and finish the log-in if it was pending."""
    was_pending = is_pending(request)
    request.session.cycle_key()
    passes(request.session, factor)
    request.user.factor_id = factor  # type: ignore[union-attr]
    if was_pending:
        login.entered(request, how)


def _overview(request: HttpRequest) -> HttpResponse:
    factor, needed = standing(request.user)
    device = TOTPDevice.objects.filter(pk=factor).first() if factor else None
    left = codes.left(request.user) if device else 0  # type: ignore[arg-type]
    return _page(
        request,
        "second_factor_own.html",
        _("My second factor"),
        device=device,
        needed=needed,
        left=ngettext("%(count)d recovery code is left.", "%(count)d recovery codes are left.", left) % {"count": left},
        few=left < FEW,
        form=PasswordForm(request=request),
    )


@_of_staff
def set_up_page(request: HttpRequest) -> HttpResponse:
    """Show the QR code of a new factor, and store it once a code of it was typed."""
    factor, needed = standing(request.user)
    if factor and is_pending(request):  # the factor that it has is to be passed first
        return HttpResponseRedirect(_with_next(request, "second_factor"))
    key = request.session.get(KEY) or default_key()
    request.session[KEY] = key
    form = SetUpForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        device = codes.set_up(request.user, key, form.cleaned_data["code"])  # type: ignore[arg-type]
        if device:
            del request.session[KEY]
            _let_in(request, device.pk, "set up")
            response = _codes(request, codes.make_recovery_codes(request.user))  # type: ignore[arg-type]
            login.remember_browser(request, response)
            return response
        form.add_error("code", _("The code does not fit. Is the clock of your phone right? Type the code of now."))
    device = codes.new_device(request.user, key)
    return _page(
        request,
        "second_factor_set_up.html",
        _("Replace the second factor") if factor else _("Set up the second factor"),
        form=form,
        qr=_qr(device.config_url),
        secret=" ".join(_grouped(base64.b32encode(device.bin_key).decode())),
        needed=needed and not factor,
    )


@_of_staff
def codes_page(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes; the earlier ones end."""
    if standing(request.user)[0] is None:
        return HttpResponseRedirect(reverse("admin:second_factor"))
    form = PasswordForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        return _codes(request, codes.make_recovery_codes(request.user))  # type: ignore[arg-type]
    return _page(request, "second_factor_new_codes.html", _("New recovery codes"), form=form)


def _codes(request: HttpRequest, made: list[str]) -> HttpResponse:
    """Show recovery codes, in this one answer and nowhere else."""
    return _page(request, "second_factor_codes.html", _("Your recovery codes"), codes=made, next=_next(request))


def _page(request: HttpRequest, template: str, title: str, **context: object) -> HttpResponse:
    menu = not is_pending(request)
    shown = {**admin.site.each_context(request), "title": title, "subtitle": None, "is_nav_sidebar_enabled": menu}
    return TemplateResponse(request, f"admin/registry/{template}", {**shown, **context}).render()


def _qr(text: str) -> SafeString:
    """Return the QR code as SVG whose colours are attributes: the policy of the site forbids styles."""
    code = segno.make(text, error="m", micro=False)
    drawn = code.svg_inline(scale=5, dark="#000", light="#fff", svgclass="qr", lineclass=None)
    return mark_safe(drawn)  # noqa: S308 - drawn by the library, of numbers alone


def _grouped(text: str, size: int = 4) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


def _next(request: HttpRequest) -> str:
    """Return the page that was asked for before the factor, if it is one of this site."""
    wanted = request.GET.get(NEXT, "")
    own = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if own else reverse("admin:index")


def _with_next(request: HttpRequest, name: str) -> str:
    query = request.META.get("QUERY_STRING", "")
    return f"{reverse(f'admin:{name}')}{'?' if query else ''}{query}"


admin.site.own_pages += [  # type: ignore[attr-defined]
    path("second-factor/", factor_page, name="second_factor"),
    path("second-factor/set-up/", set_up_page, name="second_factor_set_up"),
    path("second-factor/codes/", codes_page, name="second_factor_codes"),
]
