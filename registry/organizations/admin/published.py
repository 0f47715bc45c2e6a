"""Changes of published organizations by accounts that may not publish: a reviewer confirms or unpublishes them."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import pghistory
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from registry.database.db_errors import Conflict, integrity_errors_as_conflicts
from registry.organizations.models.choices import GONE_STATUSES
from registry.organizations.models.details import Identifier, Name, Qualification, SectorTag
from registry.organizations.models.organizations import Organization
from registry.organizations.models.published import PUBLIC_FIELDS, PublishedChange
from registry.site import history
from registry.site.admin_site import Heading, Task
from registry.site.base import ReadOnlyAdmin

PERMISSIONS = ("registry.view_organization", "registry.publish_organization")
PER_PAGE = 50
_SEEN_RE = re.compile(r"(\d{1,18}):(\d{1,18})")
Seen = tuple[int, int]
"""An organization, and the transaction of its latest change that the page showed."""


def confirm(seen: Sequence[Seen]) -> int:
    """Confirm organizations that have not changed since they were shown; return how many."""
    if not seen:
        return 0
    shown = Q()
    for organization, changed_in in seen:
        shown |= Q(organization=organization, changed_in=changed_in)
    return PublishedChange.objects.filter(shown).delete()[0]


def unpublish(organizations: Sequence[int]) -> int:
    """Unpublish organizations on the list, unless somebody did already; triggers remove them from the list."""
    with integrity_errors_as_conflicts(), transaction.atomic(), pghistory.context(operation="review"):
        listed = PublishedChange.objects.filter(organization__in=organizations).values("organization")
        rows = Organization.objects.filter(pk__in=listed).select_for_update(no_key=True).order_by("pk")
        published = [organization.pk for organization in rows if organization.published]
        Organization.objects.filter(pk__in=published).update(published=False)
        PublishedChange.objects.filter(organization__in=organizations).delete()
    return len(published)


def public_changes(listed: Sequence[PublishedChange]) -> dict[int, list[history.Event]]:
    """Return for each organization the changes of its public fields since the first change that nobody has reviewed."""
    since = {one.organization_id: one.since for one in listed}
    found: dict[int, list[history.Event]] = {pk: [] for pk in since}
    for model, key in (
        (Organization, "pgh_obj"),
        (Name, "organization"),
        (SectorTag, "organization"),
        (Qualification, "organization"),
        (Identifier, "organization"),
    ):
        fields = PUBLIC_FIELDS[str(model._meta.model_name)]
        for pk, events in history.net_changes(model, key, since, fields, _is_public).items():
            found[pk] += events
    return found


def _is_public(model: Any, row: dict[str, Any]) -> bool:
    return model is not Name or row.get("kind") == Name.Kind.FORMER


class PublishedChangeAdmin(ReadOnlyAdmin):
    heading = Heading.ORGANIZATIONS
    after_others: ClassVar[bool] = True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perms(PERMISSIONS)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_urls(self) -> list[Any]:
        """Return the addresses: only the list has a page, and all decisions are sent to it."""
        page = self.admin_site.admin_view(self.changelist_view)
        return [path("", page, name="registry_publishedchange_changelist")]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            self._decide(request)
            return HttpResponseRedirect(request.get_full_path())
        rows = PublishedChange.objects.filter(organization__id__isnull=False)
        rows = rows.select_related("organization").order_by("since", "organization")
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("p"))
        changes = public_changes(list(page))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Changes of published organizations"),
            "opts": self.opts,
            "page": page,
            "rows": [self._row(one, changes[one.organization_id]) for one in page],
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/registry/published.html", context)

    @staticmethod
    def _row(listed: PublishedChange, changes: list[history.Event]) -> dict[str, Any]:
        organization = listed.organization
        return {
            "organization": organization,
            "key": f"{organization.pk}:{listed.changed_in}",
            "state": ("" if organization.published else _("not published any more"))
            or (organization.get_registration_status_display() if _gone(organization) else ""),
            "published": organization.published,
            "changes": changes,
            "people": list(dict.fromkeys(who for change in changes for who in change.who.split("、") if who)),
            "latest": max((change.when for change in changes), default=listed.since),
            "history": reverse("admin:registry_organization_history", args=[organization.pk]),
        }

    def _decide(self, request: HttpRequest) -> None:
        """Confirm or unpublish the ticked rows, or the row whose button was pressed."""
        try:
            if chosen := request.POST.getlist("unpublish_one") or "unpublish" in request.POST:
                seen = _seen(chosen if isinstance(chosen, list) else request.POST.getlist("pick"))
                count = unpublish([organization for organization, _changed_in in seen])
                message = ngettext(
                    "%(count)d organization was unpublished.", "%(count)d organizations were unpublished.", count
                )
                messages.success(request, message % {"count": count})
            else:
                seen = _seen(request.POST.getlist("confirm_one") or request.POST.getlist("pick"))
                self._confirm(request, seen)
        except Conflict as conflict:
            messages.error(request, "; ".join(conflict.messages))

    @staticmethod
    def _confirm(request: HttpRequest, seen: Sequence[Seen]) -> None:
        count = confirm(seen)
        message = ngettext("%(count)d organization was confirmed.", "%(count)d organizations were confirmed.", count)
        messages.success(request, message % {"count": count})
        still = {organization for organization, _changed_in in seen}
        if left := PublishedChange.objects.filter(organization__in=still).count():
            message = ngettext(
                "%(count)d organization has changed again meanwhile: look at it once more.",
                "%(count)d organizations have changed again meanwhile: look at them once more.",
                left,
            )
            messages.warning(request, message % {"count": left})

    def tasks(self, request: HttpRequest) -> Iterator[Task]:
        if self.has_view_permission(request) and (count := PublishedChange.objects.count()):
            label = ngettext(
                "%(count)d published organization was changed and waits for your review",
                "%(count)d published organizations were changed and wait for your review",
                count,
            )
            yield Task("review", label % {"count": count}, reverse("admin:registry_publishedchange_changelist"))


def _gone(organization: Organization) -> bool:
    return organization.registration_status in GONE_STATUSES


def _seen(keys: Sequence[str]) -> list[Seen]:
    return [(int(parts[1]), int(parts[2])) for key in keys if (parts := _SEEN_RE.fullmatch(key))]


history.OPERATIONS["review"] = gettext_lazy("review of published organizations")
admin.site.register(PublishedChange, PublishedChangeAdmin)
