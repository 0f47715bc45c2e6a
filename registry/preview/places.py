"""Finds the public page that matches a page of the staff's site, and the way back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import Resolver404, ResolverMatch, resolve, reverse
from django.utils.text import capfirst
from django.utils.translation import get_language

from registry.directory.lists import FACETS
from registry.organizations.admin.uscc import page_url
from registry.organizations.models.choices import Kind
from registry.organizations.models.organizations import Enterprise, Institute, Organization
from registry.reference.cache import references


@dataclass(frozen=True)
class Place:
    """A page of the directory."""

    path: str
    """Its address, without language and first stroke."""
    parameters: dict[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    """The filters that are set on the list of the staff and that the public list does not know."""

    @property
    def address(self) -> str:
        """Return its address in the reader's language, without parameters."""
        return f"en/{self.path}" if (get_language() or "").startswith("en") else self.path


ToPublic = Callable[[HttpRequest, ResolverMatch], Place | None]
_places: dict[str, ToPublic] = {}
_ways_back: dict[str, Callable[[dict[str, str]], str]] = {}
_lists: dict[str, Callable[[HttpRequest], str]] = {}
_public_lists: dict[str, Callable[[dict[str, str]], str]] = {}


def add_place(names: tuple[str, ...], to_public: ToPublic) -> None:
    """Tell what the public has in place of the pages of the staff with these names of addresses."""
    _places.update(dict.fromkeys(names, to_public))


def add_way_back(name: str, page: Callable[[dict[str, str]], str]) -> None:
    """Declare which page of the staff matches a page of the directory: words of its address -> address or nothing."""
    _ways_back[name] = page


def add_list(name: str, resource: Callable[[HttpRequest], str]) -> None:
    """Tell which resource of the API a list of the staff is exported from; nothing if it is not known."""
    _lists[name] = resource


def add_public_list(name: str, resource: Callable[[dict[str, str]], str]) -> None:
    """Tell which resource of the API a page of the directory lists, by the words of its address."""
    _public_lists[name] = resource


def has_public_place(match: ResolverMatch | None) -> bool:
    return match is not None and match.url_name in _places


def is_record_or_list(match: ResolverMatch | None) -> bool:
    """Return whether the address is of rows that a role may see or not."""
    endings = ("_changelist", "_page", "_change", "_history")
    return match is not None and match.app_name == "admin" and (match.url_name or "").endswith(endings)


def match_of(page: str) -> ResolverMatch | None:
    """Return what an address of the staff's site leads to; None for every other text."""
    try:
        match = resolve(page.partition("?")[0])
    except Resolver404:
        return None
    return match if match.app_name == "admin" else None


def public_place(request: HttpRequest, match: ResolverMatch) -> Place | None:
    """Return the page of the directory for a request to the staff's site."""
    found = _places.get(match.url_name or "")
    try:
        return found(request, match) if found else None
    except ValueError:  # the address has something else in the place of a record's number
        return None


def way_back(match: ResolverMatch) -> str:
    page = _ways_back.get(match.url_name or "")
    return (page and page(match.kwargs)) or reverse("admin:index")


def resource_of(request: HttpRequest, match: ResolverMatch) -> str:
    found = _lists.get(match.url_name or "")
    return found(request) if found else ""


def resource_of_public(match: ResolverMatch) -> str:
    found = _public_lists.get(match.url_name or "")
    return found(match.kwargs) if found else ""


# --- Organizations

_MODELS: dict[str, Any] = {"organization": Organization, "enterprise": Enterprise, "institute": Institute}
_NAMES = {"q": "search", **{name: name for name in FACETS}}


def titles_of_filters(request: HttpRequest, model: type[Model], known: set[str]) -> tuple[str, ...]:
    """Return the titles of the filters in the address, except those that are known elsewhere, too."""
    filters: Any = admin.site._registry[model].get_list_filter(request)
    offered = {one.parameter_name: one.title for one in filters}
    given = [name for name in request.GET if name in offered and request.GET[name] and name not in known]
    return tuple(capfirst(str(offered[name])) for name in given)


def _list(request: HttpRequest, match: ResolverMatch) -> Place:
    """Return the public list with the search and those filters that it knows with these values."""
    model = _MODELS[(match.url_name or "").split("_")[1]]
    given = {own: request.GET[name].strip() for name, own in _NAMES.items() if request.GET.get(name, "").strip()}
    if model.KIND:
        given["kind"] = model.KIND
    codes = {
        "sector": {one.code for one in references().rows["sectors"]},
        "township": {one.code for one in references().rows["townships"]},
        "kind": {*Kind.values},
    }
    known = {name: value for name, value in given.items() if name == "search" or value in codes[name]}
    return Place("list/", known, titles_of_filters(request, model, {*known}))


def _record(request: HttpRequest, match: ResolverMatch) -> Place | None:
    pk = match.kwargs.get("pk", match.kwargs.get("object_id"))
    found = Organization.objects.filter(pk=pk).values_list("registry_no", flat=True).first()
    return Place(f"o/{found}/") if found else None


def _back_to_record(words: dict[str, str]) -> str:
    found = Organization.objects.filter(registry_no=words["registry_no"]).first()
    return page_url(found) if found else ""


def _back_to_list(words: dict[str, str]) -> str:
    return reverse("admin:registry_organization_changelist")


for _name, _plural in (("organization", "organizations"), ("enterprise", "enterprises"), ("institute", "institutes")):
    add_place((f"registry_{_name}_changelist",), _list)
    add_place(tuple(f"registry_{_name}_{page}" for page in ("page", "change", "history")), _record)
    add_list(f"registry_{_name}_changelist", lambda request, resource=_plural: f"{resource}/")  # type: ignore[misc]
add_place(("registry_organization_statistics",), lambda request, match: Place("statistics/"))
add_place(("registry_organization_landscape",), lambda request, match: Place("landscape/"))
add_way_back("organization", _back_to_record)
for _name in ("list", "sector", "township", "institutes"):
    add_way_back(_name, _back_to_list)
