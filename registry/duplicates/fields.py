"""Compares two records field by field, and proposes which value stays where they differ, with the reason."""

import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.utils.translation import gettext as _
from rapidfuzz.distance import OSA

from registry.database.fields import field_of
from registry.duplicates.pairs import BOTH, KEPT, MERGED, Choice, Chosen, Option, RecordPair
from registry.organizations.models.details import Name
from registry.organizations.models.organizations import Organization
from registry.spreadsheet import wan_text
from registry.values.people import person_name
from registry.values.validators import fold_name, uscc_check_character_ok

_TOGETHER = (
    ("name_zh", "pinyin"),
    ("kind", "category"),
    ("uscc", "uscc_override_reason"),
    ("registration_status", "closed_on"),
    ("registered_capital", "capital_currency", "capital_text"),
    ("verified_on", "verified_from", "verified_by"),
)
"""Fields that have a meaning only together; the first one names the choice."""
OUT = frozenset({"id", "registry_no", "successor", "created_at", "updated_at"})
"""Fields of a record that say which record it is."""
_OWN = ("name_zh", "name_en", "kind", "registration_status", "published")
"""Fields in which the value of the record that stays is proposed, if it has one."""
_LONGER = ("registered_address", "business_address", "main_products", "scope", "introduction", "remarks", "source")
"""Texts of which the longer one says more."""
_JOINED = ("source", "remarks", "main_products", "introduction")
"""Texts of which both may stay, one below the other."""
_LANGUAGES = {"name_zh": "zh", "name_en": "en", "short_name": ""}
FORMER, ALIAS, NO_NAME = "former", "alias", "none"


def groups() -> list[tuple[str, ...]]:
    """Return the fields that may differ, in groups that have one meaning together, in the order of the model."""
    led = {group[0]: group for group in _TOGETHER}
    inside = {name for group in _TOGETHER for name in group[1:]}
    names = [one.name for one in Organization._meta.local_concrete_fields if not one.generated and one.name not in OUT]
    return [led.get(name, (name,)) for name in names if name not in inside]


