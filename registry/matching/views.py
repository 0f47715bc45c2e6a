"""`organizations/match/`: which records given names may be about, each with its score and what speaks for it."""

from typing import Any, ClassVar

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.lists.list_mixin import RowListMixin
from registry.matching.candidates import MOST
from registry.matching.identity import find_and_decide
from registry.matching.schemas import ANSWER, REQUEST
from registry.matching.serializers import read_items
from registry.organizations.serializers.similar import present_candidate


class MatchMixin(RowListMixin):
    reading_actions = ("match",)
    action_requests: ClassVar[dict[str, dict[str, Any]]] = {"match": REQUEST}
    action_answers: ClassVar[dict[str, dict[str, Any]]] = {"match": ANSWER}
    match_permissions: ClassVar[dict[str, tuple[str, ...]]] = {"match": ("registry.view_organization",)}

    @action(detail=False, methods=["post"])
    def match(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Finds the records that up to 1,000 names may be about; changes nothing.

        An array of names or of objects with `name`, `uscc`, `town`, `website`, or one object. Each answer has up to
        five candidates, the best first, with the parts of their score. `decision` is a registry number if it is safe,
        by the rules by which an import finds the record of a row; a likeness alone never decides.
        """
        items = request.data if isinstance(request.data, list) else [request.data]
        answers = find_and_decide(read_items(items), among=self.get_queryset())
        results = [
            {
                "query": item,
                "decision": decided.registry_no if decided else None,
                "candidates": [present_candidate(candidate) for candidate in candidates[:MOST]],
            }
            for item, (candidates, decided) in zip(items, answers, strict=True)
        ]
        return Response({"count": len(results), "results": results})
