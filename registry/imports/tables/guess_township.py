"""Finds the township in an address."""

import re

from registry.reference.models import Township

CITY = "中山"
_SUFFIX_RE = re.compile(r"(?:街道办事处|街道|镇|高?技?术?产?业?开发区|区)$")


class TownFinder:
    """Finds the township by the strict rule: the city's name, and directly after it the name of a town.

    中山市小榄镇永宁路 names 小榄镇, 广东省中山市石岐区 names 石岐街道; 中山市中山四路东区办事处 names none,
    because what is further on may be a road or a building. A town that exists no more gives its successor.
    Where the label of a column promises the town, as 所在镇街及地址 does, the city need not be named.
    """

    def __init__(self) -> None:
        self._towns: dict[str, int] = {}
        self._full: set[str] = set()
        towns = {town.pk: town for town in Township.objects.order_by("-valid_to", "code")}
        ended_last = sorted(towns.values(), key=lambda town: town.valid_to is not None)
        for town in ended_last:
            target = town
            while target.successor_id:
                target = towns[target.successor_id]
            for name in (town.name_zh, *town.aliases):
                self._add(name, target.pk)
                self._add(name.removeprefix(CITY), target.pk)
        names = "|".join(sorted(map(re.escape, self._towns), key=len, reverse=True)) or "(?!)"
        full = "|".join(sorted(map(re.escape, self._full), key=len, reverse=True)) or "(?!)"
        self._rule = re.compile(rf"\s*(?:中国)?\s*(?:广东省?)?\s*{CITY}市?\s*(?:{CITY}市?)?\s*({names})")
        self._promised = re.compile(rf"\s*({full}|(?:{names})(?=[\s,，、;；:：/（(-]|$))")

    def _add(self, name: str, town: int) -> None:
        if not re.search("[\u4e00-\u9fff]", name):
            return
        stem = _SUFFIX_RE.sub("", name)
        self._full.add(name)
        for text in (name, stem):
            if len(text) >= 2:
                self._towns.setdefault(text, town)

    def find(self, address: str, *, promised: bool = False) -> int | None:
        """Return the id of the township; None if the rule does not find one."""
        found = self._rule.match(address) or (self._promised.match(address) if promised else None)
        return self._towns.get(found[1]) if found else None
