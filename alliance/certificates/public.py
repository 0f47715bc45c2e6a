"""Whether the number of a certificate is valid on a day, for everybody who holds one in hands.

The answer tells no more than the public list of members does. It knows published alliances only, and of these the
certificates of members that the public list shows. Any other number gets the same answer, that there is nothing,
whether it was never given or belongs to a member who is not published. It names nobody: who checks a certificate
compares the name on it with the list. It says nothing of the future, and not why a certificate is not valid.
"""

import datetime
import unicodedata
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from alliance.models import Alliance, Certificate
from alliance.views.alliances import BelowAlliance
from registry import views
from registry.api.errors import InvalidParameters
from registry.api.json_schema import BOOLEAN, TEXT, component_schema
from registry.api.lists.filters import StrictFilterSet, read_date
from registry.api.lists.list_mixin import RowListMixin
from registry.api.lists.pagination import Orderings
from registry.api.lists.renderers import JSONRenderer
from registry.columns import Column

_ANSWER = component_schema("CertificateCheck", number=TEXT, on={**TEXT, "format": "date"}, valid=BOOLEAN)


class PublicCertificateView(views.PublicMixin, BelowAlliance, RowListMixin, GenericViewSet[Model]):
    queryset: QuerySet[Model] = Certificate.objects.all()
    columns: ClassVar[tuple[Column, ...]] = ()
    parameter_names: ClassVar[tuple[str, ...]] = ()
    filterset_class = StrictFilterSet
    orderings: ClassVar[Orderings] = {}
    list_actions: ClassVar[frozenset[str]] = frozenset()
    list_renderers: ClassVar[tuple[type[BaseRenderer], ...]] = (JSONRenderer,)
    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "Whether the certificate of this number is valid on a day. Numbers of members that the public list "
        "does not show are not known here. Compare the name on the certificate with the list of members."
    }
    action_parameters: ClassVar[dict[str, dict[str, Any]]] = {
        "list": {"on": "The day, today or an earlier one; by default today."}
    }
    action_answers: ClassVar[dict[str, dict[str, Any]]] = {"list": _ANSWER}

    def known_alliances(self) -> QuerySet[Alliance]:
        return Alliance.objects.published()

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        self.refuse_unknown({"on", "lang", "format"})
        on, number = self._day(), self.kwargs["number"]
        if "\0" in number:  # which no text in PostgreSQL can hold
            raise Http404
        shown = Certificate.objects.filter(alliance=self.alliance, member__organization__published=True)
        # As it was typed, or else as plain digits: an input method may have written full-width ones.
        typed = {text: place for place, text in enumerate((unicodedata.normalize("NFKC", number), number))}
        found = dict(shown.filter(number__in=typed).order_by().values_list("number", "pk"))
        if not found:
            raise Http404
        number = max(found, key=typed.__getitem__)
        pk = found[number]
        valid = Certificate.objects.valid_on(on).filter(pk=pk).order_by().values("pk")
        return Response({"number": number, "on": on, "valid": bool(valid)})

    def _day(self) -> datetime.date:
        today = localdate()
        text = self.request.query_params.get("on")
        try:
            on = read_date(text) if text else today
        except ValidationError as error:
            raise InvalidParameters({"on": error.messages}) from None
        if on > today:
            raise InvalidParameters({"on": _("The list is of today or of an earlier day.")})
        return on
