"""`python -m bench.trial [NAME]...`: the import tried on real lists, which are no part of the project.

REGISTRY_TRIAL_DATA names the directory that has them; without it nothing is done. Each list goes twice into an empty
registry of its own: the second time nothing may change. What is taken and what is refused, and why, is printed.
"""

import contextlib
import datetime
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Trial:
    file: str
    table: str = "organizations"
    columns: dict[str, str] = field(default_factory=dict)
    """Label of the file -> column that somebody would choose for it; remembered as a mapping before the import."""
    constants: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    """What the table asks beside the file."""
    after: str = ""
    """Another trial, whose list must be in the registry before."""
    check: Callable[[Path, Any], None] | None = None
    replay: str = ""
    """The alliance whose history is done again by operations, instead of an import."""


ROR_TYPES = {
    "education": "高校", "facility": "科研院所", "healthcare": "医院", "company": "企业", "government": "政府部门",
    "nonprofit": "社会组织", "funder": "", "archive": "科研院所", "other": "其他",
}  # fmt: skip
ROR_ORDER = ("education", "healthcare", "facility", "government", "company", "nonprofit", "archive", "other", "funder")


def _ror_natures() -> dict[str, str]:
    """What each type, or pair of types, of ROR is called here; the first of the order counts."""
    pairs = {f"{one}|{other}" for one in ROR_TYPES for other in ROR_TYPES if one < other}
    triples = {f"{pair}|{last}" for pair in pairs for last in ROR_TYPES if pair.split("|")[1] < last}
    found = {}
    for text in {*ROR_TYPES, *pairs, *triples}:
        types = text.split("|")
        found[text] = ROR_TYPES[min(types, key=ROR_ORDER.index)]
    return found | {"company|facility": ROR_TYPES["company"]}


def check_dirty(data: Path, report: Any) -> None:
    """Against the key of the workbook: what is refused for a reason of the key, what is taken with its true values."""
    from registry.models import Organization
    from registry.values.validators import fold_name

    key = {row["row"]: row for row in json.loads((data / "dev_staff_list_dirty_key.json").read_text())}
    reasons = {"uscc_as_number_lost_digits", "uscc_typo_invalid", "date_month_only", "exact_duplicate"}
    refused = {problem.row for problem in report.problems}
    told = {number for number, row in key.items() if reasons & set(row["dirt"])}
    print(f"  refused as the key has it: {len(refused & told)}; beyond the key: {len(refused - told)}; "
          f"taken against the key: {len(told - refused)}")  # fmt: skip
    stored = {record.name_zh_key: record for record in Organization.objects.all()}
    wrong = 0
    for number, row in key.items():
        if number not in refused:
            record = stored.get(fold_name(row["name"]))
            true_code = None if "uscc_missing" in row["dirt"] else row["uscc"]
            wrong += record is None or record.uscc != true_code or str(record.founded_on) != row["founded"]
    print(f"  taken rows whose name, USCC or date differ from the key: {wrong}")


def check_members(slug: str) -> Callable[[Path, Any], None]:
    """Against the counts of the alliance's members by day."""

    def check(data: Path, report: Any) -> None:
        import csv

        from alliance.models import Membership

        with (data / "alliance_member_counts.csv").open(encoding="utf-8-sig", newline="") as file:
            days = [(row["date"], int(row["members"])) for row in csv.DictReader(file) if row["alliance"] == slug]
        memberships = Membership.objects.filter(alliance__slug=slug)
        right = sum(memberships.as_of(datetime.date.fromisoformat(day)).count() == members for day, members in days)
        print(f"  days with the right number of members: {right} of {len(days)}")

    return check


