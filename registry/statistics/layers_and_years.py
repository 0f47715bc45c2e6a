"""Further values that organizations are counted by: layers of the industry chain, and years of foundation."""

from collections.abc import Iterable

from django.db.models import QuerySet, Value
from django.db.models.functions import ExtractYear, Greatest
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.api.lists.filters import StrictFilterSet
from registry.organizations.models.details import SectorTag
from registry.organizations.models.organizations import Organization
from registry.reference.models import Layer
from registry.statistics.dimensions import Dimension, Entry, Holding, choices

EARLIEST = 1949
"""Years before this one are counted together."""


def _tags(filterset: StrictFilterSet) -> QuerySet[SectorTag]:
    return SectorTag.objects.filter(plan=filterset.sector_plan)


def _founded(filterset: StrictFilterSet) -> QuerySet[Organization]:
    # GREATEST passes over NULL, which would make everybody without a day very old.
    return Organization.objects.filter(founded_on__isnull=False).annotate(
        held=Greatest(ExtractYear("founded_on"), Value(EARLIEST - 1))
    )


def _years(filterset: StrictFilterSet) -> Iterable[Entry]:
    yield Entry(EARLIEST - 1, f"-{EARLIEST - 1}", _("before %(year)d") % {"year": EARLIEST})
    for year in range(EARLIEST, localdate().year + 2):
        yield Entry(year, str(year), str(year))


LAYER = Dimension(
    name="layer",
    label=gettext_lazy("layer of the industry chain"),
    entries=choices(Layer),
    held=Holding(_tags, "organization", "sector__layer"),
    counts_none=False,
)
"""An organization is in the layers of its own sectors; in several, if they are."""

FOUNDED = Dimension(
    name="founded",
    label=gettext_lazy("year of foundation"),
    entries=_years,
    held=Holding(_founded, "pk", "held", once=True),
    counts_none=False,
    # The years go on: what is kept with the reference data would end with the year of its reading.
    chosen=True,
)
