"""The rule of a decision in cells of files: 2/3以上, 超过1/2, 不要求, and how minutes write it besides.

Between file and database a quorum is 2/3, a majority >=2/3 or >1/2, and NONE stands for none.
"""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alliance.meetings.rule_models import Shares

NONE = "0"
_WORDS = (
    "(?:全体|应到|实到|到会|出席|会员|理事|代表|人数|人员|同意|赞成|通过|表决|须|经|者|的|票"
    "|ofthosecalled|ofthosepresent)*"
)
_MORE = "超过|多于|大于|过|>|morethan|over"
_RULE = re.compile(
    rf"{_WORDS}(?:(?P<more>{_MORE})|至少|不少于|不低于|大于等于|≥|>=|atleast)?"
    r"(?:(?P<n>\d{1,4})[/⁄](?P<d>\d{1,4})|(?P<cd>[二两三四五六七八九十])分之(?P<cn>[一二两三四五六七八九])|半数)"
    rf"(?:以上|及以上|ormore)?{_WORDS}"
)
_DIGITS = {sign: value for value, sign in enumerate("〇一二三四五六七八九十")} | {"两": 2}
_NONE = re.compile(
    "不要求|无要求|没有要求|none|notaskedfor|(?:赞成|同意)(?:票)?多于反对(?:票)?|morevotesforthanagainst"
)
NO_RULE = gettext_lazy("“%(value)s” is no rule: write 2/3以上, 超过1/2, or 不要求.")
MORE_PRESENT = gettext_lazy("“%(value)s”: a quorum is kept as a share that is enough, such as 2/3以上.")


def in_cells(rule: Shares) -> tuple[str, str]:
    """Return the quorum and the majority of a rule, as they are between file and database."""
    quorum, majority = NONE, NONE
    if rule.quorum_denominator:
        quorum = f"{rule.quorum_numerator}/{rule.quorum_denominator}"
    if rule.majority_denominator:
        share = f"{rule.majority_numerator}/{rule.majority_denominator}"
        majority = f">{share}" if rule.majority_exceeded else f">={share}"
    return quorum, majority


def write_quorum(value: str | None, context: object = None) -> str:
    """Return the share of a quorum for a cell, in the language of the file; empty where no decision is."""
    if value is None:
        return ""
    return _("not asked for") if value == NONE else _("%(share)s or more") % {"share": value}


def write_majority(value: str | None, context: object = None) -> str:
    """Return the share of a majority for a cell, in the language of the file; empty where no decision is."""
    if value is None:
        return ""
    if value == NONE:
        return _("more votes for than against")
    told = _("%(share)s or more") if value.startswith(">=") else _("more than %(share)s")
    return told % {"share": value.lstrip(">=")}


def parse_quorum(cell: object, context: object = None) -> str | None:
    """Return 2/3 for 2/3以上, 三分之二, at least 2/3. Raises ValidationError."""
    found = parse_majority(cell)
    if found and found.startswith(">") and not found.startswith(">="):
        raise ValidationError(MORE_PRESENT, params={"value": cell})
    return found and found.lstrip(">=")


def parse_majority(cell: object, context: object = None) -> str | None:
    """Return >=2/3 for 2/3以上, >1/2 for 过半数. Raises ValidationError."""
    text = "".join(unicodedata.normalize("NFKC", str(cell or "")).lower().split())
    if not text:
        return None
    if _NONE.fullmatch(text):
        return NONE
    # A spreadsheet makes a date of 2/3: such a cell is no text.
    match = _RULE.fullmatch(text) if isinstance(cell, str) else None
    if match:
        numerator, denominator = _share(match)
        if 1 <= numerator <= denominator:
            return f"{'>' if match['more'] else '>='}{numerator}/{denominator}"
    raise ValidationError(NO_RULE, params={"value": cell})


def _share(match: re.Match[str]) -> tuple[int, int]:
    if match["d"]:
        return int(match["n"]), int(match["d"])
    return (_DIGITS[match["cn"]], _DIGITS[match["cd"]]) if match["cd"] else (1, 2)
