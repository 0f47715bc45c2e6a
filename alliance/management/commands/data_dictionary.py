"""Writes the data dictionary from the definitions of the columns: label, content and permissions of each.

It needs no database: for reference data it names their files, since each registry adds its own.
"""

import json
from argparse import ArgumentParser
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db.models import DateField, Field, Model, TextField
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alliance.applications.imports.applications import application_columns
from alliance.management.commands.import_council import KINDS
from alliance.members.columns import MEMBERSHIP_COLUMNS
from alliance.members.imports.columns import file_only
from alliance.members.imports.tiers import Tiers
from alliance.models import Application, Membership
from alliance.papers.columns import INTERNAL_ROSTER_COLUMNS
from alliance.views.public import PublicMemberViewSet
from registry import spreadsheet
from registry.accounts.roles import role_label
from registry.columns import Column, in_wan
from registry.database.permission_names import permission
from registry.erasure import processing
from registry.imports import import_tables
from registry.imports.pipeline.columns import IDENTIFIER_COLUMNS, FileColumn, labels_of, stored_field
from registry.imports.tables import child_tables, organizations
from registry.organizations.columns.organizations import ORGANIZATION_COLUMNS
from registry.organizations.columns.parts import FIGURES_COLUMNS, QUALIFICATION_COLUMNS
from registry.organizations.models.confidential import AnnualFigures
from registry.organizations.models.details import Qualification
from registry.organizations.models.organizations import Organization
from registry.values.punctuation import clauses, listed
from registry.views import PublicOrganizationViewSet

_FILE_ONLY = {
    "nature": gettext_lazy("A kind, a category, or the type on the licence: what it says decides which."),
    "renamed_on": gettext_lazy("The first day of the name in the file, where it replaces another."),
    "township_and_address": gettext_lazy("The township is read from the beginning, the whole is the address."),
    "name_en": gettext_lazy("Finds the organization."),
    "identifiers": gettext_lazy("Finds the organization."),
    "joined_on": gettext_lazy("The first day of the unbroken membership, whatever tiers it had."),
    "changed_on": gettext_lazy("The first day of the tier in the row, where the member had another one before."),
    "valid_until": gettext_lazy("The last day on which the membership still holds."),
    "new_tier": gettext_lazy("The tier that holds from the day of a change."),
    "last_day": gettext_lazy("The last day, in place of the day after."),
    "put_off_to": gettext_lazy("The last day of a term that was put off, in place of the day after."),
    "uscc": gettext_lazy("Finds the organization."),
    "outgoing": gettext_lazy("What went out by the bank's list: such a line is passed over."),
    "alliance": gettext_lazy("The alliance of the import; rows of another one are refused."),
    "meeting_name": gettext_lazy(
        "The meeting in one cell, instead of body, term and number, for example 第三届理事会第二次会议."
    ),
    "tier": gettext_lazy("The tier that is applied for."),
    "applied_on": gettext_lazy("The day that stands on the form; without it, today."),
    "old_tier": gettext_lazy("The tier that held until the day of a change."),
}
_REFERENCE_DATA = {
    "township": "townships.json",
    "zone": "zones.json",
    "sectors": "plan-2019.json",
    "organization_sectors": "plan-2019.json",
    "qualifications": "gradings.json",
    "grading": "gradings.json",
    "tier": "tiers.json",
}
"""Name of a column -> the file with the reference data that its values name."""


@dataclass(frozen=True)
class Described:
    """One table of the dictionary."""

    name: str
    label: str | Promise
    about: str | Promise
    columns: Sequence[Column]
    models: Sequence[type[Model]]
    """The models with the fields of the columns, the nearest first."""
    permission: str
    public: Collection[str] = ()
    """Names of the columns that are public."""
    file_only: Sequence[FileColumn] = ()


def described() -> list[Described]:
    """Return the tables that can be imported, in their order, and the roster, which is only exported."""
    parts = child_tables.FILE_ONLY
    members = PublicMemberViewSet.column_names
    tables: dict[str, tuple[Any, ...]] = {
        "organizations": (
            ORGANIZATION_COLUMNS,
            [Organization],
            "registry.view_organization",
            PublicOrganizationViewSet.column_names,
            organizations.FILE_ONLY,
        ),
        "figures": (FIGURES_COLUMNS, [AnnualFigures], "registry.view_annualfigures", (), parts),
        "qualifications": (QUALIFICATION_COLUMNS, [Qualification], "registry.view_qualification", (), parts),
        "memberships": (
            MEMBERSHIP_COLUMNS,
            [Membership, Organization],
            "alliance.view_membership",
            members,
            file_only(Tiers(None, create=False)),
        ),
    }
    # Beside them, such a file has every column of organizations.
    asked = application_columns(spreadsheet.parse_line, Tiers(None, create=False))
    tables["applications"] = ((), [Application, Organization], "alliance.view_application", (), asked)
    for kind in KINDS:
        listed = [column for column in kind.shown if column.name not in kind.more_staged]
        tables[kind.TABLE] = (listed, [kind.model], permission("view", kind.model), (), kind.file_only())
    found = [
        Described(table.name, table.label, table.about, *tables[table.name]) for table in import_tables.everything()
    ]
    about = gettext_lazy("The members of an alliance on a day, to be handed out; exported, never imported.")
    roster = (INTERNAL_ROSTER_COLUMNS, [Membership, Organization], "alliance.view_membership", (*members, "name"))
    return [*found, Described("roster", gettext_lazy("Roster of members"), about, *roster)]


