"""Denies by default: a request needs the model permissions that its view declares or that follow from its model."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from registry.api.access.tokens import ApiToken
from registry.database.permission_names import permission

if TYPE_CHECKING:
    from rest_framework.views import APIView

VERBS: dict[str, tuple[str, ...]] = {
    "GET": ("view",),
    "HEAD": ("view",),
    "OPTIONS": ("view",),
    "POST": ("add",),
    # Who changes something is shown it as it has become.
    "PUT": ("view", "change"),
    "PATCH": ("view", "change"),
    "DELETE": ("view", "delete"),
}


class DeclaredPermissions(BasePermission):
    """Demands the view permission for reading, and add, change or delete for writing, for each model of the view.

    A view declares `permission_models`; by default it is the model of its queryset. A view of child records names the
    parents in `parent_models`: reading and writing need the view permission of these, too. A view without a model
    declares `permission_models = ()`: every authenticated client may read it. `action_permissions` names the
    permissions of an action if they do not follow from its method, `reading_actions` the actions that change nothing. A
    view that declares nothing is closed.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not (request.user and request.user.is_authenticated):
            return False
        reads = request.method in SAFE_METHODS or getattr(view, "action", None) in getattr(view, "reading_actions", ())
        if isinstance(request.auth, ApiToken) and not reads:
            self._check_scope(request.auth)
        needed = required_permissions(view, request.method or "")
        if needed is None:
            return False
        missing = [name for name in needed if not request.user.has_perm(name)]
        if missing:
            raise PermissionDenied(_("This needs the permission %(name)s.") % {"name": ", ".join(missing)})
        return True

    def _check_scope(self, token: ApiToken) -> None:
        if token.scope != ApiToken.Scope.WRITE:
            raise PermissionDenied(_("This token may only read: writing needs one of the scope “write”."), code="scope")


def required_permissions(view: "APIView", method: str) -> list[str] | None:
    """Return the names of the permissions that a request of this method needs; None if the view is closed to all."""
    models = getattr(view, "permission_models", None)
    if models is None:
        queryset = getattr(view, "queryset", None)
        if queryset is None:
            return None
        models = (queryset.model,)
    if method not in VERBS or (not models and method not in SAFE_METHODS):
        return None
    own = getattr(view, "action_permissions", {}).get(getattr(view, "action", None))
    if own is None:
        own = [permission(verb, model) for model in models for verb in VERBS[method]]
    return [*(permission("view", model) for model in getattr(view, "parent_models", ())), *own]
