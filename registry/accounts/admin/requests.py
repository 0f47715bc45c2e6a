"""The page on which a second person confirms or returns what an administrator has prepared."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.accounts import actions, links, log
from registry.accounts.models import AccountRequest
from registry.accounts.roles import role_description, role_label, role_labels
from registry.site.base import ReadOnlyAdmin

LATEST = 100
"""The number of decided requests that the page shows."""


def waiting() -> QuerySet[AccountRequest]:
    rows = AccountRequest.objects.filter(outcome=AccountRequest.Outcome.WAITING).order_by("pk")
    return rows.select_related("account", "prepared_by").prefetch_related("account__groups")


@admin.register(AccountRequest)
class AccountRequestAdmin(ReadOnlyAdmin):
    fields = ("prepared_at", "prepared_by", "account", "wanted", "outcome", "decided_by", "decided_at")
    readonly_fields = fields

    @admin.display(description=gettext_lazy("what for"))
    def wanted(self, obj: AccountRequest) -> str:
        return log.asked(obj)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self._page(request)

    def _page(self, request: HttpRequest) -> HttpResponse:
        """Show the waiting requests, with buttons for people who may decide, and below them the decided ones."""
        shown = [
            {
                "request": one,
                "who": log.account_name(one.prepared_by),
                "account": log.account_name(one.account),
                "has": role_labels([role.name for role in one.account.groups.all()]),
                "roles": [(role_label(name), role_description(name)) for name in one.roles],
                "townships": log.township_labels(one.townships),
                "confirms": actions.may_confirm(request.user, one),
                "returns": actions.may_return(request.user, one),
                "own": one.prepared_by_id == request.user.pk,
            }
            for one in waiting()
        ]
        decided = AccountRequest.objects.exclude(outcome=AccountRequest.Outcome.WAITING).order_by("-decided_at", "-pk")
        context = {
            **self.admin_site.each_context(request),
            "title": self.opts.verbose_name_plural,
            "subtitle": None,
            "opts": self.opts,
            "waiting": shown,
            "decided": [
                (one, log.asked(one), *map(log.account_name, (one.account, one.prepared_by, one.decided_by)))
                for one in decided.select_related("account", "prepared_by", "decided_by")[:LATEST]
            ],
        }
        return TemplateResponse(request, "admin/registry/account_requests.html", context)

    def get_urls(self) -> list[Any]:
        decide = self.admin_site.admin_view(self.decide_view)
        return [path("<int:pk>/decide/", decide, name="registry_accountrequest_decide"), *super().get_urls()]

    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        account_request = get_object_or_404(AccountRequest.objects.select_related("account"), pk=pk)
        confirms = "confirm" in request.POST
        if not actions.may_return(request.user, account_request):
            raise PermissionDenied
        if not confirms and "return" not in request.POST:
            raise BadRequest("neither confirmed nor returned")
        try:
            if confirms:
                return self._confirmed(request, account_request)
            actions.send_back(account_request, request.user)
            self.message_user(request, _("Returned: nothing of it has taken effect."), messages.SUCCESS)
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
        return HttpResponseRedirect(reverse("admin:registry_accountrequest_changelist"))

    def _confirmed(self, request: HttpRequest, account_request: AccountRequest) -> HttpResponse:
        done = actions.confirm(account_request, request.user)
        if done.link:
            return links.page(request, self.admin_site, User.objects.get(pk=account_request.account_id))
        if done.outdated:
            message = _("Not confirmed: the account was changed after this was prepared. It has to be prepared again.")
            self.message_user(request, message, messages.ERROR)
        else:
            self.message_user(request, _("Confirmed: it is in force now."), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:registry_accountrequest_changelist"))
