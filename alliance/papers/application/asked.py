"""The questions of the blank application form 入会申请书: columns of organizations and memberships.

Each has the label of its column, so that the import reads the form and a label is changed in one place.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alliance.members.columns import MEMBERSHIP_COLUMNS
from alliance.models import Alliance, Tier
from registry.columns import Column, chosen
from registry.organizations.columns.organizations import ORGANIZATION_COLUMNS
from registry.reference.models import Sector

SECTOR_LINES = 3
"""So many sectors can be chosen, the first one being the primary one."""
WIDE = frozenset(
    (
        *("name_zh", "name_en", "kind", "registered_address", "business_address"),
        *("sectors", "main_products", "introduction", "alliance", "tier"),
    )
)
"""Columns that have a line of their own; two of the others share a line."""
TALL = {"main_products": 2, "introduction": 3}
"""Column -> the lines that its text needs."""
_PARTS: Sequence[tuple[Promise, Sequence[Column], Sequence[str]]] = (
    (
        gettext_lazy("The organization that applies"),
        ORGANIZATION_COLUMNS,
        (
            *("name_zh", "name_en", "uscc", "registration_type", "kind", "founded_on", "registered_capital"),
            *("registered_address", "business_address", "township", "website"),
        ),
    ),
    (gettext_lazy("What it does"), ORGANIZATION_COLUMNS, ("sectors", "main_products", "introduction")),
    (
        gettext_lazy("People"),
        ORGANIZATION_COLUMNS,
        ("legal_representative", "contact_name", "contact_title", "contact_phone", "contact_email"),
    ),
    (gettext_lazy("Membership applied for"), MEMBERSHIP_COLUMNS, ("alliance", "tier")),
)
REQUIRED = frozenset(["name_zh", "uscc", "kind", "sectors", "contact_name", "contact_phone", "tier"])
"""Columns that an application must fill in; the form marks them."""


@dataclass(frozen=True)
class Question:
    """One thing that is asked."""

    name: str
    label: str
    values: Sequence[str] = ()
    """The values to choose from; empty if the answer is free text."""
    filled: str = ""
    """The answer if the form gives it already."""

    @property
    def is_day(self) -> bool:
        return self.name.endswith("_on")

    @property
    def marked(self) -> str:
        return f"{self.label} *" if self.name in REQUIRED else self.label


@dataclass(frozen=True)
class FormPart:
    title: str
    entries: Sequence[Question]

    def lines(self) -> Iterable[tuple[Question, ...]]:
        """Yield the lines of the form: a wide question alone, the others by two."""
        waiting: list[Question] = []
        for entry in self.entries:
            alone = entry.name in WIDE
            if waiting and (alone or len(waiting) == 2):
                yield tuple(waiting)
                waiting = []
            if alone:
                yield (entry,)
            else:
                waiting.append(entry)
        if waiting:
            yield tuple(waiting)


@dataclass(frozen=True)
class ApplicationForm:
    alliance: str
    title: str
    parts: Sequence[FormPart]
    sectors: Sequence[tuple[str, Sequence[str]]]
    """The groups of the plan, each with its sectors."""
    admission: str
    """Who may join, and how."""
    sent_to: Sequence[tuple[str, str]]
    """Addresses to which the form is sent back, each with its label."""
    declaration: str = field(default_factory=lambda: declaration())


def declaration() -> str:
    return _(
        "We accept the charter of the alliance and apply for membership. What is written above is true; the alliance "
        "may keep it and check it. The names and telephone numbers of people are used for the work of the alliance "
        "alone and are not published."
    )


def application_form(alliance: Alliance) -> ApplicationForm:
    """Return the form of an alliance in the active language."""
    tiers = [tier.label() for tier in Tier.objects.filter(alliance=alliance, disabled_on=None).order_by("rank")]
    own: dict[str, dict[str, Any]] = {"alliance": {"filled": alliance.label()}, "tier": {"values": tiers}}
    rows = list(Sector.objects.of_current_plan().enabled().order_by("position", "code"))
    groups = [
        (group.label(), [one.label() for one in rows if one.parent_id == group.pk])
        for group in rows
        if group.parent_id is None
    ]
    return ApplicationForm(
        alliance=alliance.label(),
        title=_("Application for membership"),
        parts=[
            FormPart(str(title), [_entry(column, own.get(column.name, {})) for column in chosen(columns, names)])
            for title, columns, names in _PARTS
        ],
        sectors=groups,
        admission=alliance.admission,
        sent_to=[one for one in _sent_to(alliance) if one[1]],
    )


def _entry(column: Column, own: dict[str, Any]) -> Question:
    values: Sequence[str] = ()
    if column.hint and column.hint.values:
        values = [str(value) for value in column.hint.values()]
    return Question(column.name, capfirst(str(column.label)), **({"values": values} | own))


def _sent_to(alliance: Alliance) -> list[tuple[str, str]]:
    return [
        (_("Send it to"), alliance.office_address),
        (_("Telephone of the office"), alliance.office_phone),
        (_("Website"), alliance.website),
    ]
