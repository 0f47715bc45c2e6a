"""Tells the history of a record in words: one renderer for the pages of the staff and for the API.

An event is one row that was entered, changed or removed. Events of one request, or else of one transaction, are what
somebody did in one go: a group.
"""

import datetime
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.db import models
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from registry.history.events import Part, RowEvent, row_events, users_of
from registry.history.shown import Difference, ShownFields, kind_of_row
from registry.imports.models import ImportBatch
from registry.organizations.models.reach import reach_of
from registry.values.people import Account, person_name
from registry.values.punctuation import clauses, labelled, phrases

Key = tuple[str, str, int]
"""Moment, table and number of an event, which order all events."""
LABELS = {"insert": gettext_lazy("entered"), "update": gettext_lazy("changed"), "delete": gettext_lazy("removed")}
OPERATIONS: dict[str, str | Promise] = {
    "admit": gettext_lazy("admission"),
    "change_tier": gettext_lazy("change of tier"),
    "end": gettext_lazy("end of membership"),
    "cancel_end": gettext_lazy("end of membership cancelled"),
    "correct": gettext_lazy("correction"),
    "rename": gettext_lazy("renaming"),
    "change_council": gettext_lazy("change of council"),
    "undo_change_council": gettext_lazy("undoing of a change of council"),
    "call_meeting": gettext_lazy("entry of a meeting"),
    "change_meeting": gettext_lazy("change of a meeting"),
    "recount_meeting": gettext_lazy("new count of those called"),
    "sign_in": gettext_lazy("sign-in to a meeting"),
    "record_decision": gettext_lazy("record of a decision"),
    "correct_decision": gettext_lazy("correction of a decision"),
    "set_rules": gettext_lazy("rules of decisions"),
    "suspend": gettext_lazy("suspension"),
    "resume": gettext_lazy("end of suspension"),
    "succeed": gettext_lazy("succession after a merger"),
    "issue_certificates": gettext_lazy("issue of certificates"),
    "record_certificate": gettext_lazy("record of a certificate"),
    "end_certificate": gettext_lazy("end of a certificate"),
    "return_certificate": gettext_lazy("return of a certificate"),
    "bulk": gettext_lazy("change of many at once"),
    "import": gettext_lazy("import"),
    "undo_import": gettext_lazy("undoing of an import"),
    "undo": gettext_lazy("undoing"),
    "suggestion": gettext_lazy("suggested sectors"),
    "round": gettext_lazy("collection round"),
    "verify": gettext_lazy("verification"),
    "merge": gettext_lazy("merging of two records"),
    "undo_merge": gettext_lazy("undoing of a merger"),
    "judge_pair": gettext_lazy("comparison of two records"),
    "withdraw": gettext_lazy("withdrawal of an entry"),
}
_LONGEST = 200
_NUMBER_RE = re.compile(r"[-\d][\d.,:/ -]*%?")


@dataclass(frozen=True, slots=True)
class Event:
    when: datetime.datetime
    who: str
    """Who did it; empty where no account is known."""
    operation: str | Promise
    """Names a page, the API, an import or an operation by which it was done."""
    what: str
    """The kind of row."""
    label: str
    """`insert`, `update` or `delete`."""
    differences: list[Difference]
    batch: int | None = None
    """The import that wrote the row, or that was undone."""
    on_page: bool = False
    row_name: str = ""
    """The name of the row among the others below the record; empty for the record itself."""
    named_by: frozenset[str] = frozenset()
    """The labels of the fields that `row_name` has said already."""
    group: str = ""
    key: Key = ("", "", 0)
    row: RowEvent | None = None
    shown: ShownFields | None = None
    by: str | None = None
    """The user name."""
    reason: str = ""
    """Why it was done, as the person said."""

    @property
    def verb(self) -> str | Promise:
        return LABELS[self.label]

    def lines(self) -> list[str]:
        """Return what happened, without who and when: a line for each field of the record, and for each row below."""
        if self.label != "update":
            return [self._of_row()]
        changes = [_change(one) for one in self.differences]
        if not self.row_name:
            return changes
        return [_("changed %(row)s: %(changes)s") % {"row": self.row_name, "changes": phrases(changes)}]

    def text(self) -> str:
        """Return the event as one sentence."""
        did = phrases(self.lines()) or _("changed %(row)s") % {"row": self.what}
        who, way = _apart(self.who or _("the system")), _apart(str(self.operation))
        said = {"when": moment(self.when), "who": who, "did": did, "way": way}
        plain = self.on_page or not self.operation
        text = _("%(when)s, %(who)s %(did)s") if plain else _("%(when)s, %(who)s %(did)s, by way of %(way)s")
        told = _tidy(text % said)
        return _("%(event)s; reason: %(reason)s") % {"event": told, "reason": self.reason} if self.reason else told

    def _of_row(self) -> str:
        told = [one for one in self.differences if one.field not in self.named_by]
        values = clauses(labelled(d.field, _short(d.new or d.old)) for d in told)
        said = {"row": self.row_name or self.what, "values": values}
        if self.label == "insert":
            return _("added %(row)s (%(values)s)") % said if values else _("added %(row)s") % said
        return _("removed %(row)s (%(values)s)") % said if values else _("removed %(row)s") % said


