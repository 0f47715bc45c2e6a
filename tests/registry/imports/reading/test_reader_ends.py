"""However the process that reads a file comes to its end: the reason is told, with what to do."""

import random
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.utils import translation

from registry.imports.reading import files
from registry.imports.reading.refusals import UnreadableFile
from tests.registry.imports.reading.test_hostile_files import SHEET, cell, rebuilt, refusal, sheet_xml
from tests.registry.imports.test_import_command import run


def ended(path: Path, *, encoding: str = "", output: str = "") -> UnreadableFile:
    """Why the real child, with its standard output there, gives up."""
    with open(output, "wb") if output else tempfile.TemporaryFile() as spool, pytest.raises(UnreadableFile) as caught:
        files._run_child(path, spool, encoding, None)
    return caught.value


@pytest.mark.parametrize("encoding", ["nonsense", "rot13", "base64"])
def test_encoding_that_is_none_is_told(tmp_path, encoding):
    (tmp_path / "a.csv").write_text("企业名称\n香山一厂\n")
    assert ended(tmp_path / "a.csv", encoding=encoding).code == "codec"


@pytest.mark.django_db
def test_wrong_encoding_is_told_by_the_command(tmp_path):
    (tmp_path / "a.csv").write_text("企业名称\n香山一厂\n")
    with translation.override("en"), pytest.raises(CommandError, match="no text encoding “nonsense”"):
        run(tmp_path / "a.csv", "--encoding", "nonsense")


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_full_disk_is_told(tmp_path, name):
    path = rebuilt(tmp_path / name, {}) if name == "a.xlsx" else tmp_path / name
    if name == "a.csv":
        path.write_text("企业名称\n" + "香山一厂\n" * 10_000)
    assert ended(path, output="/dev/full").code == "disk_full"


def test_workbook_of_too_many_cells_names_the_true_limit(tmp_path):
    rows = f'<row r="1">{cell("A1", "企业名称")}</row><row r="450000">{cell("JA450000", "x")}</row>'
    path = rebuilt(tmp_path / "a.xlsx", {SHEET: sheet_xml(rows)})
    assert refusal(path) == "memory"
    with translation.override("zh-hans"):
        assert "400 万个" in str(ended(path))


@pytest.mark.parametrize(
    ("script", "code", "words"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "killed", "内存不足"),
        ("import resource as r; r.setrlimit(r.RLIMIT_CPU, (1, 3))\nwhile True: pass", "processor_time", "30 秒"),
        ("import os, sys; print('memory allocation of 9 bytes failed', file=sys.stderr, flush=True); os.abort()",
         "memory", "512 MB"),
        ("import os; os.abort()", "broke_off", "SIGABRT"),
        ("raise ValueError", "broke_off", "exit 1"),
        ("pass", "broke_off", "exit 0"),
    ],
)  # fmt: skip
def test_end_without_a_word_is_told_by_its_kind(tmp_path, monkeypatch, script, code, words):
    (tmp_path / "child.py").write_text(script)
    monkeypatch.setattr(files, "_CHILD", tmp_path / "child.py")
    told = ended(tmp_path / "a.csv")
    assert told.code == code
    with translation.override("zh-hans"):
        assert words in str(told)


def test_child_never_prints_a_traceback(tmp_path):
    draw = random.Random(10)
    good = rebuilt(tmp_path / "a.xlsx", {}).read_bytes()
    for number in range(40):
        content = bytearray(good)
        for _change in range(draw.randrange(1, 20)):
            content[draw.randrange(4, len(content))] = draw.randrange(256)
        (tmp_path / "b.xlsx").write_bytes(content)
        with (tmp_path / "out").open("wb") as output:
            command = [sys.executable, "-I", str(files._CHILD), str(tmp_path / "b.xlsx"), "", ""]
            done = subprocess.run(command, stdout=output, stderr=subprocess.PIPE, check=False)
        assert b"Traceback" not in done.stderr, number
        assert b"broke_off" not in done.stderr, number
