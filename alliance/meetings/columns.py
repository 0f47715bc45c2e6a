"""The columns of meetings, attendance, decisions and rules."""

from collections.abc import Callable
from typing import Any

from django.db.models import Case, Count, IntegerField, Model, OuterRef, Subquery, TextChoices, TextField, Value, When
from django.db.models.functions import Coalesce, Concat
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as _p

from alliance.council.columns import ORDINAL, ordinal_parser, parse_ordinal
from alliance.meetings.choices import Ballot, Body, FormOfMeeting, Matter
from alliance.meetings.rule_cells import NONE, parse_majority, parse_quorum, write_majority, write_quorum
from alliance.models import AllianceRules, Attendance, Decision, Meeting, VotingRule
from registry.api.json_schema import INTEGER, NULLABLE_INTEGER, NULLABLE_TEXT
from registry.columns import Column, Hint, date_column, field_column, field_columns, text_column
from registry.organizations.columns.template_help import NEW
from registry.spreadsheet import (
    PLAIN,
    Cell,
    Context,
    Parse,
    Vocabulary,
    choice_vocabulary,
    parse_boolean,
    parse_date,
    parse_line,
)


def _present_count(reference: str) -> Coalesce:
    """Return how many were present: the typed number, else the ticks."""
    ticks = Attendance.objects.filter(meeting=OuterRef(reference), present=True).order_by()
    counted = Subquery(ticks.values("meeting").annotate(n=Count("pk")).values("n"), output_field=IntegerField())
    return Coalesce("attended", counted, 0)


MEETINGS = _p("columns", "Meetings")
_TERM_SYNONYMS = "第几届、届数、理事会届次、届、term"
_NUMBER_SYNONYMS = "次数、第几次、会次、第几次会议、会议次序、meeting_number"
_DAY_SYNONYMS = "召开日期、召开时间、会议时间、开会日期、开会时间、日期、held_on"
_BODY_SYNONYMS = "会议类别、会议类型、会议种类、机构、决策机构、body"
_BODIES = {
    "assembly": [
        "会员代表大会",
        "成员大会",
        "成员单位大会",
        "成员单位会议",
        "代表大会",
        "全体会员大会",
        "会员大会会议",
    ],
    "council": ["理事会会议", "理事会议", "理事大会"],
    "standing_council": ["常务理事会会议", "常务理事会议", "常务会", "常务会议"],
}
_FORMS = {
    "meeting": ["现场会议", "现场", "线下", "线下会议", "现场召开", "线上会议", "视频会议"],
    "correspondence": ["通讯", "通讯方式", "通讯会议", "书面表决", "函询", "传签"],
}
_BALLOTS = {
    "show_of_hands": ["举手", "举手表决方式", "口头表决"],
    "open": ["记名", "记名表决", "实名投票"],
    "secret": ["无记名", "无记名表决", "无记名投票表决", "不记名投票", "不记名"],
}
_MATTERS = {
    "admission": ["吸收会员", "接纳会员", "会员入会", "新会员入会"],
    "tier_change": ["会员级别调整", "级别变更"],
    "expulsion": ["会员除名"],
    "withdrawal": ["会员退会"],
    "dues_standard": ["会费", "会费标准制定", "会费标准调整"],
    "dues_relief": ["减免会费", "会费减免事项"],
    "election": ["换届选举", "选举事项", "选举和罢免"],
    "rules": ["章程", "章程修改", "规章制度", "制度"],
    "other": ["其他", "其它", "其它事项"],
}
"""Code of a choice -> other words that minutes have for it."""


def of_field(model: type[Model], name: str, parse: Parse) -> Parse:
    """Return a parser that also refuses what a field of the model refuses, for a column of another name."""

    field: Any = model._meta.get_field(name)

    def read(cell: Cell, context: Context = PLAIN) -> object:
        value = parse(cell, context)
        if value is not None:
            field.run_validators(value)
        return value

    return read


parse_number = of_field(
    Meeting, "number", ordinal_parser(rf"第?\s*({ORDINAL})\s*次?(?:会议|全体会议)?|(?:meeting|no\.?)\s*(\d+)")
)
"""Returns the number of a meeting: 2, 第2次, 第二次会议."""
parse_decision_number = ordinal_parser(rf"第?\s*({ORDINAL})\s*(?:号|项|号决议|项决议)?|(?:decision|no\.?)\s*(\d+)")


def parse_passed(cell: Cell, context: Context = PLAIN) -> bool | None:
    """Return whether minutes say that a decision was passed."""
    text = (parse_line(cell) or "") if isinstance(cell, str) else ""
    return _RESULTS[text] if text in _RESULTS else parse_boolean(cell, context)


_RESULTS = {"通过": True, "已通过": True, "表决通过": True, "未通过": False, "不通过": False, "否决": False}


def term_parser(vocabulary: Vocabulary[object]) -> Parse:
    """Return a parser that finds a term by its number, as minutes write it."""

    def parse(cell: Cell, context: Context = PLAIN) -> object:
        number = parse_ordinal(cell, context)
        return None if number is None else vocabulary.find(str(number))

    return parse


