"""The documents name what exists."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class

ROOT: Path = settings.BASE_DIR
EDITIONS = (ROOT / "README.md", ROOT / "README.zh-CN.md")
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
MANAGE = ".venv/bin/python manage.py "


def blocks(path: Path) -> list[str]:
    return re.findall(r"^```\w*\n(.*?)^```$", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def prose(path: Path) -> str:
    """The text without its code."""
    text = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", "", text)


def code(path: Path) -> Iterator[str]:
    """Lines of code blocks (those continued by a backslash joined), and code within the text."""
    text = path.read_text(encoding="utf-8")
    for block in blocks(path):
        yield from block.replace("\\\n", " ").splitlines()
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL))


def outline(path: Path) -> list[tuple[int, int]]:
    """Level of each heading, with the number of pictures below it."""
    parts = re.split(r"^(#+) .*$", prose(path), flags=re.MULTILINE)
    return [(len(level), text.count("![")) for level, text in zip(parts[1::2], parts[2::2], strict=True)]


def without_words(block: str) -> list[str]:
    """The lines of a block, comments aside: they are in the language of the edition."""
    return [line for line in block.splitlines() if not line.lstrip().startswith("#")]


def manage_calls() -> Iterator[tuple[str, str]]:
    for path in DOCUMENTS:
        for line in code(path):
            for _, call in re.findall(r"(^|\$\()" + re.escape(MANAGE) + r"([^)|>&]*)", line):
                yield path.relative_to(ROOT).as_posix(), call


def test_both_editions_have_the_same_sections_and_pictures() -> None:
    assert outline(EDITIONS[0]) == outline(EDITIONS[1])


def test_both_editions_have_the_same_code() -> None:
    english, chinese = ([without_words(block) for block in blocks(path)] for path in EDITIONS)
    assert english == chinese


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_relative_links_lead_to_files(path: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", prose(path))
    missing = [link for link in links if "://" not in link and not (path.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize(("document", "call"), sorted(set(manage_calls())))
def test_commands_in_the_documents_take_these_arguments(document: str, call: str) -> None:
    name, *arguments = shlex.split(call.replace("...", ""))
    assert name in get_commands(), document
    if arguments:
        parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
        parser.parse_args(arguments)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_make_targets_in_the_documents_exist(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {target for line in code(path) for target in re.findall(r"\bmake (?:-\w+ )?([a-z]+)", line)}
    assert named <= targets


def test_examples_named_in_the_documents_exist() -> None:
    named = {name for path in DOCUMENTS for name in re.findall(r"docs/examples/[\w.-]+\w", path.read_text("utf-8"))}
    assert named
    assert [name for name in sorted(named) if not (ROOT / name).is_file()] == []


def test_the_page_of_words_names_files_that_exist() -> None:
    rows = re.findall(r"^\| .* \| ([^|]+) \|$", (ROOT / "docs" / "words.md").read_text("utf-8"), re.MULTILINE)
    named = {path for row in rows for path in re.findall(r"`([\w./]+(?:/|\.py|\.json))`", row)}
    assert len(named) > 40
    assert [path for path in sorted(named) if not any((ROOT / app / path).exists() for app in ("", "registry"))] == []
