"""The front door and the lists: of a search, a sector, a township, of institutes."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import npgettext

from registry.directory.asking import Counts, ask, cursor_of, everything
from registry.directory.pages import WrongParameters, address, changed_at, english, name_of, only, page, render
from registry.organizations.models.choices import Kind, RegistrationStatus
from registry.reference.cache import References, references
from registry.reference.models import DefinitionSource, Layer

FACETS = ("sector", "kind", "township")
PAGE_SIZE = 30
MOST_CHARACTERS = 100
MOST_SORTED = 10_000
"""A search that finds more is ordered by name: its words say little about which fits better, and sorting is slow."""
COLUMNS = "registry_no,kind,name_zh,name_en,short_name,registration_status,township,sectors,main_products"


@page
def home(request: HttpRequest) -> HttpResponse:
    only(request)
    counted = Counts.ask(request, changed_at(request), facet="sector,kind,township")
    facets = counted["facets"]
    alliances = ask(request, "alliances/", page_size=20)["results"]
    return render(
        request,
        "home.html",
        count=counted["count"],
        kinds=[{**one, "name": _counted(one)} for one in _choices({}, facets, "kind")],
        institutes=next((one["count"] for one in facets["kind"] if one["code"] == Kind.RESEARCH), 0),
        layers=_layers(request, facets["sector"]),
        townships=_towns(facets["township"]),
        alliances=[_alliance(one) for one in alliances],
        plan=references().current_plan,
    )


def sectors_of_plan(request: HttpRequest) -> list[dict[str, Any]]:
    columns = (
        "code,parent,children,layer,name_zh,name_en,aliases,definition,definition_en,definition_source,disabled_on"
    )
    found = everything(request, "sectors/", fields=f"{columns},definition_source")
    return [{**one, "name": name_of(one)} for one in found if not one["disabled_on"]]


def defined(row: dict[str, Any]) -> str:
    """Return the definition of a sector in the language of the page, or in the other one."""
    first, second = row["definition"], row["definition_en"]
    return str((second or first) if english() else (first or second))


def numbers(facet: list[dict[str, Any]]) -> dict[str, int]:
    """Return the numbers of a facet by code, of all its levels."""
    found: dict[str, int] = {}
    for one in facet:
        if one["code"]:
            found[one["code"]] = one["count"]
        found |= numbers(one.get("children", []))
    return found


def _layers(request: HttpRequest, facet: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return every sector of the plan with its number, below its group and the layer of that; 0 is a number too."""
    found = numbers(facet)
    rows = sectors_of_plan(request)
    for one in rows:
        one |= {"count": found.get(one["code"], 0), "url": address("sector", one["code"])}
    groups = [{**one, "children": [row for row in rows if row["parent"] == one["code"]]} for one in rows]
    return [
        {"name": layer.label, "groups": [one for one in groups if one["layer"] == layer and not one["parent"]]}
        for layer in Layer
    ]


