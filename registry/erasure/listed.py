"""The list of erasures outside the database: by it, a restored older backup is rid again of who was erased.

Each line names a row by table and key, with the day, and for a row about a person a slow salted digest of what it said:
enough to know the same row again, and nothing about the person to who has the list alone.
"""

import datetime
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.utils.timezone import localdate

COST = {"n": 1 << 14, "r": 8, "p": 1}


@dataclass(frozen=True)
class ErasedLine:
    """One row from which somebody was erased."""

    erasure: str
    """The key of the `Erasure`."""
    day: str
    table: str
    key: str
    hash: str = ""
    """Salt and digest of what the row said of the person; empty for other rows, whose texts were blackened."""
    fields: tuple[str, ...] = ()
    """The fields of the digest: later versions of the program may declare others."""

    def is_of(self, said: Mapping[str, str]) -> bool:
        salt, _dot, digest = self.hash.partition(".")
        if not digest or not said.keys() >= {*self.fields}:
            return False
        return hmac.compare_digest(_digest([said[name] for name in self.fields], bytes.fromhex(salt)), digest)


def place() -> Path:
    return Path(settings.VAR_DIR) / "erasures.jsonl"


def line_of(erasure: object, table: str, key: object, said: Mapping[str, str] | None = None) -> ErasedLine:
    """Return the line of a row; of one about a person with the digest of what it said of them."""
    hashed = ""
    if said is not None:
        salt = secrets.token_bytes(16)
        hashed = f"{salt.hex()}.{_digest(list(said.values()), salt)}"
    return ErasedLine(str(erasure), localdate().isoformat(), table, str(key), hashed, tuple(said or ()))


def _digest(values: list[str], salt: bytes) -> str:
    return hashlib.scrypt(json.dumps(values).encode(), salt=salt, **COST).hex()


def add(lines: Iterable[ErasedLine]) -> int:
    """Append the lines, so that they survive a power failure, and return the size of the file before."""
    path = place()
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(asdict(line)) + "\n" for line in lines)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with open(descriptor, "ab") as file:
        before = file.tell()
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    return before


class BadListError(Exception):
    """Says that the list cannot be read; the message says where."""


def lines() -> Iterator[ErasedLine]:
    """Yield the lines of the list. Raises BadListError."""
    try:
        with place().open(encoding="utf-8") as file:
            for number, text in enumerate(file, 1):
                try:
                    line = ErasedLine(**json.loads(text))
                    bytes.fromhex(line.hash.partition(".")[0])
                    datetime.date.fromisoformat(line.day)
                except (ValueError, TypeError):
                    raise BadListError(f"{place()}:{number}") from None
                yield line
    except FileNotFoundError:
        return
