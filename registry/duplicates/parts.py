"""How each table of the registry moves when records are merged."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from registry.collection.models import AnswerState, RoundOrganization
from registry.duplicates import references
from registry.duplicates.models import Merger, PairJudgement
from registry.duplicates.pairs import (
    KEPT,
    MERGED,
    Choice,
    Chosen,
    Fate,
    ForeignKey,
    Looked,
    Option,
    RecordPair,
    RowFate,
)
from registry.duplicates.rows import ChosenRows, Row, Rows
from registry.imports.models import Distinction, ImportRow
from registry.organizations.models.confidential import AnnualFigures, Contact
from registry.organizations.models.details import Identifier, Name, Qualification, Relation, SectorTag
from registry.organizations.models.index_tables import OrganizationIndex, SearchIndex, SectorIndex
from registry.organizations.models.organizations import Organization
from registry.organizations.models.public_changes import PublicChange
from registry.proposals.models import Proposal
from registry.spreadsheet import wan_text
from registry.suggestions.models import DismissedSuggestion
from registry.values.punctuation import bracketed, clauses, labelled, listed
from registry.values.validators import fold_name

PRIMARY = "primary"
_ONE_OF_EACH = (Contact.Role.LEGAL_REPRESENTATIVE, Contact.Role.LIAISON)


class NameRows(Rows):
    def stays(self, pair: RecordPair, row: Row) -> str:
        own = {fold_name(name) for name in (pair.kept.name_zh, pair.kept.name_en) if name}
        return _("The record that stays bears this name itself.") if fold_name(row.name) in own else ""

    def text(self, row: Row) -> str:
        return bracketed(row.name, row.get_kind_display())


class IdentifierRows(Rows):
    def text(self, row: Row) -> str:
        return f"{row.get_scheme_display()} {row.value}"


class TagRows(Rows):
    """Sector tags. Where both records have a primary sector in a plan, a person chooses which one remains primary."""

    def primaries(self, pair: RecordPair) -> dict[int, tuple[Row, Row, Choice]]:
        """Return by plan the two primary tags that differ, and the choice between them."""
        own = {tag.plan_id: tag for tag in self.of(pair.kept.pk) if tag.is_primary}
        found = {}
        for tag in self.of(pair.merged.pk):
            mine = own.get(tag.plan_id)
            if tag.is_primary and mine and mine.sector_id != tag.sector_id:
                options = (Option(KEPT, str(mine.sector)), Option(MERGED, str(tag.sector)))
                told = _("Primary sector in “%(plan)s”") % {"plan": tag.plan}
                proposed = KEPT if mine.evidence or not tag.evidence else MERGED
                why = "" if proposed == KEPT else _("has evidence")
                found[tag.plan_id] = (mine, tag, Choice(f"{PRIMARY}-{tag.plan_id}", told, options, proposed, why))
        return found

    def look(self, pair: RecordPair) -> Looked:
        looked = super().look(pair)
        looked.choices = [choice for _mine, _tag, choice in self.primaries(pair).values()]
        return looked

    def move(self, pair: RecordPair, chosen: Chosen) -> None:
        likes = {row.pk: like for row, like in self.likes(pair)}
        plans = {tag.plan_id for tag in self.of(pair.kept.pk) if tag.is_primary}
        primary = {tag.pk for _mine, tag, choice in self.primaries(pair).values() if choice.value(chosen) == MERGED}
        for mine, tag, _choice in self.primaries(pair).values():
            if tag.pk in primary:
                mine.is_primary = False
                mine.save(update_fields=["is_primary"])
        for row in self.of(pair.merged.pk):
            like = likes[row.pk]
            if like is None:
                self.give(row, pair, is_primary=row.is_primary and (row.pk in primary or row.plan_id not in plans))
                continue
            self.fill(row, like)
            if row.is_primary and not like.is_primary and (row.pk in primary or row.plan_id not in plans):
                like.is_primary = True
                like.save(update_fields=["is_primary"])


class ContactRows(ChosenRows):
    """Contacts: one of each in the roles of which there is one; of others, equal ones are the same person."""

    def sameness(self, row: Row) -> tuple[object, ...]:
        return (row.role,) if row.role in _ONE_OF_EACH else (row.role, row.name, row.phone, row.email)

    def text(self, row: Row) -> str:
        told = [row.name, row.title, *(mask(getattr(row, name)) for name, mask in Contact.masked_fields.items())]
        return labelled(row.get_role_display(), " ".join(filter(None, told)))

    def heading(self, row: Row) -> str:
        return str(row.get_role_display())


class FigureRows(ChosenRows):
    def text(self, row: Row) -> str:
        given = [f"{self.label(name)} {_amount(getattr(row, name))}" for name in self.values if _is_given(row, name)]
        return labelled(row.year, clauses(given) or "—")

    def heading(self, row: Row) -> str:
        return _("Figures of %(year)d") % {"year": row.year}


def _is_given(row: Row, name: str) -> bool:
    return name != "source" and getattr(row, name) is not None


def _amount(value: object) -> str:
    if isinstance(value, Decimal):
        return _("%(amount)s (10,000 yuan)") % {"amount": wan_text(value)}
    return str(value)


class RoundRows(Rows):
    """The rows by which rounds of collecting figures ask an organization.

    A round asks each organization once. Where it has asked both, one row stays, with the answer that was given.
    """

    def text(self, row: Row) -> str:
        return bracketed(row.round, row.get_state_display()) if row.state else str(row.round)

    def answers(self, pair: RecordPair) -> dict[int, Choice]:
        """Return by the merged record's row the choice between two answers that differ."""
        found = {}
        for row, like in self.likes(pair):
            if like is not None and row.state and like.state and row.state != like.state:
                options = tuple(
                    Option(side, str(AnswerState(one.state).label)) for side, one in ((KEPT, like), (MERGED, row))
                )
                proposed = MERGED if row.state == AnswerState.REPORTED else KEPT
                why = _("has reported") if proposed == MERGED else ""
                told = _("Answer in the round “%(round)s”") % {"round": row.round}
                found[row.pk] = Choice(f"round-{row.round_id}", told, options, proposed, why)
        return found

    def look(self, pair: RecordPair) -> Looked:
        looked = super().look(pair)
        looked.choices = list(self.answers(pair).values())
        return looked

    def fate(self, pair: RecordPair, row: Row, like: Row | None) -> tuple[Fate, str, str]:
        if like is None:
            return super().fate(pair, row, like)
        return Fate.REMOVED, _("The round asks the record that stays already."), self.text(row)

    def move(self, pair: RecordPair, chosen: Chosen) -> None:
        answers = self.answers(pair)
        for row, like in self.likes(pair):
            if like is None:
                self.give(row, pair)
                continue
            choice = answers.get(row.pk)
            if row.state and (not like.state or (choice and choice.value(chosen) == MERGED)):
                like.state = row.state
                like.save(update_fields=["state"])
            row.delete()


