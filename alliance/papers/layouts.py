"""The kinds of papers: what each is called, which columns it has, and which are left to be written in by hand."""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as _p


class Edition(TextChoices):
    PUBLIC = "public", _("public edition")
    FULL = "full", _("all members, also those not shown to the public")
    INTERNAL = "internal", _("internal edition")

    def in_title(self) -> str:
        """Return what the name of the file says of the edition."""
        return {
            Edition.FULL: gettext(", all members"),
            Edition.INTERNAL: gettext(", internal edition"),
        }.get(self, "")


@dataclass(frozen=True)
class PaperLayout:
    template: str
    """The file in `templates/` that sets it."""
    heading: Promise
    title: Promise
    """The name of the file; its parameters are alliance and day."""
    columns: tuple[str, ...] = ()
    """The names of its columns; empty for all of the edition."""
    blanks: tuple[tuple[Promise, int], ...] = ()
    """Label and width of the columns that are written in by hand."""
    lines: tuple[Promise, ...] = ()
    """Labels of lines above the table that are filled in by hand."""
    hints: tuple[Promise, ...] = ()
    council: bool = False
    """Whether it lists the council alone."""
    voting: bool = False
    """Whether it is of those who may vote: without the suspended, and of a meeting if one is named."""
    editions: bool = False
    """Whether it has editions; else it lists all members, without people, for use within the alliance."""
    grouped: bool = False
    """Whether members are in groups below headings; else they are in one table."""


LAYOUTS = {
    "roster": PaperLayout(
        template="roster",
        heading=_("Roster of members"),
        title=_("%(alliance)s: roster of members (as of %(day)s)%(edition)s"),
        editions=True,
        grouped=True,
    ),
    "council": PaperLayout(
        template="council",
        heading=_("Members of the council"),
        title=_("%(alliance)s: members of the council (as of %(day)s)%(edition)s"),
        editions=True,
        grouped=True,
        council=True,
    ),
    "voting": PaperLayout(
        template="voting",
        heading=_("Ballot"),
        title=_("%(alliance)s: ballot (as of %(day)s)%(edition)s"),
        columns=("name", "tier"),
        blanks=((_p("ballot", "For"), 9), (_p("ballot", "Against"), 9), (_p("ballot", "Abstention"), 9)),
        lines=(_("Meeting"), _("Day of the vote")),
        voting=True,
        hints=(
            _(
                "Mark one field of each line with √. "
                "A line with several marks is invalid; one without is an abstention."
            ),
            _("The ballot is secret and is not signed."),
        ),
        council=True,
    ),
    "signin": PaperLayout(
        template="signin",
        heading=_("Sign-in sheet"),
        title=_("%(alliance)s: sign-in sheet (as of %(day)s)%(edition)s"),
        columns=("name", "tier"),
        blanks=(
            (_("Representative (signature)"), 20),
            (_p("column", "Job title"), 13),
            (_p("column", "Phone number"), 16),
        ),
        lines=(_("Meeting"), _("Time and place")),
        voting=True,
    ),
}
PDF_ONLY = ("council", "voting", "signin")