def _towns(facet: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = [{**one, "url": address("township", one["code"])} for one in facet if one["code"]]
    return sorted(found, key=lambda one: (-one["count"], one["code"]))


def _alliance(one: dict[str, Any]) -> dict[str, Any]:
    return {**one, "name": name_of(one), "url": address("alliance", one["slug"])}


# --- Lists


@page
def listing(request: HttpRequest) -> HttpResponseBase:
    known = references()
    given = _coded(only(request, "search", *FACETS, "cursor", "order"), known)
    if {*given.values()} & _codes(known) and (alone := _page_of_one(given)):
        return HttpResponsePermanentRedirect(alone)
    return _shown(request, known, {}, title=_("Organizations"), heading=_("All organizations"))


def _coded(given: dict[str, str], known: References) -> dict[str, str]:
    """Return the parameters with codes for names; what is not known stays, for the public API to refuse."""
    coded = dict(given)
    for name, vocabulary in (("sector", known.sectors_of(known.current_plan)), ("township", known.townships)):
        if name in coded:
            with suppress(ValidationError):
                coded[name] = known.table(f"{name}s")[vocabulary.find(coded[name])]["code"]
    return coded


def _codes(known: References) -> set[str]:
    return {one.code for name in ("sectors", "townships") for one in known.rows[name]}


def _page_of_one(given: Mapping[str, str]) -> str:
    """Return the address of the page that a sector or a township alone has; empty for everything else."""
    if len(given) != 1:
        return ""
    ((name, value),) = given.items()
    return address(name, value) if name in ("sector", "township") else ""


@page
def sector(request: HttpRequest, code: str) -> HttpResponse:
    known = references()
    rows = {one["code"]: one for one in sectors_of_plan(request)}
    if code not in rows:
        raise Http404
    row = rows[code]
    parent = rows.get(row["parent"] or "")
    return _shown(
        request,
        known,
        {"sector": code},
        title=row["name"],
        heading=row["name"],
        definition=defined(row),
        of_editors=row["definition_source"] == DefinitionSource.EDITORIAL,
        description=defined(row)[:150],
        aliases=row["aliases"],
        layer=Layer(row["layer"]).label,
        parent=parent and {"name": parent["name"], "url": address("sector", parent["code"])},
        children=[rows[one] for one in row["children"] if one in rows],
        plan=known.current_plan,
    )


@page
def township(request: HttpRequest, code: str) -> HttpResponseBase:
    known = references()
    town = next((one for one in known.rows["townships"] if one.code == code), None)
    if town is None or (town.valid_to and not town.successor_id):
        raise Http404
    if town.valid_to:
        new = known.table("townships")[known.townships.find(code)]["code"]
        return HttpResponsePermanentRedirect(address("township", new))
    title = _("%(town)s: organizations") % {"town": town.label()}
    return _shown(request, known, {"township": code}, title=title, heading=town.label())


@page
def institutes(request: HttpRequest) -> HttpResponse:
    title = _("Universities and research institutes")
    return _shown(request, references(), {"kind": str(Kind.RESEARCH)}, title=title, heading=title)


def _read(request: HttpRequest, known: References, fixed: dict[str, str]) -> tuple[dict[str, str], str, str]:
    """Return what the address chooses, its cursor and its order. Raises WrongParameters."""
    given = only(request, "search", *(name for name in FACETS if name not in fixed), "cursor", "order")
    chosen = {**_coded(given, known), **fixed}
    cursor, order = chosen.pop("cursor", ""), chosen.pop("order", "")
    if order not in ("", "name"):
        raise WrongParameters(_("This page has no order “%(value)s”.") % {"value": order[:40]})
    if len(chosen.get("search", "")) > MOST_CHARACTERS:
        said = _("Search for at most %(most)d characters.")
        raise WrongParameters(said % {"most": MOST_CHARACTERS})
    if several := [name for name in FACETS if "," in chosen.get(name, "")]:
        raise WrongParameters(_("“%(name)s” may be given once.") % {"name": several[0]})
    return chosen, cursor, order


def _shown(request: HttpRequest, known: References, fixed: dict[str, str], **context: Any) -> HttpResponse:
    """Show the organizations of the address, and of `fixed`, with the facets that lead on."""
    chosen, cursor, order = _read(request, known, fixed)
    counted = Counts.ask(request, changed_at(request), **chosen, facet=",".join(FACETS))
    searched = "search" in chosen
    if searched and not cursor and counted["count"] > MOST_SORTED:
        order = "name"
    by_name = searched and order == "name"
    # The facets count the list: the page itself need not.
    ordering = "relevance" if searched and not by_name else "name"
    asked = {"page_size": PAGE_SIZE, "fields": COLUMNS, "ordering": ordering, "count": "none"}
    found = ask(request, "organizations/", **chosen, cursor=cursor, **asked)
    here = {name: value for name, value in chosen.items() if name not in fixed}
    paged = here | ({"order": "name"} if by_name else {})
    facets = [
        {"name": name, "label": label, "choices": _choices(chosen, counted["facets"], name)}
        for name, label in (("sector", _("Sector")), ("kind", _("Kind")), ("township", _("Township")))
        if name not in fixed
    ]
    of_sectors = numbers(counted["facets"]["sector"])
    for one in context.get("children", ()):
        one |= {"count": of_sectors.get(one["code"], 0), "url": address("sector", one["code"])}
    combined = len(chosen) > 1 or bool(cursor) or searched
    return render(
        request,
        "list.html",
        **context,
        rows=[row_shown(one) for one in found["results"]],
        count=counted["count"],
        chosen=_crumbs(chosen, fixed, counted["facets"], known),
        facets=[one for one in facets if one["choices"]],
        search=chosen.get("search", ""),
        by_name=by_name,
        meant=[(text, _to(request, {**here, "search": text})) for text in found.get("did_you_mean", ())],
        next=_to(request, {**paged, "cursor": cursor_of(found["next"])}) if found["next"] else "",
        previous=_to(request, {**paged, "cursor": cursor_of(found["previous"])}) if found["previous"] else "",
        begin=_to(request, here) if cursor else "",
        robots="noindex" if combined else "",
        canonical=not combined,
    )


def _to(request: HttpRequest, parameters: dict[str, str]) -> str:
    return f"{request.path}?{urlencode(parameters)}" if parameters else request.path


def filtered(parameters: Mapping[str, str]) -> str:
    """Return the one address of a list, the same for any order of choices; a sector or a township alone has a page."""
    if alone := _page_of_one(parameters):
        return alone
    ordered = [(name, parameters[name]) for name in ("search", *FACETS) if name in parameters]
    return f"{address('list')}?{urlencode(ordered)}" if ordered else address("list")


def _choices(chosen: dict[str, str], facets: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the values of a facet that narrow the list down, the most frequent first."""
    values = facets[name]
    if name in chosen:
        below = next((one for one in _flat(values) if chosen[name] in (one["code"], one["name"])), None)
        values = below.get("children", []) if below else []
    known = [one for one in values if one["code"]]
    if name == "township":
        known = sorted(known, key=lambda one: -one["count"])
    return [{**one, "url": filtered({**chosen, name: one["code"]})} for one in known]


def _counted(one: dict[str, Any]) -> str:
    """Return the name of a kind behind its number."""
    number = one["count"]
    words = {
        Kind.ENTERPRISE: npgettext("counted", "enterprise", "enterprises", number),
        Kind.RESEARCH: npgettext("counted", "university or institute", "universities and institutes", number),
        Kind.FINANCIAL: npgettext("counted", "financial institution", "financial institutions", number),
        Kind.SOCIAL: npgettext("counted", "social organization", "social organizations", number),
        Kind.GOVERNMENT: npgettext("counted", "government department", "government departments", number),
        Kind.OTHER: npgettext("counted", "other body", "other bodies", number),
    }
    return words[Kind(one["code"])]


def _flat(values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for value in values for one in (value, *_flat(value.get("children", [])))]


def _crumbs(
    chosen: dict[str, str], fixed: dict[str, str], facets: dict[str, Any], known: References
) -> list[dict[str, str]]:
    """Return what the list is narrowed down to, each with the address without it."""
    labels = {"search": _("Search"), "sector": _("Sector"), "kind": _("Kind"), "township": _("Township")}
    crumbs = []
    for name, value in chosen.items():
        if name in fixed:
            continue
        entry = next((one for one in _flat(facets.get(name, [])) if one["code"] == value), None)
        without = {key: one for key, one in chosen.items() if key != name}
        crumbs.append(
            {
                "label": labels[name],
                "value": entry["name"] if entry else _named(name, value, known),
                "url": filtered(without),
            }
        )
    return crumbs


def _named(name: str, value: str, known: References) -> str:
    """Return the name of a value that no organization of the list has."""
    tables = {"sector": "sectors", "township": "townships"}
    if name == "kind":
        return str(dict(Kind.choices).get(value, value))
    rows = known.rows[tables[name]] if name in tables else ()
    return next((one.label() for one in rows if one.code == value), value)


def row_shown(one: dict[str, Any]) -> dict[str, Any]:
    """Return a row of a list as the template shows it."""
    name = name_of(one)
    other = one["name_en"] if name == one["name_zh"] else one["name_zh"]
    status = RegistrationStatus(one["registration_status"])
    return {
        **one,
        "name": name,
        "other_name": other,
        "kind": Kind(one["kind"]).label,
        "status": "" if status == RegistrationStatus.ACTIVE else status.label,
        "url": address("organization", one["registry_no"]),
    }
