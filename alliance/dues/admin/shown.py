"""Parts that the pages about dues share: which dues an account sees, and the dues of one member as a table."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alliance.admin.member_list import PANELS
from alliance.dues.models import Due, DueState
from alliance.models import Alliance, Member
from registry.database.permission_names import permission
from registry.organizations.models.organizations import Organization
from registry.organizations.models.reach import reaches, within
from registry.organizations.page.reading import ReadCard
from registry.site.export import API
from registry.spreadsheet import yuan_text

VIEW, DRAW_UP = "alliance.view_due", ("alliance.view_due", "alliance.add_due", "alliance.view_duesstandard")
MAY_READ_ALL = ("alliance.view_duesstandard", VIEW, "alliance.view_payment", "alliance.view_member")
"""Who sees the form of a year and the proposal of lapses."""


def registered() -> QuerySet[Alliance]:
    """Return the alliances that may collect dues."""
    return Alliance.objects.filter(legal_person=True)


def dues_alliance(request: HttpRequest) -> Alliance | None:
    """Return the alliance that the address names; without a name the only registered one."""
    if asked := request.GET.get("alliance", "").replace("\0", ""):
        return Alliance.objects.filter(slug=asked).first()
    alliances = list(registered()[:2])
    return alliances[0] if len(alliances) == 1 else None


def files_of(alliance: Alliance, resource: str, parameters: str = "", *kinds: str) -> Iterator[tuple[str, str]]:
    """Yield the files of a resource of the API: label and address."""
    labels = {"pdf": _("Export PDF"), "xlsx": _("Export Excel"), "csv": _("Export CSV")}
    for kind in kinds or ("xlsx", "csv"):
        query = f"{parameters}&format={kind}" if parameters else f"format={kind}"
        yield labels[kind], f"{API}/alliances/{alliance.slug}/{resource}/?{query}"


def yuan(name: str, label: Any, **options: Any) -> Any:
    """Return a column of a list that shows an amount in yuan."""

    @admin.display(description=label, **options)
    def shown(self: Any, obj: Any) -> str:
        return yuan_text(getattr(obj, name))

    shown.__name__ = f"{name}_in_yuan"
    return shown


IN_YUAN = {
    "amount": gettext_lazy("dues (yuan)"),
    "relief": gettext_lazy("relief (yuan)"),
    "owed": gettext_lazy("to be paid (yuan)"),
    "paid": gettext_lazy("paid (yuan)"),
    "balance": gettext_lazy("balance (yuan)"),
}


def dues_panel(request: HttpRequest, member: Member) -> Iterator[tuple[Any, str]]:
    """Yield the panel with the dues of a member by year, for accounts that may see them."""
    if request.user.has_perm(VIEW) and reaches(request.user, member.organization):
        rows = _rows(Due.objects.filter(member=member))
        if rows:
            yield _("Dues"), render_to_string("admin/alliance/dues/of_member.html", {"shown": {"rows": rows}}, request)


PANELS.append(dues_panel)


def warn_of_payments(request: HttpRequest, due: Due) -> None:
    """Say after payments were entered that more is paid than is owed, or that one may have been entered twice."""
    over = due.paid_now - due.owed_now
    said = {"due": due, "amount": yuan_text(over)}
    if over > 0:
        told = _("%(due)s: %(amount)s yuan more than owed is paid. Check whether a payment was entered twice.")
        messages.warning(request, told % said)
    alike = due.payments.filter(serial_no="").order_by().values("paid_on", "amount").annotate(rows=Count("pk"))
    for one in alike.filter(rows__gt=1):
        said |= {"day": date_format(one["paid_on"], "DATE_FORMAT"), "amount": yuan_text(one["amount"])}
        told = _("%(due)s: several payments of %(day)s over %(amount)s yuan without serial number. Is it one payment?")
        messages.warning(request, told % said)


def dues_cards(request: HttpRequest, organization: Organization) -> Iterator[ReadCard]:
    """Yield the card of the dues on the page of an organization, for accounts that may see them."""
    if not request.user.has_perm(VIEW) or not reaches(request.user, organization):
        return
    if rows := _rows(Due.objects.filter(member__organization=organization.pk)):
        template = "admin/alliance/dues/of_member.html"
        yield ReadCard("dues", _("Dues"), template, {"rows": rows})


def _rows(dues: Any) -> list[Any]:
    rows = list(dues.with_balance().select_related("alliance", "dues_class").order_by("-year", "alliance__slug")[:20])
    for row in rows:
        for name in IN_YUAN:
            setattr(row, f"{name}_text", yuan_text(getattr(row, name)))
        row.now = DueState.of(row.owed, row.paid)
    return rows


def own(request: HttpRequest, queryset: Any, organization: str) -> Any:
    """Return the rows about organizations that the account works on; `organization` is the path to it.

    Which rows an account may see at all is a matter of its permissions, which are checked elsewhere.
    """
    if not request.user.has_perm(permission("view", queryset.model)):
        return queryset
    return queryset.filter(within(request.user, lambda field: f"{organization}__{field}"))
