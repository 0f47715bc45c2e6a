"""Erases a person, in one transaction, and records that somebody was erased: when, by whom, from which tables."""

import uuid
from collections import Counter
from collections.abc import Collection
from typing import Any

import pghistory
from django.apps import apps
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils.translation import gettext as _
from psycopg.errors import InsufficientPrivilege

from registry.accounts.rights import is_last_administrator
from registry.api.access.requests import KeptAnswer
from registry.database.personal import events_of
from registry.erasure import listed, narrow
from registry.erasure.finding import texts
from registry.erasure.finding.persons import Person, of_row
from registry.erasure.finding.tables import table_label
from registry.erasure.finding.texts import TextHit
from registry.erasure.finding.traces import MARK, plain
from registry.erasure.listed import ErasedLine, line_of
from registry.erasure.models import Erasure, Ground
from registry.erasure.plan import ErasurePlan, organizations_of
from registry.erasure.wording import OF_THE_OWNER
from registry.imports.models import ImportFile
from registry.security import events as security
from registry.security.models import EventKind
from registry.values.people import Account


def refusals(persons: Collection[Person], by: Account | None) -> list[str]:
    """Return why these persons cannot be erased."""
    told = []
    for person in persons:
        if person.model is not User or not person.current:
            continue
        account = User.objects.get(pk=person.pk)
        if by is not None and by.pk == account.pk:
            told.append(_("Nobody erases the account that they are logged in with: another administrator does."))
        elif is_last_administrator(account):
            told.append(_("This is the account of the last administrator: make another one first."))
    return told


def erase(
    plan: ErasurePlan, *, chosen: Collection[str], ground: str, who: dict[str, Any], listed_as: str = ""
) -> Erasure:
    """Erase what the plan has found for certain, and of the rest what is chosen; `who` is what `by_whom()` returns.

    With `listed_as` the list of erasures knows it already, by that key. Raises ValidationError if the persons cannot
    be erased.
    """
    if not plan.persons:
        raise ValidationError(_("Choose who is meant."))
    if told := refusals(plan.persons, who.get("user")):
        raise ValidationError(told)
    size = None
    try:
        with transaction.atomic(), pghistory.context(operation="erase_person"), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            erasing = _Erasing(uuid.UUID(listed_as) if listed_as else uuid.uuid4())
            erasing.persons(plan.persons)
            erasing.rest(plan, chosen)
            record = Erasure.objects.create(
                key=erasing.key,
                user=who.get("user"),
                channel=who["channel"],
                ground=ground,
                tables=dict(erasing.counts),
                left=0 if ground == Ground.RESTORED else plan.left(chosen),
            )
            security.record(EventKind.ERASE, by=who.get("user"), erasure=str(erasing.key), ground=ground)
            # Before the commit: a person who is erased and not on the list would come back with a backup.
            if not listed_as:
                size = listed.add(erasing.lines)
    except BaseException as error:
        if size is not None:
            _cut(size)
        if isinstance(error.__cause__, InsufficientPrivilege):
            raise ValidationError(OF_THE_OWNER) from error
        raise
    return record


def _cut(size: int) -> None:
    with listed.place().open("r+b") as file:
        file.truncate(size)


class _Erasing:
    """The steps of one erasure, which count what goes and make the lines of the list."""

    def __init__(self, key: uuid.UUID) -> None:
        self.key = key
        self.counts: Counter[str] = Counter()
        self.lines: list[ErasedLine] = []

    def persons(self, persons: Collection[Person]) -> None:
        for person in persons:
            label = person.model._meta.label
            self.lines += [line_of(self.key, label, person.pk, said) for said in person.said()]
            if person.current:
                self._remove(person)
                self.counts[label] += 1
            if events := events_of(person.model):
                # Removing the row has made one more.
                again = of_row(person.model, person.data, person.pk)
                found = [pk for one in again if plain(one.name) == plain(person.name) for pk in one.events]
                self.counts[events._meta.label] += narrow.redact(events, found, person.data)

    def _remove(self, person: Person) -> None:
        """Delete the row; empty it where other rows refer to it."""
        rows = person.model._base_manager.filter(pk=person.pk)
        if person.model is User:
            account = User.objects.select_for_update().get(pk=person.pk)
            account.username, account.is_active = f"erased-{account.pk}", False
            account.first_name = account.last_name = account.email = ""
            account.set_unusable_password()
            account.save()
        elif person.data.emptied:
            rows.update(**narrow.emptied(person.model, person.data))
        else:
            try:
                with transaction.atomic():
                    rows.get().delete()
            except (ProtectedError, RestrictedError):
                rows.update(**narrow.emptied(person.model, person.data))

    def rest(self, plan: ErasurePlan, chosen: Collection[str]) -> None:
        """Blacken texts, and delete what cannot be rewritten."""
        wanted, files = plan.wanted(chosen)
        for hit in wanted:
            self._blacken(plan, hit)
        for file in files:
            self.lines.append(line_of(self.key, ImportFile._meta.label, file.file))
        for model, keys in (
            (ImportFile, [file.file for file in files]),
            (KeptAnswer, plan.answers),
            (Session, plan.sessions),
        ):
            if keys:
                model._base_manager.filter(pk__in=keys).delete()
                self.counts[model._meta.label] += len(keys)
        # What the statements above have made anew: the events of blackened rows hold only the new text, but triggers
        # may note the old one.
        known = {hit.key for hit in plan.texts}
        for hit in list(texts.find(plan.traces, organizations_of(plan.persons))):
            if hit.certain and hit.key not in known and not hit.fixed:
                self._blacken(plan, hit)

    def _blacken(self, plan: ErasurePlan, hit: TextHit) -> None:
        values = {name: _fitting(hit, name, plan.traces.blacken(value)) for name, value in hit.values.items()}
        try:
            with transaction.atomic():
                narrow.rewrite(hit.model, hit.pk, **values)
        except IntegrityError:  # two rows that differed by the person alone
            apart = {
                name: _fitting(hit, name, f"{MARK}{hit.pk}") for name, value in values.items() if isinstance(value, str)
            }
            narrow.rewrite(hit.model, hit.pk, **values | apart)
        self.counts[hit.model._meta.label] += 1
        self.lines.append(line_of(self.key, hit.model._meta.label, hit.pk))


def _fitting(hit: TextHit, name: str, value: object) -> object:
    """Return the value, not longer than its column: MARK may be longer than a short name."""
    longest = getattr(hit.model._meta.get_field(name), "max_length", None)
    return value[:longest] if isinstance(value, str) and longest else value


def label_counts(erasure: Erasure) -> list[tuple[str, int]]:
    """Return the tables of a record by their names for people."""
    found: Counter[str] = Counter()
    for label, count in erasure.tables.items():
        model = apps.get_model(label)
        name = table_label(model)
        found[_("%(table)s (history)") % {"table": name} if hasattr(model, "pgh_tracked_model") else name] += count
    return list(found.items())
