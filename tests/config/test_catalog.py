import gettext
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from config import catalog
from tests.config.conftest import ROOT

PO = r"""
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=1; plural=0;\n"

# a comment
#, python-format
msgid "%(count)s of “%(name)s”"
msgstr ""
"“%(name)s”："
"%(count)s\n"

msgctxt "rank"
msgid "tier"
msgstr "级别"

msgid "close to the one before"
msgstr "紧接上一条"
msgid "one row"
msgid_plural "%d rows"
msgstr[0] "%d 行"

#, fuzzy
msgid "old"
msgstr "旧"

msgid "empty"
msgstr ""

#~ msgid "gone"
#~ msgstr "已删除"
"""


@pytest.fixture
def po(tmp_path: Path) -> Path:
    path = tmp_path / "django.po"
    path.write_text(PO, encoding="utf-8")
    return path


def test_compiled_is_read_by_gettext(po: Path) -> None:
    po.with_suffix(".mo").write_bytes(catalog.compiled(catalog.read(po)))
    with po.with_suffix(".mo").open("rb") as file:
        translations = gettext.GNUTranslations(file)
    assert translations.gettext("%(count)s of “%(name)s”") == "“%(name)s”：%(count)s\n"
    assert translations.pgettext("rank", "tier") == "级别"
    assert translations.ngettext("one row", "%d rows", 7) == "%d 行"
    assert [translations.gettext(msgid) for msgid in ("old", "empty", "gone")] == ["old", "empty", "gone"]


def test_problems_name_fuzzy_empty_and_changed_placeholders(po: Path) -> None:
    po.write_text(PO.replace('"%d 行"', '"行"'), encoding="utf-8")
    problems = {entry.msgid: list(entry.problems()) for entry in catalog.read(po) if entry.msgid}
    assert problems.pop("old") == ["is marked fuzzy"]
    assert problems.pop("empty") == ["has no translation"]
    assert problems.pop("one row") == ["has other placeholders in its translation '行'"]
    assert not any(problems.values())


def test_read_tells_the_line_of_an_entry(po: Path) -> None:
    lines = PO.splitlines()
    for entry in catalog.read(po):
        block = "\n".join(lines[entry.line - 1 : entry.line + 3])
        assert block.startswith(("#", "msg"))
        assert f'msgid "{entry.msgid}"' in block


def test_messages_finds_strings_in_python_and_templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "ROOT", tmp_path)
    (tmp_path / "app" / "templates").mkdir(parents=True)
    (tmp_path / "app" / "code.py").write_text(
        '_("plain")\ntranslation.gettext("joined " "string")\n'
        'pgettext("rank", "tier")\nngettext("row", "rows", 2)\n_(name)\n'
    )
    (tmp_path / "app" / "templates" / "page.html").write_text(
        '{% load i18n %}<p>(it\'s)</p>{% translate "short" %}{% translate "may" context "month" %}'
        '{% blocktranslate with a=b %}long {{ a }} (so){% endblocktranslate %}{{ x|default:_("none") }}'
    )
    found = {key for _, key in catalog.messages(tmp_path / "app")}
    assert found == {
        *("plain", "joined string", "rank\x04tier", "row"),
        *("short", "month\x04may", "long %(a)s (so)", "none"),
    }


def test_first_tests_in_a_new_checkout_know_the_translations(tmp_path: Path, surroundings: dict[str, str]) -> None:
    for folder in ("config", "registry", "alliance", "bench", "locale"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("*.mo"))
    (tmp_path / "tests").mkdir()
    for file in ("pyproject.toml", "tests/__init__.py", "tests/conftest.py"):
        shutil.copy(ROOT / file, tmp_path / file)
    (tmp_path / "tests/test_new.py").write_text(
        "from django.utils.translation import gettext\n\n\n"
        "def test_words():\n    assert gettext('enterprise') == '\\u4f01\\u4e1a'\n"
    )
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/test_new.py"]
    result = subprocess.run(command, cwd=tmp_path, env=surroundings, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
