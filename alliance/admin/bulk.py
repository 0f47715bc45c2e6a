"""Operations on many members at once: chosen on the list, shown one by one on a page, then done together or not at all.

Twin of registry.organizations.admin.bulk, which counts organizations; here each member has an outcome of its own.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alliance.members.operations.operating import told_as
from alliance.models import Member, Membership, Suspension
from registry.database.db_errors import Conflict, integrity_errors_as_conflicts
from registry.database.tracking import FRESH_PLANS
from registry.organizations.admin.uscc import numbered
from registry.organizations.models.organizations import Organization
from registry.values.punctuation import bracketed, clauses

from .bulk_changes import ManyChange, refusal

MOST = 200
"""So many can be shown one by one on a page, and done within seconds while somebody waits."""


@dataclass(frozen=True)
class MemberLine:
    """The effect on one of the chosen members."""

    pk: int
    name: str
    told: str = ""
    refused: str = ""


@dataclass(frozen=True)
class MembersOutcome:
    lines: list[MemberLine]
    before: str
    """The tiers of the chosen members before, to notice that one has changed."""

    @property
    def done(self) -> list[MemberLine]:
        return [line for line in self.lines if not line.refused]

    @property
    def refused(self) -> list[MemberLine]:
        return [line for line in self.lines if line.refused]

    @property
    def seal(self) -> str:
        """Return a text that is the same only if all is as it was, and would become what was shown."""
        said = [self.before, *(f"{line.pk}:{line.told}:{line.refused}" for line in self.lines)]
        return hashlib.sha256("\n".join(said).encode()).hexdigest()


def action(change: ManyChange) -> Callable[..., Any]:
    """Return the action of an admin list of members or of organizations."""

    @admin.action(description=cast(Any, change.title))
    def run(model_admin: Any, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        return _Page(change, model_admin, request, queryset).answer()

    run.__name__ = change.name
    run.change = change  # type: ignore[attr-defined]
    return run


class _Page:
    """One page, sent to the address of the list: asks for values, tells what would happen, does it."""

    def __init__(self, change: ManyChange, model_admin: Any, request: HttpRequest, queryset: Any) -> None:
        self.change, self.model_admin, self.request = change, model_admin, request
        self.chosen = set(queryset.order_by().values_list("pk", flat=True))
        self.model = queryset.model
        self.step = request.POST.get("step", "")
        self.form = change.Form(request.POST if self.step else None)
        self.error = ""

    def answer(self) -> HttpResponse | None:
        outcome = None
        if len(self.chosen) > MOST:
            self.error = _("At most %(count)d at once: choose fewer.") % {"count": MOST}
        elif self.step and self.form.is_valid():
            try:
                outcome = self._try()
            except Conflict as conflict:
                self.error = refusal(conflict)
            if outcome is not None and self.step == "apply" and not self.error:
                self._tell(outcome)
                return None
        return TemplateResponse(self.request, "admin/alliance/bulk.html", self._context(outcome))

    def _try(self) -> MembersOutcome:
        """Do all of it in one transaction, and take it back unless it is what was confirmed."""
        values, confirmed = self.form.cleaned_data, self.step == "apply"
        count = int(self.request.POST.get("count") or 0) if confirmed else 0
        with (
            integrity_errors_as_conflicts(),
            transaction.atomic(),
            told_as(self.change.operation, reason=values["reason"], members=count),
        ):
            with connection.cursor() as cursor:
                cursor.execute(FRESH_PLANS)
            outcome = self._outcome(values)
            if confirmed:
                self._check(outcome)
            if not confirmed or self.error:
                transaction.set_rollback(True)
        return outcome

    def _outcome(self, values: dict[str, Any]) -> MembersOutcome:
        rows = _locked(self.model, self.chosen)
        before = _held(self.model, self.chosen)
        return MembersOutcome([self._line(row, values) for row in rows], before)

    def _line(self, row: Any, values: dict[str, Any]) -> MemberLine:
        organization = row.organization if isinstance(row, Member) else row
        name = numbered(organization)
        try:
            with transaction.atomic():
                return MemberLine(row.pk, name, told=self.change.run(row, values))
        except ValidationError as error:
            return MemberLine(row.pk, name, refused=refusal(error))

    def _check(self, outcome: MembersOutcome) -> None:
        given = self.request.POST
        if outcome.seal != given.get("seal") or str(len(outcome.done)) != given.get("count"):
            self.error = _("Not done: the records have changed since you looked. This is what would happen now.")
        elif outcome.refused and not given.get("leave_out"):
            self.error = _("Not done: some are refused. Tick that they are left out, or cancel.")
        elif not outcome.done:
            self.error = _("Not done: all are refused.")

    def _tell(self, outcome: MembersOutcome) -> None:
        said = {"count": len(outcome.done), "what": self.change.title}
        text = ngettext(
            "%(what)s: recorded for %(count)d organization.",
            "%(what)s: recorded for %(count)d organizations.",
            len(outcome.done),
        )
        self.model_admin.message_user(self.request, text % said, messages.SUCCESS)
        if outcome.refused:
            names = clauses(bracketed(line.name, line.refused) for line in outcome.refused)
            self.model_admin.message_user(self.request, _("Left out: %(names)s") % {"names": names}, messages.WARNING)

    def _context(self, outcome: MembersOutcome | None) -> dict[str, Any]:
        values = self.form.cleaned_data if outcome else {}
        return {
            **self.model_admin.admin_site.each_context(self.request),
            "title": self.change.title,
            "subtitle": None,
            "opts": self.model_admin.opts,
            "media": self.model_admin.media + self.form.media,
            "form": self.form,
            "action": self.change.name,
            "outcome": outcome,
            "error": self.error,
            "values": [(self.form.fields[name].label, _said(self.form, name, value)) for name, value in values.items()],
            "selected": self.request.POST.getlist(ACTION_CHECKBOX_NAME),
            "count": len(self.chosen),
            "select_across": self.request.POST.get("select_across", "0"),
            "checkbox": ACTION_CHECKBOX_NAME,
            "back": self.request.get_full_path(),
        }


def _said(form: forms.Form, name: str, value: Any) -> str:
    field = form.fields[name]
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        return str(dict(cast(Any, field.choices)).get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "—" if value in (None, "") else str(value)


def _locked(model: type[Any], chosen: Iterable[int]) -> list[Any]:
    """Return the chosen rows; their organizations are locked in the order of their ids, so that two do not wait for
    each other.
    """
    if issubclass(model, Member):
        rows = list(Member.objects.filter(pk__in=chosen).select_related("organization", "alliance"))
        organizations = [row.organization_id for row in rows]
    else:
        rows = list(Organization.objects.filter(pk__in=chosen).order_by("sort_key", "pk"))
        organizations = [row.pk for row in rows]
    list(Organization.objects.select_for_update(no_key=True).filter(pk__in=organizations).order_by("pk"))
    return rows


def _held(model: type[Any], chosen: Iterable[int]) -> str:
    """Return all periods of the chosen, as they are stored."""
    lookup = "member" if issubclass(model, Member) else "member__organization"
    given = {f"{lookup}__in": list(chosen)}
    memberships = Membership.objects.filter(**given).order_by("pk")
    suspensions = Suspension.objects.filter(**given).order_by("pk")
    rows = [
        *memberships.values_list("pk", "tier", "admitted_on", "ended_on", "end_reason"),
        *suspensions.values_list("pk", "suspended_on", "resumed_on"),
    ]
    return repr(rows)
