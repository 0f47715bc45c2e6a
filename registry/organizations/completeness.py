"""How much is stored of what a record of its kind should have.

Only fields that everybody may see count, so that everybody may see the result. `EXPECTED` says what is expected of
whom. The database compares, in some 10 µs for an organization: nothing of it is stored.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.contrib.postgres.fields import ArrayField
from django.db.models import Case, Exists, Func, IntegerField, Q, TextField, Value, When
from django.db.models.expressions import Combinable
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.database.expressions import UsccCheckOk
from registry.database.paths import Path, outer, own_path
from registry.organizations.models.choices import Category, Kind
from registry.organizations.models.details import SectorTag
from registry.reference.models import Plan

HOME = "CN"
WITHOUT_LICENCE = (Category.LABORATORY, Category.MAKER_SPACE, Category.OPEN_PLATFORM)
"""Categories of bodies that are often a part of another one, and have no code of their own then."""
Lacks = Callable[[Path, Plan | None], Q]
"""Makes the condition that nothing is stored; only sectors of the plan count."""


@dataclass(frozen=True, slots=True)
class ExpectedField:
    label: Promise
    lacks: Lacks
    at_home: bool = False
    """Whether it is expected only of bodies in China."""
    but_of: tuple[Category, ...] = ()
    """Categories of which it is not expected."""


def _null(name: str) -> Lacks:
    return lambda path, plan: Q(**{f"{path(name)}__isnull": True})


def _blank(*names: str) -> Lacks:
    """Make the condition that all of these texts are blank: any of them will do."""
    return lambda path, plan: Q(**{path(name): "" for name in names})


def _without_sector(path: Path, plan: Plan | None) -> Q:
    # Without a plan there is no sector that anybody could choose.
    tags = SectorTag.objects.filter(organization=outer(path), plan=plan)
    return ~Q(Exists(tags)) if plan else Q(**{f"{path('pk')}__in": []})


FIELDS: dict[str, ExpectedField] = {
    "uscc": ExpectedField(_("USCC"), _null("uscc"), at_home=True, but_of=WITHOUT_LICENCE),
    "township": ExpectedField(_("township"), _null("township"), at_home=True),
    "address": ExpectedField(_("address"), _blank("registered_address", "business_address")),
    "founded_on": ExpectedField(_("founded on"), _null("founded_on")),
    "registered_capital": ExpectedField(_("registered capital"), _null("registered_capital")),
    "category": ExpectedField(_("category"), _blank("category")),
    "industry": ExpectedField(_("industry"), _blank("industry")),
    "sectors": ExpectedField(_("sector"), _without_sector),
    "products": ExpectedField(_("main products or business scope"), _blank("main_products", "scope")),
    "introduction": ExpectedField(_("introduction or business scope"), _blank("introduction", "scope")),
    "website": ExpectedField(_("website"), _blank("website")),
}
"""The fields that can be expected, in the order in which they are shown."""
EXPECTED: dict[Kind, tuple[str, ...]] = {
    Kind.ENTERPRISE: (
        "uscc",
        "township",
        "address",
        "founded_on",
        "registered_capital",
        "category",
        "industry",
        "sectors",
        "products",
    ),
    Kind.RESEARCH: ("uscc", "township", "address", "category", "sectors", "introduction", "website"),
    Kind.FINANCIAL: ("uscc", "township", "address", "founded_on", "products"),
    Kind.SOCIAL: ("uscc", "township", "address", "founded_on", "introduction"),
    Kind.GOVERNMENT: ("township", "address"),
    Kind.OTHER: ("township", "address", "introduction"),
}
"""Kind of organizations -> the fields that such a record should have."""


def _of_whom(name: str, path: Path = own_path) -> Q:
    """Return the condition that the field is expected of an organization."""
    field = FIELDS[name]
    condition = Q(**{f"{path('kind')}__in": [kind for kind, names in EXPECTED.items() if name in names]})
    if field.at_home:
        condition &= Q(**{path("country"): HOME})
    for category in field.but_of:
        condition &= Q(**{f"{path('category')}__ne": category})
    return condition


def lacks(names: Iterable[str], plan: Plan | None, path: Path = own_path) -> Q:
    """Return the condition that one of the fields at least is expected of an organization, but missing."""
    condition = Q()
    for name in names:
        condition |= _of_whom(name, path) & FIELDS[name].lacks(path, plan)
    return condition


def unusual_uscc(path: Path = own_path) -> Q:
    """Return the condition that the check character of the USCC is wrong, which somebody has accepted with a reason."""
    code = path("uscc")
    given = Q(**{f"{path('uscc_override_reason')}__ne": "", f"{code}__isnull": False})
    return given & ~Q(UsccCheckOk(code))


class _Given(Func):
    """Returns an array of the values that are not NULL."""

    template = "array_remove(ARRAY[%(expressions)s]::text[], NULL)"
    output_field = ArrayField(TextField())


class _Number(Func):
    """Gives the number of the elements of an array."""

    function = "cardinality"
    output_field = IntegerField()


def missing(plan: Plan | None) -> Combinable:
    """Return the expression for the names of the missing fields, in their order."""
    return _Given(*(Case(When(lacks([name], plan), then=Value(name))) for name in FIELDS))


def number_expected() -> Combinable:
    """Return the expression for the number of fields that are expected."""
    return sum(
        (Case(When(_of_whom(name), then=1), default=0, output_field=IntegerField()) for name in FIELDS), Value(0)
    )


def percent(plan: Plan | None) -> Combinable:
    """Return the expression for how many percent of what is expected are there, rounded down."""
    number = number_expected()
    return Value(100) * (number - _Number(missing(plan))) / number


class EachMissing(Func):
    """Gives a row for each missing field."""

    function = "unnest"
    output_field = TextField()
    set_returning = True
