"""Makes proposals and decides them.

A decision locks the organization first, and then its proposals; it is one transaction for each organization. It names
the state that was shown (`Standing.seen`): what has changed since is reported and has to be decided once more.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import pghistory
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg.types.json import Jsonb

from registry.database.db_errors import Conflict, integrity_errors_as_conflicts
from registry.matching.successors import successors_of
from registry.organizations.actions import NAMES, NameChange, check_name_change, keep_former_names, replaced_names
from registry.organizations.models.organizations import Organization
from registry.organizations.models.published import PART_FIELDS, PUBLIC_FIELDS
from registry.proposals.models import MODELS, Origin, Proposal, ProposalSource
from registry.proposals.rights import holds_right, is_proposer
from registry.proposals.values import ORGANIZATION, Json, Standing, keys_of, put, standings, to_json, value_of, whole
from registry.values.people import Account, person_name
from registry.values.punctuation import clauses, labelled
from registry.values.validators import validate_website

PROPOSABLE = (*(name for name in PUBLIC_FIELDS[ORGANIZATION] if name != "published"), "closed_on", "introduced_on")
"""The fields of an organization for which anybody may propose a value."""
Picks = Mapping[int, str]
"""Proposal -> the state of it that the page showed."""


# --- Proposing


def propose(
    organization: Organization,
    name: str,
    new: Any,
    *,
    origin: str,
    proposer: Any = None,
    evidence: str = "",
    evidence_url: str = "",
    what: str = ORGANIZATION,
    row: Model | None = None,
    name_change: str = "",
) -> Proposal:
    """Propose a value of a field, or with `what` a row of a child table; return the proposal, which others may share.

    `name` is the field, empty for a row; `new` is its value, or for a row its values by field, None to remove `row`.
    Raises ValidationError by field.
    """
    if evidence_url:
        try:
            validate_website(evidence_url)
        except ValidationError as error:
            raise ValidationError({"evidence_url": error}) from None
    if what == ORGANIZATION:
        old, new = checked_value(organization, name, new, name_change)
    else:
        old, new = _checked_row(MODELS[what], row, new)
    moves = what == ORGANIZATION and name == "township" and origin == Origin.TOWNSHIP
    kind = Proposal.Kind.MOVE if moves else Proposal.Kind.SUGGESTION
    cell = [organization.pk, kind, what, row.pk if row else None, name]
    said: list[Any] = [*cell, jsonb(old), jsonb(new), name_change]
    source: list[Any] = [proposer.pk if proposer else None, origin, evidence.strip(), evidence_url]
    with connection.cursor() as cursor:
        cursor.execute("SELECT registry_propose(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)", [*said, *source])
        return Proposal.objects.get(pk=cursor.fetchone()[0])


def propose_move(organization: Organization, township: int, proposer: Account) -> Proposal:
    """Propose to another township that the organization moves there, for an account that is limited to its own."""
    return propose(organization, "township", township, origin=Origin.TOWNSHIP, proposer=proposer)


def jsonb(value: Json) -> Jsonb | None:
    return None if value is None else Jsonb(value)


def checked_value(organization: Organization, name: str, new: object, name_change: str) -> tuple[Json, Json]:
    """Return the value that the field has and the one that it would have. Raises ValidationError."""
    if name not in PROPOSABLE:
        raise ValidationError({"field": _("No value can be proposed for “%(name)s”.") % {"name": name}})
    model_field: Any = Organization._meta.get_field(name)
    old = value_of(organization, name)
    try:
        value = model_field.clean(new.pk if isinstance(new, Model) else new, organization)
    except ValidationError as error:
        raise ValidationError({"new": error}) from None
    value = to_json(model_field, value)
    if value == old:
        raise ValidationError({"new": _("The record has this value already.")})
    replaced = replaced_names({name: old}, {name: value}) if name in NAMES else {}
    check_name_change(replaced, name_change, None)
    return old, value


def _checked_row(model: type[Model], row: Model | None, new: Mapping[str, Any] | None) -> tuple[Json, Json]:
    old = whole(row) if row else None
    if new is None:
        if old is None:
            raise ValidationError({"new": _("There is no such record.")})
        return old, None
    names = PART_FIELDS[str(model._meta.model_name)]
    if unknown := [name for name in new if name not in names]:
        raise ValidationError({"new": _("No value can be proposed for “%(name)s”.") % {"name": unknown[0]}})
    value = {**(old or whole(model())), **{n: to_json(cast(Any, model._meta.get_field(n)), v) for n, v in new.items()}}
    if value == old:
        raise ValidationError({"new": _("The record has this value already.")})
    return old, value


# --- Deciding

NOTES: dict[str, str | Promise] = {
    "decided": gettext_lazy("decided already: %(state)s, %(who)s, %(when)s"),
    "own": gettext_lazy("you have proposed this yourself, so another person decides it"),
    "forbidden": gettext_lazy("you may not decide this"),
    "changed": gettext_lazy("this has changed meanwhile: look at it once more and decide again"),
    "lost": gettext_lazy("the row that it was about is gone, so it can only be refused"),
    "not_reverted": gettext_lazy("somebody has changed the value again, so it was not reverted: confirm it instead"),
    "invalid": gettext_lazy("nothing of this record was decided: %(why)s"),
}
"""Code -> why a proposal was not decided."""


@dataclass(frozen=True, slots=True)
class Note:
    """Says why a proposal was not decided as wished."""

    proposal: Proposal
    code: str
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return str(NOTES[self.code]) % self.values


@dataclass(slots=True)
class Decided:
    """The outcome of a decision: how many proposals came into which state, and what was left undecided."""

    states: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    notes: list[Note] = field(default_factory=list)


def accept(picks: Picks, user: Account) -> Decided:
    """Write the proposed values, or confirm changes that are in effect already."""
    return _decide(picks, user, _accept)


def refuse(picks: Picks, user: Account, reason: str) -> Decided:
    """Refuse proposals; of a change that is in effect, write the old value back. Raises ValidationError."""
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": _("Say why it is refused.")})
    if len(reason) > Proposal._meta.get_field("reason").max_length:  # type: ignore[operator]
        raise ValidationError({"reason": _("This reason is too long.")})
    return _decide(picks, user, _refuse, reason)


def withdraw(picks: Collection[int], user: Account) -> int:
    """Take back the account's own word for proposals; return how many of them nobody makes any more."""
    with transaction.atomic(), pghistory.context(operation="proposal", user=user.pk):
        rows = Proposal.objects.select_for_update(no_key=True).filter(pk__in=picks, state="open", in_effect=False)
        ids = [row.pk for row in rows.order_by("pk")]
        ProposalSource.objects.filter(proposal__in=ids, proposer=user, withdrawn=False).update(withdrawn=True)  # type: ignore[misc]
        still = ProposalSource.objects.filter(proposal__in=ids, withdrawn=False).values("proposal")
        gone = Proposal.objects.filter(pk__in=ids).exclude(pk__in=still)
        return gone.update(state=Proposal.State.WITHDRAWN, decided_by=user, decided_at=timezone.now())


