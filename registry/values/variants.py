"""Maps traditional characters to their simplified forms, from `traditional.txt`.

Single characters are enough for keys that are computed on both sides: 乾坤 and 干坤 are found by each other.
"""

from pathlib import Path

from registry.values.sections import read_sections

_SECTIONS = read_sections(Path(__file__).parent / "traditional.txt")
_USUAL = "".join(_SECTIONS["usual"])
_ALL = _USUAL + "".join(_SECTIONS["rest"])
TRADITIONAL, SIMPLIFIED = _ALL[::2], _ALL[1::2]
"""The n-th character of one text corresponds to the n-th of the other."""
_SIMPLIFIED = dict(zip(map(ord, TRADITIONAL), SIMPLIFIED, strict=True))
_TRADITIONAL = dict(zip(map(ord, _USUAL[-1::-2]), _USUAL[-2::-2], strict=True))


def other_script(text: str) -> str:
    """Return the text in simplified characters; if it is simplified already, in traditional ones as far as known.

    Use it for comparing names only: not every character has just one other form.
    """
    simplified = text.translate(_SIMPLIFIED)
    return simplified if simplified != text else text.translate(_TRADITIONAL)
