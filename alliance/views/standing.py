"""Addresses of a membership for suspension, its end, a cancelled end, and succession."""

from typing import Any, ClassVar

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from alliance.members.standing_serializers import (
    CancelEndSerializer,
    ResumeSerializer,
    SuccessionSerializer,
    SuspendSerializer,
)

_VIEW = ("alliance.view_membership",)
STANDING_PERMISSIONS: dict[str, tuple[str, ...]] = {
    "suspend": (*_VIEW, "alliance.view_suspension", "alliance.add_suspension"),
    "resume": (*_VIEW, "alliance.view_suspension", "alliance.change_suspension"),
    "cancel_end": (*_VIEW, "alliance.change_membership"),
    "succeed": (
        *(*_VIEW, "alliance.add_member", "alliance.add_membership", "alliance.change_membership"),
        *("alliance.change_member", "alliance.view_representative", "alliance.add_representative"),
    ),
}


class StandingMixin:
    """Operations on the member that the membership belongs to. `_operate()` locks it, and reads the body."""

    standing_serializers: ClassVar[dict[str, type[Serializer]]] = {
        "suspend": SuspendSerializer,
        "resume": ResumeSerializer,
        "cancel_end": CancelEndSerializer,
        "succeed": SuccessionSerializer,
    }

    def _operate(self, request: Request) -> Response:
        raise NotImplementedError

    @action(detail=True, methods=["post"])
    def suspend(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The member is suspended, and stays a member: `standing` says so on every day of the suspension."""
        return self._operate(request)

    @action(detail=True, methods=["post"])
    def resume(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The suspension in force on the day ends; on its first day it is taken back."""
        return self._operate(request)

    @action(detail=True, methods=["post"], url_path="cancel-end")
    def cancel_end(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The membership goes on: its end in the future is cancelled."""
        return self._operate(request)

    @action(detail=True, methods=["post"])
    def succeed(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The organization was merged into another one, which is a member in its place. Answers its membership."""
        return self._operate(request)
