"""Guesses what a list of organizations does not state: the kind of each body, and its township.

The report counts what was guessed, so that people confirm it.
"""

import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from registry.imports.matching.name_remarks import without_remarks
from registry.imports.pipeline.report import Message
from registry.imports.pipeline.statements import Database
from registry.organizations.models.choices import Kind
from registry.organizations.vocabularies import kind_of_category, read_nature
from registry.reference.models import Township
from registry.values.validators import USCC_KINDS, fold_name

# --- The kind: by the columns, the USCC, the end of the name, the title

_FORMS: dict[Kind, str] = {
    Kind.FINANCIAL: r"银行(?:股份有限公司|有限责任公司|有限公司)?(?:.{0,12}[分支]行)?|信用社|信用合作联社|\bbank",
    Kind.ENTERPRISE: (
        r"公司|集团|厂|合伙企业|\((?:普通|有限|特殊普通)合伙\)|个人独资企业|合作社|经营部|商行|"
        r"\b(?:co\.? ?,? ?ltd|ltd|limited|inc|incorporated|corp|corporation|company|llc|gmbh|plc)"
    ),
    Kind.RESEARCH: (
        r"大学|学院|研究院|研究所|研究中心|科学院|实验室|"
        r"\b(?:university|college|institute|academy|laboratory|polytechnic)(?: of .+)?"
    ),
    Kind.SOCIAL: r"协会|学会|商会|联合会|促进会|研究会|基金会|联盟|\b(?:association|society|foundation)(?: of .+)?",
    Kind.GOVERNMENT: r"人民政府|街道办事处|委员会|管委会|局",
    Kind.OTHER: r"医院|\bhospital",
}
"""The endings of names of bodies of a kind; the first ending that fits counts."""
_FORM_RES = {kind: re.compile(rf"(?:{forms})\.?$") for kind, forms in _FORMS.items()}
_BRANCH_RE = re.compile(r"(?<=公司).{1,12}(?:分公司|办事处|营业部|门市部)$")
_REMARK_RE = re.compile(r"\((?!(?:普通|有限|特殊普通)合伙\))[^()]*\)$")

_TITLES: dict[Kind, str] = {
    Kind.ENTERPRISE: r"企业|公司|enterprises?\b|compan(?:y|ies)\b",
    Kind.RESEARCH: r"科研机构|科研院所|研究机构|高校|高等院校|高校院所|universities|institutes",
    Kind.FINANCIAL: r"金融机构|banks",
    Kind.SOCIAL: r"社会组织|社会团体|行业协会|associations",
    Kind.GOVERNMENT: r"政府部门|机关单位",
}
_LIST = r"(?:基本)?(?:信息)?(?:名单|名录|清单|一览表?|目录|汇总|信息|情况|花名册|统计|登记表|库|表)"
_TITLE_RES = {
    kind: re.compile(rf"(?:{words})(?:{_LIST}|$)|^(?:list of )?(?:{words})") for kind, words in _TITLES.items()
}
_WORD_RES = {kind: re.compile(words) for kind, words in _TITLES.items()}
_KIND_OF_LABEL = {"企业": "enterprise", "公司": "enterprise", "enterprise": "enterprise", "company": "enterprise"}


def kind_of_label(labels: str) -> str:
    """Return the kind that the label of the column of names states, as in 企业名称."""
    return next((kind for word, kind in _KIND_OF_LABEL.items() if word in labels), "")


def kind_of_title(title: str) -> str:
    """Return the kind that a title states for the rows below it; empty if it states none or several."""
    text = fold_name(title)
    named = [kind for kind, words in _WORD_RES.items() if words.search(text)]
    return str(named[0]) if len(named) == 1 and _TITLE_RES[named[0]].search(text) else ""


def kind_of_name(name: str) -> str:
    """Return the kind by the legal form at the end of a name; empty if the name has no known form."""
    text = _BRANCH_RE.sub("", _REMARK_RE.sub("", fold_name(without_remarks(name))).strip())
    return next((str(kind) for kind, form in _FORM_RES.items() if form.search(text)), "")


def settle_kind(values: dict[str, Any], label: str, title: str) -> None:
    """Combine the values of a row about its kind: they become `kind`, `category` and `registration_type`.

    The columns of the file determine `kind`. Otherwise `kind_guess` is determined by the USCC, the legal form or the
    list as a whole, in this order, and is used for a new record. `kind_source` names the list as a whole if that was
    used. The value `nature` is removed.
    """
    nature = read_nature(values.pop("nature")) if "nature" in values else None
    if nature:
        if nature.kind:
            values.setdefault("kind", nature.kind)
        if nature.category and kind_of_category(nature.category) in ("", values.get("kind", "")):
            values.setdefault("category", nature.category)
        if nature.registration_type:
            values.setdefault("registration_type", nature.registration_type)
    if "kind" in values:
        return
    kind = USCC_KINDS.get(values.get("uscc", "")[:2]) or kind_of_category(values.get("category", ""))
    if not kind:
        names = (values.get("name_zh") or "", values.get("name_en") or "")
        kind = next(filter(None, map(kind_of_name, names)), "")
    if not kind:
        kind, values["kind_source"] = label or title, "label" if label else "title"
    values["kind_guess"] = kind or None


