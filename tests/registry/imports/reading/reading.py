"""Reading a file without an import around it."""

from registry.imports.reading.files import open_file
from registry.imports.reading.tables import TableFile
from registry.imports.recognising.sheets import recognise_table


def read_file(path, recognise, *, complete=bool, **reading) -> TableFile:
    """Read a file and recognise its table. Raises UnreadableFile, OSError."""
    raw = open_file(path, **reading)
    try:
        return recognise_table(raw, recognise, complete=complete)
    except BaseException:
        raw.close()
        raise
