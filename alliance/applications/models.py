"""Applications to an alliance: to join, to change the tier, to leave, to name another representative; expulsions."""

import datetime
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from alliance.meetings.choices import Matter
from alliance.meetings.models import Decision
from alliance.members import rules
from alliance.members.models import Membership, Representative
from alliance.models.alliances import Alliance, Tier
from alliance.models.record_changes import fed
from registry.attachments.models import Attachment
from registry.database.expressions import period_constraint
from registry.database.tracking import tracked
from registry.organizations.models.organizations import Organization


class ApplicationKind(models.TextChoices):
    """The subject of an application. A lapse and an expulsion are proposed by the alliance itself."""

    ADMISSION = "admission", pgettext_lazy("application", "admission")
    TIER_CHANGE = "tier_change", pgettext_lazy("application", "change of tier")
    WITHDRAWAL = "withdrawal", pgettext_lazy("application", "withdrawal")
    REPRESENTATIVE = "representative", pgettext_lazy("application", "change of representative")
    LAPSE = "lapse", pgettext_lazy("application", "lapse")
    EXPULSION = "expulsion", pgettext_lazy("application", "expulsion")

    @property
    def matter(self) -> Matter:
        """The matter under which a meeting decides on such an application."""
        others = {ApplicationKind.REPRESENTATIVE: Matter.OTHER, ApplicationKind.LAPSE: Matter.WITHDRAWAL}
        return others.get(self) or Matter(self.value)


class ApplicationState(models.TextChoices):
    """How far an application has come. `transitions` says who may take it from one to the next."""

    DRAFT = "draft", pgettext_lazy("application", "draft")
    SUBMITTED = "submitted", pgettext_lazy("application", "submitted")
    RETURNED = "returned", pgettext_lazy("application", "returned to be completed")
    TO_DECIDE = "to_decide", pgettext_lazy("application", "waiting for a decision")
    PASSED = "passed", pgettext_lazy("application", "passed")
    REJECTED = "rejected", pgettext_lazy("application", "not passed")
    WITHDRAWN = "withdrawn", pgettext_lazy("application", "withdrawn")


OPEN = (ApplicationState.DRAFT, ApplicationState.SUBMITTED, ApplicationState.RETURNED, ApplicationState.TO_DECIDE)
EDITABLE = (ApplicationState.DRAFT, ApplicationState.RETURNED)
OF_TIER = (ApplicationKind.ADMISSION, ApplicationKind.TIER_CHANGE)
CLOSED = (ApplicationState.PASSED, ApplicationState.REJECTED)


class ApplicationQuerySet(models.QuerySet["Application"]):
    def open(self) -> Self:
        return self.filter(state__in=OPEN)


