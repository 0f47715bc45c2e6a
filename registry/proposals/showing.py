"""Shows proposals as people read them: labels of fields, names instead of ids, and what has changed meanwhile."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from registry.organizations.models.published import PART_FIELDS, PUBLIC_FIELDS
from registry.proposals import rights
from registry.proposals.models import MODELS, Proposal
from registry.proposals.values import ORGANIZATION, Json, Standing, keys_of, python_value
from registry.site.history import LABELS, WORDS, Difference, ShownFields
from registry.values.people import Account, person_name
from registry.values.punctuation import phrases, quoted

_NAMED_BY = {"sectortag": "sector", "name": "name", "qualification": "grading", "identifier": "value"}
"""Child table -> the field that names a row for people."""


class Texts:
    """Says the values of many proposals; referenced rows are read once for each table."""

    def __init__(self, proposals: Iterable[Proposal], standings: Iterable[Standing] = ()) -> None:
        rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for one in proposals:
            rows[one.what] += [self._row(one, one.old), self._row(one, one.new)]
        for standing in standings:
            rows[standing.proposal.what].append(self._row(standing.proposal, standing.current))
        self.shown = {what: ShownFields(MODELS[what], found, leave_out="") for what, found in rows.items()}

    @staticmethod
    def _row(proposal: Proposal, value: Json) -> dict[str, Any]:
        """Return the value as a row of the table's columns."""
        if proposal.what == ORGANIZATION:
            names, values = PUBLIC_FIELDS[ORGANIZATION], {proposal.field: value}
            names = names if proposal.field in names else (*names, proposal.field)
        else:
            names, values = PART_FIELDS[proposal.what], value or {}
        fields = [MODELS[proposal.what]._meta.get_field(name) for name in names]
        return {field.attname: python_value(field, values.get(field.name)) for field in fields}  # type: ignore[union-attr, arg-type]

    def differences(self, proposal: Proposal) -> list[Difference]:
        shown = self.shown[proposal.what]
        old, new = (self._row(proposal, self._part(proposal, value)) for value in (proposal.old, proposal.new))
        if proposal.what == ORGANIZATION:
            return [self._difference(shown, proposal.field, old, new)]
        label = "update" if proposal.old and proposal.new else "insert"
        return list(shown.differences(old, new, label))

    @staticmethod
    def _part(proposal: Proposal, value: Json) -> Json:
        if proposal.what == ORGANIZATION or not (proposal.old and proposal.new):
            return value
        return {key: value[key] for key in keys_of(proposal)}

    @staticmethod
    def _difference(shown: ShownFields, name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Difference:
        field: Any = shown.model._meta.get_field(name)
        said = [shown.text(field.attname, field, row[field.attname]) for row in (old, new)]
        return Difference(capfirst(str(field.verbose_name)), *said)

    def row_name(self, proposal: Proposal) -> str:
        """Return the kind of row, and for a row that changes the name of it."""
        model = MODELS[proposal.what]
        kind = capfirst(str(WORDS.get(model, model._meta.verbose_name)))
        if not (proposal.old and proposal.new):
            return kind
        field: Any = model._meta.get_field(_NAMED_BY[proposal.what])
        named = self.shown[proposal.what].text(field.attname, field, proposal.old.get(field.name))
        return quoted(kind, named)

    def current(self, standing: Standing) -> str:
        proposal, value = standing.proposal, standing.current
        row = self._row(proposal, value)
        if proposal.what == ORGANIZATION:
            return self._difference(self.shown[ORGANIZATION], proposal.field, row, row).new
        if value is None:
            return _("(no longer there)")
        shown = self.shown[proposal.what]
        fields = [shown.model._meta.get_field(name) for name in keys_of(proposal)]
        said = (shown.text(field.attname, field, row[field.attname]) for field in fields)  # type: ignore[union-attr, arg-type]
        return phrases(text for text in said if text)


@dataclass(frozen=True, slots=True)
class Source:
    who: str
    origin: str
    when: Any
    evidence: str
    evidence_url: str
    phone: str = ""
    """The number that was left for an answer, for those who decide."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One proposal as the page shows it."""

    proposal: Proposal
    title: str
    """The kind of row with what happens to it; empty for a field of the organization."""
    differences: list[Difference]
    sources: list[Source]
    pick: str = ""
    """The value that a decision sends: the proposal, and the state of it that is shown."""
    decides: bool = False
    own: bool = False
    notes: tuple[str, ...] = ()
    ticked: bool = False

    @property
    def moves(self) -> bool:
        """Return whether one value takes the place of another, rather than a row that is added or removed."""
        return self.proposal.what == ORGANIZATION or bool(self.proposal.old and self.proposal.new)

    @property
    def tickable(self) -> bool:
        return self.decides or (self.own and not self.proposal.in_effect)

    @property
    def decider(self) -> str:
        by = self.proposal.decided_by
        return person_name(by) if by else ""


def cells(standings: Sequence[Standing], user: Account) -> list[Cell]:
    """Return the cells of open proposals, with what the user may do with each."""
    texts = Texts([one.proposal for one in standings], standings)
    return [_open_cell(one, texts, user) for one in standings]


def decided_cells(proposals: Sequence[Proposal]) -> list[Cell]:
    texts = Texts(proposals)
    return [_cell(one, texts) for one in proposals]


def _cell(proposal: Proposal, texts: Texts, **more: Any) -> Cell:
    title = ""
    if proposal.what != ORGANIZATION:
        verb = "update" if proposal.old and proposal.new else "insert" if proposal.new else "delete"
        title = f"{texts.row_name(proposal)} {LABELS[verb]}"
    sources = [_source(one, bool(more.get("decides"))) for one in proposal.sources.all() if not one.withdrawn]
    return Cell(proposal, title, texts.differences(proposal), sources, **more)


def _source(source: Any, with_phone: bool) -> Source:
    who = person_name(source.proposer) if source.proposer else ""
    if not who and source.origin == "staff":
        who = _("command")
    origin = "" if source.origin == "staff" else source.get_origin_display()
    answer = getattr(source, "answer_wanted", None) if with_phone else None
    phone = answer.phone if answer else ""
    return Source(who, origin, source.at, source.evidence, source.evidence_url, phone)


def _open_cell(one: Standing, texts: Texts, user: Account) -> Cell:
    own = rights.is_proposer(user, one.proposal)
    decides = rights.holds_right(user, one.proposal) and not own
    notes = tuple(_notes(one, texts))
    return _cell(
        one.proposal,
        texts,
        pick=f"{one.proposal.pk}:{one.seen}",
        decides=decides,
        own=own,
        notes=notes,
        ticked=decides and not notes,
    )


def _notes(one: Standing, texts: Texts) -> Iterable[str]:
    """Yield what the deciding person has to know."""
    if one.merged:
        yield _("The record was merged into %(successor)s: accepting writes it there.") % {
            "successor": f"{one.target.registry_no} {one.target}"
        }
    if not one.applicable:
        yield _("The row that it is about is gone: it can only be refused.")
    elif one.changed and one.proposal.in_effect:
        yield _("Changed again since: now it is “%(now)s”.") % {"now": texts.current(one) or "—"}
    elif one.changed and one.holds_new:
        yield _("The record has this value already.")
    elif one.changed:
        old = texts.differences(one.proposal)
        yield _("When it was proposed it was “%(old)s”, now it is “%(now)s”. Accepting replaces the present value.") % {
            "old": phrases(d.old for d in old if d.old) or "—",
            "now": texts.current(one) or "—",
        }
