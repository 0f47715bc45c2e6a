"""Finds for the box in the head of every page groups of hits, each with a few records that the account may see.

The number of queries does not depend on what is found. `alliance` adds members and representatives (`add`,
`add_people`, `add_notes`).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Func, Model, Q, QuerySet, TextField, Value
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from registry.api.lists.rows import KeyRange
from registry.database.paths import Path
from registry.disclosure.log import Subject
from registry.disclosure.models import REVEAL, Disclosure
from registry.organizations.admin.uscc import page_url
from registry.organizations.models.choices import RegistrationStatus
from registry.organizations.models.confidential import Contact
from registry.organizations.models.organizations import Organization
from registry.organizations.models.reach import within
from registry.search.index_table import SEARCH_INDEX, WordMatch
from registry.search.organization_rows import OrganizationRows
from registry.search.text import SearchText
from registry.values.masking import mask_phone
from registry.values.people import Account

VIEW = "registry.view_organization"
LIVE, ON_PAGE = 6, 20
"""How many organizations are shown while one types, and on the page of results."""
FEW = 4
"""How many hits another group shows while one types."""
LEAST_DIGITS = 7
"""The number of digits from which a text may be a telephone number."""


@dataclass(frozen=True, slots=True)
class Hit:
    label: str
    url: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HitGroup:
    name: str
    label: str | Promise
    hits: list[Hit]
    first: bool = False
    """Whether the group is shown before all others, because a hit has exactly the name that was typed."""


@dataclass(frozen=True, slots=True)
class FindQuery:
    """The text that somebody looks for, and how much of the result is to be shown."""

    request: HttpRequest
    text: str
    words: SearchText
    organizations: list[Organization]
    """The organizations that were found first."""
    live: bool

    @property
    def most(self) -> int:
        return FEW if self.live else ON_PAGE


Finder = Callable[[FindQuery], HitGroup | None]
Notes = Callable[[HttpRequest, Sequence[int]], dict[int, str]]
MEMBERS, PEOPLE, PAGES = range(1, 4)
"""The places of the groups behind the organizations."""
_FINDERS: list[tuple[int, Finder]] = []
_NOTES: list[Notes] = []


def add(finder: Finder, place: int) -> None:
    _FINDERS.append((place, finder))
    _FINDERS.sort(key=lambda one: one[0])


def add_notes(notes: Notes) -> None:
    """Have a feature say something about the organizations that were found, such as their tiers."""
    _NOTES.append(notes)


def groups(request: HttpRequest, text: str, *, live: bool) -> list[HitGroup]:
    """Return the groups in which something was found."""
    words = SearchText(text)
    found = _organizations(words, LIVE if live else ON_PAGE) if request.user.has_perm(VIEW) else []
    asked = FindQuery(request, text, words, found, live)
    every = [_organization_group(asked), *(finder(asked) for _place, finder in _FINDERS)]
    return sorted((group for group in every if group and group.hits), key=lambda group: not group.first)


# --- Organizations


def _organizations(words: SearchText, most: int) -> list[Organization]:
    """Return the first organizations by relevance, found as lists find them."""
    if not words.words:
        return []

    def condition(path: Path) -> Q:
        unmerged = Q(**{f"{path('registration_status')}__ne": RegistrationStatus.MERGED})
        return unmerged & Q(WordMatch(words.words, path))

    rows = OrganizationRows(Organization.objects.all(), condition, SEARCH_INDEX, words)
    keys, _count = rows.read(KeyRange(("relevance", "sort_key", "id"), most))
    ids = [key[-1] for key in keys]
    found = Organization.objects.select_related("township").in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]


def _organization_group(asked: FindQuery) -> HitGroup:
    notes: dict[int, list[str]] = {}
    ids = [one.pk for one in asked.organizations]
    for say in _NOTES if ids else ():
        for pk, text in say(asked.request, ids).items():
            notes.setdefault(pk, []).append(text)
    hits = [organization_hit(one, notes.get(one.pk, ())) for one in asked.organizations]
    return HitGroup("organizations", gettext_lazy("Organizations"), hits)


def organization_hit(organization: Organization, notes: Iterable[str] = ()) -> Hit:
    town = organization.township.label() if organization.township else ""
    said = (organization.registry_no, town, organization.uscc or "", *notes)
    return Hit(str(organization), page_url(organization), tuple(filter(None, said)))


# --- People


@dataclass(frozen=True, slots=True)
class People:
    """A table with persons, whose telephone numbers are masked."""

    name: str
    label: str | Promise
    what: str
    """The name of their table in the log of looks (`Disclosure.What`)."""
    permission: str
    rows: Callable[[Any], QuerySet[Model]]
    """Returns the rows that an account works on."""
    hit: Callable[[Any], Hit]
    subject: Callable[[Any], Subject]


_PEOPLE: list[People] = []


def add_people(people: People) -> None:
    _PEOPLE.append(people)

    def found(asked: FindQuery) -> HitGroup | None:
        name = asked.text.strip()
        if len(name) < 2 or digits_of(name) or not asked.request.user.has_perm(people.permission):
            return None
        rows = people.rows(asked.request.user).filter(name__icontains=name)[: asked.most]
        return HitGroup(people.name, people.label, [people.hit(row) for row in rows])

    add(found, PEOPLE)


def digits_of(text: str) -> str:
    """Return the digits of a text that looks like a telephone number; empty for any other."""
    digits = "".join(character for character in text if character.isdigit() and character.isascii())
    rest = {character for character in text if not character.isdigit()}
    return digits if len(digits) >= LEAST_DIGITS and rest <= set(" -+()（）—") else ""


def searched_by_phone(request: HttpRequest) -> list[People]:
    """Return the tables that the account may search by telephone number: a hit tells it the number in full."""
    may = request.user.has_perm(REVEAL)
    return [people for people in _PEOPLE if may and request.user.has_perm(people.permission)]


def with_phone(people: People, user: Account, digits: str) -> list[object]:
    """Return the first persons whose telephone numbers have these digits."""
    only_digits = Func(
        F("phone"), Value(r"\D"), Value(""), Value("g"), function="regexp_replace", output_field=TextField()
    )
    rows = people.rows(user).exclude(phone="").annotate(phone_digits=only_digits)
    return list(rows.filter(phone_digits__contains=digits)[:ON_PAGE])


def _contacts(user: Account) -> QuerySet[Contact]:
    rows = Contact.objects.filter(within(user, lambda field: f"organization__{field}"))
    return rows.select_related("organization").order_by("name", "pk")


def _contact_hit(row: Contact) -> Hit:
    said = (row.get_role_display(), str(row.organization), mask_phone(row.phone))
    return Hit(str(row), page_url(row.organization), tuple(filter(None, said)))


add_people(
    People(
        "contacts",
        gettext_lazy("Contacts"),
        Disclosure.What.CONTACTS,
        "registry.view_contact",
        _contacts,
        _contact_hit,
        lambda row: (row.organization.registry_no, str(row.organization), ""),
    )
)
