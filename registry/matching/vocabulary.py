"""The words of `vocabulary.txt`: places, trades, legal forms and other words that are common in names of bodies."""

from pathlib import Path

from registry.values.sections import read_sections

_SECTIONS = read_sections(Path(__file__).parent / "vocabulary.txt")
PROVINCES = frozenset(_SECTIONS["provinces"])
CITIES = frozenset(_SECTIONS["cities"])
TOWNS = frozenset(_SECTIONS["towns"])
LATIN_WIDE_PLACES = frozenset(_SECTIONS["latin_wide_places"])
PLACE_INITIALS = {
    place.replace("-", ""): "".join(syllable[0] for syllable in place.split("-")) for place in _SECTIONS["latin_places"]
}
"""Places in Latin names -> the initials of their syllables."""
LATIN_PLACES = LATIN_WIDE_PLACES | PLACE_INITIALS.keys()
TRADES = frozenset(_SECTIONS["trades"])
CHINESE_FORMS = frozenset(_SECTIONS["chinese_forms"])
BRANCHES = frozenset(_SECTIONS["branches"])
LATIN_FORMS = frozenset(_SECTIONS["latin_forms"])
LATIN_TRADES = frozenset(_SECTIONS["latin_trades"])
GLOSSARY = {word: gloss.replace("-", " ") for word, gloss in (entry.split("=") for entry in _SECTIONS["glossary"])}
"""Chinese words in names of institutes -> their English translations."""
