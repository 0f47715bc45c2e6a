"""The guides for clerks (docs/zh) quote what stands on the pages."""

import gettext
import json
import re
from pathlib import Path

import django
import pytest
from django.conf import settings

GUIDES = sorted((settings.BASE_DIR / "docs" / "zh").glob("*.md"))
CATALOGS = [
    settings.BASE_DIR / "locale",
    *(Path(django.__file__).parent / folder / "locale" for folder in ("conf", "contrib/admin", "contrib/auth")),
]


def shown() -> set[str]:
    """The Chinese texts of the catalogs, and what reference data call roles."""
    roles = json.loads((settings.BASE_DIR / "fixtures" / "roles.json").read_text("utf-8"))
    found = {role["fields"]["name"] for role in roles}
    for catalog in CATALOGS:
        with (catalog / "zh_Hans" / "LC_MESSAGES" / "django.mo").open("rb") as file:
            found.update(gettext.GNUTranslations(file)._catalog.values())  # type: ignore[attr-defined]
    return found


def quoted(guide: Path) -> set[str]:
    return set(re.findall(r"「([^」]*)」", guide.read_text("utf-8"))) - {""}


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_guides_quote_texts_of_the_pages(guide: Path) -> None:
    assert sorted(quoted(guide) - shown()) == []


def test_guides_for_clerks_quote_what_is_on_the_pages_at_all() -> None:
    generated = {"data-dictionary.md", "personal-data.md"}
    assert {guide.name for guide in GUIDES if not quoted(guide)} <= {"operations.md", *generated}


def test_the_readme_names_buttons_as_both_languages_show_them() -> None:
    """An entry is **English** (中文); what is marked without Chinese behind it is no button."""
    named = re.findall(r"\*\*([^*]+)\*\*\s+\(([^)]+)\)", (settings.BASE_DIR / "README.md").read_text("utf-8"))
    assert named
    with (CATALOGS[0] / "zh_Hans" / "LC_MESSAGES" / "django.mo").open("rb") as file:
        translated = gettext.GNUTranslations(file)
    assert [(english, chinese) for english, chinese in named if translated.gettext(english) != chinese] == []


def test_the_index_leads_to_every_guide() -> None:
    index = (settings.BASE_DIR / "docs" / "zh" / "README.md").read_text("utf-8")
    assert {guide.name for guide in GUIDES} - set(re.findall(r"\]\(([\w-]+\.md)\)", index)) == {"README.md"}


def test_the_words_of_the_code_are_given_in_the_chinese_of_the_pages() -> None:
    page = (settings.BASE_DIR / "docs" / "words.md").read_text("utf-8")
    chinese = {
        word for term in re.findall(r"^\| ([^|]+) \|", page, re.MULTILINE) for word in re.findall(r"[一-鿿（）]+", term)
    }
    assert len(chinese) > 20
    assert sorted(chinese - shown()) == []
