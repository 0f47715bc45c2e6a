"""The stored data of an import: its file, its layout, the decisions about rows, and the outcomes."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from registry.database.tracking import tracked
from registry.organizations.models.organizations import Organization
from registry.values.punctuation import listed


def _account(label: Any, related_name: str = "+") -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name=related_name, verbose_name=label
    )


@tracked("counts", "findings", "examined_at")
class ImportBatch(models.Model):
    """One file that is imported, and afterwards the record of the import (the code calls it a batch).

    `applied` is written in the transaction that writes the rows: both are stored, or neither.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("import", "not applied yet")
        APPLIED = "applied", pgettext_lazy("import", "applied")
        UNDONE = "undone", pgettext_lazy("import", "undone")

    table = models.CharField(
        pgettext_lazy("import", "table"), max_length=30, help_text=_("What the rows of the file are about.")
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    file_name = models.CharField(_("file name"), max_length=255)
    sha256 = models.CharField(_("SHA-256 of the file"), max_length=64)
    size = models.BigIntegerField(_("size in bytes"))
    options = models.JSONField(_("options"), default=dict, blank=True)
    """The options of the table that the file itself does not state, for example the alliance."""
    layout = models.JSONField(_("reading of the file"), default=dict, blank=True)
    """`recognising.layout.Layout` as JSON: encoding, header rows, columns, constants, meanings of values."""
    choices = models.JSONField(_("choices"), default=dict, blank=True)
    """`registry.imports.options.Choices` as JSON: which rows are taken, and what may be overwritten."""
    counts = models.JSONField(_("counts"), default=dict, blank=True)
    """The numbers of `new`, `changed`, `unchanged`, `refused`, `undecided` rows in the last examination or when
    applied.
    """
    findings = models.JSONField(_("findings"), default=dict, blank=True)
    """Findings about the file as a whole in the last examination or when applied: how it was read, notices, columns."""
    permissions = ArrayField(models.CharField(max_length=100), verbose_name=_("permissions"), default=list, blank=True)
    """The permissions for reading the rows of this batch, which depend on the columns of the file."""
    history_context = models.UUIDField(_("history context"), null=True, blank=True, editable=False)
    """The history context of the events that applying the import made."""
    undo_context = models.UUIDField(_("history context of the undoing"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("uploaded at"), db_default=models.functions.Now(), editable=False)
    created_by = _account(_("uploaded by"))
    examined_at = models.DateTimeField(_("examined at"), null=True, blank=True)
    applied_at = models.DateTimeField(_("applied at"), null=True, blank=True)
    applied_by = _account(_("applied by"))
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    undone_by = _account(_("undone by"))

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-id"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="open", applied_at__isnull=True)
                | models.Q(~models.Q(state="open"), applied_at__isnull=False),
                name="import_batch_applied_has_time",
                violation_error_message=_("An import that was applied has the time of it, and no other has one."),
            ),
            models.CheckConstraint(
                condition=~models.Q(state="undone") | models.Q(undone_at__isnull=False),
                name="import_batch_undone_has_time",
                violation_error_message=_("An import that is undone has the time of it."),
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.file_name}"


class ImportFile(models.Model):
    """The file of a batch, kept until it is no longer needed. It may hold personal data: only the batch leads to it."""

    batch = models.OneToOneField(ImportBatch, models.CASCADE, related_name="file", verbose_name=_("import"))
    content = models.BinaryField(_("content"))

    class Meta:
        verbose_name = _("file of an import")
        verbose_name_plural = _("files of imports")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.batch_id)


