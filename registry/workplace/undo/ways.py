"""Lists what is undone in a way of its own and not by the history, each with the reason and the page for it.

`alliance` declares its own tables and operations here.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.accounts.models import AccountRequest, AccountTelephone
from registry.api.access.tokens import ApiToken
from registry.attachments.models import Attachment
from registry.duplicates.models import Merger, PairJudgement
from registry.imports.models import Distinction, ImportBatch, ImportMapping
from registry.organizations.models.reach import AccountTownship
from registry.proposals.models import Proposal, ProposalSource
from registry.statistics.figures.models import FiguresRelease


@dataclass(frozen=True, slots=True)
class Way:
    text: str | Promise
    """Why the history does not take it back, and how it is done."""
    page: str = ""
    """The name of the page where that is done."""
    argument: str = ""
    """The word of the history context with the key in the address of the page."""

    def url(self, said: Mapping[str, Any]) -> str:
        if not self.page or (self.argument and not said.get(self.argument)):
            return ""
        return reverse(self.page, args=[said[self.argument]] if self.argument else [])


_IMPORT = Way(_("An import is undone on its own page."), "admin:registry_importbatch_page", "batch")
_MERGER = Way(_("A merger is undone among the merged records."), "admin:registry_merger_done")
_PROPOSAL = Way(
    _("What was decided is not decided a second time by taking it back: change the record, or make a proposal."),
    "admin:registry_proposal_changelist",
)
_ACCOUNT = Way(
    _("Accounts are changed on their own page, where a second person confirms."), "admin:auth_user_changelist"
)
_PAIR = Way(_("Two records are judged anew among the possible duplicates."), "admin:registry_merger_changelist")

OPERATIONS: dict[str, Way] = {
    "import": _IMPORT,
    "undo_import": Way(_("The undoing of an import is not undone: import the file again."), _IMPORT.page, "batch"),
    "clear_imports": Way(_("Files that were cleared away are gone.")),
    "load_demo": Way(_("The demonstration data leave by the command remove_demo, which keeps what was changed since.")),
    "load_reference": Way(_("Reference data that were loaded are put right on their pages.")),
    "merge": _MERGER,
    "undo_merge": Way(_("Merge the records again."), _PAIR.page),
    "withdraw": Way(_("A withdrawn entry is entered anew."), "admin:registry_organization_enter"),
    "judge_pair": _PAIR,
    "erase_person": Way(_("Nobody has the values any more: an erasure is for ever.")),
    "retention": Way(_("What was kept long enough is gone.")),
    "proposal": _PROPOSAL,
    "review": _PROPOSAL,
}
"""Operation or command -> way."""
TABLES: dict[type[models.Model], Way] = {
    ApiToken: Way(_("A token is never brought back: issue a new one."), "admin:registry_apitoken_changelist"),
    AccountRequest: _ACCOUNT,
    AccountTownship: _ACCOUNT,
    AccountTelephone: _ACCOUNT,
    ImportBatch: Way(_IMPORT.text, "admin:registry_importbatch_changelist"),
    ImportMapping: Way(
        _("A remembered mapping is learned from the next file."), "admin:registry_importmapping_changelist"
    ),
    Attachment: Way(_("A stored file is attached anew on the page of its record.")),
    Distinction: _PAIR,
    PairJudgement: _PAIR,
    Merger: _MERGER,
    Proposal: _PROPOSAL,
    ProposalSource: _PROPOSAL,
    FiguresRelease: Way(
        _("Released figures were seen by everybody: withdraw the release and release anew."),
        "admin:registry_figuresrelease_changelist",
    ),
}
"""Table -> way. The rows of every other tracked table are taken back by the history."""


HIDDEN = Way(_("It wrote also what your account does not see: ask somebody who does."))
"""Told instead of all that concerns tables whose rows the account may not view."""


def ways_of(
    said: Mapping[str, Any], written: list[type[models.Model]], visible: Collection[type[models.Model]]
) -> Iterator[tuple[str, str]]:
    """Yield the reason and the address for each part of an operation that the history does not take back."""
    if operation := OPERATIONS.get(str(said.get("operation") or said.get("command"))):
        yield str(operation.text), operation.url(said)
        return
    ways = (TABLES[model] if model in visible else HIDDEN for model in written if model in TABLES)
    for way in dict.fromkeys(ways):
        yield str(way.text), way.url(said)