TRIALS = {
    "enterprises": Trial("zhongshan_enterprises_dev.csv"),
    "gb18030": Trial("dev_plain_gb18030.csv"),
    "utf16": Trial("dev_plain_utf16_tab.txt"),
    "dirty": Trial("dev_staff_list_dirty.xlsx", check=check_dirty),
    "private": Trial("real_private_use_chars.csv"),
    "listed": Trial(
        "listed_companies_800_original.csv",
        columns={"股票代码": "identifier_stock_code", "公司名称": "name_zh", "股票简称": "short_name"},
        constants={"kind": "企业"},
    ),
    "listed-figures": Trial(
        "listed_companies_800_original.csv",
        table="figures",
        columns={"公司名称": "name_zh", "主营业务收入(202112)": "revenue", "员工人数": "employees"},
        constants={"year": "2021"},
        after="listed",
    ),
    "ror": Trial(
        "ror_cn_dev.csv",
        columns={
            "ror_id": "identifier_ror", "display_name": "name_en", "name_zh": "name_zh", "types": "nature",
            "status": "registration_status", "country_code": "country", "country": "", "website": "website",
            "established": "", "labels": "", "aliases": "", "acronyms": "short_name",
        },
        values={"nature": _ror_natures(), "registration_status": {"inactive": "注销", "withdrawn": ""}},
    ),
    "lfai": Trial("lfai_organizations.csv"),
    "lfai-memberships": Trial(
        "lfai_memberships.csv",
        table="memberships",
        options={"alliance": "lfai", "create_missing": True},
        after="lfai",
        check=check_members("lfai"),
    ),
    "lfai-replay": Trial("lfai_memberships.csv", replay="lfai", check=check_members("lfai")),
    "cncf": Trial("cncf_organizations.csv"),
    "cncf-memberships": Trial(
        "cncf_memberships.csv",
        table="memberships",
        options={"alliance": "cncf", "create_missing": True},
        after="cncf",
        check=check_members("cncf"),
    ),
    "cncf-replay": Trial("cncf_memberships.csv", replay="cncf", check=check_members("cncf")),
}  # fmt: skip


def main(names: list[str]) -> int:
    data = os.environ.get("REGISTRY_TRIAL_DATA", "")
    if not data or not Path(data).is_dir():
        print("trial: skipped, REGISTRY_TRIAL_DATA names no directory with the lists.")
        return 0
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    if "REGISTRY_TRIAL_ONE" in os.environ:
        return one(TRIALS[names[0]], Path(data))
    os.environ["REGISTRY_VAR"] = str(ROOT / "var" / "bench" / "trial")
    for name in ("DATABASE_URL", "REGISTRY_ENV", "REGISTRY_DEBUG"):
        os.environ.pop(name, None)
    import django

    django.setup()
    from . import databases

    failed = 0
    for name in names or TRIALS:
        if not (Path(data) / TRIALS[name].file).exists():
            print(f"{name}: {TRIALS[name].file} is not there")
            continue
        with databases.empty("trial") as database:
            environment = databases.environment(database) | {"REGISTRY_TRIAL_ONE": "1"}
            command = [sys.executable, "-m", "bench.trial", name]
            failed |= subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    return failed


def one(trial: Trial, data: Path) -> int:
    import django

    django.setup()
    from django.utils import translation

    translation.activate("en")
    if trial.after:
        _run(TRIALS[trial.after], data)
    if trial.replay:
        return _replay(trial, data)
    first = _run(trial, data)
    print(f"{trial.file} as {trial.table}: {first.summary}")
    for (words, column), count in Counter((_kind(problem), problem.column) for problem in first.problems).most_common(
        12
    ):
        print(f"  {count} x {column}: {words}")
    for notice in first.notices:
        print(f"  {notice}")
    if trial.check:
        trial.check(data, first)
    again = _run(trial, data)
    taken = first.new + first.changed + first.unchanged
    held = again.summary == f"new 0, changed 0, unchanged {taken}, refused {first.refused}"
    print("  second time: nothing changes" if held else f"  SECOND TIME: {again.summary} {again.changed_columns}")
    return 0 if held else 1


def _replay(trial: Trial, data: Path) -> int:
    from .replay import replay

    replay(data / trial.file, trial.replay)
    if trial.check:
        trial.check(data, None)
    return 0


def _kind(problem: Any) -> str:
    """The message without its values, so that the same ones are counted together."""
    message = problem.message
    return str(getattr(message, "text", message))


def _run(trial: Trial, data: Path) -> Any:
    from registry.imports import import_tables
    from registry.imports.recognising.headers import label_key
    from registry.imports.recognising.layout import Layout, signature
    from registry.models import ImportMapping

    table = import_tables.get(trial.table)
    if table is None:
        raise SystemExit(f"There is no table {trial.table}.")
    run = table.make(**trial.options)
    if trial.columns and not ImportMapping.objects.filter(table=trial.table).exists():
        labels = _labels(data / trial.file)
        known = {column.name for column in run.columns}
        unknown = sorted({name for name in trial.columns.values() if name} - known)
        if unknown:
            print(f"  no such column: {', '.join(unknown)}")
        columns = {label_key(label): name for label, name in trial.columns.items() if not name or name in known}
        layout = Layout(columns=columns, constants=trial.constants, values=trial.values)
        ImportMapping.objects.create(
            table=trial.table, signature=signature(labels), labels=labels, layout=layout.remembered()
        )
    report = run.run(data / trial.file, apply=True)
    with contextlib.closing(report.table):
        return report


def _labels(path: Path) -> list[str]:
    import csv

    with path.open(encoding="utf-8-sig", newline="") as file:
        return next(csv.reader(file))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
