"""Rules and decisions in words."""

import re
from collections.abc import Iterable, Iterator

from django.core.exceptions import ValidationError
from django.db.models import Case, F, Q, TextField, Value, When
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alliance.meetings.models import Decision
from alliance.meetings.rule_models import Shares
from registry.spreadsheet import Vocabulary

_SHARE = re.compile(r"\s*(\d{1,4})\s*[/／]\s*(\d{1,4})\s*")


def share_in_words(numerator: int | None, denominator: int | None) -> str:
    """Return 2/3; empty for no share."""
    return f"{numerator}/{denominator}" if numerator and denominator else ""


def read_share(text: str) -> tuple[int, int] | tuple[None, None]:
    """Return the two numbers of 2/3, of nothing none. Raises ValidationError."""
    if not text.strip():
        return None, None
    match = _SHARE.fullmatch(text)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise ValidationError(_("“%(value)s” is no share: write it as 2/3, at most 1/1.") % {"value": text})
    return int(match[1]), int(match[2])


def quorum_in_words(rule: Shares) -> str:
    share = share_in_words(rule.quorum_numerator, rule.quorum_denominator)
    return _("at least %(share)s of those called") % {"share": share} if share else _("no number is asked for")


def majority_in_words(rule: Shares) -> str:
    share = share_in_words(rule.majority_numerator, rule.majority_denominator)
    if not share:
        return _("more votes for it than against it")
    if rule.majority_exceeded:
        return _("more than %(share)s of those present") % {"share": share}
    return _("at least %(share)s of those present") % {"share": share}


def decision_named(path: str) -> Case:
    """Return the expression by which files name the decision at the path: its day and its subject."""
    day = Cast(F(f"{path}__meeting__held_on"), TextField())
    return Case(
        When(
            **{f"{path}__isnull": False}, then=Concat(day, Value(" "), F(f"{path}__subject"), output_field=TextField())
        )
    )


def decisions(which: Q) -> Vocabulary[int]:
    """Return the decisions that cells may name: by day and subject, by the subject alone, or by number."""

    def load() -> Iterator[tuple[int, Iterable[str]]]:
        known = Decision.objects.filter(which).order_by("-meeting__held_on", "number")
        for pk, held_on, subject in known.values_list("pk", "meeting__held_on", "subject"):
            yield pk, [f"{held_on} {subject}", subject, str(pk)]

    return Vocabulary(gettext_lazy("decision"), load)
