"""Proposals: changes of records that wait for a decision, with everybody who made them."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import MD5, Cast, Now
from django.utils.translation import gettext_lazy as _

from registry.database.personal import PersonalData
from registry.database.tracking import tracked
from registry.organizations.actions import NameChange
from registry.organizations.models.details import Identifier, Name, Qualification, SectorTag
from registry.organizations.models.organizations import Organization

MODELS: dict[str, type[models.Model]] = {
    str(model._meta.model_name): model for model in (Organization, Name, SectorTag, Qualification, Identifier)
}
"""The tables that proposals are about, by the label that is stored."""


class Origin(models.TextChoices):
    STAFF = "staff", _("staff")
    TOWNSHIP = "township", _("township")
    ENTERPRISE = "enterprise", _("enterprise itself")
    PUBLIC = "public", _("public")


@tracked()
class Proposal(models.Model):
    """One value, or one whole row of a child table, that somebody wants to be different.

    Several people who propose the same make one proposal with several sources. Writes of `old` and `new` hold codes and
    ids, as the history keeps them; null is no value, or no row. `registry_propose()` and triggers write open proposals,
    `actions` decides them; nobody deletes one.
    """

    class Kind(models.TextChoices):
        PUBLISHED = "published", _("change of public content")
        MOVE = "move", _("move between townships")
        SUGGESTION = "suggestion", _("suggestion")

    class State(models.TextChoices):
        OPEN = "open", _("waits")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")
        OVERTAKEN = "overtaken", _("overtaken")

    # Without a foreign key in the database, because triggers write proposals and remove those of a deleted record.
    organization = models.ForeignKey(
        Organization,
        models.DO_NOTHING,
        related_name="proposals",
        db_constraint=False,
        verbose_name=_("organization"),
    )
    kind = models.CharField(_("kind of proposal"), max_length=20, choices=Kind)
    in_effect = models.BooleanField(
        _("in effect"), default=False, help_text=_("Whether the change was made already and only waits for a review.")
    )
    what = models.CharField(_("table"), max_length=20, help_text=_("organization, or the name of a child table"))
    row_id = models.BigIntegerField(
        _("row"), null=True, blank=True, help_text=_("The row of the child table; empty for a new row.")
    )
    field = models.CharField(_("field"), max_length=50, blank=True, help_text=_("Empty for a whole row."))
    old = models.JSONField(_("old value"), null=True, blank=True)
    new = models.JSONField(_("new value"), null=True, blank=True)
    name_change = models.CharField(_("Why the name changes"), max_length=20, choices=NameChange, blank=True)
    at = models.DateTimeField(_("proposed at"), db_default=Now(), editable=False)
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ["at", "id"]
        default_permissions = ("view",)
        indexes = [models.Index(fields=["organization", "state"], name="proposal_organization")]
        constraints = [
            models.UniqueConstraint(
                "organization",
                "what",
                "row_id",
                "field",
                MD5(Cast("new", models.TextField())),
                condition=Q(state="open", in_effect=False),
                nulls_distinct=False,
                name="proposal_once",
                violation_error_message=_("This has been proposed already."),
            ),
            models.UniqueConstraint(
                fields=["organization", "what", "row_id", "field"],
                condition=Q(state="open", in_effect=True),
                nulls_distinct=False,
                name="proposal_in_effect_once",
                violation_error_message=_("This change waits for a review already."),
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(reason=""),
                name="proposal_refused_with_reason",
                violation_error_message=_("Say why it is refused."),
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_at=None) | (~Q(state="open") & Q(decided_at__isnull=False)),
                name="proposal_decided_at",
                violation_error_message=_("A decided proposal has the moment of its decision, an open one has none."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization} {self.what} {self.field}".strip()

    @property
    def model(self) -> type[Any]:
        return MODELS[self.what]


@tracked()
class ProposalSource(models.Model):
    """Somebody who made a proposal, and what they gave as evidence."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="sources", verbose_name=_("proposal"))
    proposer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("proposed by"),
        help_text=_("Empty for the public and for commands."),
    )
    origin = models.CharField(_("origin"), max_length=20, choices=Origin)
    evidence = models.TextField(_("evidence"), blank=True)
    evidence_url = models.CharField(_("address of the evidence"), max_length=500, blank=True)
    at = models.DateTimeField(_("proposed at"), db_default=Now(), editable=False)
    withdrawn = models.BooleanField(_("withdrawn"), default=False)

    class Meta:
        verbose_name = _("source of a proposal")
        verbose_name_plural = _("sources of proposals")
        ordering = ["at", "id"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.proposer or self.get_origin_display()}"


class AnswerWanted(models.Model):  # noqa: DJ008 - shown with its source
    """A telephone number that somebody without an account has left for an answer: kept for some days, in no history."""

    source = models.OneToOneField(ProposalSource, models.CASCADE, primary_key=True, related_name="answer_wanted")
    phone = models.CharField(_("phone"), max_length=50)
    personal = PersonalData(
        numbers=("phone",),
        subjects=_("Visitors of the public directory who ask for an answer to a correction"),
        purpose=_("Answering the correction"),
        ground=_("The person's consent (PIPL, article 13 I): the form says what the number is for"),
        kept=_("30 days"),
        organization="source__proposal__organization",
    )
    at = models.DateTimeField(_("proposed at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("telephone number left for an answer")
        default_permissions = ()
