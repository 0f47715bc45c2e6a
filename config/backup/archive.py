"""The file of a backup: a tar archive with the dump and a manifest of its content."""

import gzip
import hashlib
import json
import re
import tarfile
import time
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, BinaryIO

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

PRODUCT = "ai-industry-registry"
FORMAT = 2
FORMATS = (1, 2)
"""The formats that are read; the first one had no attachments."""
DUMP, MANIFEST, ATTACHMENTS = "database.sql.gz", "manifest.json", "attachments/"
MOST_OF_MANIFEST = 1 << 20
MOST_MISSING = 100
PIECE = 1 << 20
_KEY = re.compile(r"[0-9a-f]{32}")


class BadBackupError(Exception):
    """Says that the file is no complete backup of this registry; the message says what it is."""


@dataclass(frozen=True)
class Manifest:
    version: str
    taken_at: str
    postgresql: str
    migrations: list[list[str]]
    tables: dict[str, int]
    """The number of rows of each table in the dump."""
    sha256: str
    """The SHA-256 digest of the dump."""
    size: int
    attachments: int = 0
    """How many attached files there are, each of which has an entry of its own, named by its key."""
    attachments_sha256: str = ""
    """The SHA-256 digest of their keys and contents, in the order of the file."""
    missing: list[str] = field(default_factory=list)
    """The keys of attachments that were not on the disk when the backup was made; at most MOST_MISSING."""
    product: str = PRODUCT
    format: int = FORMAT

    @property
    def rows(self) -> int:
        return sum(self.tables.values())


def write_dump(file: BinaryIO, dump: IO[bytes]) -> tuple[int, str]:
    """Add the dump while it arrives, and return its size and SHA-256. Its header in the archive is written last."""
    header, digest = file.tell(), hashlib.sha256()
    file.write(bytes(tarfile.BLOCKSIZE))
    while piece := dump.read(PIECE):
        digest.update(piece)
        file.write(piece)
    end = file.tell()
    size = end - header - tarfile.BLOCKSIZE
    file.seek(header)
    file.write(_entry(DUMP, size).tobuf(tarfile.GNU_FORMAT))
    file.seek(end)
    file.write(bytes(-size % tarfile.BLOCKSIZE))
    return size, digest.hexdigest()


def write_attachments(file: BinaryIO, paths: Iterable[tuple[str, Path]]) -> tuple[int, str, list[str]]:
    """Add files under their keys; return how many there are, their digest, and the keys of those that are missing."""
    digest, count, missing = hashlib.sha256(), 0, []
    for key, path in paths:
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            missing.append(key)
            continue
        digest.update(key.encode() + content)
        file.write(_entry(ATTACHMENTS + key, len(content)).tobuf(tarfile.GNU_FORMAT))
        file.write(content + bytes(-len(content) % tarfile.BLOCKSIZE))
        count += 1
    return count, digest.hexdigest(), missing


def write_manifest(file: BinaryIO, manifest: Manifest) -> None:
    """Add the manifest, which is the last part of the file."""
    text = json.dumps(asdict(manifest), indent=1).encode()
    file.write(_entry(MANIFEST, len(text)).tobuf(tarfile.GNU_FORMAT) + text + bytes(-len(text) % tarfile.BLOCKSIZE))
    file.write(bytes(2 * tarfile.BLOCKSIZE))


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size, 0o600, int(time.time())
    return entry


class Backup:
    """A backup to be read. Raises BadBackupError."""

    def __init__(self, file: BinaryIO) -> None:
        try:
            self._tar = tarfile.TarFile(fileobj=file)
            text = self._open(MANIFEST).read(MOST_OF_MANIFEST)
            said = json.loads(text)
            if said["product"] == PRODUCT and said["format"] not in FORMATS:
                raise BadBackupError(_("it was made by another program, or by a newer version of this one"))
            self.manifest = Manifest(**said)
        except (tarfile.TarError, KeyError, ValueError, TypeError):
            raise BadBackupError(_("it is no backup of this registry, or it is cut off")) from None
        if self.manifest.product != PRODUCT or self.manifest.format not in FORMATS:
            raise BadBackupError(_("it was made by another program, or by a newer version of this one"))
        if parse_datetime(self.manifest.taken_at) is None:
            raise BadBackupError(_("its manifest is damaged"))

    def check(self) -> None:
        """Read the dump to its end, and compare it with the manifest. Raises BadBackupError."""
        digest = hashlib.sha256()
        try:
            with self._open(DUMP) as dump:
                while piece := dump.read(PIECE):
                    digest.update(piece)
        except (tarfile.TarError, KeyError):
            raise BadBackupError(_("it is damaged: it holds no whole dump")) from None
        if digest.hexdigest() != self.manifest.sha256:
            raise BadBackupError(_("it is damaged: the dump is not the one that was written"))
        self._check_attachments()

    def _check_attachments(self) -> None:
        digest, count = hashlib.sha256(), 0
        for key, content in self.attachments():
            digest.update(key.encode() + content)
            count += 1
        if (count and digest.hexdigest() != self.manifest.attachments_sha256) or count != self.manifest.attachments:
            raise BadBackupError(_("it is damaged: the attached files are not those that were written"))

    def attachments(self) -> Iterator[tuple[str, bytes]]:
        """Yield key and content of each attached file; the key is 32 hexadecimal digits."""
        try:
            for entry in self._tar:
                key = entry.name.removeprefix(ATTACHMENTS)
                if key != entry.name and _KEY.fullmatch(key):
                    yield key, self._open(entry.name).read()
        except (tarfile.TarError, KeyError):
            raise BadBackupError(_("it is damaged: the attached files are not those that were written")) from None

    def lines(self) -> Iterator[bytes]:
        """Yield the lines of the dump, in SQL."""
        try:
            with self._open(DUMP) as dump, gzip.open(dump) as text:
                yield from text
        except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile):
            raise BadBackupError(_("it is damaged: it holds no whole dump")) from None

    def _open(self, name: str) -> IO[bytes]:
        file = self._tar.extractfile(name)
        if file is None:
            raise KeyError(name)
        return file
