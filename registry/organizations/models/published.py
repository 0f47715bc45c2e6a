"""Keeps what the public sees under review: triggers make proposals of changes of published organizations.

Two kinds of triggers work for every way of writing: pages, API, imports, undoing, commands.

- After a change by somebody without the right to publish, statement triggers note what has changed: it is in effect
  and waits for a review. A command acts for no account with that right, so its changes are noted, too. Where two
  persons are asked for, nobody's change is exempt but the decision of a reviewer about a proposal.
- While `proposals.holding` holds writes back, row triggers put public values back before they are stored, and keep the
  wanted ones as proposals.
"""

import pgtrigger

PUBLIC_FIELDS: dict[str, tuple[str, ...]] = {
    "organization": (
        "kind",
        "category",
        "uscc",
        "name_zh",
        "name_en",
        "short_name",
        "registration_status",
        "registration_type",
        "township",
        "zone",
        "registered_address",
        "business_address",
        "country",
        "website",
        "founded_on",
        "registered_capital",
        "capital_currency",
        "industry",
        "main_products",
        "scope",
        "introduction",
        "published",
    ),
    "sectortag": ("sector", "is_primary"),
    "name": ("kind", "name"),
    "qualification": ("grading", "level", "granted_on", "valid_to"),
    "identifier": ("scheme", "value", "valid_from", "valid_to"),
}
"""Model -> its public fields, and the fields that decide whether it is public.

A test compares it with the public API.
"""


PART_FIELDS: dict[str, tuple[str, ...]] = {
    "sectortag": (*PUBLIC_FIELDS["sectortag"], "evidence", "evidence_url"),
    "name": (*PUBLIC_FIELDS["name"], "language", "valid_from", "valid_to"),
    "qualification": (*PUBLIC_FIELDS["qualification"], "issuer", "batch", "certificate_no"),
    "identifier": PUBLIC_FIELDS["identifier"],
}
"""Child table -> the fields of a row, as proposals keep a whole row."""

HOLDING = "registry.holding"
"""The setting of the database that is `on` in a transaction while its writes are held back."""

_CONTEXT = "nullif(current_setting('pghistory.context_metadata', true), '')::jsonb"
_USER = f"""(
        SELECT u.id FROM auth_user u
        WHERE u.id = ({_CONTEXT} ->> 'user')::bigint
    )"""
_EXEMPT = f"""EXISTS (
        SELECT 1 FROM auth_user u
        WHERE u.id = {_USER}
          AND u.is_active AND (u.is_superuser OR EXISTS (
            SELECT 1 FROM auth_permission p JOIN django_content_type t ON t.id = p.content_type_id
            WHERE t.app_label = 'registry' AND p.codename = 'publish_organization' AND (
                p.id IN (SELECT permission_id FROM auth_user_user_permissions WHERE user_id = u.id)
                OR p.id IN (
                    SELECT of_group.permission_id FROM auth_group_permissions of_group
                    JOIN auth_user_groups has ON has.group_id = of_group.group_id WHERE has.user_id = u.id
                )
            )
        ))
    ) AND (
        {_CONTEXT} ->> 'two_persons' IS NULL OR {_CONTEXT} ->> 'operation' IN ('proposal', 'review')
    )"""
_KEYS = {"township", "zone", "sector", "grading"}


def column_of(name: str) -> str:
    return f"{name}_id" if name in _KEYS else name


def _json(fields: tuple[str, ...], row: str = "r") -> str:
    """Return SQL for the values of a row as one JSON object; decimal numbers are texts in it."""
    casts = {"registered_capital": "::text"}
    pairs = (f"'{name}', {row}.{column_of(name)}{casts.get(name, '')}" for name in fields)
    return f"jsonb_build_object({', '.join(pairs)})"


def _private(model: str) -> str:
    names = [name for name in PART_FIELDS[model] if name not in PUBLIC_FIELDS[model]]
    return f"'{{{','.join(names)}}}'::text[]"


