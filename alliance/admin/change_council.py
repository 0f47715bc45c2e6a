"""The page on which the council is changed: who holds which tier from the first day of a new term on."""

import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Max
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alliance.council.change import (
    CouncilChange,
    CouncilOutcome,
    MembersRefused,
    ShownTiersDiffer,
    change_council,
    elections,
    held_on,
)
from alliance.council.models import LONGEST_TERM
from alliance.members.operations.direct import goes_by_application
from alliance.models import Alliance, Decision, Membership, Term, Tier
from registry.organizations.models.organizations import Organization
from registry.search.conditions import find
from registry.site.fields import DayField, LastDayField
from registry.site.forms import add_refusal
from registry.spreadsheet import split_list
from registry.values.people import Account
from registry.values.punctuation import phrases

PERMISSIONS = ("alliance.add_term", "alliance.change_term", "alliance.add_membership", "alliance.change_membership")
ALL_SHOWN = 40
"""The page shows up to so many members outside of the council at once; of more, it shows who is searched for."""
FOUND_SHOWN = 50
_TIER_OF = re.compile(r"tier-(\d{1,18})")
_SHOWN_OF = re.compile(r"was-(\d{1,18})")


class ChangeCouncilForm(forms.Form):
    number = forms.IntegerField(label=gettext_lazy("Number of the term"), min_value=1, max_value=999)
    begins_on = DayField(label=gettext_lazy("First day of the term"))
    ends_on = LastDayField(
        label=gettext_lazy("Last day of the term"), help_text=gettext_lazy("A term lasts at most 5 years.")
    )
    decision = forms.ModelChoiceField(
        Decision.objects.none(), label=gettext_lazy("Decision on the election"), required=False
    )
    find = forms.CharField(required=False, widget=forms.TextInput(attrs={"type": "search", "class": "vTextField"}))

    def __init__(self, data: QueryDict | None, alliance: Alliance, user: Account) -> None:
        super().__init__(data, initial=_initial(alliance), label_suffix="")
        known = elections(alliance) if user.has_perm("alliance.view_decision") else Decision.objects.none()
        self.needs_decision = goes_by_application(alliance)
        self.has_decisions = known.exists()
        field = self.fields["decision"]
        field.queryset, field.required = known, self.needs_decision  # type: ignore[attr-defined]
        if not (self.needs_decision or self.has_decisions):
            del self.fields["decision"]


@dataclass(slots=True)
class CandidateRow:
    """A member on the page: the tier that it holds, and the one that is chosen for it."""

    membership: Membership
    chosen: int
    errors: list[str]


