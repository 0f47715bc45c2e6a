"""Erases again, after a restore, the people erased since the backup was made; and says what the list does not know."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry.database.personal import PersonalData, personal_tables
from registry.disclosure.models import Channel
from registry.erasure import listed, storage
from registry.erasure.erasing import erase
from registry.erasure.finding import disk
from registry.erasure.finding.persons import Person, of_row
from registry.erasure.listed import ErasedLine
from registry.erasure.models import Erasure, Ground
from registry.erasure.plan import plan


@dataclass
class Again:
    """The number of people erased again, and what the operator is to read about it."""

    erased: int
    told: list[str]


def erase_again() -> Again:
    """Erase all who are on the list and still here. Raises BadListError."""
    by_erasure: dict[str, list[ErasedLine]] = defaultdict(list)
    for line in listed.lines():
        by_erasure[line.erasure].append(line)
    told = list(unlisted(set(by_erasure)))
    erased, left, tables = 0, 0, set()
    for of_one in by_erasure.values():
        persons = _persons(of_one)
        if not persons:
            continue
        found = plan(persons)
        chosen = {f"{line.table.lower()}:{line.key}" for line in of_one if not line.hash}
        who = {"user": None, "channel": Channel.COMMAND}
        record = erase(found, chosen=chosen, ground=Ground.RESTORED, who=who, listed_as=of_one[0].erasure)
        told += disk.blacken_logs(found.traces)
        tables |= set(record.tables)
        erased += 1
        left += sum(hit.key not in chosen for hit in found.uncertain)
    if erased:
        told.append(
            ngettext(
                "%(count)d person was erased again, by the list of erasures.",
                "%(count)d persons were erased again, by the list of erasures.",
                erased,
            )
            % {"count": erased}
        )
        told += storage.rewrite(sorted(tables))
    if left:
        told.append(
            ngettext(
                "%(count)d text holds a name of somebody erased, perhaps as that of somebody else: it stays.",
                "%(count)d texts hold a name of somebody erased, perhaps as that of somebody else: they stay.",
                left,
            )
            % {"count": left}
        )
    return Again(erased, told)


def unlisted(known: set[str]) -> Iterator[str]:
    """Yield what is wrong if the database knows of erasures that are not on the list here."""
    recorded = Erasure.objects.exclude(ground=Ground.RESTORED).values_list("key", flat=True)
    missing = {str(key) for key in recorded} - known
    if missing:
        yield _(
            "The list of erasures %(path)s lacks %(count)d of the erasures that the database records. Copy it from the "
            "place where it was, or from its copy, and run manage.py erase_person --again before the site is opened: "
            "an older backup brings back who is not on it."
        ) % {"path": listed.place(), "count": len(missing)}
    elif not listed.place().exists():
        yield _(
            "There is no list of erasures (%(path)s): nobody is erased again. If persons were erased since this "
            "backup, copy the list there and run manage.py erase_person --again before the site is opened."
        ) % {"path": listed.place()}


def _persons(lines: list[ErasedLine]) -> list[Person]:
    """Return those whom the rows of the list name here, as they did when they were erased."""
    data: dict[str, tuple[type, PersonalData]] = {model._meta.label: (model, one) for model, one in personal_tables()}
    wanted: dict[tuple[str, str], list[ErasedLine]] = defaultdict(list)
    for line in lines:
        if line.hash and line.table in data:
            wanted[line.table, line.key].append(line)
    found = []
    for (table, key), hashed in wanted.items():
        for person in of_row(*data[table], int(key)):
            if any(line.is_of(said) for said in person.said() for line in hashed):
                found.append(person)
    return found
