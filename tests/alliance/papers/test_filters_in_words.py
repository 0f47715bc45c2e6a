"""The filters of a list stand on its paper in words, not as the parameters of the request."""

import io
import zipfile

import pytest
from django.http import QueryDict
from django.utils import translation

from alliance.members.filtersets import MemberFilterSet
from alliance.models import Membership
from alliance.papers.filters_in_words import TITLES, filters_in_words, title_of
from tests import factories
from tests.api import root

pytestmark = pytest.mark.django_db


def words(query: str) -> list[str]:
    return list(filters_in_words(MemberFilterSet(QueryDict(query), Membership.objects.all(), request=None)))


def test_every_parameter_that_leaves_members_out_has_a_title():
    filters = MemberFilterSet.base_filters
    assert set(TITLES) <= filters.keys()
    assert not [name for name, one in filters.items() if title_of(name, one) in ("", name)]


def test_values_are_named_as_people_know_them(reference):
    factories.tier(factories.alliance(), "council", name_zh="理事单位")
    assert words("tier=council&sector=robots,机器视觉&township=442000118&as_of=2024-01-01&plan=zs-ai-2019") == [
        "会员级别：理事单位",
        "所属领域：机器人产品、机器视觉",
        "所在镇街：小榄镇",
    ]
    assert words("state=left&year=2024&suspended=true&search=true&joined_after=2020-01-01") == [
        "状态：本年退会",
        "年度：2024",
        "暂停：是",
        "搜索：true",
        "入会不早于：2020-01-01",
    ]
    with translation.override("en"):
        assert words("published=false") == ["Published: no"]


def test_paper_says_the_filters_in_words(reference):
    alliance = factories.alliance("test")
    factories.membership(factories.member(alliance), tier=factories.tier(alliance, "council", name_zh="理事单位"))
    answer = root().get("alliances/test/members/?format=xlsx&layout=roster&edition=full&tier=council&lang=zh")
    book = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert "筛选条件：会员级别：理事单位。" in "".join(
        book.read(name).decode() for name in book.namelist() if name.endswith(".xml")
    )
