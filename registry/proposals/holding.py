"""Holds back what two persons have to agree on: changes of what the public sees.

With the setting `TWO_PERSONS = "published"`, every write of people runs inside `holding()`. Triggers of the tables
(`organizations/models/published.py`) then keep public values of published records as they are, and the wanted ones as
proposals; everything else is written.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import IntegrityError, connection, models, transaction
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry.database.db_errors import Conflict, broken_rule
from registry.organizations.models.published import HOLDING
from registry.organizations.models.reach import reach_of
from registry.proposals.models import MODELS, Proposal
from registry.values.people import Account
from registry.values.punctuation import listed

Row = TypeVar("Row", bound=models.Model)
CHECK_VIOLATION = "23514"
_MOST_NAMED = 8
_active: ContextVar[bool] = ContextVar("holding", default=False)


@dataclass(slots=True)
class Held:
    """The proposals that were held back, known once the write is done."""

    proposals: list[Proposal] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.proposals)

    @property
    def organizations(self) -> set[int]:
        return {one.organization_id for one in self.proposals}

    @property
    def text(self) -> str:
        """Say how many changes wait, and of what."""
        said = ngettext(
            "%(count)d change waits until another person has reviewed it: %(what)s.",
            "%(count)d changes wait until another person has reviewed them: %(what)s.",
            len(self.proposals),
        )
        labels = list(dict.fromkeys(_label(one) for one in self.proposals))
        more = "…" if len(labels) > _MOST_NAMED else ""
        return said % {"count": len(self.proposals), "what": listed(labels[:_MOST_NAMED]) + more}


def _label(proposal: Proposal) -> str:
    model = MODELS[proposal.what]._meta
    named = model.get_field(proposal.field) if proposal.field else model
    return capfirst(str(named.verbose_name))  # type: ignore[union-attr]


def two_persons() -> bool:
    return settings.TWO_PERSONS == "published"


@contextmanager
def holding(user: Account | None) -> Iterator[Held]:
    """Hold back public values of published records while the block writes; the block's transaction must be open.

    Raises Conflict where the database refuses the rest without them.
    """
    held = Held()
    if not two_persons():
        yield held
        if reach_of(user) is not None:
            held.proposals = _made_here(user, kind=Proposal.Kind.MOVE)
        return
    token = _active.set(True)
    try:
        with transaction.atomic():
            _switch("on")
            yield held
            _switch("")
            kinds = (Proposal.Kind.PUBLISHED, Proposal.Kind.MOVE)
            held.proposals = _made_here(user, kind__in=kinds, in_effect=False)
    except IntegrityError as error:
        if getattr(error.__cause__, "sqlstate", None) != CHECK_VIOLATION:
            raise
        message = _("What another person has to review first cannot be left out of this: %(why)s")
        raise Conflict(message % {"why": broken_rule(error) or ""}, code="conflict") from error
    finally:
        _active.reset(token)


def _made_here(user: Account | None, **chosen: Any) -> list[Proposal]:
    """Return the open proposals that the user has made in this transaction."""
    said = {"sources__proposer": getattr(user, "pk", None), "sources__at": TransactionNow()}
    return list(Proposal.objects.filter(state="open", **chosen, **said).distinct().order_by("pk"))


def _switch(state: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [HOLDING, state])


def create_all(model: type[Row], rows: Sequence[Row]) -> None:
    """Insert rows of a child table with one statement; one by one while they may be held back.

    Django expects an id for every row of one statement, and a row that is held back gets none.
    """
    if not _active.get():
        model._default_manager.bulk_create(rows)
        return
    for row in rows:
        row.save(force_insert=True)
