"""`alliances/{slug}/changes/`: what has happened to memberships since a cursor, in the order of transactions.

Each row says what happened; the membership in it is as it is now, so that a row may be read twice without harm.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from alliance.members.columns import MEMBERSHIP_COLUMNS, AllianceRenderContext
from alliance.models import Alliance, Membership, MembershipChange
from registry import views
from registry.api.json_schema import NULLABLE_TEXT, TEXT, Schema, array_schema, component_schema, object_schema
from registry.api.lists.filters import StrictFilterSet
from registry.api.lists.pagination import read_page_size
from registry.api.lists.renderers import JSONRenderer
from registry.columns import Column, RenderContext
from registry.history.feed import FeedMixin, Place
from registry.organizations.models.organizations import Organization
from registry.organizations.models.reach import within

from .alliances import BelowAlliance

Change = MembershipChange.Change
GONE = (Change.DELETED, Change.UNPUBLISHED)
"""Tombstones: they say of whom, and nothing more."""
_PUBLICATION = (Change.PUBLISHED, Change.UNPUBLISHED)
_EXAMPLE = {"change": "deleted", "member_no": "M0042", "registry_no": "ZSAI-000040", "membership": None}
_MEMBERSHIP = {"type": ["object", "null"], "description": "As it is now; null where it is gone."}


def feed_schema(component: str, rows: Schema, example: dict[str, Any]) -> Schema:
    return component_schema(
        component,
        cursor={**TEXT, "description": "What `since` is next time."},
        next={**NULLABLE_TEXT, "format": "uri", "description": "Where there is more already."},
        results=rows,
    ) | {"examples": [{"cursor": "WyIxMjM0IiwxLDFd", "next": None, "results": [example]}]}


def _answer(component: str, changes: Sequence[str], **more: Schema) -> Schema:
    row = object_schema(
        change={**TEXT, "enum": list(changes)}, **more, member_no=TEXT, registry_no=TEXT, membership=_MEMBERSHIP
    )
    return feed_schema(component, array_schema(row), _EXAMPLE)


class LogFeed(BelowAlliance, FeedMixin, GenericViewSet[Model]):
    # The feed of a log of one alliance, in which each row is something that happened. No docstring: the description of
    # the API would show it.
    filterset_class = StrictFilterSet
    orderings: ClassVar[dict[str, Sequence[str]]] = {}

    def known(self, changes: QuerySet[Model]) -> QuerySet[Model]:
        """Return the changes for who knows nothing yet: what is gone has never been."""
        raise NotImplementedError

    def _shown(self, page: Sequence[Any]) -> list[dict[str, Any]]:
        raise NotImplementedError

    def _changes(self, since: Place | None, horizon: int) -> QuerySet[Any]:
        changes = self.seen().filter(changed_in__lt=horizon).order_by("changed_in", "id")
        if since is None:
            return self.known(changes)
        number, pk = since
        return changes.filter(Q(changed_in__gt=number) | Q(changed_in=number, pk__gt=pk), changed_in__gte=number)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        self.refuse_unknown({"lang", "format", *self.action_parameters["list"]})
        size = read_page_size(request)
        now = self.horizon()
        since = self.since(now)
        found = [*self._changes(since, now.number)[: size + 1]]
        page, more = found[:size], len(found) > size
        place = (page[-1].changed_in, page[-1].pk) if page else since or (now.numbered_in, 0)
        return self.fed(now, place, more, {}, self._shown(page))


class MembershipChangesViewSet(LogFeed):
    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "Admissions, changes of tier, ends, corrections and deletions of memberships since, in an order "
        "without gaps. Repeat with the `cursor` of the answer, now or later. A change of tier is two rows: of "
        "the membership that ends and of the one that begins."
    }
    queryset: QuerySet[Model] = Membership.objects.with_joined_on()
    parent_models: ClassVar[tuple[type[Model], ...]] = (Organization, Alliance)
    columns: ClassVar[tuple[Column, ...]] = MEMBERSHIP_COLUMNS
    action_answers: ClassVar[dict[str, dict[str, Any]]] = {
        "list": _answer(
            "MembershipChanges",
            [change for change in Change.values if change not in _PUBLICATION],
            at={**TEXT, "format": "date-time"},
            reason={**TEXT, "description": "Of a correction."},
        )
    }

    def get_render_context(self) -> RenderContext:
        context = AllianceRenderContext(self.filterset.sector_plan, self.filterset.on, self.filterset.references)
        context.visible = within(self.request.user, lambda field: f"member__organization__{field}")
        return context

    def seen(self) -> QuerySet[MembershipChange]:
        changes = MembershipChange.objects.filter(alliance_id=self.alliance.pk)
        return changes.exclude(change__in=_PUBLICATION)

    def known(self, changes: QuerySet[Model]) -> QuerySet[Model]:
        return changes.exclude(change__in=GONE)

    def _shown(self, page: Sequence[MembershipChange]) -> list[dict[str, Any]]:
        """Return the rows of a page, without those whose membership is gone meanwhile: a tombstone is further on."""
        pks = list(dict.fromkeys(one.membership_id for one in page if one.membership_id and one.change not in GONE))
        shown = self.present(pks, self.get_columns(), self.get_render_context())
        return [
            {
                "change": one.change,
                **self.for_staff(one),
                "member_no": one.member_no,
                "registry_no": one.registry_no,
                "membership": None if one.change in GONE else shown[one.membership_id],
            }
            for one in page
            if one.change in GONE or one.membership_id in shown
        ]

    def for_staff(self, one: MembershipChange) -> dict[str, Any]:
        return {"at": one.at, "reason": one.reason}


class PublicMembershipChangesViewSet(views.PublishedMixin, MembershipChangesViewSet):
    """The feed of a published alliance about published organizations; one that is not published any more is a tombstone
    without names.
    """

    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "Admissions, changes of tier, ends, corrections and deletions of memberships of published "
        "organizations since, in an order without gaps. Repeat with the `cursor` of the answer, now or later. All "
        "memberships of an organization that is published from now on are told as `published`; of one that is not "
        "published any more a row `unpublished` tells once, without its name."
    }
    list_renderers = (JSONRenderer,)
    parameter_names: ClassVar[tuple[str, ...]] = ()
    column_names = (
        "id",
        "member_no",
        "registry_no",
        "uscc",
        "name_zh",
        "name_en",
        "kind",
        "township",
        "organization_sectors",
        "tier",
        "joined_on",
        "admitted_on",
        "ended_on",
    )
    action_answers: ClassVar[dict[str, dict[str, Any]]] = {"list": _answer("PublicMembershipChanges", Change.values)}

    def known_alliances(self) -> QuerySet[Alliance]:
        return Alliance.objects.published()

    def seen(self) -> QuerySet[MembershipChange]:
        published = Organization.objects.filter(pk=OuterRef("organization_id"), published=True)
        return MembershipChange.objects.filter(
            Q(change__in=GONE) | Exists(published), alliance_id=self.alliance.pk, public=True
        )

    def for_staff(self, one: MembershipChange) -> dict[str, Any]:
        return {}
