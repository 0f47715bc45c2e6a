"""Declares to the registry the columns of rosters that show persons."""

from alliance.papers.columns import INTERNAL_ROSTER_COLUMNS
from registry.erasure import processing


def declare() -> None:
    processing.add_columns(lambda: INTERNAL_ROSTER_COLUMNS)
