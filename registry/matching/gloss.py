"""Translates Chinese names into English word by word, to find records of which only the English name is known."""

import re
from functools import lru_cache

from registry.matching.names import NameParts, sound
from registry.matching.vocabulary import CITIES, GLOSSARY, PROVINCES

_WORD_RE = re.compile(
    "|".join(sorted(GLOSSARY | dict.fromkeys(CITIES | PROVINCES), key=lambda word: (-len(word), word)))
)
_OF_INSTITUTES_RE = re.compile("学|院|所|室|中心|会|局|厅|部|府|馆|社$")


@lru_cache(maxsize=20_000)
def gloss(name: NameParts) -> str:
    """Return the name in English for words in the glossary, and in pinyin for other words.

    重庆交通大学 becomes `chongqing jiaotong university`. The result is empty for a Latin name, and for a firm, which is
    known by its brand.
    """
    if not name.chinese or "公司" in name.folded or not _OF_INSTITUTES_RE.search(name.folded):
        return ""
    text = _WORD_RE.sub(lambda word: f" {GLOSSARY.get(word[0]) or sound(word[0])} ", name.folded)
    return " ".join(map(sound, text.split()))
