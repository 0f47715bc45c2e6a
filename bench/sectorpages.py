"""Pages of 50 organizations of a sector: common, rare and parent, first and deep, with a second filter."""

import json
from collections.abc import Iterator
from itertools import permutations

from django.db.models import Count

from alliance.models import Tier
from registry.models import Kind, Organization, Sector, SectorIndex

from .measure import Line
from .requests import Asked, compare, spread
from .server import Site


def lines(site: Site) -> Iterator[Line]:
    common, rare, parent, few, counted = by_size()
    asked = []
    for title, sector in (("common", common), ("rare", rare), ("parent", parent)):
        path = f"/api/v1/organizations/?sector={sector.code}"
        plain = f"/plain/?sector={sector.pk}"
        what = f"sector page, {title} ({counted[sector.pk]:,})"
        asked += [
            Asked(what, path, plain),
            Asked(f"{what}, deep", _deep(site, path)),
        ]
    path = f"/api/v1/organizations/?sector={common.code}"
    new = [f"{path}&kind={','.join(kinds)}" for kinds in permutations(Kind.values)]
    asked += [
        Asked("sector page, common, published", f"{path}&published=true"),
        Asked("sector page, common, rare township", f"{path}&township={few}"),
        Asked("sector page, common, kind=research", f"{path}&kind=research"),
        Asked("sector page, institutes", path.replace("organizations", "institutes")),
        # Another order of the kinds each time: what was asked before helps nothing.
        Asked("sector page, common, any kind, each asked once", new[0], turns=new),
        Asked("detail", f"/api/v1/organizations/{_somebody(common)}/"),
    ]
    yield from compare(site, asked)
    yield _members_of_a_tier(site)


def _members_of_a_tier(site: Site) -> Line:
    """All pages of the largest tier, up to 2,000 members."""
    tier = Tier.objects.annotate(n=Count("memberships")).order_by("-n").select_related("alliance")[0]
    path = f"/api/v1/alliances/{tier.alliance.slug}/members/?page_size=50&tier={tier.code}"
    paths: list[str] = []
    while path and len(paths) < 40:
        paths.append(path)
        following = json.loads(site.get(path).body)["next"]
        path = following and following.split(f":{site.port}", 1)[1]
    return spread(f"members of one tier, {len(paths)} pages of 50", site, paths)


def _somebody(sector: Sector) -> str:
    numbers = Organization.objects.filter(sector_index__sector=sector).values_list("registry_no", flat=True)
    return numbers.order_by("registry_no")[0]


def by_size() -> tuple[Sector, Sector, Sector, str, dict[int, int]]:
    """A common sector, a rare one, a large branch, the code of a rare township, and the size of each sector."""
    sizes = (
        SectorIndex.objects.values("sector").annotate(n=Count("organization")).order_by("-n").values_list("sector", "n")
    )
    counted = dict(sizes)
    leaves = [sector for sector in Sector.objects.filter(pk__in=counted) if sector.parent_id]
    leaves.sort(key=lambda sector: -counted[sector.pk])
    branches = [sector for sector in Sector.objects.filter(pk__in=counted) if not sector.parent_id]
    common, rare, parent = leaves[0], leaves[-1], max(branches, key=lambda sector: counted[sector.pk])
    town = Organization.objects.values("township__code").annotate(n=Count("pk")).order_by("n")
    few = next(row["township__code"] for row in town if row["township__code"])
    return common, rare, parent, few, counted


def _deep(site: Site, path: str) -> str:
    """The page before the last but ten, reached from the end backwards."""
    address = f"{path}&ordering=-name"
    for _page in range(10):
        following = json.loads(site.get(address).body)["next"]
        if following is None:
            break
        address = following.split(f":{site.port}", 1)[1]
    return address
