"""The help in templates for the people who fill them in: headings of columns, usual hints, lists of values."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as _p

from registry.columns import Hint
from registry.reference.models import Grading, Sector, Township, Zone

NAMES = _p("columns", "Names and codes")
CLASSIFICATION = _p("columns", "Classification")
PLACE = _p("columns", "Place")
BUSINESS = _p("columns", "Business")
DESCRIPTION = _p("columns", "Description")
CARE = _p("columns", "Care of the record")
CONTACTS = _p("columns", "Contacts (personal data)")

DATE = "2019-09-01"
NEW = _("for new ones")
ONE_OF_KEYS = _("one of these")
SEVERAL = _("Several are separated by a semicolon (;).")

REGISTRY_NO = Hint(_("The number that the registry has given."), "ZSAI-000123", ONE_OF_KEYS)
USCC = Hint(
    _("18 characters. Keep the column formatted as text: a number loses its last digits."), "91442000Y000000173"
)
USCC_KEY = Hint(USCC.note, USCC.example, ONE_OF_KEYS)
NAME_KEY = Hint(_("The full name as registered."), "中山市虚构机器人有限公司", ONE_OF_KEYS)
SOURCE = Hint(_("Who gave the information, or which list."), "2024年走访")
NOT_PERSONAL = Hint(_("No personal data."))


def labels(queryset: Iterable[Grading | Sector | Township | Zone]) -> list[str]:
    """Return the names in the active language; rows with the same name are shown by code."""
    rows = [(row.label(), row.code) for row in queryset]
    names = [name for name, _code in rows]
    return [code if names.count(name) > 1 else name for name, code in rows]


def current_sectors() -> list[str]:
    """Return the sectors of the current plan that are in use."""
    return labels(Sector.objects.of_current_plan().enabled().order_by("position", "code"))


def enabled_gradings() -> list[str]:
    """Return the gradings that are in use."""
    return labels(Grading.objects.filter(disabled_on=None).order_by("code"))
