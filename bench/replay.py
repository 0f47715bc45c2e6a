"""The real history of an alliance, done again by the operations of people: admission, change of tier, end."""

import csv
import datetime
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Event(NamedTuple):
    """What somebody would have recorded on the day; ends come first, because a member may come back on the same day."""

    on: datetime.date
    order: int
    name: str
    tier: str
    reason: str


ENDS, BEGINS = 0, 1


def events(path: Path) -> list[Event]:
    """Return what happened by the list of periods, in the order of days."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return sorted(event for row in csv.DictReader(file) for event in _of(row))


def _of(row: dict[str, str]) -> Iterator[Event]:
    yield Event(datetime.date.fromisoformat(row["admitted_on"]), BEGINS, row["name_en"], row["tier"], "")
    if row["ended_on"] and row["end_reason"] != "tier_change":
        on = datetime.date.fromisoformat(row["ended_on"])
        yield Event(on, ENDS, row["name_en"], row["tier"], row["end_reason"] or "other")


def replay(path: Path, slug: str) -> None:
    """Do all of it in an alliance of its own, in the order in which it happened, and print what was done."""
    from alliance.members.operations import actions
    from alliance.models import Alliance, Member, Tier
    from registry.models import Organization

    happened = events(path)
    alliance = Alliance.objects.create(slug=slug, name_zh=slug)
    names = dict.fromkeys(event.tier for event in happened)
    tiers = {
        name: Tier.objects.create(alliance=alliance, code=f"t{rank}", name_zh=name, rank=rank)
        for rank, name in enumerate(names, 1)
    }
    organizations = {
        name: Organization.objects.create(kind="enterprise", name_en=name)
        for name in dict.fromkeys(event.name for event in happened)
    }
    members: dict[str, Member] = {}
    done: Counter[str] = Counter()
    begun = time.perf_counter()
    for event in happened:
        member = members.get(event.name)
        if event.order == ENDS:
            actions.end(members[event.name], event.on, event.reason)
            done["end"] += 1
        elif member and member.memberships.as_of(event.on).exists():
            actions.change_tier(member, tiers[event.tier], event.on)
            done["change of tier"] += 1
        else:
            made = actions.admit(organizations[event.name], alliance, tiers[event.tier], event.on)
            members[event.name] = made.member
            done["admission again" if member else "admission"] += 1
    told = ", ".join(f"{count} x {what}" for what, count in done.most_common())
    print(f"{path.name} replayed by operations: {told}, in {time.perf_counter() - begun:.0f} s")