class ChangeCouncilPage:
    """One request to the page. `outcome` is the preview, or what was done; `done` says which."""

    def __init__(self, alliance: Alliance, data: QueryDict | None, user: Account) -> None:
        self.alliance = alliance
        self.form = ChangeCouncilForm(data, alliance, user)
        self.step = data.get("step", "find") if data is not None else "find"
        self.chosen = _numbers(data, _TIER_OF)
        self.shown = _numbers(data, _SHOWN_OF)
        self.outcome: CouncilOutcome | None = None
        self.done = False
        self._refused: Mapping[int, list[str]] = {}

    def run(self, user: Account) -> None:
        """Try the change, or do it, if the person has asked for it."""
        if not self.form.is_bound or not self.form.is_valid() or self.step not in ("preview", "apply"):
            return
        values = self.form.cleaned_data
        term = (values["number"], values["begins_on"], values["ends_on"])
        asked = CouncilChange(self.alliance, *term, self.chosen, self.shown, values.get("decision"))
        try:
            self.outcome = change_council(asked, user, trial=self.step == "preview")
            self.done = self.step == "apply"
        except MembersRefused as error:
            self._refused = error.reasons
        except ShownTiersDiffer as error:
            # Who was to stay as shown now stays as it is; what the person chose is kept.
            for member in error.members:
                if self.chosen.get(member) == self.shown.get(member):
                    self.chosen.pop(member, None)
            self.form.add_error(None, error)
        except ValidationError as error:
            add_refusal(self.form, error)

    # --- What the page shows

    @cached_property
    def on(self) -> datetime.date:
        """The first day of the term, for which the tiers are shown."""
        if self.form.is_bound:
            self.form.is_valid()
            return self.form.cleaned_data.get("begins_on") or timezone.localdate()
        return self.form.initial["begins_on"]

    @cached_property
    def _held(self) -> dict[int, Membership]:
        return held_on(self.alliance, self.on)

    @cached_property
    def tiers(self) -> list[Tier]:
        """The tiers to choose from: those given on the day, and those that somebody holds."""
        held = {one.tier_id for one in self._held.values()}
        tiers = self.alliance.tiers.order_by("rank", "code")
        return [one for one in tiers if one.pk in held or one.disabled_on is None or one.disabled_on > self.on]

    @property
    def council(self) -> list[CandidateRow]:
        return [self._row(one) for one in self._held.values() if one.tier.in_council]

    @cached_property
    def outside(self) -> list[Membership]:
        return [one for one in self._held.values() if not one.tier.in_council]

    @property
    def all_shown(self) -> bool:
        return len(self.outside) <= ALL_SHOWN

    @cached_property
    def candidates(self) -> list[CandidateRow]:
        """Members outside of the council: those for whom a tier is chosen, then those found, or all if they are few."""
        if self.all_shown:
            return [self._row(one) for one in self.outside]
        moved = [one for one in self.outside if self.chosen.get(one.member_id, one.tier_id) != one.tier_id]
        found = [one for one in self.outside if one.member.organization_id in self.found and one not in moved]
        return [self._row(one) for one in (*moved, *found[:FOUND_SHOWN])]

    @cached_property
    def words(self) -> list[str]:
        """The names that are looked for: several are parted by signs, as in a list that is pasted."""
        text = self.form.data.get("find", "") if self.step == "find" and self.form.is_bound else ""
        return split_list(text.replace("\t", ";").replace("\n", ";"), ";；、，,")

    @cached_property
    def found(self) -> set[int]:
        """The ids of the organizations that are looked for and are members outside of the council."""
        outside = {one.member.organization_id for one in self.outside}
        return {pk for word in self.words for pk in self._ids(word)} & outside

    @property
    def refused(self) -> list[CandidateRow]:
        """The members whose tier cannot change, with the reasons."""
        return [self._row(self._held[member]) for member in self._refused if member in self._held]

    @property
    def lacking(self) -> list[str]:
        """The words by which no member outside of the council is found."""
        outside = {one.member.organization_id for one in self.outside}
        return [word for word in self.words if outside.isdisjoint(self._ids(word))]

    @property
    def too_many(self) -> int:
        return max(0, len(self.found) - FOUND_SHOWN)

    def _ids(self, word: str) -> list[int]:
        of_alliance = Organization.objects.filter(alliance_members__alliance=self.alliance)
        return list(find(of_alliance, word).values_list("pk", flat=True))

    def _row(self, one: Membership) -> CandidateRow:
        return CandidateRow(
            one, self.chosen.get(one.member_id, one.tier_id), list(self._refused.get(one.member_id, ()))
        )

    def hidden(self) -> Iterator[tuple[str, object]]:
        """Yield the names and values that the preview carries on."""
        for name in ("number", "begins_on", "ends_on", "decision"):
            yield name, self.form.data.get(name, "")
        for prefix, values in (("tier", self.chosen), ("was", self.shown)):
            for member, tier in values.items():
                yield f"{prefix}-{member}", tier


def told(outcome: CouncilOutcome) -> str:
    """Return the message after the change."""
    counts = phrases(f"{label} {len(steps)}" for label, steps in outcome.in_groups())
    return _("%(term)s: the council is changed. %(counts)s.") % {"term": outcome.term, "counts": counts}


def _numbers(data: QueryDict | None, name: re.Pattern[str]) -> dict[int, int]:
    """Return the numbers that the form gives for members, by the id of the member."""
    found = {}
    for key, value in (data or {}).items():
        if (match := name.fullmatch(key)) and str(value).isascii() and str(value).isdecimal() and len(str(value)) < 19:
            found[int(match[1])] = int(str(value))
    return found


def _initial(alliance: Alliance) -> dict[str, Any]:
    """Propose the next number, the day on which the present term is over, and a term that lasts as long."""
    last = Term.objects.filter(alliance=alliance).order_by("-begins_on").first()
    number = Term.objects.filter(alliance=alliance).aggregate(last=Max("number"))["last"] or 0
    begins_on = last.over_on if last else timezone.localdate()
    years = min(LONGEST_TERM, round((last.ends_on - last.begins_on).days / 365.25)) if last else LONGEST_TERM
    return {"number": number + 1, "begins_on": begins_on, "ends_on": _years_later(begins_on, max(1, years))}


def _years_later(day: datetime.date, years: int) -> datetime.date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # from 29 February
        return day.replace(year=day.year + years, month=3, day=1)