class ImportRow(models.Model):
    """The outcome of one row of the file in the last examination or when applied."""

    class Outcome(models.TextChoices):
        NEW = "new", pgettext_lazy("row of an import", "new")
        CHANGED = "changed", pgettext_lazy("row of an import", "changed")
        UNCHANGED = "unchanged", pgettext_lazy("row of an import", "unchanged")
        REFUSED = "refused", pgettext_lazy("row of an import", "refused")
        UNDECIDED = "undecided", pgettext_lazy("row of an import", "to be decided")

    class Decision(models.TextChoices):
        SAME = "same", _("the same organization")
        NEW = "new", _("another organization")

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows", verbose_name=_("import"))
    n = models.IntegerField(_("place in the file"))
    """The number of the row among the data rows of all sheets, from 0."""
    sheet = models.CharField(_("sheet"), max_length=255, blank=True)
    number = models.IntegerField(_("row"))
    """The number of the row as the spreadsheet program shows it."""
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome)
    name = models.CharField(_("name"), max_length=300, blank=True)
    organization = models.ForeignKey(
        Organization,
        models.SET_NULL,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("organization"),
    )
    problems = models.JSONField(_("problems"), default=list, blank=True)
    """`[{"column": label, "value": text, "message": [Chinese, English]}]`"""
    notes = models.JSONField(_("told of the row"), default=list, blank=True)
    """Notes about a row that is taken, in the form of `problems`."""
    changes = models.JSONField(_("changes"), default=list, blank=True)
    """`[{"column": name, "old": text, "new": text}]`, with values as in files; a new record has no `old`."""
    candidates = models.JSONField(_("possible duplicates"), default=list, blank=True)
    """`[{"id": organization, "registry_no": ..., "name": ..., "reasons": [code, ...]}]`, the likeliest first."""
    suggestions = models.JSONField(_("suggested sectors"), default=list, blank=True)
    """`[{"sector": id, "words": [[column, word], ...], "accepted": bool}]`, for a row without sectors."""
    decision = models.CharField(pgettext_lazy("import", "decision"), max_length=4, choices=Decision, blank=True)
    same_as = models.ForeignKey(
        Organization,
        models.SET_NULL,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("the same as"),
    )

    class Meta:
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of imports")
        ordering = ["n"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "n"],
                name="import_row_once",
                violation_error_message=_("The import has this row already."),
            )
        ]
        indexes = [models.Index(fields=["batch", "outcome", "n"], name="import_row_outcome")]

    def __str__(self) -> str:
        return f"{self.sheet} {self.number}".strip()


@tracked("used_at")
class ImportMapping(models.Model):
    """The corrections that somebody made for files with one set of column labels; the next such file uses them."""

    table = models.CharField(pgettext_lazy("import", "table"), max_length=30)
    signature = models.CharField(_("signature of the labels"), max_length=64)
    """`registry.imports.recognising.layout.signature()` of the labels."""
    labels = ArrayField(models.CharField(max_length=200), verbose_name=_("labels"), default=list)
    layout = models.JSONField(_("reading of the file"), default=dict)
    """The part of a `Layout` that holds for every file with these labels: columns, constants, meanings of values."""
    created_by = _account(_("remembered by"))
    used_at = models.DateTimeField(_("used at"), db_default=models.functions.Now())

    class Meta:
        verbose_name = _("remembered mapping")
        verbose_name_plural = _("remembered mappings")
        ordering = ["table", "-used_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["table", "signature"],
                name="import_mapping_once",
                violation_error_message=_("A mapping for these labels is remembered already."),
            )
        ]

    def __str__(self) -> str:
        return Truncator(listed(self.labels)).chars(40)


@tracked()
class Distinction(models.Model):
    """Somebody's decision that a name is similar to the name of an organization but belongs to another body."""

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="distinctions", verbose_name=_("organization")
    )
    name_key = models.CharField(_("folded name"), max_length=300, db_collation="C")
    """The name of the other body, folded like `Organization.name_zh_key`."""
    decided_at = models.DateTimeField(_("decided at"), db_default=models.functions.Now(), editable=False)
    decided_by = _account(_("decided by"))

    class Meta:
        verbose_name = _("distinction")
        verbose_name_plural = _("distinctions")
        ordering = ["organization", "name_key"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name_key"],
                name="distinction_once",
                violation_error_message=_("This has been decided already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.organization} ≠ {self.name_key}"
