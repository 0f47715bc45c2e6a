"""What the columns of a template say to whoever fills it in: what is meant, an example, the values there are."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.models import (
    Category,
    Grading,
    Kind,
    Level,
    RegistrationStatus,
    Sector,
    Township,
    Zone,
)
from registry.synthetic import fictional_uscc

Values = Callable[[], Iterable[str | Promise]]


@dataclass(frozen=True, slots=True)
class Hint:
    note: str | Promise = ""
    example: str = ""
    required: bool | str | Promise = False
    """True, or the words for "not always"."""
    values: Values | None = None
    """The values of a drop-down list, in the active language."""
    several: bool = False
    """A cell may have several of the values, or a value beside them."""


Hints = Mapping[str, Hint]
"""Columns of a template in their order, by name."""


def labels(queryset: Iterable[Any]) -> list[str]:
    """Names in the active language; the code where two have the same name."""
    rows = [(row.label(), row.code) for row in queryset]
    names = [name for name, _code in rows]
    return [code if names.count(name) > 1 else name for name, code in rows]


def current_sectors() -> list[str]:
    return labels(Sector.objects.of_current_plan().enabled().order_by("position", "code"))


def _gradings() -> list[str]:
    return labels(Grading.objects.filter(disabled_on=None).order_by("code"))


DATE = "2019-09-01"
NEW = _("for new ones")
ONE_OF_KEYS = _("one of these")
SEVERAL = _("Several are separated by a semicolon (;).")
ORGANIZATION: dict[str, Hint] = {
    "registry_no": Hint(_("The number that the registry has given."), "ZSAI-000123", ONE_OF_KEYS),
    "uscc": Hint(
        _("18 characters. Keep the column formatted as text: a number loses its last digits."),
        fictional_uscc(1),
        ONE_OF_KEYS,
    ),
    "name_zh": Hint(_("The full name as registered."), "中山市虚构机器人有限公司", ONE_OF_KEYS),
}
"""Whose record a row is."""

ORGANIZATION_HINTS: Hints = {
    "registry_no": Hint(_("Leave it empty for a new organization: the registry gives the number."), "ZSAI-000123"),
    "kind": Hint(_("What kind of body it is."), values=lambda: Kind.labels, required=NEW),
    "category": Hint(_("What the plan calls it; it must fit the kind."), values=lambda: Category.labels),
    "uscc": Hint(ORGANIZATION["uscc"].note, ORGANIZATION["uscc"].example),
    "name_zh": Hint(_("The full name as registered."), "中山市虚构机器人有限公司", True),
    "name_en": Hint(_("Bodies without a Chinese name need it."), "Zhongshan Fictional Robot Co., Ltd."),
    "short_name": Hint(example="虚构机器人"),
    "former_names": Hint(SEVERAL, "中山市旧虚构有限公司"),
    "registration_status": Hint(_("Empty means active."), values=lambda: RegistrationStatus.labels),
    "registration_type": Hint(_("As on the licence."), "有限责任公司"),
    "township": Hint(_("Where it is registered."), values=lambda: labels(Township.objects.current().order_by("code"))),
    "zone": Hint(values=lambda: labels(Zone.objects.filter(disabled_on=None).order_by("code"))),
    "registered_address": Hint(example="中山市石岐街道虚构路1号"),
    "business_address": Hint(_("If it differs from the registered address."), "中山市石岐街道虚构路2号"),
    "country": Hint(_("Empty means China."), "中国"),
    "website": Hint(example="https://example.com"),
    "founded_on": Hint(_("Year, month and day."), DATE),
    "registered_capital": Hint(_("In 10,000 yuan; in another currency or unit write it beside the number."), "500"),
    "capital_currency": Hint(_("Empty means CNY."), "CNY"),
    "industry": Hint(_("Code of GB/T 4754."), "C3491"),
    "sectors": Hint(
        _("Of the current plan; the primary one first. Several are separated by a semicolon (;)."),
        values=current_sectors,
        several=True,
    ),
    "main_products": Hint(example="六轴工业机器人"),
    "qualifications": Hint(SEVERAL, values=_gradings, several=True),
    "identifiers": Hint(_("As scheme:value. Several are separated by a semicolon (;)."), "stock_code:000000"),
    "scope": Hint(),
    "introduction": Hint(_("No personal data.")),
    "introduced_on": Hint(_("If it was brought to the city: year, month and day."), DATE),
    "source": Hint(_("Who gave the information, or which list."), "2024年走访"),
    "verified_on": Hint(_("When the information was last checked."), DATE),
    "remarks": Hint(_("No personal data.")),
    "legal_representative": Hint(example="虚构某"),
    "contact_name": Hint(example="虚构某"),
    "contact_title": Hint(example="主任"),
    "contact_phone": Hint(example="0760-00000000"),
    "contact_email": Hint(example="someone@example.com"),
}

_COUNT = _("A whole number. Empty means not reported, 0 means none.")
_AMOUNT = _("In 10,000 yuan. Empty means not reported, 0 means none.")
FIGURES_HINTS: Hints = {
    **ORGANIZATION,
    "year": Hint(_("Four digits."), "2024", True),
    "employees": Hint(_COUNT, "120"),
    "rd_staff": Hint(_("Among the employees. Empty means not reported, 0 means none."), "30"),
    "assets": Hint(_AMOUNT, "8000"),
    "revenue": Hint(_AMOUNT, "6000"),
    "ai_revenue": Hint(_("Part of the revenue, in 10,000 yuan. Empty means not reported, 0 means none."), "4500.5"),
    "rd_expenditure": Hint(_AMOUNT, "600"),
    "valid_invention_patents": Hint(_COUNT, "5"),
    "source": ORGANIZATION_HINTS["source"],
}
QUALIFICATION_HINTS: Hints = {
    **ORGANIZATION,
    "grading": Hint(_("What was granted."), values=_gradings, required=True),
    "level": Hint(_("May be empty where there is only one level."), values=lambda: Level.labels),
    "issuer": Hint(example="广东省科学技术厅"),
    "batch": Hint(_("As published."), "2023年第一批"),
    "certificate_no": Hint(example="GR000000000000"),
    "granted_on": Hint(_("Year, month and day."), DATE),
    "valid_to": Hint(_("The last day on which it holds."), "2022-08-31"),
}
