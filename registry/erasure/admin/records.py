"""The list of erasures: who erased somebody, when, on which ground and from which tables."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from registry.accounts.log import account_name
from registry.erasure.admin import page
from registry.erasure.erasing import label_counts
from registry.erasure.models import ERASE, Erasure
from registry.site.admin_site import Task
from registry.site.base import ReadOnlyAdmin
from registry.values.punctuation import clauses


@admin.register(Erasure)
class ErasureAdmin(ReadOnlyAdmin):
    list_display = ("number", "moment", "person", "ground", "counted", "left")
    list_display_links = None
    list_select_related: ClassVar[Any] = ("user",)
    sortable_by = ()
    ordering = ("-pk",)

    @admin.display(description=pgettext_lazy("erasure", "no."))
    def number(self, obj: Erasure) -> int:
        return obj.pk

    @admin.display(description=gettext_lazy("erased at"))
    def moment(self, obj: Erasure) -> str:
        return f"{localtime(obj.at):%Y-%m-%d %H:%M}"

    @admin.display(description=gettext_lazy("account"))
    def person(self, obj: Erasure) -> str:
        return account_name(obj.user) if obj.user else _("the operator of the server")

    @admin.display(description=pgettext_lazy("erasure", "erased from"))
    def counted(self, obj: Erasure) -> str:
        return clauses(f"{label} {count}" for label, count in label_counts(obj))

    def get_urls(self) -> list[Any]:
        return [
            path("erase/", self.admin_site.admin_view(self.erase_view), name="registry_erasure_erase"),
            path("processing/", self.admin_site.admin_view(self.processing_view), name="registry_erasure_processing"),
            *super().get_urls(),
        ]

    def erase_view(self, request: HttpRequest) -> HttpResponse:
        return page.view(self, request)

    def processing_view(self, request: HttpRequest) -> HttpResponse:
        return page.processing_view(self, request)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        tools = [(task.label, task.url) for task in self.tasks(request)]
        return super().changelist_view(request, {"list_tools": tools, **(extra_context or {})})

    def tasks(self, request: HttpRequest) -> Iterator[Task]:
        if request.user.has_perm(ERASE):
            yield Task("enter", _("Erase a person"), reverse("admin:registry_erasure_erase"))
        if self.has_view_permission(request):
            yield Task("query", _("List of personal data"), reverse("admin:registry_erasure_processing"))