def values(record: Organization, group: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(getattr(record, field_of(Organization, name).attname) for name in group)


def differing(pair: RecordPair) -> Iterator[tuple[tuple[str, ...], Choice]]:
    """Yield the groups of fields in which the records differ, each with the choice between them."""
    for group in groups():
        mine, other = values(pair.kept, group), values(pair.merged, group)
        if all(value in (None, "", False, own) for own, value in zip(mine, other, strict=True)):
            continue  # the merged record says nothing else
        proposed, why = _proposal(pair, group)
        options = [Option(KEPT, shown(pair.kept, group)), Option(MERGED, shown(pair.merged, group))]
        if group[0] in _JOINED and not _blank(mine) and _fits(group[0], _joined(pair, group[0])):
            options.append(Option(BOTH, _("both, one below the other")))
            if group[0] in ("source", "remarks"):
                proposed, why = BOTH, _("nothing is lost")
        yield group, Choice(group[0], label(group), tuple(options), proposed, why)


def label(group: tuple[str, ...]) -> str:
    return str(field_of(Organization, group[0]).verbose_name)


def shown(record: Organization, group: tuple[str, ...]) -> str:
    """Return the values of a group in words."""
    said = []
    in_yuan = record.capital_currency in ("", "CNY")
    for name in group:
        value = getattr(record, name)
        if name == "pinyin" or value in (None, ""):
            continue
        if hasattr(record, f"get_{name}_display"):
            value = getattr(record, f"get_{name}_display")()
        elif isinstance(value, bool):
            value = _("yes") if value else _("no")
        elif isinstance(value, Decimal):
            value = _("%(amount)s (10,000 yuan)") % {"amount": wan_text(value)} if in_yuan else f"{value:,}"
        elif isinstance(value, User):
            value = person_name(value)
        said.append(str(value))
    return " ".join(said)


def _blank(held: tuple[Any, ...]) -> bool:
    return held[0] in (None, "") and not any(value not in (None, "", False) for value in held)


def _proposal(pair: RecordPair, group: tuple[str, ...]) -> tuple[str, str]:
    """Return the side whose value is proposed, and why."""
    name = group[0]
    mine, other = values(pair.kept, group)[0], values(pair.merged, group)[0]
    if _blank(values(pair.kept, group)):
        return MERGED, _("only this one has a value")
    if name == "uscc" and mine and other:
        if uscc_check_character_ok(other) and not uscc_check_character_ok(mine):
            return MERGED, _("its check character is right")
        return KEPT, ""
    if name in _OWN:
        return KEPT, ""
    verified = [record.verified_on or datetime.date.min for record in (pair.kept, pair.merged)]
    if verified[0] != verified[1]:
        return (KEPT if verified[0] > verified[1] else MERGED), _("verified later")
    if name in ("founded_on", "introduced_on"):
        return (MERGED if other < mine else KEPT), _("the earlier day")
    if name in _LONGER and len(mine) != len(other):
        return (MERGED if len(other) > len(mine) else KEPT), _("the longer text")
    return KEPT, ""


def _joined(pair: RecordPair, name: str) -> str:
    both = dict.fromkeys((getattr(pair.kept, name), getattr(pair.merged, name)))
    return ("；" if name == "source" else "\n").join(both)


def _fits(name: str, text: str) -> bool:
    longest = field_of(Organization, name).max_length
    return longest is None or len(text) <= longest


def put(pair: RecordPair, chosen: Chosen) -> list[str]:
    """Give the record that stays the values that were chosen, without saving it; return the names of the fields."""
    changed: list[str] = []
    for group, choice in list(differing(pair)):
        side = choice.value(chosen)
        if side == BOTH:
            setattr(pair.kept, group[0], _joined(pair, group[0]))
        elif side == MERGED:
            for name in group:
                attname = field_of(Organization, name).attname
                setattr(pair.kept, attname, getattr(pair.merged, attname))
        if side != KEPT:
            changed += group
    return changed


# --- The name that is not chosen


def name_choices(pair: RecordPair) -> Iterator[tuple[str, Choice]]:
    """Yield for each name that differs what becomes of the one that is not chosen: field, choice."""
    for name in _LANGUAGES:
        mine, other = getattr(pair.kept, name), getattr(pair.merged, name)
        if not mine or not other or fold_name(mine) == fold_name(other):
            continue
        slip = name == "short_name" or _is_slip(mine, other)
        options = (
            Option(FORMER, str(Name.Kind.FORMER.label)),
            Option(ALIAS, str(Name.Kind.ALIAS.label)),
            Option(NO_NAME, _("not kept there")),
        )
        proposed = ALIAS if slip else FORMER
        why = _("search finds it; the public does not see it") if slip else _("search finds it")
        told = _("The %(name)s that is not chosen becomes") % {"name": label((name,))}
        yield name, Choice(f"{name}-old", told, options, proposed, why)


def _is_slip(one: str, other: str) -> bool:
    return int(OSA.distance(fold_name(one), fold_name(other))) <= 1


def keep_names(pair: RecordPair, was: dict[str, str], chosen: Chosen) -> None:
    """Store the names that were not chosen with the record that stays; `was` are its names before."""
    for name, choice in list(name_choices(_as_before(pair, was))):
        kind = choice.value(chosen)
        lost = was[name] if getattr(pair.kept, name) != was[name] else getattr(pair.merged, name)
        if kind == NO_NAME or fold_name(lost) == fold_name(getattr(pair.kept, name)):
            continue
        known = Name.objects.filter(organization=pair.kept, kind=kind, name=lost)
        if not known.exists():
            Name.objects.create(organization=pair.kept, kind=kind, name=lost, language=_LANGUAGES[name])


def _as_before(pair: RecordPair, was: dict[str, str]) -> RecordPair:
    return RecordPair(Organization(pk=pair.kept.pk, **was), pair.merged, pair.user)


def names_of(record: Organization) -> dict[str, str]:
    return {name: getattr(record, name) for name in _LANGUAGES}