def _choices(noun: Promise, choices: type[TextChoices], words: dict[str, list[str]]) -> Callable[[], Vocabulary[str]]:
    return lambda: choice_vocabulary(noun, choices.choices, words)


def _field(model: type[Model], name: str, hint: Hint | None, synonyms: str = "", **options: Any) -> Column:
    return field_column(model, name, **{"group": MEETINGS, "hint": hint, "synonyms": synonyms} | options)


def _of_meeting(prefix: str, number: str) -> tuple[Column, ...]:
    """Return the columns that name a meeting, in its own list and in the lists of rows that belong to it."""
    return (
        _field(
            Meeting,
            "body",
            Hint(values=lambda: Body.labels, required=True),
            _BODY_SYNONYMS,
            expression=f"{prefix}body",
            vocabulary=_choices(_("body"), Body, _BODIES),
            width=16,
        ),
        text_column(
            "term",
            _p("column", "Term"),
            expression=f"{prefix}term__number",
            schema=NULLABLE_INTEGER,
            width=8,
            synonyms=_TERM_SYNONYMS,
            parser_of=term_parser,
            sql_type="bigint",
            group=MEETINGS,
            hint=Hint(_("A term that the alliance has; empty: the one of that day."), "3"),
        ),
        text_column(
            number,
            _p("column", "Number of the meeting"),
            expression=f"{prefix}number",
            schema=INTEGER,
            width=10,
            synonyms=_NUMBER_SYNONYMS,
            parse=parse_number,
            sql_type="integer",
            group=MEETINGS,
            hint=Hint(_("Counted within the term, for each body."), "2", True),
        ),
    )


MEETING_COLUMNS: tuple[Column, ...] = (
    field_column(Meeting, "id", in_file=False),
    *_of_meeting("", "number"),
    field_column(Meeting, "of_representatives", in_file=False),
    _field(Meeting, "held_on", Hint(example="2023-06-15", required=NEW), _DAY_SYNONYMS),
    _field(
        Meeting,
        "form",
        Hint(_("Empty for a new meeting: in person."), values=lambda: FormOfMeeting.labels),
        "召开方式、召开形式、会议方式、form",
        vocabulary=_choices(_("form of the meeting"), FormOfMeeting, _FORMS),
    ),
    _field(Meeting, "place", Hint(example="石岐街道虚构路1号会议室"), "会议地点、召开地点、place", width=24),
    field_column(Meeting, "called", in_file=False),
    text_column(
        "number_called",
        _p("column", "Number called"),
        expression=Coalesce("entitled", "called"),
        schema=INTEGER,
        width=8,
        synonyms="应到人数、应到会人数、应到单位数、应出席、应出席人数、应到会、entitled",
        group=MEETINGS,
        hint=Hint(_("Empty: counted from the members of that day."), "24"),
    ),
    field_column(Meeting, "entitled", in_file=False),
    _field(
        Meeting,
        "entitled_reason",
        Hint(_("Where the minutes have another number than the records."), "据会议纪要"),
        "应到差异原因、应到说明、entitled_reason",
        width=24,
    ),
    text_column(
        "number_present",
        _p("column", "Number present"),
        expression=_present_count("pk"),
        schema=INTEGER,
        width=8,
        synonyms="实到人数、实到会人数、实到单位数、实际出席、实际出席人数、出席人数、到会人数、实到会、attended",
        group=MEETINGS,
        hint=Hint(_("Nobody is ticked by a file: give the reason beside."), "20"),
    ),
    field_column(Meeting, "attended", in_file=False),
    _field(
        Meeting,
        "attended_reason",
        Hint(_("Where the minutes have another number than the ticks."), "据会议纪要，未逐一签到"),
        "实到差异原因、实到说明、attended_reason",
        width=24,
    ),
)

_MEETING: tuple[Column, ...] = (
    *_of_meeting("meeting__", "meeting_number"),
    date_column(
        "held_on",
        _p("column", "Held on"),
        expression="meeting__held_on",
        synonyms=_DAY_SYNONYMS,
        parse=parse_date,
        sql_type="date",
        group=MEETINGS,
        hint=Hint(_("Of the meeting, to compare; it is not changed."), "2023-06-15"),
    ),
)


def _meeting_id(model: Any) -> Column:
    label = model._meta.get_field("meeting").verbose_name
    return text_column("meeting", label, expression="meeting_id", schema=INTEGER, in_file=False)


ATTENDANCE_COLUMNS: tuple[Column, ...] = (
    field_column(Attendance, "id", in_file=False),
    _meeting_id(Attendance),
    *_MEETING,
    text_column("member_no", _p("column", "Member number"), expression="member__member_no"),
    text_column(
        "registry_no", _p("column", "Registry number"), expression="member__organization__registry_no", in_file=False
    ),
    text_column(
        "name_zh",
        _p("column", "Organization name"),
        expression="member__organization__name_zh",
        schema=NULLABLE_TEXT,
        width=36,
    ),
    field_column(Attendance, "present", width=8),
    field_column(Attendance, "proxy", width=24),
)


