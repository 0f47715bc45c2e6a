"""Finds a person in the tables of persons, now and in the history. Who is meant is chosen one by one.

A person is what one row says under one name: a row may have held somebody else before, and homonyms have rows of their
own.
"""

import datetime
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import DateField, DateTimeField, Field, Model
from django.utils.translation import gettext as _

from registry.database.personal import PersonalData, events_of, personal_tables
from registry.erasure.finding.search import rows_with
from registry.erasure.finding.tables import table_label
from registry.erasure.finding.traces import NAME, NUMBER, Traces, numbers_in, plain
from registry.organizations.models.organizations import Organization
from registry.values.masking import mask_email, mask_phone
from registry.values.punctuation import listed

LAST_DAYS = ("ends_on", "valid_to")
"""Fields with the first day after a period; shown is its last day."""
State = tuple[str, ...]
"""The values of the declared fields, in the order of `PersonalData.fields`."""


@dataclass
class Person:
    """One row that names a person, with the numbers it gives."""

    model: type[Model]
    data: PersonalData
    pk: int
    name: str
    current: bool = False
    """Whether the row has this name now."""
    states: set[State] = field(default_factory=set)
    events: list[int] = field(default_factory=list)
    found_by: set[str] = field(default_factory=set)
    organization: Organization | None = None
    about: str = ""
    """Role and days of the latest state, for telling homonyms apart."""

    @property
    def key(self) -> str:
        """Return by what a form names this person; it tells nothing to who does not know the name."""
        digest = hashlib.sha256(plain(self.name).encode()).hexdigest()[:12]
        return f"{self.model._meta.label_lower}:{self.pk}:{digest}"

    @property
    def label(self) -> str:
        return table_label(self.model)

    @property
    def masked(self) -> str:
        """Return the numbers of all states with their middle hidden, for telling homonyms apart."""
        shown = {mask_email(one) if "@" in one else mask_phone(one) for one in self.numbers}
        return listed(sorted(filter(None, shown)))

    @property
    def others(self) -> str:
        """Return the job title and the like, of all states."""
        first = len(self.data.names) + len(self.data.numbers)
        return listed(sorted({text for state in self.states for text in state[first:] if text}))

    @property
    def numbers(self) -> set[str]:
        first, last = len(self.data.names), len(self.data.names) + len(self.data.numbers)
        return {text for state in self.states for text in state[first:last] if text}

    def said(self) -> Iterator[dict[str, str]]:
        """Yield name and numbers of each state, by field."""
        told = (*self.data.names, *self.data.numbers)
        for state in sorted({state[: len(told)] for state in self.states}):
            yield dict(zip(told, state, strict=True))

    @property
    def by_number(self) -> bool:
        return NUMBER in self.found_by

    @property
    def by_name(self) -> bool:
        return NAME in self.found_by


def find(traces: Traces) -> list[Person]:
    """Return everybody whose name holds the name, or who has one of the numbers, in the order of the tables."""
    found: list[Person] = []
    for model, data in personal_tables():
        persons = _in_table(model, data, traces)
        found += sorted(persons, key=lambda one: (not one.current, one.pk))
    return found


def _in_table(model: type[Model], data: PersonalData, traces: Traces) -> Iterator[Person]:
    events = events_of(model)
    keys: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for table, key in ((model, "pk"), *([(events, "pgh_obj_id")] if events else [])):
        wanted = {*data.fields, key} - {"pk"}
        # A name in several columns stands nowhere in the row as a whole.
        several = table._base_manager.order_by("pk").values("pk", *wanted) if len(data.names) > 1 else None
        for row in several or rows_with(table, traces, *wanted):
            if by := found_by(row, data, traces):
                keys[row[key]][plain(data.name_of(row))] |= by
    for pk, names in keys.items():
        for person in of_row(model, data, pk):
            if plain(person.name) in names:
                person.found_by |= names[plain(person.name)]
                yield person


def found_by(row: dict[str, Any], data: PersonalData, traces: Traces) -> set[str]:
    """Return whether a row is found by its name, by a number, or by both."""
    written = plain(data.name_of(row)), plain("".join(row[name] or "" for name in reversed(data.names)))
    by = {NAME} if any(name in one for one in written for name in traces.names) else set()
    numbers = {number for field in data.numbers for number in numbers_in(row[field] or "")}
    return by | ({NUMBER} if numbers & traces.numbers else set())


def of_row(model: type[Model], data: PersonalData, pk: int) -> list[Person]:
    """Return everybody whom a row names or named."""
    persons: dict[str, Person] = {}
    events = events_of(model)
    told = _told_besides(model)
    sources = [(model._base_manager.filter(pk=pk).order_by("pk"), "")]
    if events:
        sources.append((events._base_manager.filter(pgh_obj_id=pk).order_by("pgh_id"), "pgh_id"))
    more = [f"{data.organization}_id"] if data.organization else []
    for rows, event in sources:
        for row in rows.values(*{*data.fields, *more, *(one.name for one in told), *filter(None, [event])}):
            name = data.name_of(row)
            person = persons.setdefault(plain(name), Person(model, data, pk, name))
            person.states.add(tuple(row[one] or "" for one in data.fields))
            if event:
                person.events.append(row[event])
            else:
                person.current = True
            if not person.current or not event:
                person.about = _besides(row, told)
            if more and person.organization is None:
                person.organization = Organization.objects.filter(pk=row[more[0]]).first()
    return list(persons.values())


def with_belonging(persons: Iterable[Person]) -> list[Person]:
    """Return the persons with the rows that go with theirs, such as the telephone of an account."""
    found = list(persons)
    chosen_rows = {(one.model, one.pk) for one in found}
    for model, data in personal_tables():
        if not data.goes_with:
            continue
        owner = model._meta.get_field(data.goes_with).related_model
        of_owners = {f"{data.goes_with}__in": [pk for of, pk in chosen_rows if of is owner]}
        keys = set(model._base_manager.filter(**of_owners).values_list("pk", flat=True))
        if events := events_of(model):
            keys |= set(events._base_manager.filter(**of_owners).values_list("pgh_obj_id", flat=True))
        found += [one for pk in sorted(keys) if (model, pk) not in chosen_rows for one in of_row(model, data, pk)]
    return found


def _told_besides(model: type[Model]) -> list[Field]:
    """Return the choices and days of a table, such as the role and the period in office."""
    fields = model._meta.concrete_fields
    return [one for one in fields if one.choices or (isinstance(one, DateField) and not isinstance(one, DateTimeField))]


def _besides(row: dict[str, Any], fields: list[Field]) -> str:
    said = []
    for one in fields:
        value = row[one.name]
        if isinstance(value, datetime.date):
            last = one.name in LAST_DAYS
            said.append(f"{_('until') if last else _('from')} {value - datetime.timedelta(days=last)}")
        elif value:
            said.append(str(dict(one.flatchoices).get(value, value)))
    return " ".join(said)


def chosen(keys: Iterable[str], persons: Iterable[Person]) -> list[Person]:
    wanted = set(keys)
    return [person for person in persons if person.key in wanted]


def shared_numbers(persons: list[Person]) -> set[str]:
    """Return the numbers that somebody else has, too, such as an office's: they are no trace of one person."""
    mine = {(person.model, person.pk, plain(person.name)) for person in persons}
    numbers = {number for person in persons for text in person.numbers for number in numbers_in(text)}
    if not numbers:
        return set()
    others: set[str] = set()
    for other in find(Traces(frozenset(), frozenset(numbers))):
        if (other.model, other.pk, plain(other.name)) not in mine:
            others |= {number for text in other.numbers for number in numbers_in(text)} & numbers
    return others
