"""Loads plan, townships, zones, gradings, USCC categories, size standards, standard tiers and roles from fixtures/.

`loaddata` would save every row each time, and so write history although nothing has changed.
"""

import json
from collections import Counter
from typing import Any

import pghistory
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.db.models import ForeignKey, Model

from registry.reference.models import Plan

FILES = ("plan-2019", "townships", "zones", "gradings", "uscc", "size-2017", "tiers")
ROLES = "roles"
# Decided in each installation, whatever the fixture says of a new row.
DECIDED_HERE = {"current", "disabled_on"}
# What describes a sector: given where there is nothing yet, and kept where somebody has written something better.
DESCRIPTION = ("definition", "definition_en", "definition_source")

Key = tuple[object, ...]


class Command(BaseCommand):
    help = (
        "Load the reference data. Running it again changes nothing: rows that differ are brought in line, except "
        "what an installation decides itself (which plan is current, what is disabled, added aliases and keywords, "
        "definitions of sectors, the permissions of roles)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--reset-roles", action="store_true", help="Give every role the permissions of the fixture again."
        )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        with pghistory.context(command="load_reference"):
            loader = Loader()
            for file in FILES:
                loader.load(read(file))
            for record in read(ROLES):
                difference = loader.load_role(record["fields"], reset=options["reset_roles"])
                if difference and options["verbosity"]:
                    self.stderr.write(f"{record['fields']['name']}: {difference}; --reset-roles undoes it.")
        if options["verbosity"]:
            counts = loader.counts
            self.stdout.write(
                f"new {counts['new']}, changed {counts['changed']}, unchanged {counts['unchanged']}, refused 0"
            )


def read(file: str) -> list[dict[str, Any]]:
    return json.loads((settings.BASE_DIR / "fixtures" / f"{file}.json").read_text(encoding="utf-8"))


class Loader:
    """Compares fixtures with the stored rows by natural keys, and writes only the differences."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._rows: dict[type[Model], dict[Key, Any]] = {}

    def load(self, records: list[dict[str, Any]]) -> None:
        waiting = records
        while waiting:
            # Rows that refer to rows of the same file follow in a later round, when those have their ids.
            later: list[dict[str, Any]] = []
            new: dict[type[Model], list[Model]] = {}
            for record in waiting:
                model = apps.get_model(record["model"])
                try:
                    values = self._values(model, record["fields"])
                except KeyError:
                    later.append(record)
                else:
                    new.setdefault(model, []).extend(self._compare(model, values))
            for model, rows in new.items():
                model._default_manager.bulk_create(rows)
                self._rows.pop(model, None)
            if len(later) == len(waiting):
                raise ValueError(f"A fixture refers to a row that is in none: {later[0]}")
            waiting = later

    def load_role(self, fields: dict[str, Any], *, reset: bool) -> str:
        """Create the role; an existing role keeps the permissions that this registry gave it.

        Returns the differences.
        """
        wanted = {self._stored(Permission)[tuple(key)] for key in fields["permissions"]}
        role, is_new = Group.objects.get_or_create(name=fields["name"])
        has = set(role.permissions.all())
        if (is_new or reset) and has != wanted:
            role.permissions.set(wanted)
            has = wanted
            self.counts["new" if is_new else "changed"] += 1
        else:
            self.counts["unchanged"] += 1
        differences = {"lacks": wanted - has, "has beyond the fixture": has - wanted}
        return ", ".join(
            f"{text} {', '.join(sorted(permission.codename for permission in permissions))}"
            for text, permissions in differences.items()
            if permissions
        )

    def _stored(self, model: type[Model]) -> dict[Key, Any]:
        if model not in self._rows:
            required = [field.name for field in model._meta.fields if field.is_relation and not field.null]
            rows = model._default_manager.select_related(*required) if required else model._default_manager.all()
            self._rows[model] = {row.natural_key(): row for row in rows}  # type: ignore[attr-defined]
        return self._rows[model]

    def _values(self, model: type[Model], fields: dict[str, Any]) -> dict[str, Any]:
        """Return field values with foreign keys resolved. Raises KeyError if a referenced row is not stored yet."""
        return {name: self._value(model._meta.get_field(name), value) for name, value in fields.items()}

    def _value(self, field: Any, value: Any) -> object:
        if not isinstance(field, ForeignKey):
            return field.to_python(value)
        return None if value is None else self._stored(field.related_model)[tuple(value)]

    def _compare(self, model: type[Model], values: dict[str, Any]) -> list[Model]:
        """Return a new row; a stored row that differs is changed at once."""
        row: Any = model(**values)
        stored = self._stored(model).get(row.natural_key())
        if stored is None:
            if isinstance(row, Plan):
                row.current = row.current and not any(plan.current for plan in self._stored(Plan).values())
            self.counts["new"] += 1
            return [row]
        if any(getattr(stored, name, "") for name in DESCRIPTION[:2]):
            values = {name: value for name, value in values.items() if name not in DESCRIPTION}
        changed = [name for name, value in values.items() if self._differs(model._meta.get_field(name), stored, value)]
        if changed:
            stored.save(update_fields=changed)
        self.counts["changed" if changed else "unchanged"] += 1
        return []

    def _differs(self, field: Any, stored: Model, value: object) -> bool:
        """Change the stored row and return True if it differs. Values that were added to a list here are kept."""
        if field.name in DECIDED_HERE:
            return False
        old = getattr(stored, field.attname)
        if isinstance(value, list):
            value = [*value, *(item for item in old if item not in value)]
        elif isinstance(value, Model):
            value = value.pk
        if old == value:
            return False
        setattr(stored, field.attname, value)
        return True
