"""`organizations/changes/`: what has changed since a cursor, so that a program keeps its copy true.

The order follows the transactions, and the feed ends before the oldest that is still running
(registry.organizations.models.changes): a cursor never passes what is still to come. Each organization appears once, at
its latest change, as it is now.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import Model, Q, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from registry.api.lists.pagination import read_page_size
from registry.api.lists.renderers import JSONRenderer
from registry.columns import Column, RenderContext
from registry.history.feed import FeedMixin, Place
from registry.history.schemas import CHANGES_ANSWER
from registry.organizations.columns.organizations import ORGANIZATION_COLUMNS
from registry.organizations.filtersets import OrganizationFilterSet
from registry.organizations.models.changes import OrganizationChange
from registry.organizations.models.organizations import Organization
from registry.organizations.models.public_changes import PublicChange
from registry.organizations.models.reach import within
from registry.organizations.views.public import PUBLIC_COLUMNS, PublicOrganizationViewSet, PublishedMixin

State = OrganizationChange.State


class ChangesViewSet(FeedMixin, GenericViewSet[Model]):
    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "What was created, changed, closed, merged, unpublished or deleted since, in an order without gaps. "
        "Repeat with the `cursor` of the answer, now or later. An organization appears once, at its latest change."
    }
    queryset: QuerySet[Model] = Organization.objects.all()
    columns: ClassVar[tuple[Column, ...]] = ORGANIZATION_COLUMNS
    filterset_class = OrganizationFilterSet
    orderings: ClassVar[dict[str, Sequence[str]]] = {}
    parameter_names: ClassVar[tuple[str, ...]] = ("plan",)
    reveal_names = ("reveal",)
    action_answers: ClassVar[dict[str, dict[str, Any]]] = {"list": CHANGES_ANSWER}

    def said(self, context: RenderContext) -> dict[str, Any]:
        return {"plan": context.plan.code if context.plan else None}

    def get_render_context(self) -> RenderContext:
        context = super().get_render_context()
        context.visible = within(self.request.user)
        return context

    def seen(self) -> QuerySet[Model]:
        return OrganizationChange.objects.all()

    def _changes(self, since: Place | None, horizon: int) -> QuerySet[Any]:
        changes = self.seen().filter(changed_in__lt=horizon).order_by("changed_in", "organization_id")
        if since is None:
            return self.first(changes)
        number, pk = since
        beyond = Q(changed_in__gt=number) | Q(changed_in=number, organization_id__gt=pk)
        return changes.filter(beyond, changed_in__gte=number)

    def first(self, changes: QuerySet[Model]) -> QuerySet[Model]:
        """For who knows nothing yet, what is gone has never been."""
        return changes.exclude(state=State.DELETED)

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
        revealing = self.reveal_parameters(self.reveal_columns())
        self.refuse_unknown({"plan", "lang", "format", *self.action_parameters["list"], *revealing})
        self.check_filters()
        size = read_page_size(request)
        now = self.horizon()
        since = self.since(now)
        found = [*self._changes(since, now.number)[: size + 1]]
        page, more = found[:size], len(found) > size
        place = (page[-1].changed_in, page[-1].pk) if page else since or (now.numbered_in, 0)
        said = self.said(self.get_render_context())
        return self.fed(now, place, more, said, self._shown(page, since))


class PublicChangesViewSet(PublishedMixin, ChangesViewSet):
    """The feed of published organizations, in the order of what the public saw of them; one that is not published any
    more is a tombstone, with no word on what became of it.
    """

    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "What was created, changed, closed or merged of published organizations since, in an order without "
        "gaps. Repeat with the `cursor` of the answer, now or later. One that is not published any more is named once "
        "as `unpublished`."
    }
    columns = PUBLIC_COLUMNS
    column_names = PublicOrganizationViewSet.column_names
    parameter_names: ClassVar[tuple[str, ...]] = ("plan",)
    list_renderers = (JSONRenderer,)

    def seen(self) -> QuerySet[Model]:
        return PublicChange.objects.filter(changed_in__gt=0)

    def first(self, changes: QuerySet[Model]) -> QuerySet[Model]:
        return changes.filter(organization__published=True)

    def _shown(self, page: Sequence[Any], since: Place | None) -> list[dict[str, Any]]:
        states = OrganizationChange.objects.in_bulk([one.pk for one in page])
        return super()._shown([states[one.pk] for one in page], since)

    def gone(self, one: OrganizationChange) -> bool:
        return not one.published

    def kind(self, one: OrganizationChange, since: Place) -> str:
        if self.gone(one):
            return "unpublished"
        if (one.published_since or -1, one.pk) > since:
            return "created"
        return super().kind(one, since)
