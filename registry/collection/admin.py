"""Rounds for collecting figures: created from townships or lists, tracked by township, sent out as workbooks."""

import io
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from typing import IO, Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Field, Model, OuterRef, QuerySet, Subquery
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from registry.collection import progress, start_round, workbook
from registry.collection.models import AnswerState, CollectionRound, RoundOrganization
from registry.organizations.models.choices import Kind
from registry.organizations.models.organizations import OrganizationQuerySet
from registry.reference.models import Township
from registry.site.admin_site import Heading, Task
from registry.site.base import Fieldsets, ReadOnlyAdmin, RegistryAdmin, link
from registry.site.filters import ChoiceFilter, Choices
from registry.site.forms import RegistryForm
from registry.spreadsheet.output import download_name

VIEW_FIGURES = "registry.view_annualfigures"
VIEW_CONTACTS = "registry.view_contact"


class RoundForm(RegistryForm):
    """The form of a round, with fields that add the organizations of whole townships."""

    townships = forms.ModelMultipleChoiceField(
        Township.objects.current(),
        required=False,
        label=gettext_lazy("Townships"),
        widget=forms.CheckboxSelectMultiple(
            attrs={"data-all": gettext_lazy("Tick all"), "data-none": gettext_lazy("Clear")}
        ),
    )
    kinds = forms.MultipleChoiceField(
        choices=Kind.choices,
        required=False,
        initial=[Kind.ENTERPRISE],
        label=gettext_lazy("Kinds"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked means all. Deregistered, revoked, moved and merged ones are not asked."),
    )
    tagged_only = forms.BooleanField(
        required=False, initial=True, label=gettext_lazy("Only those with a sector of the current plan")
    )

    def picked(self) -> OrganizationQuerySet:
        given = self.cleaned_data
        return progress.of_townships(given["townships"], given["kinds"], tagged_only=given["tagged_only"])


@admin.register(CollectionRound)
class CollectionRoundAdmin(RegistryAdmin):
    heading = Heading.ORGANIZATIONS
    after_others = True
    form = RoundForm
    parts = ((RoundOrganization, "round"),)
    list_display = ("title", "year", "due_on", "answers", "closed_on")
    sortable_by = ("year", "due_on")
    search_fields = ("title",)
    add_label = gettext_lazy("Start a collection round")

    # --- List

    def get_queryset(self, request: HttpRequest) -> QuerySet[CollectionRound]:
        mine = RoundOrganization.objects.within_reach_of(request.user)
        asked = mine.filter(round=OuterRef("pk")).order_by().values("round")
        answered = asked.filter(
            organization__annual_figures__year=OuterRef("year"),
        )
        return (
            super()
            .get_queryset(request)
            .annotate(
                asked_count=Subquery(asked.annotate(n=Count("pk")).values("n")),
                answered_count=Subquery(answered.annotate(n=Count("pk")).values("n")),
            )
        )

    @admin.display(description=gettext_lazy("answered"))
    def answers(self, obj: Any) -> str:
        return f"{obj.answered_count or 0} / {obj.asked_count or 0}"

    def get_list_display(self, request: HttpRequest) -> Any:
        """Return the columns of the list. Which organizations have figures is as confidential as the figures."""
        columns = super().get_list_display(request)
        return columns if request.user.has_perm(VIEW_FIGURES) else [c for c in columns if c != "answers"]

    # --- Page

    class Media:
        js = ("registry/tick_all.js",)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {**start_round.proposed(), **super().get_changeform_initial_data(request)}

    def response_add(
        self, request: HttpRequest, obj: CollectionRound, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Redirect to the page of the round, where the work goes on."""
        if request.POST.keys() & {"_addanother", "_continue", "_popup"}:
            return super().response_add(request, obj, post_url_continue)
        said = _("“%(round)s” was started. Next step: download the forms to fill in and send them to the townships.")
        messages.success(request, said % {"round": obj.title})
        return HttpResponseRedirect(reverse("admin:registry_collectionround_change", args=[obj.pk]))

    def own_fieldsets(self, request: HttpRequest, obj: Model | None) -> Fieldsets:
        own = (("title",), ("year", "due_on", *(("closed_on",) if obj else ())), "notes")
        pick = ("townships", "kinds", "tagged_only")
        if not (self.has_change_permission(request, obj) if obj else self.has_add_permission(request)):
            return [(None, {"fields": own})]
        heading = _("Ask further townships") if obj else _("Who is asked")
        description = _("Organizations of lists are added there: choose them and then “Start a collection round”.")
        return [
            (None, {"fields": own}),
            (heading, {"fields": pick, "description": description, "classes": ("collapse",) if obj else ()}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return ("year",) if obj else ()

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        if db_field.name == "notes":
            kwargs["widget"] = AdminTextareaWidget(attrs={"rows": 3})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: RoundForm, change: bool) -> None:
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)
        if form.cleaned_data.get("townships"):
            count = progress.ask(obj, form.picked())
            said = ngettext("%(count)d organization is now asked.", "%(count)d organizations are now asked.", count)
            self.message_user(request, said % {"count": count}, messages.SUCCESS)

    def tools(self, request: HttpRequest, obj: Any) -> Iterator[tuple[str, str]]:
        if obj is None or not request.user.has_perm(VIEW_FIGURES):
            return
        if request.user.has_perms(("registry.add_annualfigures", "registry.change_annualfigures")):
            yield (
                _("Import what came back"),
                f"{reverse('admin:registry_importbatch_start')}?table=figures&round={obj.pk}",
            )
        yield _("Download all forms"), reverse("admin:registry_collectionround_forms", args=[obj.pk])
        yield (
            _("Export organizations without an answer"),
            reverse("admin:registry_collectionround_unanswered", args=[obj.pk]),
        )

    def panels(self, request: HttpRequest, obj: Any) -> Iterator[tuple[str, str]]:
        if obj is None or not request.user.has_perm(VIEW_FIGURES):
            return
        rows = progress.by_township(obj, request.user)
        context = {
            "round": obj,
            "rows": rows,
            "asked": sum(row.asked for row in rows),
            "answered": sum(row.answered for row in rows),
            "unanswered": sum(row.unanswered for row in rows),
            "list_url": reverse("admin:registry_roundorganization_changelist"),
        }
        yield _("Answers by township"), render_to_string("admin/registry/round.html", context, request)

    def tasks(self, request: HttpRequest) -> Iterator[Task]:
        if self.has_add_permission(request):
            yield Task("enter", self.add_label, reverse("admin:registry_collectionround_add"))
        if self.has_view_permission(request):
            address = reverse("admin:registry_collectionround_changelist")
            yield Task("query", _("Collection rounds and missing answers"), address)

    # --- Files

    def get_urls(self) -> list[URLPattern]:
        def view(function: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
            return self.admin_site.admin_view(function)

        name = "registry_collectionround"
        return [
            path("<int:pk>/forms/", view(self.forms_view), name=f"{name}_forms"),
            path("<int:pk>/unanswered/", view(self.unanswered_view), name=f"{name}_unanswered"),
            *super().get_urls(),
        ]

    def _round(self, request: HttpRequest, pk: int) -> CollectionRound:
        if not (self.has_view_permission(request) and request.user.has_perm(VIEW_FIGURES)):
            raise PermissionDenied
        return get_object_or_404(CollectionRound, pk=pk)

    def forms_view(self, request: HttpRequest, pk: int) -> FileResponse:
        """Send the form of one township, or a ZIP file with the forms of all townships."""
        asking = self._round(request, pk)
        contacts = request.user.has_perm(VIEW_CONTACTS)
        if code := request.GET.get("township"):
            asked = progress.of_township(asking, code, request.user)
            file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
            workbook.write_form(file, asking, _place(asked), asked, contacts=contacts)
            return _download(file, f"{asking.title}-{_place(asked)}.xlsx")
        return _download(_zip(asking, request.user), f"{asking.title}.zip")

    def unanswered_view(self, request: HttpRequest, pk: int) -> FileResponse:
        asking = self._round(request, pk)
        asked = progress.of_township(asking, request.GET.get("township", ""), request.user)
        file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
        workbook.write_unanswered(file, asking, asked, request.user.has_perm(VIEW_CONTACTS))
        place = f"-{_place(asked)}" if request.GET.get("township") else ""
        return _download(file, _("%(title)s: not answered") % {"title": asking.title} + f"{place}.xlsx")


def _place(asked: list[RoundOrganization]) -> str:
    township = asked[0].organization.township if asked else None
    return township.label() if township else _("without township")


def _zip(asking: CollectionRound, user: Any) -> IO[bytes]:
    contacts = user.has_perm(VIEW_CONTACTS)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for row in progress.by_township(asking, user):
            asked = progress.of_township(asking, row.code, user)
            book = io.BytesIO()
            workbook.write_form(book, asking, _place(asked), asked, contacts=contacts)
            archive.writestr(_safe(f"{asking.title}-{_place(asked)}.xlsx"), book.getvalue())
    return file


def _safe(name: str) -> str:
    """Replace each character that a file name may not hold by an underscore."""
    return "".join("_" if character in '\\/:*?"<>|' or not character.isprintable() else character for character in name)


def _download(file: IO[bytes], name: str) -> FileResponse:
    file.seek(0)
    response = FileResponse(file, as_attachment=True, filename=_safe(download_name(name)))
    add_never_cache_headers(response)
    return response


# --- The organizations of a round


class RoundFilter(ChoiceFilter):
    title = gettext_lazy("collection round")
    parameter_name = "round"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Choices:
        return [(str(one.pk), str(one)) for one in CollectionRound.objects.all()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        return queryset.filter(round=self.value()) if self.value() else queryset


class AnswerFilter(ChoiceFilter):
    title = gettext_lazy("answer")
    parameter_name = "answered"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Choices:
        return [("no", _("Not answered")), ("yes", _("Answered"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        return queryset.filter(answered=self.value() == "yes") if self.value() else queryset


class RoundStateFilter(ChoiceFilter):
    title = gettext_lazy("how it stands")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Choices:
        return list(AnswerState.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        return queryset.filter(state=self.value()) if self.value() else queryset


class AskedTownshipFilter(ChoiceFilter):
    title = gettext_lazy("township")
    parameter_name = "township"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Choices:
        towns = [(town.code, town.label()) for town in Township.objects.current()]
        return [*towns, (progress.NO_TOWNSHIP, _("without township"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        if self.value() == progress.NO_TOWNSHIP:
            return queryset.filter(organization__township=None)
        return queryset.filter(organization__township__code=self.value()) if self.value() else queryset


@admin.register(RoundOrganization)
class RoundOrganizationAdmin(ReadOnlyAdmin):
    """The organizations of one round; the list is reached from the page of the round."""

    heading = Heading.ORGANIZATIONS
    list_display = ("organization_link", "township", "round", "has_answered", "state")
    list_display_links = None
    list_select_related = ("organization__township", "round")
    list_filter = (RoundFilter, AskedTownshipFilter, AnswerFilter, RoundStateFilter)
    sortable_by = ()
    ordering = ("organization__sort_key", "id")
    actions = ("remove",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perms(("registry.view_collectionround", VIEW_FIGURES))

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and request.user.has_perm("registry.change_collectionround")

    def get_queryset(self, request: HttpRequest) -> QuerySet[RoundOrganization]:
        rows: Any = super().get_queryset(request)
        return rows.within_reach_of(request.user).with_answered()

    @admin.display(description=gettext_lazy("organization"))
    def organization_link(self, obj: RoundOrganization) -> str:
        return link(obj.organization.get_absolute_url(), obj.organization)

    @admin.display(description=gettext_lazy("township"))
    def township(self, obj: RoundOrganization) -> Township | None:
        return obj.organization.township

    @admin.display(description=gettext_lazy("answered"), boolean=True)
    def has_answered(self, obj: Any) -> bool:
        return obj.answered

    @admin.action(description=gettext_lazy("Ask no longer"), permissions=["remove"])
    def remove(self, request: HttpRequest, queryset: QuerySet[RoundOrganization]) -> None:
        count = RoundOrganization.objects.filter(pk__in=list(queryset.values_list("pk", flat=True))).delete()[0]
        said = ngettext(
            "%(count)d organization is no longer asked.", "%(count)d organizations are no longer asked.", count
        )
        self.message_user(request, said % {"count": count}, messages.SUCCESS)