# --- After a change that is in effect


def _note(model: str, cells: str, written: str, same: str) -> str:
    """Return SQL that notes cells as changes in effect: (organization_id, row_id, field, was, becomes).

    A cell that waits already keeps its first old value; one that has been changed back waits no longer. `written` gives
    the organizations of the statement, `same` says when a proposal `p` changes nothing.
    """
    return f"""
        WITH noted AS (
            INSERT INTO registry_proposal AS p (
                organization_id, kind, in_effect, what, row_id, field, old, new, name_change, state, reason
            )
            SELECT c.organization_id, 'published', true, '{model}', c.row_id, c.field, c.was, c.becomes, '', 'open', ''
            FROM ({cells}) c ORDER BY c.organization_id, c.row_id, c.field
            ON CONFLICT (organization_id, what, row_id, field) WHERE state = 'open' AND in_effect
            DO UPDATE SET new = excluded.new
            RETURNING p.id
        )
        INSERT INTO registry_proposalsource (proposal_id, proposer_id, origin, evidence, evidence_url, withdrawn)
        SELECT n.id, {_USER}, 'staff', '', '', false FROM noted n
        WHERE NOT EXISTS (
            SELECT 1 FROM registry_proposalsource s
            WHERE s.proposal_id = n.id AND s.proposer_id IS NOT DISTINCT FROM {_USER}
        );
        UPDATE registry_proposal p SET state = 'withdrawn', decided_at = now(), decided_by_id = {_USER}
        WHERE p.in_effect AND p.state = 'open' AND p.what = '{model}' AND {same} AND p.organization_id IN ({written});
    """


def _trigger(name: str, operation: pgtrigger.Operation, func: str, **referencing: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=f"published_{name}",
        when=pgtrigger.After,
        operation=operation,
        level=pgtrigger.Statement,
        referencing=pgtrigger.Referencing(**referencing),
        func=f"{func} RETURN NULL;",
    )


# Without a join of old rows and new, for the reason that `triggers._changed()` gives.
_TURNED = "SELECT id, published FROM new_rows EXCEPT SELECT id, published FROM old_rows"
_OWN = _json(PUBLIC_FIELDS["organization"])
_OLD_OWN = f"SELECT r.id, {_OWN} AS held FROM old_rows r WHERE r.published"
# The OR keeps the planner from joining old rows and new.
_NEW_OWN = f"""
    SELECT r.id, {_OWN} AS held FROM new_rows r
    WHERE r.published OR r.id IN (SELECT o.id FROM old_rows o WHERE o.published)
"""
_OWN_CELLS = f"""
    SELECT both_sides.id AS organization_id, NULL::bigint AS row_id, e.key AS field,
        (array_agg(nullif(e.value, 'null')) FILTER (WHERE both_sides.before))[1] AS was,
        (array_agg(nullif(e.value, 'null')) FILTER (WHERE NOT both_sides.before))[1] AS becomes
    FROM (
        SELECT true AS before, o.* FROM ({_OLD_OWN} EXCEPT {_NEW_OWN}) o
        UNION ALL SELECT false, n.* FROM ({_NEW_OWN} EXCEPT {_OLD_OWN}) n
    ) both_sides CROSS JOIN jsonb_each(both_sides.held) e
    GROUP BY both_sides.id, e.key
    HAVING bool_or(both_sides.before) AND count(DISTINCT e.value) > 1
"""
NOTE_CHANGES = [
    _trigger(
        "update",
        pgtrigger.Update,
        f"""
        IF NOT EXISTS (SELECT 1 FROM old_rows WHERE published)
            AND NOT EXISTS (SELECT 1 FROM registry_proposal p WHERE p.in_effect AND p.state = 'open')
        THEN
            RETURN NULL;
        END IF;
        IF {_EXEMPT} THEN
            UPDATE registry_proposal p SET state = 'overtaken', decided_at = now(), decided_by_id = {_USER}
            WHERE p.in_effect AND p.state = 'open' AND p.organization_id IN (SELECT id FROM ({_TURNED}) turned);
            RETURN NULL;
        END IF;
        {_note("organization", _OWN_CELLS, "SELECT id FROM new_rows", "p.old IS NOT DISTINCT FROM p.new")}
        """,
        old="old_rows",
        new="new_rows",
    ),
    _trigger(
        "delete",
        pgtrigger.Delete,
        """
        DELETE FROM registry_proposalsource s USING registry_proposal p
        WHERE p.id = s.proposal_id AND p.organization_id IN (SELECT id FROM old_rows);
        DELETE FROM registry_proposal p WHERE p.organization_id IN (SELECT id FROM old_rows);
        """,
        old="old_rows",
    ),
]
"""The triggers of organizations. Publishing or unpublishing by an account that may do so counts as a review."""


