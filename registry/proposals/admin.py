"""The page 待审事项: everything that waits for a decision, by organization and cell by cell."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import Min, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from registry.database.db_errors import Conflict
from registry.duplicates import judging
from registry.organizations.models.choices import GONE_STATUSES
from registry.organizations.models.organizations import Organization
from registry.proposals import rights
from registry.proposals.actions import Decided, Picks, accept, refuse, unpublish, withdraw
from registry.proposals.models import Proposal
from registry.proposals.showing import Cell, cells, decided_cells
from registry.proposals.values import standings
from registry.site import history
from registry.site.admin_site import Heading
from registry.site.base import ReadOnlyAdmin
from registry.values.punctuation import labelled

PER_PAGE = 50
MINE, DECIDED = "mine", "decided"
"""Further lists of the page: proposals that wait for this account, and proposals that have been decided."""
_PICK_RE = re.compile(r"(\d{1,18}):([0-9a-f]{16})")


class ProposalAdmin(ReadOnlyAdmin):
    heading = Heading.ORGANIZATIONS
    after_others: ClassVar[bool] = True

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm(rights.VIEW)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_urls(self) -> list[Any]:
        """Return the addresses: only the list has a page, and all decisions are sent to it."""
        page = self.admin_site.admin_view(self.changelist_view)
        return [path("", page, name="registry_proposal_changelist")]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            _carry_out(request)
            return HttpResponseRedirect(request.get_full_path())
        kind = request.GET.get("kind", "")
        kind = kind if kind in Proposal.Kind.values else ""
        state = request.GET.get("state", "")
        state = state if state in (MINE, DECIDED) else ""
        decided = state == DECIDED
        found = rights.to_decide(request.user) if state == MINE else rights.visible_to(request.user)
        if kind:
            found = found.filter(kind=kind)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Waiting for a decision"),
            "opts": self.opts,
            "decided": decided,
            "tabs": list(_tabs(state, kind)),
            "kinds": [("", _("All"), _address(state, ""))]
            + [(code, label, _address(state, code)) for code, label in Proposal.Kind.choices],
            "kind": kind,
            "same": judging.waiting_for(request.user),
            "address": _address(state, kind),
            **(_decided(request, found) if decided else _waiting(request, found)),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/registry/proposals.html", context)


def _tabs(state: str, kind: str) -> Iterator[tuple[str, str, bool]]:
    labels = {"": _("To be decided"), MINE: _("By me"), DECIDED: _("Settled")}
    yield from ((label, _address(value, kind), value == state) for value, label in labels.items())


def _address(state: str, kind: str) -> str:
    given = {"state": state, "kind": kind}
    return "?" + urlencode({name: value for name, value in given.items() if value})


# --- What is shown


def _with_people(found: QuerySet[Proposal]) -> QuerySet[Proposal]:
    return found.select_related("organization", "decided_by").prefetch_related(
        "sources__proposer", "sources__answer_wanted"
    )


def _waiting(request: HttpRequest, found: QuerySet[Proposal]) -> dict[str, Any]:
    """Return a page of organizations, that which waits longest first, each with its cells."""
    found = found.filter(state=Proposal.State.OPEN)
    owners = found.values("organization").annotate(since=Min("at")).order_by("since", "organization")
    page = Paginator(owners, PER_PAGE).get_page(request.GET.get("p"))
    shown = list(
        _with_people(found).filter(organization__in=[one["organization"] for one in page]).order_by("at", "pk")
    )
    groups: dict[int, list[Cell]] = {one["organization"]: [] for one in page}
    for cell in cells(standings(shown), request.user):
        groups[cell.proposal.organization_id].append(cell)
    return {"page": page, "groups": [_group(request, of) for of in groups.values() if of]}


def _group(request: HttpRequest, of: Sequence[Cell]) -> dict[str, Any]:
    organization: Organization = of[0].proposal.organization
    in_effect = {cell.proposal.in_effect for cell in of if cell.decides}
    publishes = request.user.has_perm(rights.PUBLISH)
    gone = organization.registration_status in GONE_STATUSES
    return {
        "organization": organization,
        "cells": of,
        "decides": any(cell.decides for cell in of),
        "own": any(cell.own and not cell.proposal.in_effect for cell in of),
        "accept": _label(in_effect, _("Confirm"), _("Accept")),
        "refuse": _label(in_effect, _("Revert"), _("Refuse")),
        "unpublish": publishes and organization.published and True in in_effect,
        "unpublished": True in in_effect and not organization.published,
        "state": organization.get_registration_status_display() if gone else "",
        "history": reverse("admin:registry_organization_history", args=[organization.pk]),
    }


def _label(in_effect: set[bool], done: str, new: str) -> str:
    return f"{new} / {done}" if len(in_effect) > 1 else done if True in in_effect else new


def _decided(request: HttpRequest, found: QuerySet[Proposal]) -> dict[str, Any]:
    rows = _with_people(found).exclude(state=Proposal.State.OPEN).order_by("-decided_at", "-pk")
    page: Page[Any] = Paginator(rows, PER_PAGE).get_page(request.GET.get("p"))
    return {"page": page, "cells": decided_cells(list(page))}


# --- What is decided


def _carry_out(request: HttpRequest) -> None:
    """Carry out the button that was pressed: of one organization, which its id names, or of all ticked ones."""
    pressed, owner = _pressed(request)
    try:
        if pressed == "unpublish" and request.user.has_perm(rights.PUBLISH):
            count = unpublish([int(owner)] if owner.isdecimal() else [])
            said = ngettext(
                "%(count)d organization was unpublished.", "%(count)d organizations were unpublished.", count
            )
            messages.success(request, said % {"count": count})
        elif pressed:
            _decide(request, pressed, _picks(request, owner), owner)
    except Conflict as conflict:
        messages.error(request, "; ".join(conflict.messages))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))


def _pressed(request: HttpRequest) -> tuple[str, str]:
    names = ("accept", "refuse", "withdraw", "unpublish")
    return next(((name, request.POST[name]) for name in names if name in request.POST), ("", ""))


def _picks(request: HttpRequest, owner: str) -> Picks:
    """Return what was ticked, of one organization or of all on the page."""
    names = [f"pick-{owner}"] if owner else [name for name in request.POST if name.startswith("pick-")]
    found = (_PICK_RE.fullmatch(text) for name in names for text in request.POST.getlist(name))
    return {int(match[1]): match[2] for match in found if match}


def _decide(request: HttpRequest, pressed: str, picks: Picks, owner: str) -> None:
    if not picks:
        messages.warning(request, _("Tick first what you decide about."))
    elif pressed == "withdraw":
        count = withdraw(list(picks), request.user)
        said = ngettext("%(count)d matter was withdrawn.", "%(count)d matters were withdrawn.", count)
        messages.success(request, said % {"count": count})
    elif pressed == "refuse":
        _tell(request, refuse(picks, request.user, request.POST.get(f"reason-{owner}", "")))
    else:
        _tell(request, accept(picks, request.user))


def _tell(request: HttpRequest, decided: Decided) -> None:
    labels = dict(Proposal.State.choices)
    for state, ids in decided.states.items():
        said = {"count": len(ids), "state": labels[Proposal.State(state)]}
        messages.success(request, _("%(state)s: %(count)d.") % said)
    noted = [note.proposal for note in decided.notes]
    fresh = _with_people(Proposal.objects.filter(pk__in=[one.pk for one in noted]))
    titles = {cell.proposal.pk: cell for cell in decided_cells(list(fresh))}
    for note in decided.notes:
        cell = titles[note.proposal.pk]
        what = "" if note.code == "invalid" else f" {cell.title or cell.differences[0].field}"
        messages.warning(request, labelled(f"{note.proposal.organization}{what}", note.text))


history.OPERATIONS["proposal"] = gettext_lazy("decision about a proposal")
history.OPERATIONS["review"] = gettext_lazy("review of published organizations")
admin.site.register(Proposal, ProposalAdmin)
