"""The button 显示 on the page of a record: full telephone numbers and e-mail addresses, for a reason, and logged.

The reason is kept for the session. Each look is one request: the page shows full values once, and is masked again when
it is loaded again.
"""

from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _

from registry.disclosure.log import Subject, by_whom, log_looks
from registry.disclosure.models import REVEAL, Disclosure, Reason, reason_label
from registry.organizations.models.reach import reaches
from registry.site.base import RegistryAdmin

REASON, SHOWN = "reveal_reason", "reveal_shown"
"""The names in the session: the reason that was given last, and the record whose page may show full values next."""


class RevealAdmin(RegistryAdmin):
    """The page of a record with people whose numbers are masked."""

    disclosed: ClassVar[str] = Disclosure.What.CONTACTS
    people_permission: ClassVar[str] = "registry.view_contact"

    def subject(self, obj: Any) -> Subject:
        """Return what the log says of the record."""
        return obj.registry_no, str(obj), ""

    def may_reveal(self, request: HttpRequest, obj: Model) -> bool:
        organization = getattr(obj, "organization", obj)
        may = request.user.has_perms((REVEAL, self.people_permission)) and reaches(request.user, organization)
        return may and self.has_view_permission(request, obj)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.reveal_view)
        return [path("<int:pk>/reveal/", view, name=self._name("reveal")), *super().get_urls()]

    def _name(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def reveal_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Log the look, and show the page with full values."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        obj = self.get_queryset(request).filter(pk=pk).first()
        if obj is None or not self.may_reveal(request, obj):
            raise PermissionDenied
        reason = request.POST.get("reason", "") or request.session.get(REASON, "")
        page = self.record_url(pk)
        if reason not in Reason.values:
            self.message_user(request, _("Choose what you need the full numbers for."), messages.ERROR)
            return HttpResponseRedirect(page)
        log_looks(by_whom(request), self.disclosed, [self.subject(obj)], reason)
        request.session[REASON], request.session[SHOWN] = reason, self._key(pk)
        return HttpResponseRedirect(f"{page}#revealed")

    def _key(self, pk: object) -> str:
        return f"{self.opts.label_lower}/{pk}"

    def take_reveal(self, request: HttpRequest, pk: object) -> None:
        """Let the request show full values, if it is for the one page that was logged."""
        if request.method == "GET" and SHOWN in request.session:
            request.revealed = request.session.pop(SHOWN) == self._key(pk)  # type: ignore[attr-defined]

    def reveal_of(self, request: HttpRequest, obj: Any) -> dict[str, Any] | None:
        """Return the values for the template of the button; None for accounts that may not see the numbers."""
        if not self.may_reveal(request, obj):
            return None
        reason = request.session.get(REASON, "")
        return {
            "url": reverse(f"admin:{self._name('reveal')}", args=[obj.pk]),
            "reason": reason_label(reason) if reason else "",
            "reasons": Reason.choices,
            "shown": getattr(request, "revealed", False),
        }

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        self.take_reveal(request, object_id)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        obj = context.get("original")
        if obj is not None and (reveal := self.reveal_of(request, obj)):
            context["reveal"] = reveal
        return super().render_change_form(request, context, *args, **kwargs)
