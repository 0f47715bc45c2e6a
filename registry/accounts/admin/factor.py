"""The page on which an administrator resets the second factor of somebody who has lost it, for a reason."""

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.accounts.actions import reset_factor
from registry.accounts.log import account_name


class ResetForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        help_text=gettext_lazy("How you made sure that it is the owner who asks; it stands in the log."),
    )


def page(request: HttpRequest, admin_site: AdminSite, account: User) -> HttpResponse:
    """Ask for the reason, and reset."""
    form = ResetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if reset_factor(account, request.user, form.cleaned_data["reason"]):
            said = _("Reset: the next log-in of %(name)s needs the password alone, and then sets up a new factor.")
            messages.success(request, said % {"name": account_name(account)})
        else:
            messages.warning(request, _("The account has no second factor: there is nothing to reset."))
        return HttpResponseRedirect(reverse("admin:auth_user_change", args=[account.pk]))
    context = {
        **admin_site.each_context(request),
        "title": _("Reset the second factor"),
        "subtitle": None,
        "opts": User._meta,
        "name": account_name(account),
        "form": form,
    }
    return TemplateResponse(request, "admin/registry/reset_factor.html", context)
