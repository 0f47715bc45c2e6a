"""This version can upgrade databases that have all of the migrations that others replace, or none of them."""

from collections.abc import Iterator, Set

from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader


def partly_applied(applied: Set[tuple[str, str]]) -> Iterator[tuple[Migration, str]]:
    """Yield each migration that replaces several of which only some are applied, with the name of the last of these.

    Those that are missing are no files any more, so nothing can apply them. `applied` holds pairs of app and name.
    """
    files = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    for migration in files.values():
        replaced = set(migration.replaces)
        known = sorted(applied & replaced)
        if known and replaced - applied - files.keys():
            yield migration, known[-1][1]
