"""The base of feeds of changes: the order of transactions, the horizon that they end before, and their cursors.

Transactions are numbered by their beginning, so that a feed stops before the oldest one that is still running
(registry.organizations.models.changes): a cursor never passes what is still to come.
"""

from typing import Any, ClassVar, NamedTuple

from django.core import signing
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.response import Response

from registry.api.errors import InvalidParameters, Unavailable
from registry.api.lists.list_mixin import RowListMixin
from registry.api.lists.pagination import sealed, unsealed
from registry.api.lists.renderers import JSONRenderer
from registry.organizations.models.changes import IS_FOREIGN

NOW = "now"
Place = tuple[int, int]
"""The transaction of a row and its own number."""


class Horizon(NamedTuple):
    number: int
    """The oldest transaction that may still be running."""
    cluster: str
    """The cluster of PostgreSQL that counts the transactions."""
    foreign: bool
    """Whether another one did, whose dump was restored here."""
    numbered_in: int
    """The transaction that has numbered the changes anew, 0 where none has."""


class FeedMixin(RowListMixin):
    list_renderers = (JSONRenderer,)
    action_parameters: ClassVar[dict[str, dict[str, Any]]] = {
        "list": {
            "since": gettext_lazy("`cursor` of an earlier answer; without it everything; `now` for a first cursor."),
            "page_size": gettext_lazy("Rows of a page."),
            "fields": gettext_lazy("Columns, joined by commas."),
            "omit": gettext_lazy("Columns to leave out, joined by commas."),
        }
    }

    def horizon(self) -> Horizon:
        """Raises Unavailable where the numbers belong to another cluster."""
        found = _horizon()
        if found.foreign:
            raise Unavailable(_("The database was restored: changes are numbered anew by `manage.py rebuild_changes`."))
        return found

    def since(self, now: Horizon) -> Place | None:
        """Return the place after which the caller asks for changes; None for everything."""
        given = self.request.query_params.getlist("since")
        if not given:
            return None
        if given == [NOW]:
            return now.number, 0
        try:
            (text,) = given
            of, number, pk = unsealed(text, self.request.path)
        except (signing.BadSignature, ValueError, TypeError):
            raise InvalidParameters({"since": _("This is no cursor of this list.")}) from None
        if of != now.cluster or not now.numbered_in <= number <= now.number:
            raise InvalidParameters({"since": _("The database was restored since: begin again without a cursor.")})
        return number, pk

    def _address(self, cursor: str) -> str:
        parameters = self.request.query_params.copy()
        parameters["since"] = cursor
        return self.request.build_absolute_uri(f"{self.request.path}?{parameters.urlencode()}")

    def fed(
        self, now: Horizon, place: Place, more: bool, said: dict[str, Any], results: list[dict[str, Any]]
    ) -> Response:
        cursor = sealed([now.cluster, *place], self.request.path)
        answer = {"cursor": cursor, "next": self._address(cursor) if more else None, **said, "results": results}
        return Response(answer)


def _horizon() -> Horizon:
    """Return where the feeds end now.

    Transactions of other databases of the cluster are counted with ours, but write nothing here: those that are known
    to be theirs hold nobody up. A lock names its transaction by the lower 32 bits of the number.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"""
            SELECT coalesce(
                    (SELECT min(running::text::bigint)
                     FROM pg_snapshot_xip(taken) running
                     WHERE NOT EXISTS (
                         SELECT 1 FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
                         WHERE l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock' AND l.granted
                           AND l.transactionid::text::bigint = running::text::bigint % 4294967296
                           AND a.datname <> current_database()
                     )),
                    pg_snapshot_xmax(taken)::text::bigint
                ),
                (SELECT system_identifier::text FROM pg_control_system()),
                ({IS_FOREIGN}),
                coalesce((SELECT numbered_in FROM registry_changeorigin), 0)
            FROM pg_current_snapshot() taken
        """)
        return Horizon(*cursor.fetchone())
