"""The columns and the parameters of the list of proposals."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q
from django.db.models.functions import JSONObject
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from registry.api.json_schema import NULLABLE_TEXT, TEXT, array_schema, object_schema
from registry.api.lists.filters import OnceFilter, StrictFilterSet, ValuesFilter, read_text
from registry.columns import Column, field_column, field_columns
from registry.database.paths import Path
from registry.organizations.columns.parts import organization_column
from registry.proposals.models import MODELS, Origin, Proposal, ProposalSource
from registry.spreadsheet import Vocabulary, choice_vocabulary

ANY: dict[str, Any] = {}
"""The schema of a value, which may be of any kind."""


def _sources() -> ArraySubquery:
    found = ProposalSource.objects.filter(proposal=OuterRef("pk"), withdrawn=False).order_by("at", "id")
    shown = JSONObject(by="proposer__username", origin="origin", at="at", evidence="evidence", url="evidence_url")
    return ArraySubquery(found.values_list(shown))


PROPOSAL_COLUMNS: tuple[Column, ...] = (
    *field_columns(Proposal, "id"),
    organization_column(Proposal, "organization"),
    *field_columns(Proposal, "kind", "in_effect", "what", "row_id", "field"),
    field_column(Proposal, "old", schema=ANY),
    field_column(Proposal, "new", schema=ANY),
    Column(name="current", label=_("value now"), expression="id", schema=ANY),
    Column(name="seen", label=_("state that a decision names"), expression="id", schema=NULLABLE_TEXT),
    *field_columns(Proposal, "name_change", "at", "state"),
    Column(name="decided_by", label=_("decided by"), expression="decided_by__username", schema=NULLABLE_TEXT),
    *field_columns(Proposal, "decided_at", "reason"),
    Column(
        name="sources",
        label=_("sources of proposals"),
        expression=_sources(),
        schema=array_schema(
            object_schema(by=NULLABLE_TEXT, origin={**TEXT, "enum": Origin.values}, at=TEXT, evidence=TEXT, url=TEXT)
        ),
    ),
)


class ProposalFilterSet(StrictFilterSet):
    state = ValuesFilter(
        choice_vocabulary(_("state"), Proposal.State.choices),
        "state",
        Proposal.State.values,
        help_text=_("In one of these states."),
    )
    kind = ValuesFilter(
        choice_vocabulary(_("kind of proposal"), Proposal.Kind.choices),
        "kind",
        Proposal.Kind.values,
        help_text=_("Of one of these kinds."),
    )
    what = ValuesFilter("tables", "what", [*MODELS], help_text=_("About one of these tables."))
    organization = OnceFilter(read_text, apply="about", help_text=_("Registry number of the organization."))

    @cached_property
    def tables(self) -> Vocabulary[str]:
        named = [(what, str(model._meta.verbose_name)) for what, model in MODELS.items()]
        return choice_vocabulary(_("table"), named)

    def about(self, value: str, path: Path) -> Q:
        return Q(**{path("organization__registry_no"): value})
