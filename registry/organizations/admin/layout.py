"""The fields of an organization in sections: for the form with all of them, and for the cards of its page."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.contrib.admin.utils import flatten_fieldsets
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.columns import editable_names
from registry.organizations.columns.details import ORGANIZATION_DETAIL_COLUMNS
from registry.organizations.columns.template_help import BUSINESS, CARE, CLASSIFICATION, DESCRIPTION, PLACE
from registry.organizations.columns.template_help import NAMES as NAMES_AND_CODES
from registry.organizations.models.organizations import Organization

Fields = tuple[str | tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    heading: Promise
    group: Promise
    """The group of columns whose fields are shown here, also fields that are not named."""
    fields: Fields
    """The fields of a tuple share one line."""

    @property
    def names(self) -> list[str]:
        return flatten_fieldsets([(None, {"fields": self.fields})])


_LAYOUT = (
    Section(
        "names",
        _("Basic data"),
        NAMES_AND_CODES,
        (
            "registry_no",
            "name_zh",
            "name_en",
            ("name_change", "renamed_on"),
            "another_body",
            ("short_name", "pinyin"),
            ("kind", "category"),
            "uscc",
            "uscc_override_reason",
        ),
    ),
    Section(
        "registration",
        _("Registration"),
        CLASSIFICATION,
        (("registration_status", "registration_type"), ("founded_on", "closed_on"), "successor"),
    ),
    Section(
        "location",
        _("Location"),
        PLACE,
        (("township", "zone"), "registered_address", "business_address", ("country", "website")),
    ),
    Section(
        "capital",
        _("Capital and industry"),
        BUSINESS,
        (("registered_capital", "capital_currency", "capital_text"), ("industry", "size_class")),
    ),
    Section("description", _("Description"), DESCRIPTION, ("main_products", "scope", "introduction")),
    Section(
        "care",
        _("Publication and verification"),
        CARE,
        (
            ("published", "introduced_on"),
            ("verified_on", "verified_from", "verified_by"),
            "source",
            "remarks",
            ("created_at", "updated_at"),
        ),
    ),
)


def _complete(layout: tuple[Section, ...]) -> dict[str, Section]:
    """Return the layout with the fields that it does not mention, each below the heading of its column's group."""
    placed = {name for section in layout for name in section.names}
    columns = {column.name: column for column in ORGANIZATION_DETAIL_COLUMNS}
    names = editable_names(ORGANIZATION_DETAIL_COLUMNS, Organization)
    groups = {name: columns[name].group or CARE for name in names if name not in placed}
    return {
        section.name: replace(
            section, fields=(*section.fields, *(name for name, group in groups.items() if group is section.group))
        )
        for section in layout
    }


SECTIONS = _complete(_LAYOUT)


def without(fields: Fields, out: set[str]) -> Iterator[str | tuple[str, ...]]:
    """Yield the fields that are not left out."""
    for field in fields:
        left = tuple(name for name in (field if isinstance(field, tuple) else (field,)) if name not in out)
        if left:
            yield left if isinstance(field, tuple) and len(left) > 1 else left[0]