@dataclass(frozen=True)
class RelationRows(Rows):
    """Relations from one side; those between the two records have no meaning any more and are removed."""

    other: str = "related"

    def between(self, pair: RecordPair) -> list[Row]:
        ends = {self.key: pair.merged.pk, self.other: pair.kept.pk}
        return list(Relation.objects.filter(**ends).select_related("organization", "related"))

    def likes(self, pair: RecordPair) -> list[tuple[Row, Row | None]]:
        between = {row.pk for row in self.between(pair)}
        return [(row, like) for row, like in super().likes(pair) if row.pk not in between]

    def look(self, pair: RecordPair) -> Looked:
        looked = super().look(pair)
        if gone := self.between(pair):
            why = _("A body has no relation to itself.")
            looked.lines.append(RowFate(Fate.REMOVED, self.named(pair, [self.text(row) for row in gone]), why))
        return looked

    def move(self, pair: RecordPair, chosen: Chosen) -> None:
        for row in self.between(pair):
            row.delete()
        super().move(pair, chosen)


class Predecessors:
    """Records that were merged into the merged one, or that it has succeeded, lead to the one that stays."""

    keys: tuple[ForeignKey, ...] = ((Organization, "successor"),)

    def rows(self, pair: RecordPair) -> Iterable[models.QuerySet[models.Model]]:
        return ()

    def look(self, pair: RecordPair) -> Looked:
        looked = Looked(_("Earlier mergers"))
        found = Organization.objects.filter(successor=pair.merged).exclude(pk=pair.kept.pk).order_by("pk")
        if named := listed(bracketed(one, one.registry_no) for one in found):
            told = _("Its successor was the merged record; from now on it is the one that stays.")
            looked.lines.append(RowFate(Fate.CHANGES, named, told))
        if pair.kept.successor_id == pair.merged.pk:
            told = _("The record that stays named the merged one as its successor; that is removed.")
            looked.lines.append(RowFate(Fate.CHANGES, str(pair.kept), told))
        return looked

    def move(self, pair: RecordPair, chosen: Chosen) -> None:
        found = Organization.objects.filter(successor=pair.merged).exclude(pk=pair.kept.pk)
        found.update(successor=pair.kept)
        Organization.objects.filter(pk=pair.kept.pk, successor=pair.merged).update(successor=None)


