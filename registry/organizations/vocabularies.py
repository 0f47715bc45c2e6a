"""The words that lists use for kinds, categories, registration statuses, gradings and schemes of identifiers."""

import re
from functools import cache, lru_cache
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from registry import spreadsheet
from registry.organizations.models.choices import (
    ENTERPRISE_CATEGORIES,
    RESEARCH_CATEGORIES,
    Category,
    Kind,
    RegistrationStatus,
    VerifiedFrom,
)
from registry.organizations.models.details import Scheme
from registry.reference.cache import references
from registry.spreadsheet import Vocabulary
from registry.values.validators import fold_name

_KIND_ALIASES = {
    "enterprise": ["企业", "公司", "民营企业", "国有企业", "外资企业", "私营企业", "企业法人"],
    "research": ["高校", "科研机构", "科研院所", "研究院", "研究所", "大学", "高等院校", "研究机构"],
    "financial": ["金融机构", "银行", "投资机构"],
    "social": ["社会组织", "社会团体", "社团", "协会", "民办非企业单位", "基金会"],
    "government": ["政府部门", "机关", "政府机关", "党政机关"],
    "other": ["其他"],
}
_CATEGORY_ALIASES = {
    "backbone": ["龙头企业", "骨干企业"],
    "sme": ["专精特新", "专精特新企业"],
    "startup": ["初创企业"],
    "university": ["大学", "高等院校", "高等学校"],
    "research_institute": ["科研机构", "研究院", "研究所"],
    "laboratory": ["重点实验室"],
    "hospital": ["医院"],
    "incubator": ["科技企业孵化器"],
    "maker_space": ["众创空间"],
}
_STATUS_ALIASES = {
    "active": [
        "在业",
        "开业",
        "在营",
        "存续（在营、开业、在册）",
        "正常",
        "在营（开业）企业",
        "在营（开业）",
        "在册",
        "存续在营",
        "在业（存续）",
        "存续（在业）",
        "正常经营",
        "经营中",
        "在营企业",
        "开业（在业）",
        "迁入",
        "登记成立",
        "仍注册",
    ],
    "suspended": ["停业", "已停业", "歇业", "已歇业", "停业歇业", "休眠"],
    "deregistered": [
        "已注销",
        "注销企业",
        "注销登记",
        "吊销，已注销",
        "吊销已注销",
        "吊销后注销",
        "吊销并注销",
        "inactive",
        "除名",
        "已除名",
        "撤销",
        "已撤销",
        "撤销登记",
    ],
    "revoked": [
        "吊销，未注销",
        "吊销未注销",
        "已吊销",
        "吊销企业",
        "吊销未清算",
        "责令关闭",
        "已责令关闭",
        "依法责令关闭",
    ],
    "moved_out": ["已迁出", "迁出企业", "市外迁出", "迁往市外"],
    "merged": ["已合并"],
}
_VERIFICATION_ALIASES = {
    "phone": ["电话", "致电", "电话联系", "来电"],
    "visit": ["走访", "实地走访", "实地核查", "现场核查", "上门走访", "现场"],
    "reply": ["回函", "企业回函", "企业回复", "企业反馈", "企业填报", "函询"],
    "public": ["网站", "官网", "公示系统", "国家企业信用信息公示系统", "企查查", "天眼查", "网上查询", "网络查询"],
    "other": ["其它"],
}
_KIND_OF_CATEGORY: dict[str, str] = {
    **dict.fromkeys(ENTERPRISE_CATEGORIES, Kind.ENTERPRISE.value),
    **dict.fromkeys(RESEARCH_CATEGORIES, Kind.RESEARCH.value),
    Category.INNOVATION_INSTITUTION: Kind.RESEARCH.value,
    Category.OVERSEAS_RD: Kind.RESEARCH.value,
    Category.HOSPITAL: Kind.OTHER.value,
}
"""Category -> kind of its bodies. Incubators, maker spaces and the like can be of any kind."""

# The types of the Research Organization Registry, https://ror.readme.io/docs/all-ror-fields
_ROR_TYPES = {
    "education": ("research", ""),
    "facility": ("research", ""),
    "healthcare": ("other", "hospital"),
    "company": ("enterprise", ""),
    "government": ("government", ""),
    "nonprofit": ("social", ""),
    "archive": ("other", ""),
    "funder": ("other", ""),
    "other": ("other", ""),
}


class Nature(NamedTuple):
    """The meaning of a cell in a column such as 单位性质; a field is empty if the cell does not state it."""

    kind: str = ""
    category: str = ""
    registration_type: str = ""
    """The text of the cell if it names neither a kind nor a category: the type on the licence."""


@cache
def kinds() -> Vocabulary[str]:
    """Return the vocabulary of kinds of organizations, with the words that lists use."""
    return spreadsheet.choice_vocabulary(_("kind"), Kind.choices, _KIND_ALIASES)


@cache
def categories() -> Vocabulary[str]:
    return spreadsheet.choice_vocabulary(_("category"), Category.choices, _CATEGORY_ALIASES)


@cache
def registration_statuses() -> Vocabulary[str]:
    """Return the vocabulary of registration statuses, with the words that lists use."""
    return spreadsheet.choice_vocabulary(_("registration status"), RegistrationStatus.choices, _STATUS_ALIASES)


@cache
def verification_sources() -> Vocabulary[str]:
    """Return the vocabulary of what a record was verified from, with the words that lists use."""
    return spreadsheet.choice_vocabulary(_("source of verification"), VerifiedFrom.choices, _VERIFICATION_ALIASES)


@cache
def schemes() -> Vocabulary[str]:
    """Return the vocabulary of identifier schemes, by code or label."""
    return spreadsheet.choice_vocabulary(_("identifier scheme"), Scheme.choices)


def gradings() -> Vocabulary[int]:
    """Return the vocabulary of gradings, as the reference data are now."""
    return references().gradings


def kind_of_category(category: str) -> str:
    """Return the kind of bodies of the category; empty if they can be of several kinds."""
    return _KIND_OF_CATEGORY.get(category, "")


@lru_cache(maxsize=2_000)
def read_nature(text: str) -> Nature:
    """Return the kind and the categories that a text names (`education|funder`); other texts are registration types."""
    found = [_read_one(part) for part in re.split(r"[|;；、/]", text) if part.strip()]
    if not found or None in found:
        return _read_one(text) or Nature(registration_type=text)
    named = [nature for nature in found if nature]
    kind = next((one.kind for one in named if one.kind not in ("", Kind.OTHER)), "")
    kind = kind or next((one.kind for one in named if one.kind), "")
    fitting = (one.category for one in named if kind_of_category(one.category) in ("", kind))
    return Nature(kind, next(filter(None, fitting), ""))


def _read_one(text: str) -> Nature | None:
    kind = kinds().find(text) if kinds().knows(text) else ""
    category = categories().find(text) if categories().knows(text) else ""
    if not kind and not category:
        kind, category = _ROR_TYPES.get(fold_name(text), ("", ""))
    implied = kind_of_category(category)
    if kind and implied not in ("", kind):
        category = ""
    return Nature(kind or implied, category) if kind or category else None
