"""Reads what `organizations/match/` is asked."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail
from rest_framework.exceptions import ValidationError as Refused

from registry.matching.candidates import Asked, host_of
from registry.matching.schemas import FIELDS, MOST_CHARACTERS, MOST_ITEMS
from registry.reference.cache import Townships, references
from registry.values.validators import clean_line, normalise_uscc


def read_items(items: list[Any]) -> list[Asked]:
    """Read the items of a request. Raises ValidationError with all errors, by position."""
    if not 1 <= len(items) <= MOST_ITEMS:
        raise Refused(_("Send an array of 1 to %(most)d names or objects.") % {"most": MOST_ITEMS})
    towns = references().townships
    errors: dict[str, Any] = {}
    asked = []
    for position, item in enumerate(items):
        item = {"name": item} if isinstance(item, str) else item
        wrong = _wrong(item)
        if not wrong:
            try:
                asked.append(_read(item, towns))
            except ValidationError as error:
                wrong = {"town": [ErrorDetail(error.messages[0], code=error.code)]}
        if wrong:
            errors[str(position)] = wrong
    if errors:
        raise Refused(errors)
    return asked


def _wrong(item: object) -> list[str] | dict[str, Any]:
    if not isinstance(item, dict):
        return [_("Give a name, or an object with some of: %(fields)s.") % {"fields": ", ".join(FIELDS)}]
    wrong: dict[str, Any] = {}
    for name, value in item.items():
        if name not in FIELDS:
            message = _("There is no such field here. There are: %(fields)s.") % {"fields": ", ".join(FIELDS)}
            wrong[name] = [ErrorDetail(message, code="unknown_field")]
        elif value is not None and (not isinstance(value, str) or len(value) > MOST_CHARACTERS):
            wrong[name] = [_("Give text of at most %(most)d characters.") % {"most": MOST_CHARACTERS}]
    if not wrong and not clean_line(item.get("name") or "") and not normalise_uscc(item.get("uscc") or ""):
        wrong["name"] = [ErrorDetail(_("Give a name or a USCC."), code="required")]
    return wrong


def _read(item: dict[str, Any], towns: Townships) -> Asked:
    town = (item.get("town") or "").strip()
    return Asked(
        clean_line(item.get("name") or ""),
        normalise_uscc(item.get("uscc") or ""),
        towns.find(town) if town else None,
        host_of(item.get("website") or ""),
    )