class DistinctionRows(Rows):
    """Decisions of imports that a name is another body. A decision that kept the two apart is removed."""

    def stays(self, pair: RecordPair, row: Row) -> str:
        return _("It was told apart by this name.") if row.name_key in _name_keys(pair) else ""

    def text(self, row: Row) -> str:
        return str(row.name_key)

    def overruled(self, pair: RecordPair) -> models.QuerySet[Distinction]:
        return Distinction.objects.filter(organization=pair.kept, name_key__in=_name_keys(pair))

    def look(self, pair: RecordPair) -> Looked:
        looked = super().look(pair)
        if texts := [self.text(row) for row in self.overruled(pair)]:
            why = _("The two were told apart in an import; that holds no longer.")
            looked.lines.append(RowFate(Fate.REMOVED, self.named(pair, texts), why))
        return looked

    def move(self, pair: RecordPair, chosen: Chosen) -> None:
        self.overruled(pair).delete()
        super().move(pair, chosen)


def _name_keys(pair: RecordPair) -> list[str]:
    names = (pair.kept.name_zh, pair.kept.name_en, pair.merged.name_zh, pair.merged.name_en)
    return [fold_name(name) for name in names if name]


class Judgements:
    """Judgements on the merged record and a third one, which the record that stays takes over unless it has one."""

    keys: tuple[ForeignKey, ...] = ((PairJudgement, "first"), (PairJudgement, "second"))

    def rows(self, pair: RecordPair) -> Iterable[models.QuerySet[models.Model]]:
        return ()

    def moving(self, pair: RecordPair) -> list[tuple[PairJudgement, int]]:
        """Return the judgements that move with the other organization of each."""
        of = Q(first=pair.merged) | Q(second=pair.merged)
        said = PairJudgement.objects.filter(of).select_related("first", "second").order_by("pk")
        others = [(row, row.second_id if row.first_id == pair.merged.pk else row.first_id) for row in said]
        mine = PairJudgement.objects.filter(Q(first=pair.kept) | Q(second=pair.kept))
        known = {pk for both in mine.values_list("first", "second") for pk in both} | {pair.kept.pk}
        return [(row, other) for row, other in others if other not in known]

    def look(self, pair: RecordPair) -> Looked:
        looked = Looked(capfirst(PairJudgement._meta.verbose_name_plural or ""))
        if texts := [str(row) for row, _other in self.moving(pair)]:
            looked.lines.append(RowFate(Fate.MOVES, listed(texts)))
        return looked

    def move(self, pair: RecordPair, chosen: Chosen) -> None:
        for row, other in self.moving(pair):
            row.first_id, row.second_id = sorted((other, pair.kept.pk))
            row.save(update_fields=["first", "second"])


def declare() -> None:
    """Declare every foreign key to an organization that the registry has."""
    money = ("employees", "rd_staff", "assets", "revenue", "ai_revenue", "rd_expenditure", "valid_invention_patents")
    references.declare(
        NameRows(Name, same=("kind", "name"), fills=("language", "valid_from", "valid_to")),
        IdentifierRows(Identifier),
        TagRows(SectorTag, same=("sector",), fills=("evidence", "evidence_url")),
        Rows(
            Qualification,
            same=("grading", "level", "batch", "granted_on"),
            fills=("issuer", "certificate_no", "valid_to"),
        ),
        ContactRows(
            Contact,
            same=("role",),
            values=("name", "title", "phone", "email", "purpose", "source"),
            prefix="contact",
            hidden=True,
        ),
        FigureRows(AnnualFigures, same=("year",), values=(*money, "source"), prefix="figures", hidden=True),
        RoundRows(RoundOrganization, same=("round",), hidden=True),
        RelationRows(Relation, "organization", same=("kind", "related", "valid_from"), fills=("valid_to", "remarks")),
        RelationRows(
            Relation,
            "related",
            same=("kind", "organization", "valid_from"),
            fills=("valid_to", "remarks"),
            other="organization",
        ),
        Rows(DismissedSuggestion, same=("sector",)),
        DistinctionRows(Distinction, same=("name_key",)),
        Judgements(),
        Predecessors(),
    )
    references.stays(ImportRow, "organization", "It says which record a row of a file became; that leads on.")
    references.stays(ImportRow, "same_as", "It says whom somebody chose; that leads on.")
    references.stays(Proposal, "organization", "Open ones are decided about the record that stays: ADR 0024.")
    references.stays(Merger, "merged", "The record of the merger itself.")
    references.stays(Merger, "kept", "The record of an earlier merger, for undoing it.")
    for index in (OrganizationIndex, SectorIndex, SearchIndex):
        references.stays(index, "organization", "Triggers keep it.")
    references.stays(PublicChange, "organization", "Triggers keep it; a number that the public saw leads on.")