# --- The township: by the address

CITY = "中山"
_SUFFIX_RE = re.compile(r"(?:街道办事处|街道|镇|高?技?术?产?业?开发区|区)$")


class TownFinder:
    """Finds the township by the strict rule: the city's name, and directly after it the name of a town.

    中山市小榄镇永宁路 names 小榄镇, 广东省中山市石岐区 names 石岐街道; 中山市中山四路东区办事处 names none,
    because what is further on may be a road or a building. A town that exists no more gives its successor.
    Where the label of a column promises the town, as 所在镇街及地址 does, the city need not be named.
    """

    def __init__(self) -> None:
        self._towns: dict[str, int] = {}
        self._full: set[str] = set()
        towns = {town.pk: town for town in Township.objects.order_by("-valid_to", "code")}
        ended_last = sorted(towns.values(), key=lambda town: town.valid_to is not None)
        for town in ended_last:
            target = town
            while target.successor_id:
                target = towns[target.successor_id]
            for name in (town.name_zh, *town.aliases):
                self._add(name, target.pk)
                self._add(name.removeprefix(CITY), target.pk)
        names = "|".join(sorted(map(re.escape, self._towns), key=len, reverse=True)) or "(?!)"
        full = "|".join(sorted(map(re.escape, self._full), key=len, reverse=True)) or "(?!)"
        self._rule = re.compile(rf"\s*(?:中国)?\s*(?:广东省?)?\s*{CITY}市?\s*(?:{CITY}市?)?\s*({names})")
        self._promised = re.compile(rf"\s*({full}|(?:{names})(?=[\s,，、;；:：/（(-]|$))")

    def _add(self, name: str, town: int) -> None:
        if not re.search("[\u4e00-\u9fff]", name):
            return
        stem = _SUFFIX_RE.sub("", name)
        self._full.add(name)
        for text in (name, stem):
            if len(text) >= 2:
                self._towns.setdefault(text, town)

    def find(self, address: str, *, promised: bool = False) -> int | None:
        """Return the id of the township; None if the rule does not find one."""
        found = self._rule.match(address) or (self._promised.match(address) if promised else None)
        return self._towns.get(found[1]) if found else None


# --- What is told of it

_ROWS = """FROM import_final f JOIN import_row r ON r.n = f.n JOIN import_match m ON m.n = f.n
LEFT JOIN registry_organization o ON o.id = m.id"""
_TOWN = "r.town_guess IS NOT NULL AND f.township_id = r.town_guess AND o.township_id IS NULL"
_COUNTS = f"""
SELECT count(*) FILTER (WHERE {_TOWN}),
       count(*) FILTER (WHERE f.is_new AND r.kind IS NULL AND r.kind_source = 'title'),
       count(*) FILTER (WHERE foreign_or_not AND r.country_guess IS NOT NULL AND r.country_guess <> 'CN'),
       count(*) FILTER (WHERE foreign_or_not AND r.country_guess IS NULL AND f.uscc IS NULL
                        AND (f.name_zh = '' OR f.category = 'overseas_rd'))
{_ROWS}
CROSS JOIN LATERAL (SELECT f.is_new AND r.country IS NULL AS foreign_or_not) c
"""
_MESSAGES = (
    _("Townships filled in from the address: %(count)d. Please have them confirmed."),
    _("Kinds filled in from the title of the list: %(count)d. Please have them confirmed."),
    _("Countries filled in from the address: %(count)d. Please have them confirmed."),
    # What a list does not say of bodies that may be foreign: English names only, no code of a Chinese body.
    _(
        "New records taken for Chinese bodies, though only the name is known: %(count)d. "
        "If they are foreign, give their country, in a column or for all rows."
    ),
)


def count_guesses(run: Database) -> Iterator[Message]:
    """Yield a message for each kind of guess with its count; works on the tables of the import."""
    for count, message in zip(next(run.query(_COUNTS)), _MESSAGES, strict=True):
        if count:
            yield Message(message, {"count": count})


def guessed_townships(run: Database) -> Iterator[tuple[int, str, str]]:
    """Yield the rows whose township was found in the address: staged row, address, Chinese name of the township."""
    yield from run.query(f"""
        SELECT r.n, r.registered_address, t.name_zh {_ROWS}
        JOIN registry_township t ON t.id = r.town_guess WHERE {_TOWN} ORDER BY r.n
    """)