@tracked("entered_at")
class Application(models.Model):
    """An application of an organization 申请. Its state changes only by `operations` and `deciding`.

    It holds no personal data: the attached scan, contacts and representatives do.
    """

    alliance = models.ForeignKey(Alliance, models.PROTECT, related_name="applications", verbose_name=_("alliance"))
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="alliance_applications", verbose_name=_("organization")
    )
    kind = models.CharField(_("kind of application"), max_length=20, choices=ApplicationKind)
    state = models.CharField(
        _("state of the application"), max_length=20, choices=ApplicationState, default=ApplicationState.DRAFT
    )
    # With the alliance, by a composite foreign key: migration 0013.
    tier = models.ForeignKey(
        Tier,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_constraint=False,
        verbose_name=_("tier applied for"),
    )
    applied_on = models.DateField(_("day of the application"), help_text=_("The day that stands on the form."))
    notice_on = models.DateField(
        _("day of the written notice"), null=True, blank=True, help_text=_("Of a withdrawal: when it was received.")
    )
    certificate_returned = models.BooleanField(_("member certificate handed back"), default=False)
    announced_from = models.DateField(_("announced from"), null=True, blank=True)
    announced_until = models.DateField(
        _("announced until"), null=True, blank=True, help_text=_("The first day on which it is not announced any more.")
    )
    remarks = models.TextField(_("remarks"), blank=True)
    answer = models.TextField(_("answer"), blank=True)
    """The reason that the applicant got when it was returned, or not passed."""
    effective_on = models.DateField(_("takes effect on"), null=True, blank=True)
    # With the alliance, by a composite foreign key: migration 0017.
    decision = models.ForeignKey(
        Decision,
        models.PROTECT,
        related_name="applications",
        null=True,
        blank=True,
        db_constraint=False,
        verbose_name=_("decision"),
    )
    membership = models.ForeignKey(
        Membership,
        models.PROTECT,
        related_name="applications",
        null=True,
        blank=True,
        verbose_name=_("membership"),
    )
    """The membership that it has begun or ended."""
    representative = models.ForeignKey(
        Representative,
        models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("representative"),
    )
    attachments = models.ManyToManyField(
        Attachment, related_name="applications", blank=True, verbose_name=_("attachments")
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("entered by"),
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("submitted by"),
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("confirmed by"),
    )
    entered_at = models.DateTimeField(_("entered at"), db_default=Now(), editable=False)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering = ["-applied_on", "-id"]
        triggers = [*fed("applications")]
        default_permissions = ("view", "add", "change")
        permissions = [
            ("check_application", _("Can check applications")),
            ("confirm_application", _("Can confirm applications as the second person")),
        ]
        indexes = [models.Index(fields=["alliance", "state", "applied_on"], name="application_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["alliance", "organization", "kind"],
                condition=Q(state__in=OPEN),
                name="application_open_once",
                violation_error_message=_("An application of this kind is open already for this organization."),
            ),
            models.CheckConstraint(
                condition=Q(tier__isnull=True) | Q(kind__in=OF_TIER),
                name="application_tier_of_kind",
                violation_error_message=_("Only an admission or a change of tier names a tier."),
            ),
            models.CheckConstraint(
                condition=Q(tier__isnull=False)
                | ~Q(kind__in=OF_TIER)
                | Q(state__in=(*EDITABLE, ApplicationState.WITHDRAWN)),
                name="application_tier_when_submitted",
                violation_error_message=_("Say which tier is applied for."),
            ),
            models.CheckConstraint(
                condition=Q(kind=ApplicationKind.WITHDRAWAL) | Q(notice_on__isnull=True, certificate_returned=False),
                name="application_notice_of_withdrawal",
                violation_error_message=_("A written notice and the certificate handed back belong to a withdrawal."),
            ),
            models.CheckConstraint(
                condition=~Q(kind=ApplicationKind.WITHDRAWAL)
                | Q(notice_on__isnull=False)
                | Q(state__in=(*EDITABLE, ApplicationState.WITHDRAWN)),
                name="application_notice_when_submitted",
                violation_error_message=_("A withdrawal needs the day of the written notice."),
            ),
            period_constraint("announced_from", "announced_until", "application_announced_not_empty"),
            models.CheckConstraint(
                condition=Q(announced_until__isnull=True) | Q(announced_from__isnull=False),
                name="application_announced_from",
                violation_error_message=_("Say from which day it was announced."),
            ),
            models.CheckConstraint(
                condition=Q(effective_on__isnull=False) | ~Q(state=ApplicationState.PASSED),
                name="application_passed_takes_effect",
                violation_error_message=_("What has passed takes effect on a day."),
            ),
            models.CheckConstraint(
                condition=Q(decision__isnull=False) | Q(confirmed_by__isnull=False) | ~Q(state=ApplicationState.PASSED),
                name="application_passed_by_somebody",
                violation_error_message=_("What has passed was decided by a meeting or confirmed by a second person."),
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True)
                | Q(kind=ApplicationKind.REPRESENTATIVE)
                | (~Q(confirmed_by=F("entered_by")) & ~Q(confirmed_by=F("submitted_by"))),
                name="application_second_person",
                violation_error_message=_("Whoever entered or submitted an application does not confirm it."),
            ),
        ]

    def __str__(self) -> str:
        return str(_("%(organization)s: %(kind)s") % {"organization": self.organization, "kind": self.kind_name()})

    def kind_name(self) -> str:
        return str(self.get_kind_display())

    def clean(self) -> None:
        if self.tier_id and self.tier and self.alliance_id and self.tier.alliance_id != self.alliance_id:
            raise ValidationError({"tier": rules.TIER_OF_ANOTHER_ALLIANCE})
        for name in ("applied_on", "notice_on"):
            day = getattr(self, name)
            if day and day > timezone.localdate():
                raise ValidationError({name: _("This day lies in the future: it stands on what has come in already.")})
        if (
            self.kind == ApplicationKind.WITHDRAWAL
            and self.notice_on
            and self.applied_on
            and self.notice_on < self.applied_on
        ):
            raise ValidationError({"notice_on": _("The notice cannot have come before the day that stands on it.")})

    @property
    def announced_last(self) -> datetime.date | None:
        """Return the last day on which it is announced."""
        return self.announced_until - datetime.timedelta(days=1) if self.announced_until else None

    def has_begun(self) -> bool:
        """Return whether it is decided for good: a second person may be missing, or its day may be to come."""
        return self.state in CLOSED and (self.effective_on is None or self.effective_on <= timezone.localdate())

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_editable(self) -> bool:
        return self.state in EDITABLE


@tracked()
class ApplicationAttachment(Application.attachments.through):  # type: ignore[name-defined]
    """The table behind `Application.attachments`, defined here so that its history is kept, too."""

    class Meta:
        proxy = True
        default_permissions = ()
        triggers = [*fed(applications="SELECT application_id FROM rows")]
