"""The menu entry 疑似重复与合并 with its addresses, and what the pages of organizations show of it."""

from collections.abc import Iterator
from functools import partial
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from registry.duplicates import withdrawal
from registry.duplicates.admin import pages
from registry.duplicates.models import Merger
from registry.duplicates.rights import may_judge
from registry.matching.successors import successors_of
from registry.organizations.models.choices import RegistrationStatus
from registry.organizations.models.organizations import Organization
from registry.organizations.models.reach import reaches
from registry.organizations.page.past import AS_OF
from registry.site.admin_site import Heading, Task
from registry.site.base import ReadOnlyAdmin

ITSELF = "itself"
"""The parameter of an address that shows a merged record itself instead of the one that it leads to."""


class MergerAdmin(ReadOnlyAdmin):
    heading = Heading.ORGANIZATIONS
    after_others: ClassVar[bool] = True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_judge(request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_urls(self) -> list[Any]:
        def page(address: str, view: Any, name: str) -> Any:
            return path(address, self.admin_site.admin_view(partial(view, self)), name=f"registry_merger_{name}")

        return [
            page("", pages.list_view, "changelist"),
            page("done/", pages.mergers_view, "done"),
            page("<int:one>/<int:other>/", pages.pair_view, "pair"),
            page("<int:pk>/undo/", pages.undo_view, "undo"),
        ]

    def site_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(partial(pages.withdraw_view, self))
        return [path("registry/organization/<int:pk>/withdraw/", view, name="registry_organization_withdraw")]

    def tasks(self, request: HttpRequest) -> Iterator[Task]:
        if may_judge(request.user):
            yield Task("enter", _("Look for duplicates"), reverse(pages.LIST), "changelink")


class DuplicatesMixin:
    """Links pages of organizations to possible duplicates, and leads from a merged record to its successor."""

    def tools(self, request: HttpRequest, obj: Any) -> Iterator[tuple[Any, str]]:
        yield from super().tools(request, obj)  # type: ignore[misc]
        if not obj or obj.registration_status == RegistrationStatus.MERGED or not reaches(request.user, obj):
            return
        if may_judge(request.user):
            yield _("Possible duplicates"), f"{reverse(pages.LIST)}?organization={obj.pk}"
        if withdrawal.is_offered(obj, request.user):
            yield _("Withdraw the entry"), reverse("admin:registry_organization_withdraw", args=[obj.pk])

    def page_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        itself = ITSELF in request.GET or AS_OF in request.GET
        if request.method == "GET" and not itself and (lead := _lead(request, str(pk))):
            return lead
        return super().page_view(request, pk)  # type: ignore[misc]

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "GET" and ITSELF not in request.GET and (lead := _lead(request, object_id)):
            return lead
        return super().change_view(request, object_id, *args, **kwargs)  # type: ignore[misc]


def _lead(request: HttpRequest, object_id: str) -> HttpResponse | None:
    """Lead from a merged record to the one at the end of its chain of mergers, if it is known."""
    if not (object_id.isascii() and object_id.isdigit() and len(object_id) < 19):
        return None
    record = Organization.objects.filter(pk=int(object_id), registration_status=RegistrationStatus.MERGED).first()
    successor = successors_of([record.pk]).get(record.pk) if record else None
    if record is None or successor is None or not request.user.has_perm("registry.view_organization"):
        return None
    told = _("%(name)s (%(number)s) was merged into this record.") % {"name": record, "number": record.registry_no}
    itself = f"{reverse('admin:registry_organization_page', args=[record.pk])}?{ITSELF}=1"
    messages.info(request, format_html('{} <a href="{}">{}</a>', told, itself, _("Show the merged record itself")))
    return HttpResponseRedirect(reverse("admin:registry_organization_page", args=[successor]))


admin.site.register(Merger, MergerAdmin)
