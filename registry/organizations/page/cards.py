"""The cards of an organization's page: the fields of a card are shown and edited together, and saved alone."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.organizations.admin.inlines import (
    AnnualFiguresInline,
    ContactInline,
    IdentifierInline,
    NameInline,
    QualificationInline,
    RelationInline,
    SectorTagInline,
)
from registry.organizations.admin.layout import SECTIONS, Section
from registry.site.base import ChildInline


@dataclass(frozen=True, slots=True)
class RecordCard:
    name: str
    """Its name in addresses, and of its template."""
    title: Promise
    sections: tuple[str, ...] = ()
    """The sections of fields of the organization that it holds."""
    inlines: tuple[type[ChildInline], ...] = ()
    """The rows below the organization that it holds."""
    beside: bool = False
    """Whether it is shown in the column beside the other cards."""

    @property
    def held(self) -> list[Section]:
        return [SECTIONS[name] for name in self.sections]

    @property
    def fields(self) -> list[str]:
        return [name for section in self.held for name in section.names]

    @property
    def parts(self) -> tuple[tuple[type, str], ...]:
        """Return the models of its rows, as a history names them."""
        return tuple((inline.model, "organization") for inline in self.inlines)

    @property
    def anchor(self) -> str:
        return f"card-{self.name}"


CARDS: dict[str, RecordCard] = {
    card.name: card
    for card in (
        RecordCard("names", _("Basic data"), sections=("names",)),
        RecordCard("sectors", _("Sectors"), inlines=(SectorTagInline,)),
        RecordCard("contacts", _("Contacts"), inlines=(ContactInline,)),
        RecordCard("qualifications", _("Qualifications"), inlines=(QualificationInline,)),
        RecordCard("figures", _("Annual figures"), inlines=(AnnualFiguresInline,)),
        RecordCard("relations", _("Relations"), inlines=(RelationInline,)),
        RecordCard("identifiers", _("Other names and numbers"), inlines=(NameInline, IdentifierInline)),
        RecordCard("registration", _("Registration"), sections=("registration",)),
        RecordCard("location", _("Location"), sections=("location",)),
        RecordCard("business", _("Business"), sections=("capital", "description")),
        RecordCard("care", _("Publication and source"), sections=("care",), beside=True),
    )
}
"""Name -> card, in the order of the page."""


def card_of_field(name: str) -> RecordCard | None:
    """Return the card with a field of the organization."""
    return next((card for card in CARDS.values() if name in card.fields), None)


def card_of_rows(model: type) -> RecordCard | None:
    """Return the card with the rows of a model."""
    return next((card for card in CARDS.values() if any(inline.model is model for inline in card.inlines)), None)
