"""`organizations/changes/`: what has changed since a cursor, so that a program keeps its copy true.

The order is that of transactions, and the feed ends before the oldest that is still running
(registry.organizations.models.changes): a cursor never passes what is still to come. Each organization appears once, at
its latest change, as it is now.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.core import signing
from django.db import connection
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from registry.api.errors import InvalidParameters, Unavailable
from registry.api.lists.list_mixin import RowListMixin
from registry.api.lists.pagination import read_page_size, sealed, unsealed
from registry.api.lists.renderers import JSONRenderer
from registry.columns import Column, RenderContext
from registry.history.schemas import CHANGES_ANSWER
from registry.organizations.columns.organizations import ORGANIZATION_COLUMNS
from registry.organizations.filtersets import OrganizationFilterSet
from registry.organizations.models.changes import IS_FOREIGN, OrganizationChange
from registry.organizations.models.organizations import Organization
from registry.organizations.models.reach import within
from registry.organizations.views.public import PublicOrganizationViewSet, PublishedMixin

NOW = "now"
Place = tuple[int, int]
State = OrganizationChange.State


class ChangesViewSet(RowListMixin, GenericViewSet[Model]):
    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "What was created, changed, closed, merged, unpublished or deleted since, in an order without gaps. "
        "Repeat with the `cursor` of the answer, now or later. An organization appears once, at its latest change."
    }
    queryset: QuerySet[Model] = Organization.objects.all()
    columns: ClassVar[tuple[Column, ...]] = ORGANIZATION_COLUMNS
    filterset_class = OrganizationFilterSet
    orderings: ClassVar[dict[str, Sequence[str]]] = {}
    parameter_names: ClassVar[tuple[str, ...]] = ("plan",)
    list_renderers = (JSONRenderer,)
    order = "changed_in"
    action_parameters: ClassVar[dict[str, dict[str, Any]]] = {
        "list": {
            "since": gettext_lazy("`cursor` of an earlier answer; without it everything; `now` for a first cursor."),
            "page_size": gettext_lazy("Rows of a page."),
            "fields": gettext_lazy("Columns, joined by commas."),
            "omit": gettext_lazy("Columns to leave out, joined by commas."),
        }
    }
    action_answers: ClassVar[dict[str, dict[str, Any]]] = {"list": CHANGES_ANSWER}

    def said(self, context: Any) -> dict[str, Any]:
        return {"plan": context.plan.code if context.plan else None}

    def get_render_context(self) -> RenderContext:
        context = super().get_render_context()
        context.visible = within(self.request.user)
        return context

    def seen(self) -> QuerySet[Model]:
        """The changes that the caller may know of."""
        return OrganizationChange.objects.all()

    def _changes(self, since: Place | None, horizon: int) -> QuerySet[Model]:
        changes = self.seen().filter(**{f"{self.order}__lt": horizon}).order_by(self.order, "organization_id")
        if since is None:
            return self.first(changes)
        number, pk = since
        beyond = Q(**{f"{self.order}__gt": number}) | Q(**{self.order: number, "organization_id__gt": pk})
        return changes.filter(beyond, **{f"{self.order}__gte": number})

    def first(self, changes: QuerySet[Model]) -> QuerySet[Model]:
        """For who knows nothing yet, what is gone has never been."""
        return changes.exclude(state=State.DELETED)

    def _since(self, cluster: str, numbered_in: int, horizon: int) -> Place | None:
        given = self.request.query_params.getlist("since")
        if not given:
            return None
        if given == [NOW]:
            return horizon, 0
        try:
            (text,) = given
            of, number, pk = unsealed(text, self.request.path)
        except (signing.BadSignature, ValueError, TypeError):
            raise InvalidParameters({"since": _("This is no cursor of this list.")}) from None
        if of != cluster or not numbered_in <= number <= horizon:
            raise InvalidParameters({"since": _("The database was restored since: begin again without a cursor.")})
        return number, pk

    def _address(self, cursor: str) -> str:
        parameters = self.request.query_params.copy()
        parameters["since"] = cursor
        return self.request.build_absolute_uri(f"{self.request.path}?{parameters.urlencode()}")

    def _shown(self, page: Sequence[Any], since: Place | None) -> list[dict[str, Any]]:
        """Return the rows of a page, without those that changed again while it was read: they are further on."""
        shown = self.present([one.pk for one in page], self.get_columns(), self.get_render_context())
        after = dict(self.get_queryset().filter(pk__in=shown, successor__isnull=False).values_list("pk", "successor"))
        numbers = dict(self.get_queryset().filter(pk__in=after.values()).values_list("pk", "registry_no"))
        successor = {pk: numbers.get(after.get(pk)) for pk in shown}
        return [
            {
                "change": self.kind(one, since or (-1, 0)),
                "registry_no": one.registry_no,
                "successor": successor.get(one.pk),
                "organization": shown.get(one.pk),
            }
            for one in page
            if one.pk in shown or self.gone(one)
        ]

    def gone(self, one: OrganizationChange) -> bool:
        return one.state == State.DELETED

    def kind(self, one: OrganizationChange, since: Place) -> str:
        """The weightiest of what has happened to it since."""
        if self.gone(one):
            return "deleted"
        if one.state != State.OPEN and (one.state_since, one.pk) > since:
            return one.state
        ended = not one.published and one.published_since is not None and one.published_since != one.created_in
        if ended and (one.published_since, one.pk) > since:
            return "unpublished"
        return "created" if (one.created_in, one.pk) > since else "changed"

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        self.refuse_unknown({"plan", "lang", "format", *self.action_parameters["list"]})
        self.check_filters()
        size = read_page_size(request)
        horizon, cluster, foreign, numbered_in = _horizon()
        if foreign:
            raise Unavailable(_("The database was restored: changes are numbered anew by `manage.py rebuild_changes`."))
        since = self._since(cluster, numbered_in, horizon)
        found = [*self._changes(since, horizon)[: size + 1]]
        page, more = found[:size], len(found) > size
        place = (getattr(page[-1], self.order), page[-1].pk) if page else since or (numbered_in, 0)
        cursor = sealed([cluster, *place], request.path)
        return Response(
            {
                "cursor": cursor,
                "next": self._address(cursor) if more else None,
                **self.said(self.get_render_context()),
                "results": self._shown(page, since),
            }
        )


class PublicChangesViewSet(PublishedMixin, ChangesViewSet):
    """The feed of published organizations; one that is not published any more is a tombstone, whatever became of it."""

    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "What was created, changed, closed or merged of published organizations since, in an order without "
        "gaps. Repeat with the `cursor` of the answer, now or later. One that is not published any more is named once "
        "as `unpublished`."
    }
    column_names = PublicOrganizationViewSet.column_names
    parameter_names: ClassVar[tuple[str, ...]] = ("plan",)
    list_renderers = (JSONRenderer,)
    order = "public_in"

    def seen(self) -> QuerySet[Model]:
        return super().seen().filter(public_in__isnull=False)

    def first(self, changes: QuerySet[Model]) -> QuerySet[Model]:
        return changes.filter(published=True)

    def gone(self, one: OrganizationChange) -> bool:
        return not one.published

    def kind(self, one: OrganizationChange, since: Place) -> str:
        if self.gone(one):
            return "unpublished"
        if (one.published_since or -1, one.pk) > since:
            return "created"
        return super().kind(one, since)


def _horizon() -> tuple[int, str, bool, int]:
    """The oldest transaction that may still be running, which cluster counts them, and whether another one did.

    Last the transaction that has numbered the changes anew, 0 where none has.

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
        return cursor.fetchone()
