"""Works out what the erasure of a person takes with it, in the same way for the preview and when it is done."""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

from django.contrib.sessions.models import Session
from django.db.models import Model
from django.utils.translation import gettext as _

from registry.api.access.requests import KeptAnswer
from registry.database.personal import events_of
from registry.erasure.finding import containers, disk, texts
from registry.erasure.finding.containers import FileHit
from registry.erasure.finding.persons import Person, shared_numbers, with_belonging
from registry.erasure.finding.tables import table_label
from registry.erasure.finding.texts import TextHit
from registry.erasure.finding.traces import Traces
from registry.imports.models import ImportFile
from registry.organizations.models.organizations import Organization
from registry.values.punctuation import labelled


@dataclass(frozen=True)
class HandWork:
    """Something that nobody can search: somebody has to look whether it names the person."""

    label: str
    text: str
    url: str = ""


Lister = Callable[[list[Person]], Iterator[HandWork]]
_by_hand: list[Lister] = []


def add_hand_work(lister: Lister) -> None:
    """Let a feature list what has to be looked at by somebody, such as attachments; called by the app's `ready()`."""
    _by_hand.append(lister)


@dataclass
class ErasurePlan:
    """Everything that is erased with the chosen persons. What is not certain goes only if it is chosen, too."""

    persons: list[Person]
    traces: Traces
    shared: set[str] = field(default_factory=set)
    """Numbers that somebody else has, too: they go from the rows of the person, and stay in texts."""
    texts: list[TextHit] = field(default_factory=list)
    files: list[FileHit] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    sessions: list[str] = field(default_factory=list)
    by_hand: list[HandWork] = field(default_factory=list)

    @property
    def hits(self) -> list[TextHit | FileHit]:
        return [*self.texts, *self.files]

    @property
    def certain(self) -> list[TextHit | FileHit]:
        return [hit for hit in self.hits if hit.certain]

    @property
    def uncertain(self) -> list[TextHit | FileHit]:
        rows = {hit.key for hit in self.texts}
        return [hit for hit in self.hits if not hit.certain and getattr(hit, "row", "") not in rows]

    def wanted(self, chosen: Collection[str]) -> tuple[list[TextHit], list[FileHit]]:
        """Return what goes, of texts and files, where these uncertain ones are chosen."""
        return (
            [hit for hit in self.texts if hit.certain or hit.key in chosen or hit.row in chosen],
            [hit for hit in self.files if hit.certain or hit.key in chosen],
        )

    def left(self, chosen: Collection[str]) -> int:
        """Return how many places are left for somebody to look at."""
        return sum(hit.key not in chosen for hit in self.uncertain) + len(self.by_hand)

    def tables(self) -> list[tuple[str, int, int]]:
        """Return for each table its name, and how many rows and events go for certain."""
        rows: Counter[str] = Counter()
        events: Counter[str] = Counter()
        for person in self.persons:
            rows[person.label] += person.current
            events[person.label] += len(person.events)
        for hit in self.texts:
            if hit.certain:
                (events if hit.is_event else rows)[hit.label] += 1
        for model, keys in self.whole():
            rows[table_label(model)] += len(keys)
        return [(label, rows[label], events[label]) for label in dict.fromkeys([*rows, *events])]

    def whole(self) -> Iterator[tuple[type[Model], list[object]]]:
        """Yield what goes as a whole, because it cannot be rewritten."""
        for model, keys in (
            (ImportFile, [hit.file for hit in self.files if hit.certain]),
            (KeptAnswer, self.answers),
            (Session, self.sessions),
        ):
            if keys:
                yield model, list(keys)

    @property
    def digest(self) -> str:
        """Return a digest of what the preview has shown: something else is never done unseen."""
        persons = sorted((one.key, one.current, len(one.events)) for one in self.persons)
        hits = sorted((hit.key, hit.certain) for hit in self.hits)
        return hashlib.sha256(repr((persons, hits)).encode()).hexdigest()


def plan(persons: list[Person]) -> ErasurePlan:
    """Search everything for the traces of the chosen persons."""
    persons = with_belonging(persons)
    shared = shared_numbers(persons)
    known = Traces.of((one.name for one in persons), (number for one in persons for number in one.numbers))
    traces = Traces(known.names, known.numbers - shared)
    organizations = organizations_of(persons)
    names = {name for one in organizations for name in (one.name_zh, one.name_en) if name}
    by_hand = [work for lister in _by_hand for work in lister(persons)]
    if not traces:
        return ErasurePlan(persons, traces, shared, by_hand=by_hand)
    own: set[object] = {(one.model, one.pk) for one in persons if one.current}
    own |= {(events_of(one.model), pk) for one in persons for pk in one.events}
    found = [hit for hit in texts.find(traces, organizations) if (hit.model, hit.pk) not in own]
    fixed = (hit for hit in found if hit.fixed and not hit.is_event)
    by_hand += [HandWork(hit.label, labelled(hit.columns, hit.excerpt)) for hit in fixed]
    by_hand += [HandWork(_("File on the server"), path) for path in disk.others_with(traces)]
    return ErasurePlan(
        persons,
        traces,
        shared,
        [hit for hit in found if not hit.fixed],
        list(containers.files(traces, names)),
        containers.kept_answers(traces),
        containers.sessions(traces),
        by_hand,
    )


def organizations_of(persons: list[Person]) -> set[Organization]:
    return {one.organization for one in persons if one.organization}
