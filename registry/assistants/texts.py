"""Texts in the language of the process: the catalog of the site, read without Django."""

import gettext as catalogs
from pathlib import Path

CATALOG = Path(__file__).resolve().parents[2] / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.mo"
LANGUAGES = ("zh", "en")

_texts: dict[str, catalogs.NullTranslations] = {"en": catalogs.NullTranslations()}
_language = "en"


def speak(language: str) -> None:
    """Give every text in this language from now on. Raises OSError where the translations are not compiled."""
    global _language  # a process has one language
    if language == "zh" and "zh" not in _texts:
        with CATALOG.open("rb") as file:
            _texts["zh"] = catalogs.GNUTranslations(file)
    _language = language


def language() -> str:
    return _language


def gettext(message: str) -> str:
    return _texts[_language].gettext(message)
