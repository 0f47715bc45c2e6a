"""Rules in words."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from alliance.meetings.rule_models import Shares

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