def unpublish(organizations: Collection[int]) -> int:
    """Unpublish organizations, unless somebody did already; their changes in effect then wait no longer."""
    with integrity_errors_as_conflicts(), transaction.atomic(), pghistory.context(operation="review"):
        rows = Organization.objects.filter(pk__in=organizations).select_for_update(no_key=True).order_by("pk")
        published = [organization.pk for organization in rows if organization.published]
        Organization.objects.filter(pk__in=published).update(published=False)
    return len(published)


Handle = Callable[[list[Standing], Decided], None]


def _decide(picks: Picks, user: Account, handle: Handle, reason: str = "") -> Decided:
    decided = Decided()
    owners: dict[int, list[int]] = defaultdict(list)
    for pk, owner in Proposal.objects.filter(pk__in=picks).order_by("pk").values_list("pk", "organization"):
        owners[owner].append(pk)
    for owner in sorted(owners):
        one = Decided()
        try:
            with (
                integrity_errors_as_conflicts(),
                transaction.atomic(),
                pghistory.context(operation="proposal", user=user.pk),
            ):
                found = _locked(owner, owners[owner])
                handle(_decidable(found, picks, user, one), one)
                _store(one, found, user, reason)
        except ValidationError as error:
            first = Proposal.objects.select_related("organization").get(pk=owners[owner][0])
            one = Decided(notes=[Note(first, "invalid", {"why": clauses(_told(error))})])
        for state, ids in one.states.items():
            decided.states[state] += ids
        decided.notes += one.notes
    return decided


def _locked(organization: int, proposals: Collection[int]) -> list[Proposal]:
    """Return the proposals, after the record (and where it was merged, its successor) and they have been locked."""
    rows = Organization.objects.select_for_update(no_key=True).order_by("pk")
    list(rows.filter(pk__in={organization, *successors_of([organization]).values()}))
    locked = Proposal.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=proposals)
    return list(locked.select_related("organization", "decided_by").prefetch_related("sources").order_by("pk"))


