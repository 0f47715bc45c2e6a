"""What an import may do with the rows of a file, and with what is stored."""

from dataclasses import asdict, dataclass
from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Take(models.TextChoices):
    GOOD_ROWS = "good_rows", _("Take the good rows, give the refused ones back")
    ALL_OR_NOTHING = "all_or_nothing", _("All rows or none")


class Stored(models.TextChoices):
    """What happens to a value that the record has already, where the file has another one."""

    OVERWRITE = "overwrite", _("The file replaces what is stored")
    KEEP_VERIFIED = "keep_verified", _("The file replaces what is stored, except in verified records")
    FILL_BLANKS = "fill_blanks", _("The file only fills in what is blank")


class Lists(models.TextChoices):
    """What a cell with several values does to the sectors that a record has. `+x` and `-x` in a cell always do that."""

    REPLACE = "replace", pgettext_lazy("sectors", "The sectors of the file replace those of the record")
    ADD = "add", pgettext_lazy("sectors", "The sectors of the file are added to those of the record")


class Renames(models.TextChoices):
    """What happens to rows with the code of a record whose name has nothing in common with theirs."""

    HOLD = "hold", _("Held back until somebody decides")
    ACCEPT = "accept", _("Taken as renamed")


class NameRemarks(models.TextChoices):
    """What happens to names of organizations in which the list has put remarks, such as 甲有限公司（已注销）."""

    HOLD = "hold", _("Held back until somebody decides")
    SPLIT = "split", _("Read as name, former name and status")
    KEEP = "keep", _("The name as it stands")


class ContactsInText(models.TextChoices):
    """What happens to rows with a mobile number or an e-mail address in a text that everybody may read."""

    HOLD = "hold", _("Held back until somebody decides")
    KEEP = "keep", _("The text as it stands")


@dataclass(frozen=True, slots=True)
class Choices:
    """Of one import. An absent column and a blank cell change nothing, whatever is chosen."""

    take: str = Take.GOOD_ROWS.value
    stored: str = Stored.OVERWRITE.value
    lists: str = Lists.REPLACE.value
    renames: str = Renames.HOLD.value
    name_remarks: str = NameRemarks.HOLD.value
    contacts_in_text: str = ContactsInText.HOLD.value

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> Self:
        return cls(**given)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
