"""A card of the start page: a number to work off, and the link to the list that has exactly so many rows.

Each feature declares its cards in one list (`records`, `system`, in `alliance` `alliance.workplace.cards`) and adds
them here. A test opens the list of every card as every role and compares its length with the number.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

from registry.organizations.models.reach import reach_of
from registry.site.filters import OWN_TOWNSHIPS

MOST = 10_000
"""A number up to which cards count; beyond it they say that there are more."""


@dataclass(frozen=True, slots=True)
class Number:
    """The number on a card; `more` says that there are more than that."""

    value: int
    more: bool = False


@dataclass(frozen=True, slots=True)
class StartCard:
    name: str
    label: str | Promise
    permissions: tuple[str, ...]
    """Whoever has all of these sees the card."""
    count: Callable[[HttpRequest], Number | None]
    """Counts what the account may see; None where there is nothing to count, so that there is no card."""
    address: Callable[[HttpRequest], str]
    note: Callable[[HttpRequest], str] = lambda request: ""
    if_any: bool = False
    """Whether the card is shown only where its number is not 0."""


@dataclass(frozen=True, slots=True)
class ShownCard:
    name: str
    label: str
    number: Number
    url: str
    note: str


_CARDS: list[StartCard] = []


def add(*cards: StartCard) -> None:
    _CARDS.extend(cards)


def everything() -> list[StartCard]:
    return list(_CARDS)


def shown(request: HttpRequest) -> Iterator[ShownCard]:
    """Yield the cards of the account, in the order in which they were added."""
    for card in _CARDS:
        if not request.user.has_perms(card.permissions):
            continue
        number = card.count(request)
        if number is not None and (number.value or not card.if_any):
            yield ShownCard(card.name, str(card.label), number, card.address(request), card.note(request))


def bounded(rows: QuerySet[Model]) -> Number:
    """Count the rows up to `MOST`, so that a number never takes long."""
    count = rows.order_by().values("pk")[: MOST + 1].count()
    return Number(min(count, MOST), count > MOST)


def list_address(page: str, /, **parameters: object) -> str:
    """Return the address of a page of the site, by the name that Django's admin gives it."""
    query = urlencode({name: value for name, value in parameters.items() if value not in ("", None)})
    return f"{reverse(f'admin:{page}')}?{query}" if query else reverse(f"admin:{page}")


def organizations_address(request: HttpRequest, **parameters: object) -> str:
    """Return the address of a list of organizations, of an account's own townships if it is limited to some."""
    own = {} if reach_of(request.user) is None else {"township": OWN_TOWNSHIPS}
    return list_address("registry_organization_changelist", **parameters, **own)