def _change(one: Difference) -> str:
    if not one.old:
        return _("filled in %(field)s: %(new)s") % {"field": one.field, "new": _short(one.new)}
    said = {"field": one.field, "old": _quoted(one.old), "new": _quoted(one.new)}
    if not one.new:
        return _tidy(_("emptied %(field)s, which was %(old)s") % said)
    return _tidy(_("changed %(field)s from %(old)s to %(new)s") % said)


def _short(text: str) -> str:
    return Truncator(" ".join(text.split())).chars(_LONGEST)


def _quoted(text: str) -> str:
    """Return a number or day between blanks, and any other text in quotation marks."""
    return f" {text} " if _NUMBER_RE.fullmatch(text) else f"“{_short(text)}”"


def _apart(text: str) -> str:
    """Return the text with a blank behind it if it ends in a Latin letter or a digit: Chinese text may follow."""
    return f"{text} " if text[-1:].isascii() and text[-1:].isalnum() else text


def _tidy(text: str) -> str:
    return re.sub(" {2,}", " ", text).strip()


def day_words(day: datetime.date) -> str:
    back = (localdate() - day).days
    return {0: _("today"), 1: _("yesterday")}.get(back, day.isoformat())


def moment(when: datetime.datetime) -> str:
    return f"{day_words(when.date())} {when:%H:%M}"


# --- What somebody did in one go


@dataclass(slots=True)
class EventGroup:
    """Events of one request or transaction, oldest first."""

    of: str
    """The kind of the record whose history it is."""
    events: list[Event] = field(default_factory=list)

    @property
    def first(self) -> Event:
        return self.events[0]

    @property
    def when(self) -> datetime.datetime:
        return max(event.when for event in self.events)

    @property
    def change(self) -> str:
        """Return the history context of the operation; empty for what was written past the registry."""
        row = self.first.row
        return str(row.row["pgh_context_id"] or "") if row else ""

    def lines(self) -> list[str]:
        return [line for event in self.events for line in event.lines()]

    def heading(self) -> str:
        """Return who did what to the record: entered it, removed it, or changed so many things."""
        count = len(self.lines())
        said = {"who": self.first.who or _("the system"), "what": self.of, "count": count}
        labels = {event.label for event in self.events if not event.row_name}
        if "delete" in labels:
            return _("%(who)s removed this record: %(what)s") % said
        if "insert" in labels:
            return _("%(who)s entered this record: %(what)s") % said
        return (
            ngettext(
                "%(who)s changed the record in %(count)d place: %(what)s",
                "%(who)s changed the record in %(count)d places: %(what)s",
                count,
            )
            % said
        )


def days_of(events: Sequence[Event], model: type[models.Model]) -> list[tuple[str, list[EventGroup]]]:
    """Return pairs of a day and the operations of that day, the latest first; the events are given latest first."""
    groups: dict[str, EventGroup] = {}
    for event in events:
        groups.setdefault(event.group, EventGroup(kind_of_row(model))).events.insert(0, event)
    days: dict[datetime.date, list[EventGroup]] = {}
    for group in groups.values():
        group.events.sort(key=lambda event: event.row_name != "")  # the record itself before what is below it
        days.setdefault(group.when.date(), []).append(group)
    return [(" ".join(dict.fromkeys((day_words(day), day.isoformat()))), found) for day, found in days.items()]


