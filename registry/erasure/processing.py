"""The list of personal data (个人信息处理清单), made from the declarations of tables and columns."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import Group, User
from django.db.models import Model, Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from registry.accounts.roles import role_label
from registry.columns import Column
from registry.database.permission_names import permission
from registry.database.personal import PersonalData, events_of, personal_tables
from registry.disclosure.models import REVEAL
from registry.values.masking import masks_of
from registry.values.punctuation import listed

Seeing = Callable[[str], Sequence[str]]
"""Returns the roles that have a permission."""
_columns: list[Callable[[], Sequence[Column]]] = []


def add_columns(source: Callable[[], Sequence[Column]]) -> None:
    """Let the list say which columns of lists and files show persons; called by the app's `ready()`."""
    _columns.append(source)


@dataclass(frozen=True)
class ProcessingEntry:
    """One line of the list: a table that holds personal data."""

    table: str
    subjects: str
    fields: list[str]
    shown_as: list[str]
    """The labels of the columns of lists and files that come from the table."""
    purpose: str
    ground: str
    seen_by: list[str]
    in_full_by: list[str]
    """Who may see numbers in full, which is logged; empty where the table has none that are masked."""
    kept: str
    copies: list[str]
    erased: str


def register(seeing: Seeing | None = None) -> list[ProcessingEntry]:
    """Return the list in the active language; roles are read from the database, unless others are given."""
    return [_entry(model, data, seeing or stored_roles) for model, data in personal_tables()]


def stored_roles(name: str) -> list[str]:
    app, _dot, codename = name.partition(".")
    holds = Q(permissions__content_type__app_label=app, permissions__codename=codename)
    return list(Group.objects.filter(holds).order_by("pk").values_list("name", flat=True).distinct())


def _entry(model: type[Model], data: PersonalData, seeing: Seeing) -> ProcessingEntry:
    view = permission("view", model)
    masked = masks_of(model)
    labels = {name: str(getattr(model._meta.get_field(name), "verbose_name", name)) for name in data.fields}
    in_full = [role for role in seeing(REVEAL) if role in seeing(view)] if masked else []
    return ProcessingEntry(
        table=capfirst(str(model._meta.verbose_name)),
        subjects=str(data.subjects),
        fields=[_("%(field)s (masked)") % {"field": labels[one]} if one in masked else labels[one] for one in labels],
        shown_as=list(_shown_as(view)),
        purpose=str(data.purpose),
        ground=str(data.ground),
        seen_by=[role_label(role) for role in seeing(view)] or [_("nobody by a role of its own")],
        in_full_by=[role_label(role) for role in in_full],
        kept=str(data.kept),
        copies=list(_copies(model)),
        erased=_erased(model, data),
    )


def _erased(model: type[Model], data: PersonalData) -> str:
    if model is User:
        return _("the fields are emptied, the account is closed")
    return _("the fields are emptied, the row stays") if data.emptied else _("the row is deleted")


def _shown_as(view: str) -> Iterator[str]:
    known: set[str] = set()
    for source in _columns:
        for column in source():
            if column.permission == view and (label := str(column.label)) not in known:
                known.add(label)
                yield label


def _copies(model: type[Model]) -> Iterator[str]:
    if events_of(model):
        yield _("history")
        yield _("uploaded files and rows of imports")
        yield _("kept answers of the API (one day)")
    yield _("backups")


def markdown(seeing: Seeing) -> str:
    """Return the list in the active language, as the documentation has it."""
    lines = [
        f"# {_('List of personal data')}",
        _("Written by `make schema` from the declarations of tables and columns."),
    ]
    for entry in register(seeing):
        lines += [f"## {entry.table}", "\n".join(f"| {label} | {value} |" for label, value in _rows(entry))]
    return "\n\n".join(lines) + "\n"


def _rows(entry: ProcessingEntry) -> Iterator[tuple[str, str]]:
    yield "", ""
    yield "---", "---"
    yield from said(entry)


def said(entry: ProcessingEntry) -> Iterator[tuple[str, str]]:
    """Yield what is said of a table: label and text."""
    yield _("Whose data"), entry.subjects
    yield _("What"), listed(entry.fields)
    if entry.shown_as:
        yield _("Columns of lists and files"), listed(entry.shown_as)
    yield _("What for"), entry.purpose
    yield _("Legal ground"), entry.ground
    yield _("Seen by"), listed(entry.seen_by)
    if entry.in_full_by:
        yield _("Numbers in full, logged"), listed(entry.in_full_by)
    yield _("Public"), _("never")
    yield _("How long"), entry.kept
    yield _("Copies"), listed(entry.copies)
    yield _("When a person is erased"), entry.erased
