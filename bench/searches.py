"""Searches: Chinese of one to four characters, pinyin, initials, English and codes, common, rare and random."""

import random
from collections import Counter
from collections.abc import Iterator
from urllib.parse import quote

from django.db.models import Max, Min

from registry.models import Organization
from registry.values.pinyin import pinyin_key

from .measure import Line
from .requests import Asked, compare, spread
from .sectorpages import by_size
from .server import Site


def lines(site: Site) -> Iterator[Line]:
    names = list(Organization.objects.order_by("pk").values_list("name_zh", flat=True)[:3000])
    asked = []
    for length in (1, 2, 3, 4):
        parts = Counter(name[start : start + length] for name in names for start in range(len(name) - length + 1))
        ranked = [part for part, _times in parts.most_common() if all("\u4e00" <= sign <= "\u9fff" for sign in part)]
        for title, part in (("common", ranked[0]), ("middling", ranked[len(ranked) // 20]), ("rare", ranked[-1])):
            asked.append(_asked(f"search, {length} Chinese, {title} ({part})", part, plain=length == 3))
    name = names[len(names) // 2]
    for title, text in (("common", "机器人"), ("rare", name[2:6])):
        reading = pinyin_key(text)
        asked.append(_asked(f"search, pinyin, {title}", reading.replace(" ", "")))
        asked.append(_asked(f"search, initials, {title}", "".join(syllable[0] for syllable in reading.split())))
    asked += [_asked("search, English, common", "zhongshan"), _asked("search, English, middling", "robot")]
    code, full = (
        Organization.objects.exclude(uscc=None).filter(name_zh__endswith="有限公司").values_list("uscc", "name_zh")[7]
    )
    asked += [
        _asked("search, USCC in groups", " ".join(code[start : start + 4] for start in range(0, 18, 4))),
        _asked("search, end of a USCC", code[-6:]),
        _asked("search, name with another legal form", f"{full.removesuffix('有限公司')}有限责任公司"),
    ]
    common = by_size()[0]
    within = f"sector={common.code}&search={quote('机器人')}"
    asked.append(Asked("search within a common sector", f"/api/v1/organizations/?{within}", goal="≤ 10 ms"))
    yield from compare(site, asked)
    paths = [f"/api/v1/organizations/?search={quote(part)}" for part in random_parts(250)]
    yield spread("search, 250 random parts of names, each once", site, paths, "p99 ≤ 30 ms, maximum ≤ 60")


def random_parts(count: int, seed: int = 1) -> list[str]:
    """Different parts of two to six characters of the names of organizations drawn by the seed."""
    draw = random.Random(seed)  # noqa: S311 - no secret
    first, last = Organization.objects.aggregate(first=Min("pk"), last=Max("pk")).values()
    parts: dict[str, None] = {}
    while len(parts) < count:
        somebody = Organization.objects.filter(pk__gte=draw.randint(first, last)).order_by("pk")
        name = somebody.values_list("name_zh", flat=True).first() or ""
        length = draw.randint(2, 6)
        if len(name) >= length:
            start = draw.randint(0, len(name) - length)
            parts[name[start : start + length]] = None
    return list(parts)


def _asked(what: str, text: str, plain: bool = False) -> Asked:
    query = f"search={quote(text)}"
    return Asked(what, f"/api/v1/organizations/?{query}", f"/plain/?{query}" if plain else "")
