"""`python -m bench.import_functions [--list]`: how many functions of the product an import of four rows passes through.

One row is new, one changed, one unchanged, one refused. The same kind of file is imported once before, so that nothing
is counted that runs only once in a process. Functions of the registry, the alliances and the configuration are counted
in this process alone, not in the child process that opens the file. Lambdas, comprehensions, generator expressions and
bodies of modules and classes are left out. The figure depends on the version of Python, which is printed.
"""

import inspect
import os
import platform
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
APPS = tuple(f"{ROOT / app}{os.sep}" for app in ("registry", "alliance", "config"))
INSIDE = "REGISTRY_FUNCTIONS_INSIDE"
"""Set in the process that is counted, which has a database of its own."""

HEADER = "名称,统一社会信用代码,类型,简称"
NEW = "中山市甲智能科技有限公司,,企业,甲"
CHANGED = "中山市春晖传感有限公司,91440101MAC9H7NB8E,企业,春晖"
UNCHANGED = "中山市秋水软件有限公司,91442000MAD2X1W54Q,企业,秋水"
REFUSED = "中山市夏木数据有限公司,91440101MAC9H7NB80,企业,夏木"


class Calls:
    """Counts the functions of the product that are called within the block."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, CodeType]] = {}
        """File -> qualified name -> code, both in order of first call."""

    def __enter__(self) -> "Calls":
        sys.setprofile(self._note)
        return self

    def __exit__(self, *exception: object) -> None:
        sys.setprofile(None)

    def _note(self, frame: FrameType, event: str, argument: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(APPS) and is_function(code):
            path = str(Path(code.co_filename).relative_to(ROOT))
            self.found.setdefault(path, {})[f"{code.co_qualname}:{code.co_firstlineno}"] = code

    def lines(self, listed: bool) -> Iterator[str]:
        for path, functions in self.found.items():
            if listed:
                yield f"{path}: {len(functions)}"
                yield from (f"  {code.co_qualname}" for code in functions.values())
        count = sum(map(len, self.found.values()))
        yield f"{count} functions in {len(self.found)} files (Python {platform.python_version()})"


def is_function(code: CodeType) -> bool:
    """Whether the code is a function or method with a name, not a lambda, comprehension, module or class body."""
    # The compiler puts the names of lambdas and comprehensions in angle brackets; bodies of classes are not optimised.
    return bool(code.co_flags & inspect.CO_OPTIMIZED) and not code.co_name.startswith("<")


def measure(folder: Path) -> Calls:
    """The functions of the second of two imports. Raises RuntimeError where one does anything but what it should."""
    earlier, middle = (f"{CHANGED}{mark}" for mark in "一二")
    apply_rows(folder, [UNCHANGED, earlier], "new 2, changed 0, unchanged 0, refused 0")
    expected = "new 1, changed 1, unchanged 1, refused 1"
    apply_rows(folder, [NEW.replace("甲", "乙"), middle, UNCHANGED, REFUSED], expected)
    with Calls() as calls:
        apply_rows(folder, [NEW, CHANGED, UNCHANGED, REFUSED], expected)
    return calls


def apply_rows(folder: Path, rows: Sequence[str], expected: str) -> None:
    from registry.imports.tables.organizations import OrganizationImport

    path = folder / "rows.csv"
    path.write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8")
    report = OrganizationImport().run(path, apply=True)
    with report.table:
        if report.summary != expected:
            raise RuntimeError(f"{report.summary}: {[str(problem.message) for problem in report.problems]}")


def main() -> int:
    return count("bench.import_functions", measure, __doc__ or "")


def count(module: str, counted: Callable[[Path], Calls], description: str) -> int:
    """Run the module as a program: print what `counted` finds in a registry of its own, given an empty folder."""
    parser = ArgumentParser(prog=f"python -m {module}", description=description)
    parser.add_argument("--list", action="store_true", help="name them by file, in order of first call")
    listed = parser.parse_args().list
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    inside = os.environ.get(INSIDE)
    if not inside:
        os.environ["REGISTRY_VAR"] = str(ROOT / "var" / "bench" / "functions")
        for name in ("DATABASE_URL", "REGISTRY_ENV", "REGISTRY_DEBUG"):
            os.environ.pop(name, None)
    import django

    django.setup()
    if inside:
        with tempfile.TemporaryDirectory() as folder:
            for line in counted(Path(folder)).lines(listed):
                print(line)
        return 0
    from . import databases

    with databases.empty("functions") as database:
        environment = databases.environment(database) | {INSIDE: "1"}
        command = [sys.executable, "-m", module, *sys.argv[1:]]
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
