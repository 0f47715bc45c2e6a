"""Reads the rows and facts of each card of an organization's page, with a fixed number of queries."""

import datetime
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib.admin.options import InlineModelAdmin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.timezone import localdate

from registry.organizations.models.choices import Size
from registry.organizations.models.confidential import AnnualFigures, Contact
from registry.organizations.models.details import Identifier, Name, Qualification, Relation, SectorTag
from registry.organizations.models.organizations import Organization
from registry.organizations.page.cards import CARDS, RecordCard
from registry.organizations.page.facts import HEAD, Fact, facts, unfilled
from registry.organizations.page.figures import figures_table
from registry.values.masking import masks_of

SOON = datetime.timedelta(days=90)
"""How long before its end a qualification is marked."""


@dataclass(slots=True)
class ReadCard:
    """A card as it is read."""

    name: str
    title: str | Promise
    template: str
    shown: dict[str, Any] = field(default_factory=dict)
    """The values for its template; empty if nothing is stored."""
    edit_url: str = ""
    """The address of its form; empty for accounts that may not edit it."""
    links: list[tuple[str | Promise, str]] = field(default_factory=list)
    unfilled: list[str] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        return f"card-{self.name}"


@dataclass
class Reading:
    """One request for the page of an organization."""

    request: HttpRequest
    admin: Any
    organization: Organization
    rows: dict[type[Model], list[Any]] = field(default_factory=dict)
    """The rows below the organization that the account may see."""
    edit_urls: dict[str, str] = field(default_factory=dict)
    """Name of each card that the account may edit -> where."""
    today: datetime.date = field(default_factory=localdate)
    """The day on which qualifications are held or have lapsed."""

    @property
    def may_change(self) -> bool:
        return self.admin.has_change_permission(self.request, self.organization)

    def cards(self) -> Iterator[ReadCard]:
        for card in CARDS.values():
            inlines = self._inlines(card)
            if card.inlines and not inlines:
                continue
            self.rows |= {inline.model: list(_ROWS[inline.model](self.organization)) for inline in inlines}
            if edit_url := self.edit_url(card, inlines):
                self.edit_urls[card.name] = edit_url
            told = _facts(self.organization, card) if card.sections else _SHOWN[card.name](self)
            if told or edit_url:
                template = f"admin/registry/page/{'facts' if card.sections else card.name}.html"
                lacking = unfilled(self.organization, card.fields) if card.sections else []
                yield ReadCard(card.name, card.title, template, told, edit_url, unfilled=lacking)

    def _inlines(self, card: RecordCard) -> list[InlineModelAdmin]:
        """Return the inlines of the card whose rows the account may see."""
        made = (inline(self.admin.model, self.admin.admin_site) for inline in card.inlines)
        return [one for one in made if one.has_view_permission(self.request, self.judged)]

    @property
    def judged(self) -> Organization:
        """Return the organization of which is asked what the account may see."""
        return self.organization

    def edit_url(self, card: RecordCard, inlines: list[InlineModelAdmin]) -> str:
        """Return the address at which the account edits the card; empty if it may not."""
        request, organization = self.request, self.organization
        rows = any(
            one.has_add_permission(request, organization)
            or one.has_change_permission(request, organization)
            or one.has_delete_permission(request, organization)
            for one in inlines
        )
        if not self.may_change or (card.inlines and not rows):
            return ""
        return self.admin.card_url(organization, card)


def _facts(organization: Organization, card: RecordCard) -> dict[str, Any]:
    found: list[Fact] = [one for one in facts(organization, card.fields) if one.name not in HEAD]
    return {"facts": found} if found else {}


def placed(cards: Iterable[ReadCard]) -> dict[str, list[ReadCard]]:
    """Return the cards of the wide column and those beside them, for the template."""
    columns: dict[str, list[ReadCard]] = {"cards": [], "cards_beside": []}
    for card in cards:
        columns["cards_beside" if card.name in CARDS and CARDS[card.name].beside else "cards"].append(card)
    return columns


# --- Rows

_ROWS: dict[type[Model], Callable[[Organization], QuerySet[Model]]] = {
    SectorTag: lambda of: (
        SectorTag.objects.filter(organization=of)
        .select_related("sector__parent", "plan")
        .order_by("-plan__current", "plan", "-is_primary", "sector__position", "pk")
    ),
    Contact: lambda of: Contact.objects.filter(organization=of),
    Qualification: lambda of: Qualification.objects.filter(organization=of).select_related("grading"),
    AnnualFigures: lambda of: AnnualFigures.objects.filter(organization=of).order_by("-year"),
    Relation: lambda of: Relation.objects.filter(organization=of).select_related("related"),
    Name: lambda of: Name.objects.filter(organization=of),
    Identifier: lambda of: Identifier.objects.filter(organization=of),
}


def _sectors(reading: Reading) -> dict[str, Any]:
    tags = reading.rows[SectorTag]
    return {"tags": tags} if tags else {}


def _contacts(reading: Reading) -> dict[str, Any]:
    people = reading.rows[Contact]
    if not getattr(reading.request, "revealed", False):
        for name, mask in masks_of(Contact).items():
            for one in people:
                setattr(one, name, mask(getattr(one, name)) if getattr(one, name) else "")
    return {"people": people} if people else {}


def _qualifications(reading: Reading) -> dict[str, Any]:
    today = reading.today
    held: list[Qualification] = []
    lapsed: list[Qualification] = []
    for one in reading.rows[Qualification]:
        one.last_day = one.valid_to and one.valid_to - datetime.timedelta(days=1)
        one.ends_soon = bool(one.valid_to) and one.valid_to - today <= SOON
        (lapsed if one.valid_to and one.valid_to <= today else held).append(one)
    return {"held": held, "lapsed": lapsed} if held or lapsed else {}


def _figures(reading: Reading) -> dict[str, Any]:
    rows = reading.rows[AnnualFigures]
    if not rows:
        return {}
    size = Organization.objects.with_size_class().values_list("size_class", flat=True).get(pk=reading.organization.pk)
    return {"size": dict(Size.choices).get(size, ""), **figures_table(rows)}


def _relations(reading: Reading) -> dict[str, Any]:
    of = reading.organization
    about = Relation.objects.filter(related=of).select_related("organization")
    own, others = reading.rows[Relation], list(about)
    predecessors = list(Organization.objects.filter(successor=of))
    return {"own": own, "others": others, "predecessors": predecessors} if own or others or predecessors else {}


def _identifiers(reading: Reading) -> dict[str, Any]:
    names, identifiers = reading.rows.get(Name, []), reading.rows.get(Identifier, [])
    return {"names": names, "identifiers": identifiers} if names or identifiers else {}


_SHOWN: dict[str, Callable[[Reading], dict[str, Any]]] = {
    "sectors": _sectors,
    "contacts": _contacts,
    "qualifications": _qualifications,
    "figures": _figures,
    "relations": _relations,
    "identifiers": _identifiers,
}
