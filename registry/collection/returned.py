"""Shows on the page of an import the progress in the round of the townships in its file, and the next township."""

from collections.abc import Iterator

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.translation import gettext as _

from registry.collection import progress
from registry.collection.models import CollectionRound
from registry.imports.models import ImportBatch

VIEW = ("registry.view_collectionround", "registry.view_annualfigures")


def after_import(batch: ImportBatch, user: User) -> Iterator[tuple[str, str]]:
    """Yield lines, each with an address to link to; the address is empty for a line without link."""
    asking = CollectionRound.objects.filter(pk=batch.options.get("round")).first()
    if asking is None or not user.has_perms(VIEW):
        return
    towns = set(batch.rows.exclude(organization=None).values_list("organization__township", flat=True))
    missing = []
    for row in progress.by_township(asking, user):
        township = row.township.label() if row.township else _("without township")
        if (row.township.pk if row.township else None) in towns:
            message = _("%(place)s: %(answered)d of %(asked)d have answered.")
            yield message % {"place": township, "answered": row.answered, "asked": row.asked}, ""
        elif row.unanswered:
            missing.append((township, row))
    if missing:
        township, row = missing[0]
        message = _("Next township: %(place)s, %(count)d not answered yet") % {
            "place": township,
            "count": row.unanswered,
        }
        yield message, f"{reverse('admin:registry_importbatch_start')}?table=figures&round={asking.pk}"
    yield _("Back to the answers by township"), reverse("admin:registry_collectionround_change", args=[asking.pk])