class Command(BaseCommand):
    help = "Writes the data dictionary and the list of personal data, in English and Chinese, from the columns."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="where data-dictionary.md and zh/data-dictionary.md are written")

    def handle(self, *args: Any, **options: Any) -> None:
        for language, folder in (("en", options["folder"]), ("zh-hans", options["folder"] / "zh")):
            folder.mkdir(parents=True, exist_ok=True)
            with translation.override(language):
                (folder / "data-dictionary.md").write_text(dictionary(), encoding="utf-8")
                (folder / "personal-data.md").write_text(processing.markdown(_roles_with), encoding="utf-8")


def dictionary() -> str:
    """Return the dictionary in the active language, as Markdown."""
    lines = [
        f"# {_('Data dictionary')}",
        _("Written by `make schema` from the definitions of the columns, which lists, files, forms and API share."),
        _(
            "The name is used by the API and by `--column` and `--constant` of the import commands. A file has the "
            "label as its header, in either language, or one of the other headers; remarks in brackets and units are "
            "ignored."
        ),
        _(
            "A blank cell changes nothing. Of a choice a cell may have the code or the label in either language; of "
            "reference data the code, a name or an alias."
        ),
        _(
            "Files that only look organizations up also take the columns `identifier_...` of organizations. The "
            "roster and columns marked “only written” are exported and never imported; columns marked “only read” "
            "are never exported."
        ),
        _("Collection rounds have no columns of their own: their workbooks have the columns of the annual figures."),
    ]
    for table in described():
        lines += [f"## {table.label}", str(table.about), "\n".join(_table(table))]
    return "\n\n".join(filter(None, lines)) + "\n"


def _table(table: Described) -> Iterator[str]:
    titles = [_("Label in files"), _("Name in the API"), _("Value"), _("Needed"), _("Seen by"), _("Other headers")]
    yield _line(titles)
    yield _line(["---"] * len(titles))
    for column in table.columns:
        labels, hint = labels_of(column), column.hint if column.in_file else None
        need = _("optional") if column.in_file else _("not in files")
        if column.only_written or table.name == "roster":
            need = _("only written")
        if hint and hint.required:
            need = _("required") if hint.required is True else str(hint.required)
        seen = _seen(column.permission or table.permission, column.name in table.public)
        yield _line([_both(labels), f"`{column.name}`", _value(table, column), need, seen, listed(labels[2:])])
    for extra in table.file_only:
        if extra.name in IDENTIFIER_COLUMNS and table.name != "organizations":
            continue  # the same everywhere
        note = _FILE_ONLY.get(extra.name) or _("The value alone.")
        value = [_("a day") if extra.sql_type == "date" else "", str(note)]
        first, *others = extra.labels
        yield _line([first, f"`{extra.name}`", _sentences(value), _("optional"), _("only read"), listed(others)])


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in cells) + " |"


def _both(labels: Sequence[str]) -> str:
    """Return the label in the active language and then in the other language."""
    languages = [code for code, _name in settings.LANGUAGES]
    first = languages.index(translation.get_language() or languages[0])
    return f"{labels[first]} / {labels[1 - first]}"


def _seen(permission: str, public: bool) -> str:
    if public:
        return _("everybody, once published")
    may = _roles_with(permission)
    return _("all roles") if len(may) == len(_roles()) else listed(map(role_label, may))


@cache
def _roles() -> dict[str, set[tuple[str, str]]]:
    """Return for each role its permissions, as pairs of app and codename."""
    roles = json.loads((settings.BASE_DIR / "fixtures" / "roles.json").read_text(encoding="utf-8"))
    return {
        role["fields"]["name"]: {(app, code) for code, app, _model in role["fields"]["permissions"]} for role in roles
    }


def _roles_with(name: str) -> list[str]:
    app, _dot, codename = name.partition(".")
    return [role for role, permissions in _roles().items() if (app, codename) in permissions]


def _value(table: Described, column: Column) -> str:
    """Describe the cells of a column: kind, limits, the help in the template, an example."""
    field = next(filter(None, (stored_field(model, column.name) for model in table.models)), None)
    hint = column.hint
    said = [_kind(column, field), str(hint.note) if hint else ""]
    if hint and hint.example:
        said.append(_("For example: %(example)s") % {"example": f"`{hint.example}`"})
    return _sentences(said)


def _kind(column: Column, field: Field | None) -> str:
    if file := _REFERENCE_DATA.get(column.name):
        return _("reference data of %(file)s") % {"file": f"`fixtures/{file}`"}
    if column.write is in_wan:
        return _("number, in the API in yuan")
    if "enum" in column.schema and field is not None:
        choices = (f"`{code}` {label}" for code, label in field.flatchoices if code)
        return _("one of: %(choices)s") % {"choices": clauses(choices)}
    if column.schema.get("format") in ("date", "date-time") or isinstance(field, DateField):
        return _("a day and time") if column.schema.get("format") == "date-time" else _("a day")
    types = column.schema.get("type", "string")
    kinds = {"integer": _("number"), "number": _("number"), "boolean": _("yes or no")}
    if kind := next((kinds[one] for one in kinds if one == types or one in types), ""):
        return kind
    text = _("text of several lines") if isinstance(field, TextField) else _("text")
    limit = column.max_length
    if limit is None and not column.parse and not column.make_parse:  # which may make short codes of long names
        limit = getattr(field, "max_length", None)
    return _("%(text)s, at most %(limit)d characters") % {"text": text, "limit": limit} if limit else text


def _sentences(parts: Iterable[str]) -> str:
    said = [part if part.endswith((".", "。")) else _("%(text)s.") % {"text": part} for part in parts if part]
    return " ".join(said).replace("。 ", "。")