def note_changes(model: str, public: str = "true") -> list[pgtrigger.Trigger]:
    """Return the triggers of a child table whose rows `r` are public with their organization where `public` holds."""
    row = _json(PART_FIELDS[model])
    private = _private(model)

    def without(value: str) -> str:
        # A proposal of another table, whose value is no object, may be asked before it is left out.
        return f"CASE jsonb_typeof({value}) WHEN 'object' THEN {value} - {private} END"

    def side(rows: str, before: str) -> str:
        return f"SELECT {before} AS before, r.organization_id, r.id, {row} AS held, {public} AS shown FROM {rows} r"

    def noted(*sides: str, written: str) -> str:
        cells = f"""
            SELECT b.organization_id, b.id AS row_id, '' AS field,
                (array_agg(b.held) FILTER (WHERE b.before))[1] AS was,
                (array_agg(b.held) FILTER (WHERE NOT b.before))[1] AS becomes
            FROM ({" UNION ALL ".join(sides)}) b JOIN registry_organization o ON o.id = b.organization_id
            WHERE o.published
            GROUP BY b.organization_id, b.id
            HAVING bool_or(b.shown) AND (
                count(*) = 1 OR count(DISTINCT b.held - {private}) > 1
            )
        """
        return f"IF {_EXEMPT} THEN RETURN NULL; END IF;" + _note(
            model, cells, written, f"{without('p.old')} IS NOT DISTINCT FROM {without('p.new')}"
        )

    was, becomes = side("old_rows", "true"), side("new_rows", "false")
    old, new = "SELECT organization_id FROM old_rows", "SELECT organization_id FROM new_rows"
    return [
        _trigger("insert", pgtrigger.Insert, noted(becomes, written=new), new="new_rows"),
        _trigger("update", pgtrigger.Update, noted(was, becomes, written=new), old="old_rows", new="new_rows"),
        _trigger("delete", pgtrigger.Delete, noted(was, written=old), old="old_rows"),
    ]


# --- Instead of a change that is held back

_HELD = pgtrigger.Condition(f"current_setting('{HOLDING}', true) = 'on'")
_NAME_CHANGE = "CASE WHEN cell.key IN ('name_zh', 'name_en') THEN 'correction' ELSE '' END"
"""The former name that a renaming leaves is a row of its own, with a proposal of its own."""


def _propose(organization: str, what: str, row: str, field: str, was: str, becomes: str, name_change: str) -> str:
    return (
        f"PERFORM registry_propose({organization}, 'published', '{what}', {row}, {field}, {was}, {becomes}, "
        f"{name_change}, {_USER}, 'staff', '', '');"
    )


def _hold(name: str, operation: pgtrigger.Operation, func: str, **declared: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=f"published_hold_{name}",
        when=pgtrigger.Before,
        operation=operation,
        condition=_HELD,
        declare=list(declared.items()),
        func=func,
    )


