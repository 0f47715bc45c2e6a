"""Writes the receipt of a file: before the first byte leaves, and completed after the last one.

The digest grows with the pieces that are sent, so a file is neither read twice nor held in memory.
"""

import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db import DatabaseError
from django.db.models.functions import Now
from django.utils.timezone import localtime

from registry.columns import Column
from registry.disclosure.models import Receipt
from registry.security.events import record
from registry.security.models import EventKind
from registry.values.people import person_name

logger = logging.getLogger(__name__)


def begin(who: dict[str, Any], title: str, columns: Sequence[str], **about: Any) -> Receipt:
    """Store the receipt of a file that is about to be sent; `who` is what `by_whom()` returns."""
    receipt = Receipt(title=title[:300], columns=[*columns], **who, **about)
    receipt.started_at = localtime()
    receipt.save()
    record(EventKind.EXPORT, by=receipt.user, receipt=receipt)
    return receipt


def labels(columns: Sequence[Column]) -> list[str]:
    return [str(column.label) for column in columns]


def properties(receipt: Receipt | None) -> dict[str, str]:
    """Return the properties of a workbook that name its receipt."""
    if receipt is None:
        return {}
    return {"author": person_name(receipt.user) if receipt.user else "", "comments": receipt.number}


def footer(receipt: Receipt | None) -> str:
    """Return the text at the foot of a page with full numbers: who exported it, on which day; else an empty text."""
    if receipt is None or not receipt.full_numbers:
        return ""
    who = person_name(receipt.user) if receipt.user else "manage.py"
    return f"{who} {localtime(receipt.started_at):%Y-%m-%d} {receipt.number}"


class SentFile(Iterator[bytes]):
    """The pieces of a file as they are sent. A receipt learns how many rows and bytes there were, and their digest."""

    def __init__(self, pieces: Iterator[bytes], receipt: Receipt | None, rows: Callable[[], int | None]) -> None:
        self._pieces, self._receipt, self._rows = pieces, receipt, rows
        self._first: list[bytes] = []
        self._digest, self._size = hashlib.sha256(), 0

    def begin(self) -> None:
        """Make the first piece: what fails until then is answered as a problem."""
        if (piece := self._made()) is not None:
            self._first.append(piece)

    def __next__(self) -> bytes:
        piece = self._first.pop() if self._first else self._made()
        if piece is None:
            self._end(Receipt.State.COMPLETE)
            raise StopIteration
        self._digest.update(piece)
        self._size += len(piece)
        return piece

    def _made(self) -> bytes | None:
        try:
            return next(self._pieces, None)
        except BaseException:
            self._end(Receipt.State.FAILED)
            raise

    def close(self) -> None:
        """End it early, because the client has gone. After the end this changes nothing."""
        if close := getattr(self._pieces, "close", None):
            close()
        self._end(Receipt.State.INTERRUPTED)

    def _end(self, state: Receipt.State) -> None:
        receipt, self._receipt = self._receipt, None
        if receipt is None:
            return
        said = {"state": state, "rows": self._rows(), "size": self._size, "sha256": self._digest.hexdigest()}
        try:
            Receipt.objects.filter(pk=receipt.pk).update(ended_at=Now(), **said)
        except DatabaseError:  # the file is out, and its receipt says that it was begun
            logger.exception("The receipt %s could not be completed.", receipt.number)
