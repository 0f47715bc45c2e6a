"""Adds alliances to the pages of organizations: a filter, a column, a summary, and the button of admission."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alliance.applications.admin.shown import applications_card
from alliance.certificates.admin.shown import certificates_card
from alliance.dues.admin.shown import dues_cards
from alliance.models import Alliance, Member, Membership
from registry.organizations.admin.organizations import EnterpriseAdmin, InstituteAdmin, OrganizationAdmin
from registry.organizations.models.organizations import Enterprise, Institute, Organization
from registry.organizations.page.admin import Badge
from registry.organizations.page.reading import ReadCard
from registry.site.filters import ChoiceFilter, Choices
from registry.values.punctuation import listed

from .bulk import action
from .bulk_changes import ADMIT_MANY
from .members import may_admit
from .operations import periods_table
from .timeline import memberships_card, timeline_panel

NOT = "not:"


class MembershipFilter(ChoiceFilter):
    """Chooses organizations that are, or are not, members of an alliance today."""

    title = _("membership")
    parameter_name = "alliance"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        choices: Choices = []
        for alliance in Alliance.objects.all():
            name = {"alliance": alliance.brief()}
            choices.append((alliance.slug, _("Members of %(alliance)s") % name))
            choices.append((NOT + alliance.slug, _("Not members of %(alliance)s") % name))
        return choices

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value()
        if value is None:
            return queryset
        memberships = Membership.objects.as_of(timezone.localdate()).filter(
            member__organization=OuterRef("pk"), alliance__slug=value.removeprefix(NOT)
        )
        return queryset.filter(~Q(Exists(memberships)) if value.startswith(NOT) else Exists(memberships))

    def api_parameters(self) -> dict[str, str]:
        value = self.value()
        if value is None:
            return {}
        return {"alliance": value.removeprefix(NOT), "member": "false" if value.startswith(NOT) else "true"}


class WithMemberships(OrganizationAdmin):
    actions = (*OrganizationAdmin.actions, action(ADMIT_MANY))

    def get_list_display(self, request: HttpRequest) -> Any:
        columns = list(super().get_list_display(request))
        if request.user.has_perm("alliance.view_membership"):
            columns.insert(columns.index("published_or_not"), "alliances")
        return columns

    def get_list_filter(self, request: HttpRequest) -> Any:
        filters = super().get_list_filter(request)
        return (*filters, MembershipFilter) if request.user.has_perm("alliance.view_membership") else filters

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        rows = changelist.result_list
        current = Membership.objects.as_of(timezone.localdate()).filter(member__organization__in=rows)
        of: dict[int, list[str]] = {}
        for membership in current.select_related("alliance", "member"):
            name = membership.alliance.brief()
            of.setdefault(membership.member.organization_id, []).append(name)
        for row in rows:
            row.alliances_in_list = of.get(row.pk, [])
        return changelist

    @admin.display(description=_("member of"))
    def alliances(self, obj: Any) -> str:
        return listed(obj.alliances_in_list)

    def tools(self, request: HttpRequest, obj: Any) -> Iterator[tuple[Any, str]]:
        yield from super().tools(request, obj)
        if obj and may_admit(request):
            yield _("Admit to an alliance"), f"{reverse('admin:alliance_member_admit')}?organization={obj.pk}"

    def badges(self, request: HttpRequest, organization: Organization) -> Iterator[Badge]:
        yield from super().badges(request, organization)
        if request.user.has_perm("alliance.view_membership"):
            current = Membership.objects.as_of(timezone.localdate()).filter(member__organization=organization.pk)
            for one in current.select_related("tier", "member", "alliance").order_by("alliance__slug"):
                yield f"{one.tier} {one.member.member_no}", "member"

    def more_cards(self, request: HttpRequest, organization: Organization) -> Iterator[ReadCard]:
        yield from super().more_cards(request, organization)
        if request.user.has_perm("alliance.view_membership"):
            found = Member.objects.filter(organization=organization.pk).select_related("alliance")
            if members := list(found.order_by("alliance__slug")):
                yield memberships_card(request, organization, members)
        yield from applications_card(request, organization)
        if request.user.has_perm("alliance.view_certificate"):
            yield from certificates_card(request, organization)
        yield from dues_cards(request, organization)

    def panels(self, request: HttpRequest, obj: Any) -> Iterator[tuple[Any, str]]:
        yield from super().panels(request, obj)
        if obj and request.user.has_perm("alliance.view_membership"):
            memberships = Membership.objects.filter(member__organization=obj.pk)
            members = Member.objects.filter(organization=obj.pk).select_related("alliance").order_by("alliance__slug")
            if members:
                yield _("Memberships"), periods_table(request, memberships, with_alliance=True)
                if shown := timeline_panel(request, obj, members):
                    yield _("Timeline"), shown


class EnterpriseWithMemberships(WithMemberships, EnterpriseAdmin):
    pass


class InstituteWithMemberships(WithMemberships, InstituteAdmin):
    pass


for model, model_admin in (
    (Enterprise, EnterpriseWithMemberships),
    (Institute, InstituteWithMemberships),
    (Organization, WithMemberships),
):
    admin.site.unregister(model)
    admin.site.register(model, model_admin)
