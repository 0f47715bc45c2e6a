"""Declares which columns of a table hold personal data, about whom, what for, and how long they are kept.

The erasure of a person, the retention and the list of personal data (个人信息处理清单) go by these declarations. A
model declares its own in the attribute `personal`; `declare()` adds models of other packages.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.utils.functional import Promise

MARK = "■■■"
"""Stands where something was erased; it is the same in both languages."""


@dataclass(frozen=True, kw_only=True)
class PersonalData:
    """The columns of a table about one person per row, and what a record of processing has to say of them."""

    names: tuple[str, ...] = ()
    """The fields that make up the person's name, in the order of a Chinese name."""
    numbers: tuple[str, ...] = ()
    """Telephone numbers and e-mail addresses."""
    others: tuple[str, ...] = ()
    """Other fields about the person; they are erased with the name and the numbers."""
    subjects: Promise
    """The people whom the data are about."""
    purpose: Promise
    ground: Promise
    """Why they may be processed, with the article of the law."""
    kept: Promise
    """How long."""
    organization: str = ""
    """The look-up from a row to the organization for which the person acts; empty where there is none."""
    goes_with: str = ""
    """The foreign key to the row that names the person, where this one bears no name: it is erased with that row."""
    public: bool = False
    emptied: bool = False
    """Whether a row stays when its person is erased, because other rows refer to it: its fields are emptied then."""

    @property
    def fields(self) -> tuple[str, ...]:
        return (*self.names, *self.numbers, *self.others)

    def name_of(self, values: dict[str, Any]) -> str:
        return "".join(values[name] or "" for name in self.names)


_elsewhere: dict[type[Model], PersonalData] = {}


def declare(model: type[Model], data: PersonalData) -> None:
    """Declare the personal data of a model that is not ours; called by the app's `ready()`."""
    _elsewhere[model] = data


def personal_of(model: type[Model]) -> PersonalData | None:
    """Return what a table says about persons, if it does."""
    data = _elsewhere.get(model) or model.__dict__.get("personal")
    return data if isinstance(data, PersonalData) else None


def personal_tables() -> Iterator[tuple[type[Model], PersonalData]]:
    """Yield every table with personal data."""
    for model in apps.get_models():
        if data := personal_of(model):
            yield model, data


def events_of(model: type[Model]) -> type[Model] | None:
    """Return the table of the history of a model, if it has one."""
    return getattr(model, "pgh_event_model", None)
