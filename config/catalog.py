"""The catalog of translations: compiled and checked here, so that no gettext tools are needed.

python -m config.catalog            compile what has changed
python -m config.catalog --check    every string of the sources translated, every translation sound and in use
"""

import ast
import os
import re
import struct
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("registry", "alliance", "config")
LANGUAGE = "zh-hans"
CONTEXT = "\x04"  # how compiled catalogs join context and message

# How many leading arguments are: a context, messages
FUNCTIONS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), (0, 1)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (0, 2)),
    **dict.fromkeys(("_p", "pgettext", "pgettext_lazy"), (1, 1)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), (1, 2)),
}
PLACEHOLDER = re.compile(r"%\([^)]*\)[a-z]|%[a-z%]|\{[^{}]*\}")


@dataclass
class CatalogEntry:
    line: int
    fuzzy: bool = False
    context: str | None = None
    msgid: str = ""
    plural: str | None = None
    strings: dict[int, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return self.msgid if self.context is None else self.context + CONTEXT + self.msgid

    def problems(self) -> Iterator[str]:
        if self.fuzzy:
            yield "is marked fuzzy"
        if not all(self.strings.values()):
            yield "has no translation"
        wanted = set(PLACEHOLDER.findall(self.msgid)) | set(PLACEHOLDER.findall(self.plural or ""))
        for text in self.strings.values():
            if text and set(PLACEHOLDER.findall(text)) != wanted:
                yield f"has other placeholders in its translation {text!r}"


def read(path: Path) -> list[CatalogEntry]:
    """Return the entries of a .po file, header first. Obsolete ones (#~) are left out."""
    entries: list[CatalogEntry] = []
    target = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#~"):
            continue
        begins = line.startswith(("#", "msgctxt", "msgid "))
        if not entries or (begins and entries[-1].strings):
            entries.append(CatalogEntry(number))
        if line.startswith("#"):
            entries[-1].fuzzy |= line.startswith("#,") and "fuzzy" in line
            continue
        keyword, _, text = line.partition('"')
        target = keyword.strip() or target
        _append(entries[-1], target, ast.literal_eval('"' + text))
    return [entry for entry in entries if entry.strings]


def _append(entry: CatalogEntry, target: str, text: str) -> None:
    if target == "msgctxt":
        entry.context = (entry.context or "") + text
    elif target == "msgid":
        entry.msgid += text
    elif target == "msgid_plural":
        entry.plural = (entry.plural or "") + text
    else:
        form = int(target.removeprefix("msgstr").strip("[]") or 0)
        entry.strings[form] = entry.strings.get(form, "") + text


def compiled(entries: Iterable[CatalogEntry]) -> bytes:
    """Return the entries in the binary format of gettext: two sorted tables of lengths and offsets, then the texts."""
    pairs = sorted(
        (
            (entry.key if entry.plural is None else f"{entry.key}\0{entry.plural}").encode(),
            "\0".join(text for _, text in sorted(entry.strings.items())).encode(),
        )
        for entry in entries
        if all(entry.strings.values()) and not entry.fuzzy
    )
    header = 7 * 4
    offset = header + 2 * 8 * len(pairs)
    tables, texts = b"", b""
    for column in zip(*pairs, strict=True):
        for text in column:
            tables += struct.pack("<II", len(text), offset + len(texts))
            texts += text + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), header, header + 8 * len(pairs), 0, offset)
    return head + tables + texts


def compile_changed() -> None:
    for source in (ROOT / "locale").glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        draft = target.with_suffix(f".{os.getpid()}")
        draft.write_bytes(compiled(read(source)))
        draft.rename(target)


# --- Check


def messages(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield place and text of every string that is marked for translation. A string may come with a context."""
    from django.utils.translation.template import templatize

    for path in sorted(folder.rglob("*.py")):
        for line, key in _marked(ast.parse(path.read_text(encoding="utf-8"))):
            yield f"{path.relative_to(ROOT)}:{line}", key
    for path in sorted(p for p in folder.rglob("templates/**/*") if p.suffix in (".html", ".txt")):
        calls = templatize(path.read_text(encoding="utf-8"))
        for match in re.finditer(r"\b(_|n?p?gettext)\(", calls):
            if tree := _first_call(calls[match.start() :]):
                yield from ((str(path.relative_to(ROOT)), key) for _, key in _marked(tree))


def _first_call(text: str) -> ast.AST | None:
    for end in (m.end() for m in re.finditer(r"\)", text)):
        try:
            return ast.parse(text[:end], mode="eval")
        except SyntaxError:
            continue
    return None


def _marked(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", None) or getattr(node.func, "attr", "")
        if name not in FUNCTIONS:
            continue
        contexts, texts = FUNCTIONS[name]
        arguments = [a.value for a in node.args[: contexts + texts] if isinstance(a, ast.Constant)]
        if len(arguments) == contexts + texts:
            yield node.lineno, CONTEXT.join(str(a) for a in arguments[: contexts + 1])


def _check() -> list[str]:
    import django
    from django.utils.translation import trans_real

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    source = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    name = source.relative_to(ROOT)
    own = [entry for entry in read(source) if entry.msgid]
    problems = [f"{name}:{e.line}: {e.msgid!r} {problem}" for e in own for problem in e.problems()]
    seen: set[str] = set()
    for entry in own:
        if entry.key in seen:
            problems.append(f"{name}:{entry.line}: {entry.msgid!r} stands there twice")
        seen.add(entry.key)
    used = {key: place for folder in SOURCES for place, key in messages(ROOT / folder)}
    # What Django and the libraries translate themselves need not stand here again.
    catalog = trans_real.translation(LANGUAGE)._catalog  # type: ignore[attr-defined]
    known = {key[0] if isinstance(key, tuple) else key for key, _ in catalog.items()}
    problems += [f"{place}: {key!r} is not translated" for key, place in used.items() if key not in known]
    problems += [f"{name}:{e.line}: {e.msgid!r} is used nowhere" for e in own if e.key not in used]
    return problems


if __name__ == "__main__":
    compile_changed()
    found = _check() if "--check" in sys.argv else []
    print("\n".join(found), end="\n" if found else "")
    sys.exit(bool(found))
