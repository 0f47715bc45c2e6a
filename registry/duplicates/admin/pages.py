"""The pages of possible duplicates: the list, two records side by side, the mergers, and withdrawing an entry."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.database.db_errors import Conflict
from registry.duplicates import fields, finding, judging, undoing, withdrawal
from registry.duplicates.merging import UNDO_DAYS, is_undoable, merge, preview, undoable_until
from registry.duplicates.models import Merger, PairJudgement
from registry.duplicates.pairs import RecordPair
from registry.duplicates.rights import may_judge, may_merge, require_judging
from registry.imports.undo.outcome import kind_name
from registry.organizations.models.choices import RegistrationStatus
from registry.organizations.models.organizations import Organization
from registry.organizations.models.reach import reach_of, within
from registry.reference.models import Township
from registry.values.people import Account, person_name
from registry.values.punctuation import labelled, listed

PER_PAGE = 50
Verdict = PairJudgement.Verdict
KINDS = (
    (finding.NAME, gettext_lazy("the same name")),
    (finding.OTHER_NAME, gettext_lazy("a former or other name")),
    (finding.CODE, gettext_lazy("the same code")),
    (finding.NEAR, gettext_lazy("a similar name")),
)
LIST, MERGERS = "admin:registry_merger_changelist", "admin:registry_merger_done"


def page_context(model_admin: Any, request: HttpRequest, title: str) -> dict[str, Any]:
    tabs = [
        (_("Possible duplicates"), reverse(LIST), "found"),
        (_("Said to be the same"), f"{reverse(LIST)}?said=same", Verdict.SAME.value),
        (_("Not the same"), f"{reverse(LIST)}?said=different", Verdict.DIFFERENT.value),
        (_("Merged"), reverse(MERGERS), "merged"),
    ]
    return {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "subtitle": None,
        "opts": model_admin.opts,
        "tabs": tabs,
        "merges": may_merge(request.user),
    }


def pair_url(one: Organization, other: Organization) -> str:
    return reverse("admin:registry_merger_pair", args=[one.pk, other.pk])


# --- The list


def list_view(model_admin: Any, request: HttpRequest) -> HttpResponse:
    if not may_judge(request.user):
        raise PermissionDenied(_("Your account may not compare and merge records."))
    said = request.GET.get("said", "")
    context = page_context(model_admin, request, _("Possible duplicates"))
    if said in Verdict.values:
        page = Paginator(judging.judged(request.user, said), PER_PAGE).get_page(request.GET.get("p"))
        rows = [
            (row, pair_url(row.first, row.second), person_name(row.judged_by) if row.judged_by else "") for row in page
        ]
        context |= {"tab": said, "page": page, "rows": rows, "said": said}
        return TemplateResponse(request, "admin/duplicates/judged.html", context)
    wanted = _wanted(request)
    found = finding.search(wanted, request.user)
    given = {name: request.GET[name] for name in ("township", "kind") if request.GET.get(name)}
    context |= {
        "tab": "found",
        "wanted": wanted,
        "found": found,
        "rows": [(one, pair_url(one.first, one.second)) for one in found.pairs],
        "kinds": KINDS,
        "kind_labels": dict(KINDS),
        "townships": _townships(request.user),
        "onward": f"?{urlencode({**given, 'before': found.before})}" if found.before else "",
    }
    return TemplateResponse(request, "admin/duplicates/list.html", context)


def _wanted(request: HttpRequest) -> finding.Wanted:
    given = {name: request.GET.get(name, "").replace("\0", "")[:40] for name in ("township", "kind", "before")}
    town = Township.objects.filter(code=given["township"]).first() if given["township"] else None
    kind = given["kind"] if given["kind"] in dict(KINDS) else ""
    before = int(given["before"]) if given["before"].isascii() and given["before"].isdigit() else None
    one, pk = None, request.GET.get("organization", "")
    if pk:
        number = int(pk) if pk.isascii() and pk.isdigit() and len(pk) < 19 else 0
        one = Organization.objects.filter(pk=number).first()
        if one is None:
            raise Http404
        require_judging(request.user, one)
    return finding.Wanted(town, kind, one, before if before and before < 2**63 else None)


def _townships(user: Account) -> list[Township]:
    reach = reach_of(user)
    return [town for town in Township.objects.current() if reach is None or town.pk in reach]


# --- Side by side


def pair_view(model_admin: Any, request: HttpRequest, one: int, other: int) -> HttpResponse:
    """Show two records side by side (GET); judge or merge them (POST). The second record is merged into the first."""
    records = Organization.objects.select_related("township", "zone", "verified_by").in_bulk((one, other))
    if len(records) != 2:
        raise Http404
    pair = RecordPair(records[one], records[other], request.user)
    require_judging(request.user, pair.kept, pair.merged)
    gone = [one for one in (pair.merged, pair.kept) if one.registration_status == RegistrationStatus.MERGED]
    if merged := next(iter(gone), None):
        told = _("%(name)s (%(number)s) was merged into another record already.")
        messages.info(request, told % {"name": merged, "number": merged.registry_no})
        return HttpResponseRedirect(reverse(MERGERS))
    chosen: dict[str, str] = {}
    status = 200
    if request.method == "POST":
        chosen = {name: str(value).replace("\0", "") for name, value in request.POST.items()}
        try:
            return _carry_out(request, pair, chosen)
        except PermissionDenied:
            raise
        except ValidationError as error:
            status = 409 if isinstance(error, Conflict) else 400
            messages.error(request, " ".join(error.messages))
    return _pair_page(model_admin, request, pair, chosen, status)


def _carry_out(request: HttpRequest, pair: RecordPair, chosen: dict[str, str]) -> HttpResponse:
    said = request.POST.get("do", "")
    if said in Verdict.values:
        row = judging.judge(*pair.ids, said, request.user, chosen.get("reason", ""))
        messages.success(request, labelled(listed([pair.kept, pair.merged]), row.get_verdict_display()))
        return HttpResponseRedirect(reverse(LIST))
    if said != "merge":
        raise ValidationError(_("Press one of the buttons below."))
    merger = merge(pair, chosen, seen=chosen.get("seen", ""), confirmed="confirmed" in chosen)
    told = _("%(merged)s (%(number)s) was merged into %(kept)s. For %(days)d days it can be undone.")
    said_of = {"merged": pair.merged, "number": pair.merged.registry_no, "kept": pair.kept, "days": UNDO_DAYS}
    undo = reverse("admin:registry_merger_undo", args=[merger.pk])
    messages.success(request, format_html('{} <a href="{}">{}</a>', told % said_of, undo, _("Undo")))
    return HttpResponseRedirect(reverse("admin:registry_organization_page", args=[pair.kept.pk]))


def _pair_page(
    model_admin: Any, request: HttpRequest, pair: RecordPair, chosen: dict[str, str], status: int
) -> HttpResponse:
    shown = preview(pair)
    context = page_context(model_admin, request, _("Two records side by side"))
    context |= {
        "tab": "found",
        "pair": pair,
        "shown": shown,
        "fields": [(choice, choice.value(chosen)) for _group, choice in shown.fields],
        "names": [(choice, choice.value(chosen)) for choice in shown.names],
        "parts": [(part, [(choice, choice.value(chosen)) for choice in part.choices]) for part in shown.parts],
        "same": _same(pair),
        "judged": judging.said_of(*pair.ids),
        "other_way": reverse("admin:registry_merger_pair", args=[pair.merged.pk, pair.kept.pk]),
        "reason": chosen.get("reason", ""),
        "days": UNDO_DAYS,
    }
    return TemplateResponse(request, "admin/duplicates/pair.html", context, status=status)


def _same(pair: RecordPair) -> list[tuple[str, str]]:
    """Return the fields in which the two agree, by label."""
    found = []
    for group in fields.groups():
        text = fields.shown(pair.kept, group)
        if text and fields.values(pair.kept, group) == fields.values(pair.merged, group):
            found.append((fields.label(group), text))
    return found


# --- Mergers


def mergers_view(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Show what was merged, with a button to undo it for some days."""
    if not may_judge(request.user):
        raise PermissionDenied(_("Your account may not compare and merge records."))
    found = Merger.objects.select_related("merged", "kept", "merged_by", "undone_by").filter(_reached(request.user))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("p"))
    rows = [
        {
            "merger": row,
            "who": person_name(row.merged_by) if row.merged_by else "",
            "undone_by": person_name(row.undone_by) if row.undone_by else "",
            "until": undoable_until(row),
            "undo": reverse("admin:registry_merger_undo", args=[row.pk])
            if may_merge(request.user) and is_undoable(row)
            else "",
        }
        for row in page
    ]
    context = page_context(model_admin, request, _("Merged records"))
    context |= {"tab": "merged", "page": page, "rows": rows}
    return TemplateResponse(request, "admin/duplicates/mergers.html", context)


