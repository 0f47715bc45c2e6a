"""Finds remarks in the cell of a name: a running number before it, former names or a registration status after it.

Lists write 1、甲有限公司, 甲有限公司（原乙有限公司） or 甲有限公司（已注销）. Brackets that belong to the name, such as
（中山）, （有限合伙）, （集团） and names in another language, are left alone.
"""

import re
from dataclasses import dataclass, field

from registry.organizations.models.choices import RegistrationStatus
from registry.organizations.vocabularies import registration_statuses
from registry.values.validators import CHINESE

_OPENING, _CLOSING = "(（[［【〔", ")）]］】〕"
_DIGITS, _NUMERALS = "[0-9０-９]{1,4}", "[一二三四五六七八九十百]{1,4}"
_SINGLE_SIGNS = "\u2460-\u249b\u3220-\u3229"
"""Numbers that are one character: ①, ⑴, ⒈ and ㈠."""
_ORDINAL_RE = re.compile(
    rf"(?:{_DIGITS}\s*[、.．)）]|[(（]\s*(?:{_DIGITS}|{_NUMERALS})\s*[)）]、?|{_NUMERALS}、|[{_SINGLE_SIGNS}]、?)"
    rf"\s*(?=[{CHINESE}]{{2}})"
)
_FORMER_RE = re.compile(
    r"(?:(?:曾用|原用|原|旧)名称?|原称|旧称|更名前名?称?|变更前名?称?|前身)\s*(?:[:：为是]\s*)?(?P<name>.+)"
    # 原 alone also begins names of places and other words (原平, 原点); a former name is longer.
    r"|原(?:[:：为系]\s*)?(?P<long>.{4,})"
    r"|(?:formerly(?: known as)?|previously(?: known as)?|former names?|f/?k/?a)\b\s*:?\s*(?P<latin>.+)",
    re.IGNORECASE,
)
_CLAUSES_RE = re.compile(rf"\s*(?:，|,(?=\s*[{CHINESE}]))\s*")
"""Separates the statements inside a bracket. A comma before Latin letters is part of a name: Foo Co., Ltd."""
_ITEMS_RE = re.compile(r"\s*[、；;]\s*")
"""Separates several former names."""
_SPEAKS_OF_RE = re.compile(
    r"注销|吊销|停业|歇业|迁出|合并|并入|更名|改名|现名|现为|曾用|前身|破产|清算中|倒闭|解散|撤销|失联|经营异常"
)
"""Words that occur in remarks, but not in brackets that belong to a name."""
_CHINESE_RE = re.compile(f"[{CHINESE}]")
_SHORTEST = 2

STARTS_OR_ENDS = rf"^[(（0-9０-９一二三四五六七八九十百{_SINGLE_SIGNS}]|[)）\]］】〕]$"
"""A regular expression, also for PostgreSQL, that finds names which may have remarks; most have none."""
_STARTS_OR_ENDS_RE = re.compile(STARTS_OR_ENDS)


@dataclass(slots=True)
class PlainName:
    """A name without its remarks, and the meaning of the remarks."""

    name: str
    remarks: list[str] = field(default_factory=list)
    """The texts of the remarks, unchanged from the cell."""
    former_names: list[str] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    """Values of `RegistrationStatus`, each once."""
    unread: list[str] = field(default_factory=list)
    """Texts that are recognised as remarks but not understood."""


def read_name(text: str) -> PlainName | None:
    """Split a text into a name and its remarks; None if it has no remarks."""
    if not _STARTS_OR_ENDS_RE.search(text):
        return None
    found = PlainName(text)
    if ordinal := _ORDINAL_RE.match(text):
        found.remarks.append(ordinal[0].strip())
        found.name = text[ordinal.end() :]
    while bracket := _last_bracket(found.name):
        before, content = bracket
        if not _read_remark(content, found):
            break
        found.remarks.append(found.name[len(before) :].strip())
        found.name = before.rstrip()
    if not found.remarks:
        return None
    if len(found.name) < _SHORTEST:
        found.unread = found.remarks
    return found


def without_remarks(text: str) -> str:
    """Return the name without its remarks."""
    found = read_name(text)
    return found.name if found else text


def _last_bracket(name: str) -> tuple[str, str] | None:
    """Return the texts before and inside the bracket at the end of a name; None if there is none.

    Brackets may be nested.
    """
    if not name or name[-1] not in _CLOSING:
        return None
    depth = 0
    for index in range(len(name) - 1, -1, -1):
        depth += (name[index] in _CLOSING) - (name[index] in _OPENING)
        if depth == 0:
            return name[:index], name[index + 1 : -1].strip()
    return None


def _read_remark(content: str, found: PlainName) -> bool:
    """Add the content of a bracket to what was found; return False if the bracket belongs to the name."""
    former: list[str] = []
    statuses: list[str] = []
    understood = True
    if status := _status_of(content):
        statuses.append(status)
    else:
        for clause in _CLAUSES_RE.split(content):
            understood &= _read_clause(clause, former, statuses)
    if not former and not statuses and not _SPEAKS_OF_RE.search(content):
        return False
    if understood:
        # Brackets are read from the last to the first.
        found.former_names[:0] = [name for name in dict.fromkeys(former) if name not in found.former_names]
        found.statuses += [one for one in dict.fromkeys(statuses) if one not in found.statuses]
    else:
        found.unread.append(content)
    return True


def _read_clause(clause: str, former: list[str], statuses: list[str]) -> bool:
    """Read one statement such as 原名甲、乙 or 已注销; return False if it is not understood completely."""
    listing = False
    for item in _ITEMS_RE.split(clause):
        if status := _status_of(item):
            statuses.append(status)
            continue
        named = _FORMER_RE.fullmatch(item)
        if named:
            name = named["name"] or named["long"] or named["latin"]
        elif listing:
            name = item
        else:
            return False
        if len(name) < _SHORTEST or _SPEAKS_OF_RE.search(name):
            return False
        former.append(name)
        listing = True
    return True


def _status_of(text: str) -> str:
    """Return the registration status that a text names. The word Active alone may be part of an English name."""
    known = registration_statuses()
    if not known.knows(text):
        return ""
    status = known.find(text)
    return "" if status == RegistrationStatus.ACTIVE and not _CHINESE_RE.search(text) else status