def _put_back(fields: tuple[str, ...]) -> str:
    return " ".join(f"NEW.{column_of(name)} := OLD.{column_of(name)};" for name in fields)


_HOLD_PUBLISHING = f"""
    IF NEW.published THEN
        {_propose("NEW.id", "organization", "NULL", "'published'", "'false'", "'true'", "''")}
        NEW.published := false;
    END IF;
"""
HOLD_CHANGES = [
    _hold("insert", pgtrigger.Insert, f"{_HOLD_PUBLISHING} RETURN NEW;"),
    _hold(
        "update",
        pgtrigger.Update,
        f"""
        IF NOT OLD.published THEN
            {_HOLD_PUBLISHING}
            RETURN NEW;
        END IF;
        IF NOT NEW.published THEN
            RETURN NEW;
        END IF;
        FOR cell IN
            SELECT o.key, o.value AS was, n.value AS becomes
            FROM jsonb_each({_json(PUBLIC_FIELDS["organization"], "OLD")}) o
            JOIN jsonb_each({_json(PUBLIC_FIELDS["organization"], "NEW")}) n ON n.key = o.key
            WHERE o.value <> n.value ORDER BY o.key
        LOOP
            {_propose("NEW.id", "organization", "NULL", "cell.key", "cell.was", "cell.becomes", _NAME_CHANGE)}
        END LOOP;
        IF NEW.name_zh <> OLD.name_zh THEN
            NEW.pinyin := OLD.pinyin;
        END IF;
        {_put_back(PUBLIC_FIELDS["organization"])}
        RETURN NEW;
        """,
        cell="record",
    ),
]
"""The triggers of organizations. Unpublishing is not held back: what must not be seen is to vanish at once."""


def hold_changes(model: str, public: str = "true") -> list[pgtrigger.Trigger]:
    """Return the triggers that hold back the public rows of a child table, and the public fields of other rows."""
    fields = PART_FIELDS[model]
    old_row, new_row = _json(fields, "OLD"), _json(fields, "NEW")
    old_shown, new_shown = public.replace("r.", "OLD."), public.replace("r.", "NEW.")

    def unless_published(row: str) -> str:
        return f"""
            IF NOT EXISTS (
                SELECT 1 FROM registry_organization o WHERE o.id = {row}.organization_id AND o.published
            ) THEN
                RETURN {row};
            END IF;
        """

    def propose(row: str, was: str, becomes: str, key: str) -> str:
        return _propose(f"{row}.organization_id", model, key, "''", was, becomes, "''")

    insert = f"""
        {unless_published("NEW")}
        IF {new_shown} THEN
            {propose("NEW", "NULL", new_row, "NULL")}
            RETURN NULL;
        END IF;
        RETURN NEW;
    """
    update = f"""
        {unless_published("NEW")}
        IF ({old_shown} OR {new_shown})
            AND {_json(PUBLIC_FIELDS[model], "OLD")} <> {_json(PUBLIC_FIELDS[model], "NEW")}
        THEN
            {propose("NEW", old_row, new_row, "NEW.id")}
            {_put_back(PUBLIC_FIELDS[model])}
            {"NEW.plan_id := OLD.plan_id;" if model == "sectortag" else ""}
        END IF;
        RETURN NEW;
    """
    delete = f"""
        {unless_published("OLD")}
        IF {old_shown} THEN
            {propose("OLD", old_row, "NULL", "OLD.id")}
            RETURN NULL;
        END IF;
        RETURN OLD;
    """
    return [
        _hold("insert", pgtrigger.Insert, insert),
        _hold("update", pgtrigger.Update, update),
        _hold("delete", pgtrigger.Delete, delete),
    ]


def review_changes(model: str, public: str = "true") -> list[pgtrigger.Trigger]:
    """Return all triggers of a child table whose rows `r` are public where `public` holds."""
    return [*note_changes(model, public), *hold_changes(model, public)]
