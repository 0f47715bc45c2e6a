"""Attachments that may name the person: scans and documents, which no program reads."""

from collections.abc import Iterator

from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext as _

from registry.attachments.models import Attachment
from registry.erasure.finding.persons import Person
from registry.erasure.finding.tables import owner_of, table_label
from registry.erasure.plan import HandWork, add_hand_work, organizations_of


def holding() -> Iterator[tuple[type[Model], str]]:
    """Yield every table whose rows hold attachments, with the field."""
    for relation in Attachment._meta.related_objects:
        if not relation.related_model._meta.auto_created:
            yield relation.related_model, relation.field.name


def of_organizations(persons: list[Person]) -> Iterator[HandWork]:
    """Yield the attachments of the organizations of these persons; where a table has none, of their alliances."""
    organizations = {one.pk for one in organizations_of(persons)}
    alliances = set(alliances_of(persons))
    for model, field in holding():
        if owner := owner_of(model):
            rows = model._default_manager.filter(**{f"{owner}__in": organizations})
        elif any(one.name == "alliance" for one in model._meta.fields):
            rows = model._default_manager.filter(alliance__in=alliances)
        else:
            rows = model._default_manager.all()
        for row in rows.filter(**{f"{field}__isnull": False}).order_by("pk").distinct():
            held = getattr(row, field)
            for attachment in held.all() if hasattr(held, "all") else [held]:
                yield HandWork(
                    _("Attachment of %(table)s %(pk)s") % {"table": table_label(model), "pk": row.pk},
                    attachment.name,
                    reverse("admin:attachment", args=[attachment.key]),
                )


def alliances_of(persons: list[Person]) -> Iterator[int]:
    """Yield the alliances for which these persons are entered, by their own row or by their member."""
    for person in persons:
        names = {field.name for field in person.model._meta.concrete_fields}
        path = "alliance" if "alliance" in names else "member__alliance" if "member" in names else ""
        if path:
            rows = person.model._base_manager.filter(pk=person.pk, **{f"{path}__isnull": False})
            yield from rows.values_list(path, flat=True)


def declare() -> None:
    add_hand_work(of_organizations)
