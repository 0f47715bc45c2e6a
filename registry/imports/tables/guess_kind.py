"""Guesses the kind of a body that a list does not state: by its columns, the USCC, the end of the name, the title."""

import re
from typing import Any

from registry.imports.matching.name_remarks import without_remarks
from registry.organizations.models.choices import Kind
from registry.organizations.vocabularies import kind_of_category, read_nature
from registry.values.validators import USCC_KINDS, fold_name

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
