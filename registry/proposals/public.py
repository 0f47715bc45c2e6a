"""Proposals of people without an account, and the telephone number that some leave for an answer.

The function of the database runs with the rights of its owner: the role that serves the public directory alone can
propose, and can read no proposal.
"""

import datetime
from typing import Any

import pghistory
from django.db import connection, transaction
from django.utils import timezone

from registry.organizations.models.organizations import Organization
from registry.proposals.actions import checked_value, jsonb
from registry.proposals.models import AnswerWanted

ANSWER_DAYS = 30
"""Days after which a telephone number is deleted, whether there was an answer or not."""


def propose_publicly(
    organization: Organization,
    name: str,
    new: object,
    *,
    origin: str,
    name_change: str = "",
    evidence: str = "",
    evidence_url: str = "",
    phone: str = "",
) -> None:
    """Propose a value of a field, or with `published` that the record is taken off the list. Raises ValidationError."""
    # Names are proposed with the reason of the change; nothing else may be unpublished than what is published.
    old, value = (True, False) if name == "published" else checked_value(organization, name, new, name_change)
    said: list[Any] = [
        organization.pk,
        name,
        jsonb(old),
        jsonb(value),
        name_change,
        origin,
        evidence.strip(),
        evidence_url,
        phone,
    ]
    # Whoever is logged in at the same browser has not written this.
    with transaction.atomic(), pghistory.context(operation="correction", user=None), connection.cursor() as cursor:
        # A statement that begins with SELECT would get no context.
        made = "WITH made AS MATERIALIZED (SELECT registry_correct(%s, %s, %s, %s, %s, %s, %s, %s, %s)) TABLE made"
        cursor.execute(made, said)


def forget_numbers() -> int:
    """Delete the telephone numbers that were left before the period; return how many."""
    limit = timezone.now() - datetime.timedelta(days=ANSWER_DAYS)
    return AnswerWanted.objects.filter(at__lt=limit).delete()[0]
