"""The site of the staff: its names, its menu, its start page.

It is not in `registry.admin`, because the pages imported there register themselves with this site, which must exist
before.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.db import models
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, ngettext_lazy

from registry.second_factor.state import is_pending
from registry.security.events import record
from registry.security.models import EventKind
from registry.site import sessions
from registry.site.backup_warning import backup_warning
from registry.site.login import LoginForm, remember_browser
from registry.values.people import person_name

# Strings of Django whose Chinese would be misread here (注销 is the end of an organization) or reads like a machine.
DJANGO_WORDS = (
    gettext_noop("Log out"),
    gettext_noop("Add %s"),
    gettext_noop("Change %s"),
    gettext_noop("View %s"),
    gettext_noop("Add %(name)s"),
    gettext_noop("Add another %(verbose_name)s"),
    gettext_noop("Save and add another"),
    gettext_noop("History"),
    gettext_noop("Delete?"),
    gettext_noop("Action:"),
    gettext_noop("The {name} “{obj}” was added successfully."),
    gettext_noop("The {name} “{obj}” was changed successfully."),
    ngettext_lazy(  # Django's own Chinese lacks it
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
        1,
    ),
    gettext_noop("access attempt expiration"),  # of django-axes, whose Chinese lacks it
    gettext_noop("user"),
    gettext_noop("users"),
    gettext_noop("group"),
    gettext_noop("groups"),
    gettext_noop("log entry"),
    gettext_noop("log entries"),
    gettext_noop("The groups this user belongs to. A user will get all permissions granted to each of their groups."),
)


class Heading(models.IntegerChoices):
    """The headings of the menu; an admin names its heading in the attribute `heading`."""

    ORGANIZATIONS = 1, _("Organizations")
    ALLIANCES = 2, _("Alliances")
    REFERENCE = 3, _("Reference data")
    SYSTEM = 4, _("Accounts and system")


@dataclass(frozen=True, slots=True)
class Task:
    """A daily task on the start page."""

    group: str  # enter or query
    label: str | Promise
    url: str
    icon: str = ""  # of Django's, where that of the group would say something else


class LabelledAutocompleteView(AutocompleteJsonView):
    """Answers autocomplete requests with labels from the admin of the model, which distinguish records of equal names.

    The admin may also leave out records that are not to be chosen any more: `autocomplete_queryset()`.
    """

    def process_request(self, request: HttpRequest) -> tuple[Any, ...]:
        term, *rest = super().process_request(request)
        return term.replace("\0", ""), *rest  # which no text in PostgreSQL can hold

    def get_queryset(self) -> models.QuerySet[Model]:
        queryset = super().get_queryset()
        narrow = getattr(self.model_admin, "autocomplete_queryset", None)
        return narrow(queryset) if narrow else queryset

    def serialize_result(self, obj: Model, to_field_name: str) -> dict[str, str]:
        label = getattr(self.model_admin, "autocomplete_label", str)
        return {"id": str(getattr(obj, to_field_name)), "text": label(obj)}


View = Callable[..., HttpResponse]
StartPage = Callable[["RegistryAdminSite", HttpRequest], dict[str, Any]]


class RegistryAdminSite(admin.AdminSite):
    site_header = _("Registry of Zhongshan's AI industry")
    site_title = _("AI industry registry")
    index_title = _("Daily tasks")
    index_template = "admin/start.html"
    site_url = None
    login_form = LoginForm

    start_page: StartPage
    """Makes the values for the template of the start page (`registry.workplace.start`)."""

    previews: Callable[[HttpRequest], list[tuple[str | Promise, str]]] = staticmethod(lambda request: [])
    """Says as whom else the page of a request can be looked at (`registry.preview.page`)."""

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.own_pages: list[URLPattern] = []
        self.disable_action("delete_selected")

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        own = {"person": person_name(request.user), "previews": self.previews(request)}
        return {**super().each_context(request), **about(), **own}

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if settings.OIDC_ISSUER:
            address = f"{reverse('oidc_begin')}?{urlencode({'next': request.GET.get('next', '')})}"
            extra_context = {"sign_in": {"name": settings.OIDC_NAME, "url": address}, **(extra_context or {})}
        response = super().login(request, extra_context)
        if request.method == "POST" and request.user.is_authenticated:
            sessions.begin(request)
            if not is_pending(request):
                remember_browser(request, response)
        return response

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and not is_pending(request)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        response: HttpResponse = super().password_change(request, extra_context)
        if request.method == "POST" and isinstance(response, HttpResponseRedirect):
            record(EventKind.PASSWORD_CHANGED, request.user.get_username())
        return response

    def add_page(self, route: str, view: View, name: str) -> None:
        """Add a page that belongs to no model, for staff who are logged in; the view says who else may not."""
        self.own_pages.append(path(route, self.admin_view(view), name=name))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Add the pages that belong to no model, or that an admin has directly below the address of the site."""
        admins = [one for one in self._registry.values() if hasattr(one, "site_urls")]
        return [*self.own_pages, *(url for one in admins for url in one.site_urls()), *super().get_urls()]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """Return the menu, ordered by tasks of people and not by Django apps."""
        if app_label is not None:
            return super().get_app_list(request, app_label)
        # The start page asks for it twice: as its own list, and as the menu of every page.
        if not hasattr(request, "_menu"):
            request._menu = self._menu(request)  # type: ignore[attr-defined]
        return list(request._menu)  # type: ignore[attr-defined]

    def _menu(self, request: HttpRequest) -> list[dict[str, Any]]:
        apps = super().get_app_list(request)
        groups: dict[Heading, list[dict[str, Any]]] = {}
        for entry in (entry for app in apps for entry in app["models"]):
            model_admin = self._registry[entry["model"]]
            if entry["add_url"] and hasattr(model_admin, "enter_url"):
                entry["add_url"] = model_admin.enter_url()
            groups.setdefault(getattr(model_admin, "heading", Heading.SYSTEM), []).append(entry)
        place = {
            model: (getattr(model_admin, "after_others", False), number)
            for number, (model, model_admin) in enumerate(self._registry.items())
        }
        return [
            {
                "name": heading.label,
                "app_label": heading.name.lower(),
                "app_url": "",
                "has_module_perms": True,
                "models": sorted(groups[heading], key=lambda entry: place[entry["model"]]),
            }
            for heading in Heading
            if heading in groups
        ]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        if warning := backup_warning(request.user):
            messages.warning(request, warning)
        return super().index(request, {**self.start_page(self, request), **(extra_context or {})})

    def tasks(self, request: HttpRequest) -> Iterator[Task]:
        """Yield the tasks that the registered admins offer to this user: their `tasks(request)`."""
        for model_admin in sorted(self._registry.values(), key=lambda one: getattr(one, "heading", Heading.SYSTEM)):
            if offer := getattr(model_admin, "tasks", None):
                yield from offer(request)

    def autocomplete_view(self, request: HttpRequest) -> JsonResponse:
        return LabelledAutocompleteView.as_view(admin_site=self)(request)  # type: ignore[return-value]


def about() -> dict[str, Any]:
    """Return the values for every page. They need neither session nor database, because these may have failed."""
    return {
        "site_header": RegistryAdminSite.site_header,
        "site_title": RegistryAdminSite.site_title,
        "product_version": settings.VERSION,
        "practice": settings.PRACTICE,
    }
