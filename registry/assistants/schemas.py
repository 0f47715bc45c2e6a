"""Declares the arguments of the tools as JSON Schema, and checks those of a call."""

import datetime
import re
from collections.abc import Mapping
from typing import Any

from registry.assistants.client import Refused
from registry.assistants.texts import gettext as _

Schema = dict[str, Any]

KINDS = ("enterprise", "research", "financial", "social", "government", "other")
DAY = r"^\d{4}-\d{2}-\d{2}$"
MOST_CHARACTERS = 200
"""The longest text that a tool takes, so that it fits into an address; cursors may be longer."""


def text(description: str = "", **more: Any) -> Schema:
    return {"type": "string", **more} | ({"description": description} if description else {})


def day(description: str = "") -> Schema:
    return text(description, pattern=DAY)


def filters() -> dict[str, Schema]:
    """Return the arguments that choose organizations."""
    return {
        "search": text(_("Words, all of them: parts of a name, pinyin or its initials, USCC.")),
        "sector": text(_("Code or name; a parent means its branch. Several: joined by commas, any of them.")),
        "township": text(_("Code or name, several joined by commas.")),
        "kind": text(enum=list(KINDS)),
        "category": text(_("What the plan calls it, such as backbone, sme, startup, university.")),
        "grading": text(_("A qualification held today, by code or name, such as high-tech.")),
        "registration_status": text(
            _("active, suspended, deregistered, revoked, moved_out or merged; by default all but merged.")
        ),
        "founded_after": day(),
        "founded_before": day(),
        "alliance": text(_("Members of this alliance, by its name or short code.")),
        "tier": text(_("With alliance: members of this tier.")),
        "as_of": day(_("With alliance: members on this day, by default today.")),
    }


def pages() -> dict[str, Schema]:
    return {
        "limit": {"type": "integer", "minimum": 1, "maximum": 50},
        "cursor": text(_("From the answer before, for more of the same.")),
    }


def checked(
    arguments: Mapping[str, Any], properties: Mapping[str, Schema], required: tuple[str, ...]
) -> dict[str, str]:
    """Return the arguments as text, without those that are empty. Raises Refused, which names what is wrong."""
    wrong = [
        _("%(name)s: there is no such argument; there are: %(names)s.") % {"name": name, "names": ", ".join(properties)}
        for name in arguments
        if name not in properties
    ]
    given = {name: value for name, value in arguments.items() if name in properties and value not in (None, "")}
    wrong += [_("%s: is needed.") % name for name in required if name not in given]
    wrong += [f"{name}: {said}" for name, value in given.items() if (said := _wrong(name, value, properties[name]))]
    if wrong:
        raise Refused(" ".join(wrong))
    return {name: str(value).strip() for name, value in given.items()}


def _wrong(name: str, value: object, schema: Schema) -> str:
    """Return what is wrong with a value, in words; nothing where it can be sent."""
    if schema["type"] == "integer":
        whole = re.fullmatch(r"[0-9]{1,3}", str(value))  # some assistants write numbers as text
        if not whole or not schema["minimum"] <= int(whole[0]) <= schema["maximum"]:
            return _("must be a whole number from %(minimum)d to %(maximum)d.") % schema
        return ""
    if not isinstance(value, str):
        return _("must be a text.")
    if name != "cursor" and len(value) > MOST_CHARACTERS:
        return _("must not be longer than %d characters.") % MOST_CHARACTERS
    if "enum" in schema and value not in schema["enum"]:
        return _("must be one of %s.") % ", ".join(schema["enum"])
    if schema.get("pattern") == DAY and not _is_day(value):
        return _("must be a day, such as 2025-12-31.")
    if "pattern" in schema and not re.search(schema["pattern"], value, re.ASCII):
        return _("must look like %s.") % schema["examples"][0]
    return ""


def _is_day(value: str) -> bool:
    try:
        return datetime.date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
