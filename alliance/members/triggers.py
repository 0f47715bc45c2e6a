"""Triggers of the tables of alliances."""

import pgtrigger

# Gives a new member without a number the alliance's next free one. The row of alliance_membernumber is locked until the
# end of the transaction, so that two writers never get the same number.
NUMBER_ON_INSERT = pgtrigger.Trigger(
    name="number",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    condition=pgtrigger.Q(new__member_no=""),
    declare=[("prefix", "text"), ("n", "integer")],
    func="""
        SELECT member_no_prefix INTO prefix FROM alliance_alliance WHERE id = NEW.alliance_id;
        LOOP
            INSERT INTO alliance_membernumber AS counter (alliance_id, last) VALUES (NEW.alliance_id, 1)
                ON CONFLICT (alliance_id) DO UPDATE SET last = counter.last + 1
                RETURNING last INTO n;
            NEW.member_no = prefix || lpad(n::text, greatest(4, length(n::text)), '0');
            EXIT WHEN NOT EXISTS (
                SELECT 1 FROM alliance_member m WHERE m.alliance_id = NEW.alliance_id AND m.member_no = NEW.member_no
            );
        END LOOP;
        RETURN NEW;
    """,
)

_WITHIN = """
    IF EXISTS (
        SELECT 1 FROM alliance_suspension s
        WHERE s.member_id = {row}.member_id AND NOT coalesce(
            daterange(s.suspended_on, s.resumed_on) <@ (
                SELECT range_agg(daterange(m.admitted_on, m.ended_on)) FROM alliance_membership m
                WHERE m.member_id = s.member_id
            ), false)
    ) THEN
        RAISE EXCEPTION 'A suspension lies outside of the memberships of member %.', {row}.member_id
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'suspension_within_membership';
    END IF;
    RETURN NULL;
"""

# A suspension lies within an unbroken membership, whatever writes to either table. At the end of the transaction,
# because one operation writes to several rows.
SUSPENSION_WITHIN_MEMBERSHIP = pgtrigger.Trigger(
    name="within_membership",
    when=pgtrigger.After,
    operation=pgtrigger.Insert | pgtrigger.Update,
    timing=pgtrigger.Deferred,
    func=_WITHIN.format(row="NEW"),
)
MEMBERSHIP_AROUND_SUSPENSIONS = pgtrigger.Trigger(
    name="around_suspensions",
    when=pgtrigger.After,
    operation=pgtrigger.Update | pgtrigger.Delete,
    timing=pgtrigger.Deferred,
    func=_WITHIN.format(row="OLD"),
)

_OUTSIDE = """
    IF EXISTS (
        SELECT 1 FROM alliance_seat s
        WHERE s.member_id = {member} AND NOT coalesce(
            daterange(s.begins_on, s.ends_on) <@ (
                SELECT range_agg(daterange(m.admitted_on, m.ended_on)) FROM alliance_membership m
                WHERE m.member_id = s.member_id
            ), false)
    ) THEN
        RAISE EXCEPTION 'A seat lies outside of the memberships of member %.', {member}
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'seat_within_membership';
    END IF;
"""
_BOTH = """
    IF EXISTS (
        SELECT 1 FROM alliance_seat s
        JOIN alliance_group g ON g.id = s.group_id AND g.kind = 'supervisory_board'
        JOIN alliance_membership m ON m.member_id = s.member_id
            AND daterange(m.admitted_on, m.ended_on) && daterange(s.begins_on, s.ends_on)
        JOIN alliance_tier t ON t.id = m.tier_id AND t.in_council
        WHERE {row}
    ) THEN
        RAISE EXCEPTION 'A member would sit in the supervisory board and in the council.'
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'board_outside_council';
    END IF;
"""


def _seats(name: str, operation: pgtrigger.Operation, func: str) -> pgtrigger.Trigger:
    """Return a trigger that checks at the end of the transaction, because one operation writes to several rows."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.After,
        operation=operation,
        timing=pgtrigger.Deferred,
        func=f"{func} RETURN NULL;",
    )


_OF_NEW = _BOTH.format(row="s.member_id = NEW.member_id")

# The lock lets an operation on memberships, which locks the organization too, end first; then the check sees both.
SEAT_WITHIN_MEMBERSHIP = _seats(
    "within_membership",
    pgtrigger.Insert | pgtrigger.Update,
    """
    PERFORM 1 FROM registry_organization o JOIN alliance_member m ON m.organization_id = o.id
    WHERE m.id = NEW.member_id FOR NO KEY UPDATE OF o;
    """
    + _OUTSIDE.format(member="NEW.member_id")
    + _OF_NEW,
)
MEMBERSHIP_AROUND_SEATS = [
    _seats("around_seats", pgtrigger.Update | pgtrigger.Delete, _OUTSIDE.format(member="OLD.member_id")),
    _seats("outside_board", pgtrigger.Insert | pgtrigger.Update, _OF_NEW),
]
TIER_OUTSIDE_BOARD = _seats("outside_board", pgtrigger.Update, _BOTH.format(row="t.id = NEW.id"))
GROUP_OUTSIDE_COUNCIL = _seats("outside_council", pgtrigger.Update, _BOTH.format(row="g.id = NEW.id"))

# A group exists on all days of its seats. The lock lets a change of its days end first; then the check sees both.
_OUTSIDE_GROUP = """
    IF EXISTS (
        SELECT 1 FROM alliance_seat s JOIN alliance_group g ON g.id = s.group_id
        WHERE g.id = {group} AND NOT daterange(s.begins_on, s.ends_on) <@ daterange(g.founded_on, g.dissolved_on)
    ) THEN
        RAISE EXCEPTION 'A seat lies outside of the days of group %.', {group}
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'seat_within_group';
    END IF;
"""
SEAT_WITHIN_GROUP = _seats(
    "within_group",
    pgtrigger.Insert | pgtrigger.Update,
    "PERFORM 1 FROM alliance_group WHERE id = NEW.group_id FOR SHARE;" + _OUTSIDE_GROUP.format(group="NEW.group_id"),
)
GROUP_AROUND_SEATS = _seats("around_seats", pgtrigger.Update, _OUTSIDE_GROUP.format(group="NEW.id"))

_OUTSIDE_TERM = """
    IF EXISTS (
        SELECT 1 FROM alliance_meeting m JOIN alliance_term t ON t.id = m.term_id
        WHERE t.id = {term}
            AND NOT daterange(t.begins_on, coalesce(t.postponed_until, t.ends_on)) @> m.held_on
    ) THEN
        RAISE EXCEPTION 'A meeting lies outside of term %.', {term}
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'meeting_within_term';
    END IF;
    RETURN NULL;
"""

# The lock lets a change of the term end first; then the check sees both.
MEETING_WITHIN_TERM = pgtrigger.Trigger(
    name="within_term",
    when=pgtrigger.After,
    operation=pgtrigger.Insert | pgtrigger.Update,
    timing=pgtrigger.Deferred,
    condition=pgtrigger.Q(new__term__isnull=False),
    func="PERFORM 1 FROM alliance_term WHERE id = NEW.term_id FOR SHARE;" + _OUTSIDE_TERM.format(term="NEW.term_id"),
)
TERM_AROUND_MEETINGS = pgtrigger.Trigger(
    name="around_meetings",
    when=pgtrigger.After,
    operation=pgtrigger.Update,
    timing=pgtrigger.Deferred,
    func=_OUTSIDE_TERM.format(term="NEW.id"),
)