def _reached(user: Account) -> models.Q:
    return within(user, lambda name: f"kept__{name}") & within(user, lambda name: f"merged__{name}")


def undo_view(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """Show what undoing the merger brings back (GET), or undo it (POST)."""
    merger = get_object_or_404(Merger.objects.select_related("merged", "kept"), pk=pk)
    require_judging(request.user, merger.kept, merger.merged)
    told: list[str] = []
    outcome = None
    try:
        outcome = undoing.undo(pk, request.user, apply=request.method == "POST")
    except ValidationError as error:
        told = error.messages
    if outcome and outcome.done:
        said = _("The merger was undone: %(name)s (%(number)s) is a record of its own again.")
        messages.success(request, said % {"name": merger.merged, "number": merger.merged.registry_no})
        return HttpResponseRedirect(reverse("admin:registry_organization_page", args=[merger.merged.pk]))
    context = page_context(model_admin, request, _("Undo the merger"))
    context |= {
        "tab": "merged",
        "merger": merger,
        "told": told,
        "tables": [(kind_name(table.model), table) for table in outcome.tables] if outcome else [],
    }
    status = 400 if request.method == "POST" else 200
    return TemplateResponse(request, "admin/duplicates/undo.html", context, status=status)


# --- Withdrawing


def withdraw_view(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once more (GET), then remove a fresh entry (POST)."""
    record = get_object_or_404(Organization, pk=pk)
    if not withdrawal.may_withdraw(record, request.user):
        raise PermissionDenied(_("Your account may not withdraw this entry."))
    told = withdrawal.obstacles(record, request.user)
    if request.method == "POST" and not told:
        try:
            number = withdrawal.withdraw(pk, request.user)
        except ValidationError as error:
            told = error.messages
        else:
            said = _("Withdrawn: %(name)s. The number %(number)s is not given again.")
            messages.success(request, said % {"name": record, "number": number})
            return HttpResponseRedirect(reverse("admin:registry_organization_changelist"))
    context = page_context(model_admin, request, _("Withdraw an entry"))
    context |= {"record": record, "told": told, "hours": withdrawal.HOURS}
    status = 400 if request.method == "POST" else 200
    return TemplateResponse(request, "admin/duplicates/withdraw.html", context, status=status)
