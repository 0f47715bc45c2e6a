"""One-time links by which the owner of an account sets its password; nobody else types or sees it.

A link ends when it is used, when the password changes otherwise, after the next log-in, and after
settings.PASSWORD_RESET_TIMEOUT. It is stored nowhere. The code is in the query: logs and history keep paths only.
"""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from registry.accounts.log import account_name, record
from registry.accounts.rights import reaches

SERIAL = "account"
CODE = "code"


def password_link(request: HttpRequest, account: User) -> str:
    query = urlencode({SERIAL: account.pk, CODE: default_token_generator.make_token(account)})
    return f"{request.build_absolute_uri(reverse('admin:new_password'))}?{query}"


def page(request: HttpRequest, admin_site: AdminSite, account: User, *, ask: bool = False) -> HttpResponse:
    """Show the question whether to make a link, or the link, which appears in this one answer and nowhere else."""
    context = {
        **admin_site.each_context(request),
        "title": _("New password: one-time link"),
        "subtitle": None,
        "opts": User._meta,
        "account": account,
        "name": account_name(account),
        "link": "" if ask else password_link(request, account),
        "at_once": reaches(request.user, account),
    }
    response = TemplateResponse(request, "admin/registry/password_link.html", context)
    add_never_cache_headers(response)
    return response


@sensitive_post_parameters()
@transaction.atomic
def view(request: HttpRequest, admin_site: AdminSite) -> HttpResponse:
    """Show the page that the link opens, without log-in: a form for the new password and its rules."""
    account = _account(request.GET)
    form = SetPasswordForm(account, request.POST or None) if account else None
    if account and form and request.method == "POST" and form.is_valid():
        form.save()
        record(account, account, "password")
        messages.success(request, _("The password is set. Log in with it now."))
        return HttpResponseRedirect(reverse("admin:login"))
    context = {
        **admin_site.each_context(request),
        "title": _("Set a password"),
        "subtitle": None,
        "form": form,
        "account": account_name(account) if account else "",
        "is_nav_sidebar_enabled": False,
        "has_permission": False,
    }
    response = TemplateResponse(request, "admin/registry/new_password.html", context, status=200 if form else 400)
    add_never_cache_headers(response)
    response["Referrer-Policy"] = "strict-origin"  # without the query, and not none at all: forms need the origin
    return response


def _account(query: QueryDict) -> User | None:
    """Return the account for which the link was made, locked so that two simultaneous uses run one after the other."""
    given = query.get(SERIAL, "")
    if not (given.isascii() and given.isdecimal() and len(given) < 10):
        return None
    account = User.objects.select_for_update(no_key=True).filter(pk=given, is_active=True).first()
    return account if account and default_token_generator.check_token(account, query.get(CODE, "")) else None