# --- Events


def events_of(parts: Sequence[Part], pk: int, user: Account) -> list[Event]:
    """Return all events of a record and of its parts, latest first.

    The number of queries depends on the parts, not on the events.
    """
    found = [(model, lookup, row_events(model, lookup, pk)) for model, lookup in parts]
    rows = [event for _model, _lookup, events in found for event in events]
    people = users_of(rows)
    seen = visible_imports({event.context["batch"] for event in rows if event.context.get("batch")}, user)
    told = [event for model, lookup, events in found for event in told_events(model, lookup, events, people, seen)]
    return sorted(told, key=lambda event: event.key, reverse=True)


def for_people(events: Iterable[Event]) -> list[Event]:
    """Return the events without updates that changed nothing that people see."""
    return [event for event in events if event.differences or event.label != "update"]


def for_programs(events: Iterable[Event]) -> Iterator[tuple[Key, dict[str, Any]]]:
    """Yield key and JSON of each event; `changes` maps a field to its values before and after."""
    for event in events:
        if event.row is None or event.shown is None:
            continue
        context, changes = event.row.context, event.shown.changes(event.row.old, event.row.new)
        if changes or event.label != "update":
            yield (
                event.key,
                {
                    "at": event.key[0],
                    "by": event.by,
                    "operation": context.get("operation") or context.get("command"),
                    "reason": event.reason or None,
                    "request_id": context.get("request_id"),
                    "group": event.group,
                    "table": event.key[1],
                    "id": event.row.row["pgh_obj_id"],
                    "event": event.label,
                    "text": event.text(),
                    "changes": changes,
                },
            )


def told_events(
    model: type[models.Model],
    lookup: str,
    found: list[RowEvent],
    people: Mapping[int | None, User],
    imports: Collection[int],
) -> Iterator[Event]:
    """Yield the events of rows of one table; `lookup` leads from them to the record that they belong to."""
    shown = ShownFields(model, [event.row for event in found], leave_out=lookup.partition("__")[0])
    table, what, own = str(model._meta.model_name), kind_of_row(model), lookup == "pgh_obj"
    for event in found:
        row, context, old, new = event
        row_name, named_by = ("", set()) if own else shown.row_name(new or old)
        user, when, batch = people.get(context.get("user")), localtime(row["pgh_created_at"]), context.get("batch")
        yield Event(
            when=when,
            who=person_name(user) if user else "",
            operation=way_of(context, batch in imports),
            what=what,
            label=row["pgh_label"],
            differences=list(shown.differences(old, new, row["pgh_label"])),
            batch=batch if batch in imports else None,
            on_page="url" in context and not _by_program(context) and context.get("operation") not in OPERATIONS,
            row_name=_short(row_name),
            named_by=frozenset(named_by),
            group=str(row["pgh_context_id"] or when.isoformat()),
            key=(when.isoformat(), table, row["pgh_id"]),
            row=event,
            shown=shown,
            by=user.get_username() if user else None,
            reason=str(context.get("reason") or ""),
        )


def visible_imports(ids: set[int], user: Account) -> set[int]:
    """Return the imports whose page the account may open."""
    limited = reach_of(user) is not None
    if not ids or (user.has_perm("registry.view_importbatch") and not limited):
        return ids
    mine = models.Q(created_by=user.pk)
    visible = mine if limited else mine | models.Q(created_by=None)
    return set(ImportBatch.objects.filter(visible, pk__in=ids).values_list("pk", flat=True))


def _by_program(context: Mapping[str, Any]) -> bool:
    return "token" in context or str(context.get("url", "")).startswith("/api/")


def way_of(context: Mapping[str, Any], with_file: bool = False) -> str | Promise:
    """Return the way in which the change was made; empty for statements of the database alone."""
    if context.get("operation") in OPERATIONS:
        way = OPERATIONS[context["operation"]]
        if many := context.get("members"):
            return _("%(way)s of %(count)d organizations at once") % {"way": way, "count": many}
        file = context.get("file") if with_file else None
        return _("%(way)s of %(file)s") % {"way": way, "file": file} if file else way
    if command := context.get("command"):
        return _("command %(name)s") % {"name": command}
    if _by_program(context):
        return _("the API")
    return _("on a page") if "url" in context else ""
