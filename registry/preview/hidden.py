"""Counts what an audience is not shown of a record, among what the previewer may see: numbers, never values."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Model
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from registry.database.permission_names import permission
from registry.organizations.admin.inlines import ORGANIZATION_PARTS
from registry.organizations.models.details import Identifier, Name, Qualification, SectorTag
from registry.organizations.models.organizations import Organization
from registry.organizations.models.reach import visible_parts
from registry.organizations.page.cards import CARDS
from registry.organizations.page.facts import facts
from registry.organizations.views.public import PublicOrganizationViewSet
from registry.preview.audiences import Eyes
from registry.values.people import Account
from registry.values.punctuation import listed

Hidden = tuple[str, int]
"""The name of what is hidden, in the reader's language, and how many."""
Part = tuple[type[Model], str]

_SHOWN: dict[type[Model], str] = {
    SectorTag: "sectors",
    Qualification: "qualifications",
    Identifier: "identifiers",
    Name: "former_names",
}
"""Model of rows below an organization -> the list in which its public record has some of them."""
Counting = Callable[[Account, Eyes, dict[str, Any]], list[Hidden]]
"""The previewer, the eyes of the audience, the words of the address -> what is hidden."""
_pages: dict[str, Counting] = {}
_parts: list[Part] = [*ORGANIZATION_PARTS]
_shown: dict[type[Model], Callable[[str], int]] = {}


def add_part(model: type[Model], path: str, shown: Callable[[str], int] | None = None) -> None:
    """Add rows that belong to an organization at the path; `shown` tells how many the public sees of them."""
    _parts.append((model, path))
    if shown:
        _shown[model] = shown


def add_page(name: str, counts: Counting) -> None:
    """Tell how to count for the page with this name of its address."""
    _pages[name] = counts


def of_page(name: str | None) -> Counting | None:
    return _pages.get(name or "")


def unseen(user: Account, eyes: Eyes, parts: Iterable[Part], pk: object) -> list[Hidden]:
    """Count rows of each table that the account may see and the audience may not."""
    found = []
    for model, path in parts:
        right = permission("view", model)
        if user.has_perm(right) and not eyes.has_perm(right):
            found.append((capfirst(str(model._meta.verbose_name_plural)), model._default_manager.filter(**{path: pk})))
    counted = ((name, rows.count()) for name, rows in found)
    return [(name, number) for name, number in counted if number]


def from_the_public(user: Account, organization: Organization, record: dict[str, Any]) -> list[Hidden]:
    """Count what the public record does not have: rows of each table, and fields that are filled in."""

    def shown(model: type[Model]) -> int:
        if model in _shown:
            return _shown[model](organization.registry_no)
        return len(record[_SHOWN[model]]) if model in _SHOWN else 0

    rows = _rows(visible_parts(_parts, user, organization), organization, shown)
    return [*rows, *_fields(organization)]


def from_a_viewer(user: Account, eyes: Account, organization: Organization) -> list[Hidden]:
    seen = visible_parts(_parts, eyes, organization)
    unseen = [part for part in visible_parts(_parts, user, organization) if part not in seen]
    return _rows(unseen, organization, lambda model: 0)


def _rows(parts: Iterable[Part], organization: Organization, shown: Callable[[type[Model]], int]) -> list[Hidden]:
    counted = (
        (model, model._default_manager.filter(**{path: organization.pk}).count() - shown(model))
        for model, path in parts
    )
    return [(capfirst(str(model._meta.verbose_name_plural)), number) for model, number in counted if number > 0]


def _fields(organization: Organization) -> list[Hidden]:
    """Count the fields that the staff's page shows and the public one does not have."""
    public = {*PublicOrganizationViewSet.column_names, "published"}
    names = [name for card in CARDS.values() for name in card.fields if name not in public]
    labels = [fact.label for fact in facts(organization, names)]
    return [(_("Fields (%(names)s)") % {"names": listed(labels)}, len(labels))] if labels else []
