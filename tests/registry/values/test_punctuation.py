"""Tests that words are put together with the signs of the reader's language."""

import pickle

import pytest
from django.utils import translation

from registry.values.punctuation import bracketed, clauses, labelled, listed, listed_lazily, phrases

NAMES = ("Alpha", "Beta", "Gamma")


@pytest.mark.parametrize(
    ("text", "chinese", "english"),
    [
        (lambda: listed(NAMES), "Alpha、Beta、Gamma", "Alpha, Beta, Gamma"),
        (lambda: phrases(NAMES), "Alpha，Beta，Gamma", "Alpha, Beta, Gamma"),
        (lambda: clauses(NAMES), "Alpha；Beta；Gamma", "Alpha; Beta; Gamma"),
        (lambda: bracketed("Alpha", 2026), "Alpha（2026）", "Alpha (2026)"),
        (lambda: bracketed("Alpha", "Beta（Gamma）"), "Alpha · Beta（Gamma）", "Alpha · Beta（Gamma）"),
        (lambda: labelled("Alpha", "100%"), "Alpha：100%", "Alpha: 100%"),
        (lambda: listed(()), "", ""),
    ],
)
def test_each_language_has_its_signs(text: object, chinese: str, english: str) -> None:
    with translation.override("zh-hans"):
        assert text() == chinese  # type: ignore[operator]
    with translation.override("en"):
        assert text() == english  # type: ignore[operator]


def test_a_message_kept_in_both_languages_is_joined_anew_in_each() -> None:
    kept = pickle.loads(pickle.dumps(listed_lazily(name for name in NAMES)))
    with translation.override("zh-hans"):
        assert "%s" % kept == "Alpha、Beta、Gamma"  # noqa: UP031 - messages are filled in so
    with translation.override("en"):
        assert "%s" % kept == "Alpha, Beta, Gamma"  # noqa: UP031
