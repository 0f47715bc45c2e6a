"""Reads filled-in application forms 入会申请书, or a list of them, as drafts of applications for admission.

Each row says what an organization is, as a list of organizations does, and at which tier it wants to join: the import
of organizations finds or enters it, and one draft of an application follows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as _p

from alliance.members.columns import MEMBERSHIP
from alliance.members.imports.columns import is_named, membership_columns
from alliance.members.imports.tiers import Tiers
from alliance.models import Alliance
from registry import spreadsheet
from registry.imports.matching.matches import KEYS
from registry.imports.pipeline.columns import FileColumn
from registry.imports.pipeline.report import Message
from registry.imports.tables.organizations import OrganizationImport
from registry.spreadsheet import PLAIN, Cell, Context, Parse

_APPLIED_ON = FileColumn(
    "applied_on",
    ["申请日期", "申请时间", "入会申请日期", "applied on", "applied_on", "day of the application"],
    spreadsheet.parse_date,
    "date",
    group=MEMBERSHIP,
)
_APPLICATIONS = """
    SELECT r.n, r.tier, coalesce(r.applied_on, (now() AT TIME ZONE 'Asia/Shanghai')::date) AS applied_on,
           EXISTS (
               SELECT 1 FROM alliance_application a
               WHERE a.organization_id = t.id AND a.alliance_id = %s AND a.kind = 'admission'
               AND a.state IN ('draft', 'submitted', 'returned', 'to_decide')
           ) AS open,
           EXISTS (
               SELECT 1 FROM alliance_membership m JOIN alliance_member mb ON mb.id = m.member_id
               WHERE mb.organization_id = t.id AND mb.alliance_id = %s AND m.ended_on IS NULL
           ) AS member
    FROM import_row r JOIN import_target t ON t.n = r.n ORDER BY r.n
"""


def application_columns(parse_alliance: Parse, tiers: Tiers) -> list[FileColumn]:
    """Return the columns that such a file adds to the columns of organizations."""
    asked = [column for column in membership_columns(parse_alliance, tiers) if column.name in ("alliance", "tier")]
    return [*asked, _APPLIED_ON]


@dataclass
class ApplicationImport(OrganizationImport):
    """Enters the organizations of the rows, and a draft of an application for each."""

    slug: str = ""
    alliance: Alliance = field(init=False)

    TABLE: ClassVar[str] = "applications"
    describes_organizations = False

    def __post_init__(self) -> None:
        super().__post_init__()
        found = Alliance.objects.filter(slug=self.slug).first()
        if found is None:
            raise ValidationError({"alliance": _("Choose the alliance.")})
        self.alliance = found
        self.columns = [*self.columns, *application_columns(self._parse_alliance, Tiers(found, create=False))]

    def _parse_alliance(self, cell: Cell, context: Context = PLAIN) -> str | None:
        """Return an empty text if the row is about the alliance of this import, else the name of the other one."""
        text = spreadsheet.parse_line(cell)
        return "" if text and is_named(self.alliance, text) else text

    def missing(self, names: set[str]) -> str | Promise | None:
        return super().missing(names) or (None if "tier" in names else _p("column", "Tier applied for"))

    def compare(self) -> None:
        super().compare()
        self.execute(
            f"CREATE TEMP TABLE import_application ON COMMIT DROP AS {_APPLICATIONS}",
            [self.alliance.pk, self.alliance.pk],
        )

    def check(self) -> None:
        super().check()
        other = _("“%(value)s” is not the alliance of this import.")
        self.refuse_all("SELECT n, alliance FROM import_row WHERE alliance <> '' ORDER BY n", "alliance", other)
        for condition, names, message in (
            ("tier IS NULL", ("tier",), _("Say which tier is applied for.")),
            ("member", KEYS, _("The organization is a member already.")),
            ("open", KEYS, _("An application of this kind is open already for this organization.")),
        ):
            self.refuse_all(f"SELECT n, NULL FROM import_application WHERE {condition} ORDER BY n", names, message)
        said = _("An application for admission is entered as a draft: attach the stamped scan there, and submit it.")
        for (n,) in list(self.query("SELECT n FROM import_application ORDER BY n")):
            if n not in self.bad:
                self.note(n, "tier", "", Message(said))

    def written_tables(self) -> list[str]:
        return [*super().written_tables(), "import_application"]

    def permissions(self) -> Iterator[tuple[str, str, Promise]]:
        yield from super().permissions()
        entered = "SELECT n FROM import_application"
        yield "alliance.add_application", entered, _("Your account may not enter applications.")

    def apply(self) -> None:
        super().apply()
        self.execute(
            """
            INSERT INTO alliance_application
                (alliance_id, organization_id, kind, state, tier_id, applied_on, certificate_returned, remarks, answer,
                 entered_by_id)
            SELECT %s, t.id, 'admission', 'draft', a.tier, a.applied_on, false, '', '', %s
            FROM import_application a JOIN import_target t ON t.n = a.n ORDER BY a.n
            """,
            [self.alliance.pk, self.user.pk if self.user else None],
        )
