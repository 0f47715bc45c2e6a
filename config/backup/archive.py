"""The file of a backup: a tar archive with the dump and a manifest of its content."""

import gzip
import hashlib
import json
import tarfile
import time
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import IO, BinaryIO

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

PRODUCT = "ai-industry-registry"
FORMAT = 1
DUMP, MANIFEST = "database.sql.gz", "manifest.json"
MOST_OF_MANIFEST = 1 << 20
PIECE = 1 << 20


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
            self.manifest = Manifest(**json.loads(text))
        except (tarfile.TarError, KeyError, ValueError, TypeError):
            raise BadBackupError(_("it is no backup of this registry, or it is cut off")) from None
        if (self.manifest.product, self.manifest.format) != (PRODUCT, FORMAT):
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