def _decidable(found: Iterable[Proposal], picks: Picks, user: Account, decided: Decided) -> list[Standing]:
    """Return what may be decided as it was shown; the rest is noted."""
    waiting = []
    for proposal in found:
        if proposal.state != Proposal.State.OPEN:
            decided.notes.append(Note(proposal, "decided", _decision(proposal)))
        elif not holds_right(user, proposal):
            decided.notes.append(Note(proposal, "forbidden"))
        elif is_proposer(user, proposal):
            decided.notes.append(Note(proposal, "own"))
        else:
            waiting.append(proposal)
    standing = standings(waiting)
    decided.notes += [Note(one.proposal, "changed") for one in standing if picks[one.proposal.pk] != one.seen]
    return [one for one in standing if picks[one.proposal.pk] == one.seen]


def _decision(proposal: Proposal) -> dict[str, str]:
    by = proposal.decided_by
    when = timezone.localtime(proposal.decided_at)
    return {
        "state": proposal.get_state_display(),
        "who": person_name(by) if by else "—",
        "when": when.strftime("%Y-%m-%d %H:%M"),
    }


def _accept(found: list[Standing], decided: Decided) -> None:
    wanted = []
    for one in found:
        proposal = one.proposal
        if proposal.in_effect:
            decided.states["accepted" if one.holds_new else "overtaken"].append(proposal.pk)
        elif one.holds_new:
            decided.states["overtaken"].append(proposal.pk)
        elif not one.applicable:
            decided.notes.append(Note(proposal, "lost"))
        else:
            wanted.append((one, proposal.new))
            decided.states["accepted"].append(proposal.pk)
    _write(wanted)


def _refuse(found: list[Standing], decided: Decided) -> None:
    wanted = []
    for one in found:
        if one.proposal.in_effect and not one.holds_new:
            decided.notes.append(Note(one.proposal, "not_reverted"))
            continue
        if one.proposal.in_effect:
            wanted.append((one, one.proposal.old))
        decided.states["refused"].append(one.proposal.pk)
    _write(wanted)


def _store(decided: Decided, found: Sequence[Proposal], user: Account, reason: str) -> None:
    for state, ids in decided.states.items():
        values = {"state": state, "decided_by": user, "decided_at": timezone.now(), "reason": reason}
        Proposal.objects.filter(pk__in=ids).update(**values)


def _told(error: ValidationError) -> list[str]:
    if isinstance(error, Conflict) or not hasattr(error, "error_dict"):
        return error.messages
    labels = {one.name: str(one.verbose_name) for model in MODELS.values() for one in model._meta.fields}
    return [
        labelled(labels[name], text) if name in labels else str(text)
        for name, texts in error.message_dict.items()
        for text in texts
    ]


# --- Writing


def _write(wanted: Sequence[tuple[Standing, Json]]) -> None:
    """Write the values into one record and its child tables, by the rules of the models. Raises ValidationError."""
    own = [(one, value) for one, value in wanted if one.proposal.what == ORGANIZATION]
    if own:
        _write_fields(own)
    parts = [(one, value) for one, value in wanted if one.proposal.what != ORGANIZATION]
    for one, value in parts:
        if value is None and one.row:
            one.row.delete()
    # A tag that is no longer primary goes first: there is one at most.
    for one, value in sorted(parts, key=lambda part: bool((part[1] or {}).get("is_primary"))):
        if value is not None:
            _write_row(one, value)


def _write_fields(own: Sequence[tuple[Standing, Json]]) -> None:
    target = own[0][0].target
    if len({one.target.pk for one, _value in own}) > 1:  # some fields stay with a merged record
        for one, value in own:
            _write_fields([(one, value)])
        return
    before = {name: getattr(target, name) for name in NAMES}
    for one, value in own:
        put(target, one.proposal.field, value)
    target.full_clean()
    target.save()
    renamed = {one.proposal.field for one, _value in own if one.proposal.name_change == NameChange.RENAME}
    if replaced := replaced_names(before, {name: getattr(target, name) for name in renamed}):
        keep_former_names(target, replaced, None)


def _write_row(one: Standing, value: Mapping[str, Json]) -> None:
    proposal = one.proposal
    row = one.row
    if row is None:
        row = proposal.model(organization=one.target)
        names: Collection[str] = value.keys()
    else:
        names = keys_of(proposal)
    for name in names:
        put(row, name, value[name])
    row.full_clean()
    row.save()
