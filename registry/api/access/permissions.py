"""Default deny: who asks needs the model permissions that the view declares or that follow from its model."""

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
    """The view permission for reading, add, change and delete for writing, of each of the view's models.

    A view declares `permission_models`; without, the model of its queryset counts. What lies below something else names
    that in `parent_models`: reading or writing it needs the view permission of these as well. A view without a model
    declares `permission_models = ()`: whoever is known may read it. `action_permissions` names those of an action where
    they do not follow from its method, `reading_actions` those that change nothing whatever their method.
    A view that declares nothing is closed.
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
    """The names of the permissions that a request of this method needs; None where the view is closed to all."""
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
