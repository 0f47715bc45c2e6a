"""Keeps the import of an account of townships to the organizations of these: other rows are refused before anything of
the stored record is compared, so that no message tells what it holds. Nothing of this is asked for other accounts.
"""

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from registry.imports.matching.matches import KEYS
from registry.imports.pipeline.engine import Import
from registry.imports.pipeline.report import Message
from registry.organizations.models.reach import AccountTownship
from registry.reference.models import Township


def refuse_out_of_reach(run: Import, reach: Collection[int]) -> None:
    """Refuse the rows of other towns' organizations, and take them out of `import_target`."""
    others = """
        SELECT t.n, concat_ws(' ', o.registry_no, coalesce(nullif(o.name_zh, ''), o.name_en)) FROM import_target t
        JOIN registry_organization o ON o.id = t.organization_id
        WHERE coalesce(o.township_id <> ALL (%s), true) ORDER BY t.n
    """
    found = list(run.query(others, [list(reach)]))
    message = _("This organization is not in the townships that your account works on: leave the row to its town.")
    for n, name in found:
        run.refuse(n, KEYS, name, Message(message))
    run.execute("DELETE FROM import_target WHERE n = ANY (%s)", [[n for n, _name in found]])


def township_of_new(run: Import) -> int | None:
    """Return the township of new organizations whose row names none: the only one of the account."""
    user = run.user.pk if run.user else None
    own = AccountTownship.objects.filter(user_id=user).values_list("township", flat=True)[:2]  # type: ignore[misc]
    return own[0] if len(own) == 1 else None


def tell_township_of_new(run: Import) -> None:
    own = township_of_new(run)
    query = "SELECT count(*) FROM import_final f JOIN import_row r ON r.n = f.n WHERE f.is_new AND f.township_id = %s"
    query += " AND r.township IS NULL AND r.town_guess IS NULL"
    if own and (count := run.value(query, [own])):
        message = _("New organizations without a township are entered in %(township)s: %(count)d.")
        name = Township.objects.get(pk=own).label()
        run.report.notices.append(Message(message, {"township": name, "count": count}))


def refuse_other_townships(run: Import, reach: Collection[int]) -> None:
    """Refuse the rows of `import_final` that would put an organization into another town."""
    query = """
        SELECT f.n, f.is_new, t.name_zh FROM import_final f LEFT JOIN registry_township t ON t.id = f.township_id
        WHERE coalesce(f.township_id <> ALL (%s), true) ORDER BY f.n
    """
    new = _("Your account enters organizations of its townships only: name one of them.")
    moved = _(
        "Another town has to agree before the organization moves there: propose it on the page of the organization, "
        "and leave this cell empty."
    )
    for n, is_new, name in list(run.query(query, [list(reach)])):
        run.refuse(n, "township", name or "", Message(new if is_new else moved))
