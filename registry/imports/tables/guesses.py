"""Counts for the report the values that an import of organizations has guessed."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from registry.imports.pipeline.report import Message
from registry.imports.pipeline.statements import Database

_ROWS = """FROM import_final f JOIN import_row r ON r.n = f.n JOIN import_match m ON m.n = f.n
LEFT JOIN registry_organization o ON o.id = m.id"""
_TOWN = "r.town_guess IS NOT NULL AND f.township_id = r.town_guess AND o.township_id IS NULL"
_COUNTS = f"""
SELECT count(*) FILTER (WHERE {_TOWN}),
       count(*) FILTER (WHERE f.is_new AND r.kind IS NULL AND r.kind_source = 'title'),
       count(*) FILTER (WHERE foreign_or_not AND r.country_guess IS NOT NULL AND r.country_guess <> 'CN'),
       count(*) FILTER (WHERE foreign_or_not AND r.country_guess IS NULL AND f.uscc IS NULL
                        AND (f.name_zh = '' OR f.category = 'overseas_rd'))
{_ROWS}
CROSS JOIN LATERAL (SELECT f.is_new AND r.country IS NULL AS foreign_or_not) c
"""
_MESSAGES = (
    _("Townships filled in from the address: %(count)d. Please have them confirmed."),
    _("Kinds filled in from the title of the list: %(count)d. Please have them confirmed."),
    _("Countries filled in from the address: %(count)d. Please have them confirmed."),
    # What a list does not say of bodies that may be foreign: English names only, no code of a Chinese body.
    _(
        "New records taken for Chinese bodies, though only the name is known: %(count)d. "
        "If they are foreign, give their country, in a column or for all rows."
    ),
)


def guesses(run: Database) -> Iterator[Message]:
    """Yield a message for each kind of guess with its count; works on the tables of the import."""
    for count, message in zip(next(run.query(_COUNTS)), _MESSAGES, strict=True):
        if count:
            yield Message(message, {"count": count})


def guessed_townships(run: Database) -> Iterator[tuple[int, str, str]]:
    """Yield the rows whose township was found in the address: staged row, address, Chinese name of the township."""
    yield from run.query(f"""
        SELECT r.n, r.registered_address, t.name_zh {_ROWS}
        JOIN registry_township t ON t.id = r.town_guess WHERE {_TOWN} ORDER BY r.n
    """)