def _rule(name: str, label: Promise, sign: Any, note: Promise, example: str, synonyms: str, **ways: Any) -> Column:
    """Return the column of files with a part of the rule by which a decision was taken."""
    share = Concat(sign, f"{name}_numerator", Value("/"), f"{name}_denominator", output_field=TextField())
    return text_column(
        name,
        label,
        expression=Case(
            When(**{f"{name}_denominator": None}, then=Value(NONE)), default=share, output_field=TextField()
        ),
        in_list=False,
        width=16,
        synonyms=synonyms,
        sql_type="text",
        group=MEETINGS,
        hint=Hint(note, example),
        **ways,
    )


_RULE: tuple[Column, ...] = (
    _rule(
        "quorum",
        _p("column", "Asked to be present"),
        Value(""),
        _("Of those called, by the rule of that day. Empty: what the alliance's rule asks for now."),
        "2/3以上",
        "到会要求、法定到会比例、法定人数、出席比例要求、quorum",
        write=write_quorum,
        parse=parse_quorum,
    ),
    _rule(
        "majority",
        _p("column", "Asked to vote for it"),
        Case(When(majority_exceeded=True, then=Value(">")), default=Value(">="), output_field=TextField()),
        _("Of those present, by the rule of that day. Empty: what the alliance's rule asks for now."),
        "超过1/2",
        "表决要求、通过比例、通过条件、赞成比例要求、majority",
        write=write_majority,
        parse=parse_majority,
    ),
)

DECISION_COLUMNS: tuple[Column, ...] = (
    field_column(Decision, "id", in_file=False),
    _meeting_id(Decision),
    *_MEETING,
    _field(
        Decision,
        "number",
        Hint(_("Counted within the meeting."), "1", True),
        "序号、决议编号、决议号、第几项、decision_number",
        parse=parse_decision_number,
        width=10,
    ),
    _field(
        Decision,
        "subject",
        Hint(example="关于吸收虚构科技有限公司入会的决议", required=NEW),
        "决议名称、决议内容、议题、表决事项、审议事项、事项、决议、subject",
        width=48,
    ),
    _field(
        Decision,
        "matter",
        Hint(_("Empty for a new decision: other matter."), values=lambda: Matter.labels),
        "事项类型、决议类别、决议类型、matter",
        vocabulary=_choices(_("matter"), Matter, _MATTERS),
    ),
    _field(
        Decision,
        "ballot",
        Hint(_("Empty for a new decision: show of hands."), values=lambda: Ballot.labels),
        "投票方式、表决形式、ballot",
        vocabulary=_choices(_("kind of vote"), Ballot, _BALLOTS),
    ),
    _field(
        Decision,
        "entitled",
        Hint(_("Of the meeting, to compare; it is not changed.")),
        "应到人数、应到会人数、应到单位数、应出席、应出席人数、应到会",
    ),
    _field(
        Decision,
        "present",
        Hint(_("Of the meeting, to compare; it is not changed.")),
        "实到人数、实到会人数、实到单位数、实际出席、实际出席人数、出席人数、到会人数、实到会",
    ),
    _field(Decision, "votes_for", Hint(example="18", required=NEW), "同意、赞同、赞成票、同意票、赞成票数、votes_for"),
    _field(Decision, "votes_against", Hint(_("Empty for a new decision: 0."), "1"), "反对票、反对票数、不同意"),
    _field(Decision, "abstentions", Hint(_("Empty for a new decision: 0."), "1"), "弃权票、弃权票数"),
    _field(
        Decision,
        "passed",
        Hint(_("Computed from the votes; what the file says is compared.")),
        "表决结果、结果、是否通过、passed",
    ),
    *(field_column(Decision, name, in_file=False) for name in Decision.SHARES),
    *_RULE,
    _field(
        Decision,
        "override_reason",
        Hint(_("Where fewer were present than the rule asks for."), ""),
        "到会不足理由、override_reason",
        width=36,
    ),
    text_column(
        "document",
        _p("column", "Document"),
        expression="document__name",
        schema=NULLABLE_TEXT,
        width=24,
        in_file=False,
        only_written=True,
    ),
)

VOTING_RULE_COLUMNS: tuple[Column, ...] = (
    field_column(VotingRule, "id", in_file=False),
    *field_columns(VotingRule, "body", *VotingRule.SHARES),
)

ALLIANCE_RULES_COLUMNS: tuple[Column, ...] = (
    field_column(AllianceRules, "id", in_file=False),
    *field_columns(
        AllianceRules,
        "delegates",
        "admission_body",
        "tier_change_body",
        "expulsion_body",
        "two_persons",
        "direct_entry",
        "unpaid_years",
        "absence_counts",
    ),
)
