"""The two logs as lists, for who may read them."""

from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from rest_framework.viewsets import GenericViewSet

from registry.api.lists.list_mixin import RowListMixin
from registry.api.lists.pagination import Orderings
from registry.columns import RenderContext
from registry.disclosure.columns import DISCLOSURE_COLUMNS, RECEIPT_COLUMNS
from registry.disclosure.filtersets import DisclosureFilterSet, ReceiptFilterSet
from registry.disclosure.models import Disclosure, Receipt


class LogViewSet(RowListMixin, GenericViewSet[Model]):
    orderings: ClassVar[Orderings] = {"id": ("id",)}

    def said(self, context: RenderContext) -> dict[str, Any]:
        return {}


class DisclosureViewSet(LogViewSet):
    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "Who saw telephone numbers and e-mail addresses in full, of which record or file, when and why."
    }
    queryset: QuerySet[Model] = Disclosure.objects.all()
    columns = DISCLOSURE_COLUMNS
    filterset_class = DisclosureFilterSet


class ReceiptViewSet(LogViewSet):
    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "Which files were exported, by whom, with what question, and the digest of their bytes."
    }
    queryset: QuerySet[Model] = Receipt.objects.all()
    columns = RECEIPT_COLUMNS
    filterset_class = ReceiptFilterSet
