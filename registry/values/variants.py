"""Maps traditional characters to their simplified forms, from `traditional.txt`.

Single characters are enough for keys that are computed on both sides: 乾坤 and 干坤 are found by each other.
"""

from pathlib import Path

from registry.values.sections import read_sections

_SECTIONS = read_sections(Path(__file__).parent / "traditional.txt")
_ALL = "".join(_SECTIONS["usual"]) + "".join(_SECTIONS["rest"])
TRADITIONAL, SIMPLIFIED = _ALL[::2], _ALL[1::2]
"""The n-th character of one text corresponds to the n-th of the other."""
