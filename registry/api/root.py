"""The index of each API, and the answer at addresses where there is nothing."""

from typing import Any, ClassVar

from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class IndexView(APIView):
    """The index of one API."""

    permission_models: ClassVar[tuple[type, ...]] = ()
    resources: ClassVar[tuple[str, ...]] = ()
    answer_schema: ClassVar[dict[str, Any]] = {
        "type": "object",
        "additionalProperties": {"type": "string", "format": "uri"},
    }

    def get(self, request: Request) -> Response:
        """Gives the address of each resource by its name."""
        return Response({name: request.build_absolute_uri(f"{request.path}{name}/") for name in self.resources})


class UnknownView(APIView):
    """No resource has this address: every method gets a problem document."""

    authentication_classes: ClassVar[list[Any]] = []  # type: ignore[misc]
    permission_classes: ClassVar[list[Any]] = []  # type: ignore[misc]
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        with_slash = request.path_info + "/"
        try:
            known = not request.path_info.endswith("/") and resolve(with_slash).func.cls is not UnknownView  # type: ignore[attr-defined]
        except (Resolver404, AttributeError):
            known = False
        raise NotFound(_("Addresses end with a slash: %(address)s") % {"address": with_slash} if known else None)
