"""The six tools. Each is a few arguments, a short description, and what is asked of the API for them.

Persons are left out on purpose: columns are named, so that no contact or representative reaches an assistant.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from registry.assistants.answers import shortened
from registry.assistants.client import Answer, Refused, RegistryClient, forbidden
from registry.assistants.lists import PAGES, read_page, slice_of
from registry.assistants.schemas import Schema, checked, day, filters, pages, text
from registry.assistants.texts import gettext as _
from registry.assistants.texts import language

NUMBER = "ZSAI-000001"
FOUND = (
    *("registry_no", "name_zh", "name_en", "former_names", "kind", "category", "registration_status", "township"),
    *("zone", "sectors", "main_products", "founded_on", "website", "published", "updated_at"),
)
RECORD = (
    *FOUND,
    *("uscc", "short_name", "aliases", "registration_type", "registered_address", "business_address", "country"),
    *("closed_on", "successor", "registered_capital", "capital_currency", "industry", "scope", "introduction"),
    *("introduced_on", "verified_on", "freshness", "completeness", "missing", "size_class", "other_names"),
)
PARTS = {
    "qualifications": ("grading", "level", "issuer", "batch", "certificate_no", "granted_on", "valid_to"),
    "relations": ("kind", "related", "valid_from", "valid_to"),
    "memberships": ("alliance", "member_no", "tier", "joined_on", "admitted_on", "ended_on", "end_reason", "standing"),
    "figures": (
        *("year", "employees", "rd_staff", "assets", "revenue", "ai_revenue", "rd_expenditure"),
        "valid_invention_patents",
    ),
}
MEMBERS = (
    *("member_no", "registry_no", "name_zh", "name_en", "kind", "township", "organization_sectors"),
    *("tier", "standing", "joined_on", "admitted_on", "ended_on"),
)
CHANGED = ("registry_no", "name_zh", "name_en", "kind", "registration_status", "published", "updated_at")
DIMENSIONS = (
    *("sector", "branch", "layer", "township", "zone", "kind", "category", "registration_status", "grading"),
    *("tier", "founded", "freshness", "missing", "size_class"),
)

Arguments = Mapping[str, str]


@dataclass(frozen=True)
class Tool:
    name: str
    description: str
    arguments: dict[str, Schema]
    run: Callable[[RegistryClient, Arguments], Awaitable[Answer]]
    required: tuple[str, ...] = ()

    async def call(self, registry: RegistryClient, given: Mapping[str, object]) -> Answer:
        """Raises Refused."""
        return await self.run(registry, checked(given, self.arguments, self.required))


def tools() -> list[Tool]:
    """Return the tools in the language of the process."""
    return [*_of_records(), *_of_the_whole()]


def _of_records() -> list[Tool]:
    """Return those that find and read organizations and members."""
    number = text(pattern=r"^ZSAI-[0-9]{6,15}$", examples=[NUMBER])
    members = {name: schema for name, schema in filters().items() if name in ("search", "sector", "township", "kind")}
    return [
        Tool(
            "find_organizations",
            _("Find organizations of the registry by name, sector, township and the like."),
            filters() | pages(),
            find,
        ),
        Tool(
            "get_organization",
            _(
                "One organization by its registry number: the record, or one part of it. Figures are in yuan and need "
                "the right to see them. Persons are never given."
            ),
            {
                "registry_no": number,
                "part": text(enum=["record", *PARTS]),
                "as_of": day(_("The record as the registry had it at the end of this day.")),
                **pages(),
            },
            get,
            ("registry_no",),
        ),
        Tool(
            "list_members",
            _("Members of an alliance on a day."),
            {
                "alliance": text(_("Name or short code; may be left out where there is one alliance.")),
                "as_of": day(_("By default today.")),
                "tier": text(_("Code or name.")),
                **members,
                **pages(),
            },
            list_members,
        ),
    ]


def _of_the_whole() -> list[Tool]:
    """Return those that count, name the sectors and tell of changes."""
    return [
        Tool(
            "count_organizations",
            _("Count the organizations that the conditions choose by one dimension: exact, and cheaper than listing."),
            {"by": text(enum=list(DIMENSIONS)), **filters(), **pages()},
            count,
            ("by",),
        ),
        Tool(
            "list_sectors",
            _("The sectors of the action plan as a tree (`parent`), with their codes and definitions."),
            {
                "search": text(_("Part of a name or code.")),
                "plan": text(_("Code; by default the current plan.")),
                **pages(),
            },
            list_sectors,
        ),
        Tool(
            "list_changes",
            _(
                "With alliance: who joined, left or changed tier between two days. Without: records changed since a "
                "day, the latest first; those merged or deleted are not among them."
            ),
            {
                "from": day(_("The earlier day.")),
                "alliance": text(_("Name or short code.")),
                "to": day(_("With alliance: the later day, by default today.")),
                **pages(),
            },
            list_changes,
            ("from",),
        ),
    ]


async def find(registry: RegistryClient, arguments: Arguments) -> Answer:
    parameters = await _with_alliance(registry, arguments)
    if "search" in parameters:
        parameters["ordering"] = "relevance"
    return await read_page(registry, "organizations/", parameters, FOUND)


async def get(registry: RegistryClient, arguments: Arguments) -> Answer:
    part = arguments.get("part", "record")
    path = f"organizations/{arguments['registry_no']}/"
    paging = {name: arguments[name] for name in PAGES if name in arguments}
    try:
        if part != "record" and "as_of" not in arguments:
            return await read_page(registry, f"{path}{part}/", paging, PARTS[part])
        found = await registry.get(path, {"as_of": arguments["as_of"]} if "as_of" in arguments else {})
    except Refused as refused:
        if refused.status == 404:
            there_is_none = _("There is no organization %s for this account.") % arguments["registry_no"]
            told = refused if "as_of" in arguments else there_is_none
            raise Refused(f"{told} " + _("Find the number by the name with find_organizations.")) from None
        raise
    if part == "record":
        return shortened({name: found[name] for name in RECORD if name in found})
    rows = found["past"].get(part)
    if rows is None:
        raise Refused(forbidden())
    kept = [{name: row[name] for name in PARTS[part] if name in row} for row in rows]
    return slice_of(kept, {"count": len(kept), "as_of": arguments["as_of"]}, paging)


async def list_members(registry: RegistryClient, arguments: Arguments) -> Answer:
    parameters = dict(arguments)
    slug = await _slug(registry, parameters.pop("alliance", ""))
    return {"alliance": slug} | await read_page(registry, f"alliances/{slug}/members/", parameters, MEMBERS)


async def count(registry: RegistryClient, arguments: Arguments) -> Answer:
    parameters = await _with_alliance(registry, arguments)
    paging = {name: parameters.pop(name) for name in PAGES if name in parameters}
    found = await registry.get("statistics/counts/", parameters)
    (counted,) = found["results"]
    head = {name: found[name] for name in ("count", "plan", "as_of", "notices") if found.get(name) is not None}
    return slice_of(counted["values"], head | {"by": counted["name"]}, {"limit": "50"} | paging)


async def list_sectors(registry: RegistryClient, arguments: Arguments) -> Answer:
    words = ("name_zh", "aliases", "definition") if language() == "zh" else ("name_en", "aliases", "definition_en")
    return await read_page(registry, "sectors/", {"limit": "50", **arguments}, ("code", "parent", "layer", *words))


async def list_changes(registry: RegistryClient, arguments: Arguments) -> Answer:
    paging = {name: arguments[name] for name in PAGES if name in arguments}
    if "alliance" not in arguments:
        if "to" in arguments:
            raise Refused(_("to: needs alliance."))
        latest_first = {"updated_since": arguments["from"], "ordering": "-updated_at"}
        return await read_page(registry, "organizations/", latest_first | paging, CHANGED)
    slug = await _slug(registry, arguments["alliance"])
    days = {name: arguments[name] for name in ("from", "to") if name in arguments}
    found = await registry.get(f"alliances/{slug}/members/compare/", days)
    head = {"alliance": slug} | {name: found[name] for name in ("from", "to", "members", "counts", "renamed_tiers")}
    # Remarks are free text of the staff, in which persons may stand.
    rows = [{name: value for name, value in row.items() if name != "remarks"} for row in found["results"]]
    return slice_of(rows, head, paging)


async def _with_alliance(registry: RegistryClient, arguments: Arguments) -> dict[str, str]:
    if "alliance" not in arguments:
        return dict(arguments)
    return {**arguments, "alliance": await _slug(registry, arguments["alliance"])}


async def _slug(registry: RegistryClient, given: str) -> str:
    """Return the short code of the alliance that is meant. Raises Refused, which lists those that there are."""
    found = await registry.get("alliances/", {"fields": "slug,name_zh,name_en,short_name", "page_size": "200"})
    alliances = found["results"]
    meant = [one for one in alliances if given in one.values()] if given else alliances
    if len(meant) == 1:
        return str(meant[0]["slug"])
    listed = "; ".join(f"{one['slug']} ({one['name_zh'] or one['name_en']})" for one in alliances[:20])
    raise Refused(_("alliance: name one of these by its short code: %s.") % listed)
