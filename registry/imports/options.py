"""Defines the choices that people have for an import: which rows it takes, and how it changes stored records."""

from dataclasses import asdict, dataclass
from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class RowsTaken(models.TextChoices):
    GOOD_ROWS = "good_rows", _("Take the good rows, give the refused ones back")
    ALL_OR_NOTHING = "all_or_nothing", _("All rows or none")


class StoredValues(models.TextChoices):
    """Decides which value a record gets if the file has another value than the record."""

    OVERWRITE = "overwrite", _("The file replaces what is stored")
    KEEP_VERIFIED = "keep_verified", _("The file replaces what is stored, except in verified records")
    FILL_BLANKS = "fill_blanks", _("The file only fills in what is blank")


class SectorLists(models.TextChoices):
    """Decides what a list of sectors in a cell does to the record's sectors; `+x` and `-x` always add and remove."""

    REPLACE = "replace", pgettext_lazy("sectors", "The sectors of the file replace those of the record")
    ADD = "add", pgettext_lazy("sectors", "The sectors of the file are added to those of the record")


class Renames(models.TextChoices):
    """Decides about rows that have the code of a record, but a name that has nothing in common with its name."""

    HOLD = "hold", _("Held back until somebody decides")
    ACCEPT = "accept", _("Taken as renamed")


class NameRemarks(models.TextChoices):
    """Decides about names of organizations in which the list has put remarks, such as 甲有限公司（已注销）."""

    HOLD = "hold", _("Held back until somebody decides")
    SPLIT = "split", _("Read as name, former name and status")
    KEEP = "keep", _("The name unchanged")


class ContactsInText(models.TextChoices):
    """Decides about rows with a mobile number or an e-mail address in a text that everybody may read."""

    HOLD = "hold", _("Held back until somebody decides")
    KEEP = "keep", _("The text unchanged")


@dataclass(frozen=True, slots=True)
class Choices:
    """Holds the choices of one import. An absent column and a blank cell change nothing, regardless of the choices."""

    take: str = RowsTaken.GOOD_ROWS.value
    stored: str = StoredValues.OVERWRITE.value
    lists: str = SectorLists.REPLACE.value
    renames: str = Renames.HOLD.value
    name_remarks: str = NameRemarks.HOLD.value
    contacts_in_text: str = ContactsInText.HOLD.value

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        return cls(**stored)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
