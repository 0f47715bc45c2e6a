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
