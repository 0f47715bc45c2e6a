"""The base of rows that belong to an alliance through another row."""

from typing import Any, ClassVar

from django.db import models


class OfAlliance(models.Model):
    """A row whose alliance is that of another row, to which `alliance_through` refers.

    The alliance is a column all the same, so that the database can hold both rows to one alliance by a foreign key
    over two columns. Nobody fills it in.
    """

    alliance_through: ClassVar[str]
    alliance_id: int

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.alliance_id = getattr(self, self.alliance_through).alliance_id
        super().save(*args, **kwargs)

    def clean(self) -> None:
        if getattr(self, f"{self.alliance_through}_id"):
            self.alliance_id = getattr(self, self.alliance_through).alliance_id
