"""Believable, fictional organizations in any number, the same for the same seed: for benchmarks and trials.

Rows are written as the text of PostgreSQL's COPY, batch by batch, because a million organizations as model instances
would take hours. The vocabulary comes from the reference data, so a plan with other sectors needs no change here.
"""

import datetime
import random
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from registry.models import Plan, Sector, Township, Zone
from registry.organizations.models.choices import ENDED_STATUSES
from registry.values.pinyin import pinyin_key
from registry.values.validators import uscc_check_character

BATCH = 20_000
# A fixed day, so that a seed gives the same registry whenever it is used.
_TODAY = datetime.date(2026, 1, 1).toordinal()
_FIRST_DAY = datetime.date(1980, 1, 1).toordinal()
_DAYS = [datetime.date.fromordinal(day).isoformat() for day in range(_FIRST_DAY, _TODAY + 1)]
_NULL = r"\N"

ORGANIZATION_COLUMNS = (
    "id, registry_no, kind, category, uscc, uscc_override_reason, name_zh, name_en, short_name, pinyin, "
    "registration_status, registration_type, founded_on, closed_on, successor_id, township_id, zone_id, "
    "registered_address, business_address, country, website, industry, registered_capital, capital_currency, "
    "capital_text, scope, introduction, main_products, published, verified_on, verified_from, source, remarks"
)
NAME_COLUMNS = "organization_id, kind, name, language, valid_to"
TAG_COLUMNS = "organization_id, plan_id, sector_id, is_primary, evidence, evidence_url"

_FIRST = (
    "智瑞恒盛华鑫宏达科创博远嘉诚天启云海星辰龙腾凯旋金泰永利德信安康百川千帆卓越新锐明"
    "睿思锦绣文昌正大丰润同兴顺景祥和美佳伟业中源长青东方南粤西岭北光耀朗立群联众汇聚贤"
)
_SECOND = (
    "晟朗骏麒麟曜岳峰霖泽渊澜涛润泓源溪岚嵘巍峻崇岱轩宸宇宙穹昊旻晖晞昕曦熠炜煜烨灿焕燊"
    "森林桐梓楠榕柏松竹梅兰芷蕙芸茗荟蔚蓝青翠碧玉琳琅瑾瑜璟璇玑珩钧铭锋锐铠铄鑫镒钰"
)
_THIRD = "一元三才四维五行六合七巧八方九州十全百千万亿兆京"
_CELLS = len(_FIRST) * len(_SECOND)
_PLACES, _PLACE_WEIGHTS = ("中山市", "中山", "广东"), (70, 90, 100)
_TAILS, _TAIL_WEIGHTS = ("", "科技", "技术", "设备", "智能科技"), (45, 70, 82, 92, 100)
_ROADS = ("虚构路", "示范大道", "样例街", "演示路", "拟定路", "代称街", "甲乙路", "子虚大道")
_INDUSTRIES = (
    "C3491",
    "C3857",
    "C3872",
    "C3990",
    "C3813",
    "C3581",
    "C3569",
    "I6513",
    "I6531",
    "I6440",
    "M7320",
    "M7519",
)
_CAPITALS = (10, 50, 100, 100, 200, 300, 500, 500, 1000, 1000, 2000, 5000, 10_000)
_OLD_WORDS = ("电子", "五金", "电器", "机械", "塑胶", "灯饰", "网络", "自动化")
# Weights are cumulative, out of 100.
_STATUSES = ("active", "deregistered", "revoked", "moved_out", "suspended", "merged")
_STATUS_WEIGHTS = (88, 94, 96, 98, 99.5, 100)
_TAGS, _TAG_WEIGHTS = (1, 2, 3, 4), (55, 83, 95, 100)


@dataclass(frozen=True)
class _Form:
    """One way in which an organization is named and registered; `{word}` becomes a word of its primary sector."""

    weight: float
    kind: str
    name: str
    uscc: str
    registration_type: str
    categories: tuple[str, ...] = ("",)
    english: str = ""


_FORMS = (
    _Form(72, "enterprise", "{word}有限公司", "91", "有限责任公司（自然人投资或控股）",
          ("", "", "", "", "", "sme", "startup", "ai_service"), "Co., Ltd."),
    _Form(14, "enterprise", "{word}有限公司", "91", "有限责任公司（法人独资）",
          ("", "", "sme", "startup"), "Co., Ltd."),
    _Form(4, "enterprise", "{word}股份有限公司", "91", "其他股份有限公司（非上市）", ("", "backbone", "sme"), "Inc."),
    _Form(2, "research", "{word}研究院", "12", "事业单位法人", ("research_institute",), "Research Institute"),
    _Form(1, "research", "{word}研究所", "52", "民办非企业单位", ("research_institute", ""), "Institute"),
    _Form(1, "research", "{word}实验室", "", "", ("laboratory",), "Laboratory"),
    _Form(2, "social", "{word}行业协会", "51", "社会团体法人", english="Industry Association"),
    _Form(1, "social", "{word}促进中心", "52", "民办非企业单位", ("technology_transfer", ""), "Promotion Centre"),
    _Form(1, "financial", "创业投资有限公司", "91", "有限责任公司", english="Venture Capital Co., Ltd."),
    _Form(0.5, "financial", "融资租赁有限公司", "91", "有限责任公司", english="Leasing Co., Ltd."),
    _Form(0.5, "government", "{word}工作办公室", "11", "机关法人", english="Office"),
    _Form(1, "other", "律师事务所", "31", "律师事务所（普通合伙）", english="Law Firm"),
)  # fmt: skip


_FORM_WEIGHTS = list(accumulate(form.weight for form in _FORMS))
_SectorWords = tuple[int, list[str], str]
"""Id, Chinese words of the trade, English name."""


@dataclass(frozen=True)
class Vocabulary:
    """Ids and words of the reference data that rows refer to."""

    plan: int
    sectors: list[_SectorWords]
    townships: list[tuple[int, str]]
    zones: list[int]

    @classmethod
    def stored(cls) -> "Vocabulary":
        """Raises Plan.DoesNotExist where no plan is current."""
        plan = Plan.objects.get(current=True)
        leaves = Sector.objects.filter(plan=plan, parent__isnull=False).enabled()
        return cls(
            plan=plan.pk,
            sectors=[(sector.pk, _words(sector), _english(sector)) for sector in leaves],
            townships=[
                (pk, name)
                for pk, name in Township.objects.current().values_list("pk", "name_zh")
                if _CHINESE.fullmatch(name)
            ],
            zones=list(Zone.objects.values_list("pk", flat=True)),
        )


_CHINESE = re.compile(r"[\u4e00-\u9fff]{2,8}")


def _words(sector: Sector) -> list[str]:
    return [text for text in (sector.name_zh, *sector.keywords_zh) if _CHINESE.fullmatch(text)] or ["智能系统"]


def _english(sector: Sector) -> str:
    return " ".join(word.capitalize() for word in re.findall(r"[A-Za-z]+", sector.name_en)[:3])


@dataclass
class Batch:
    """Lines of COPY text for each table."""

    organizations: list[str]
    names: list[str]
    tags: list[str]
    could_join: list[tuple[int, int]]
    """Id and day of founding (ordinal) of those that can be members of an alliance."""


def batches(vocabulary: Vocabulary, count: int, seed: int, first_id: int, first_number: int) -> Iterator[Batch]:
    """`count` organizations with consecutive ids and registry numbers from the given ones on."""
    maker = _Maker(vocabulary, seed, first_id)
    for start in range(0, count, BATCH):
        yield maker.batch(first_id + start, first_number + start, min(BATCH, count - start))


def fictional_uscc(n: int, start: str = "91", letter: str = "Y", region: str = "442000") -> str:
    """A USCC with a valid check character that is nobody's: the check character of the organization code in it
    (GB 11714) is wrong. `n` and `letter` make it unique."""
    body = f"{letter}{n:07d}"
    total = sum(weight * int(character, 36) for weight, character in zip((3, 7, 9, 10, 5, 8, 4, 2), body, strict=True))
    first17 = f"{start}{region}{body}{'0123456789X'[(12 - total) % 11]}"
    return first17 + uscc_check_character(first17)


class _Maker:
    def __init__(self, vocabulary: Vocabulary, seed: int, first_id: int) -> None:
        self.vocabulary = vocabulary
        self.random = random.Random(seed)  # noqa: S311 - nothing secret
        self.first_id = first_id
        self.used: Counter[str] = Counter()
        # A few sectors and townships hold most organizations: by Zipf's rule the first of 45 sectors holds 23 %, the
        # last 0.5 %. Which come first depends on the seed.
        self.sectors = self.random.sample(vocabulary.sectors, len(vocabulary.sectors))
        self.sector_weights = list(accumulate(1 / (rank + 1) for rank in range(len(self.sectors))))
        self.townships = self.random.sample(vocabulary.townships, len(vocabulary.townships))
        self.township_weights = list(accumulate(1 / (rank + 3) for rank in range(len(self.townships))))

    def batch(self, first_id: int, first_number: int, size: int) -> Batch:
        choices = self.random.choices
        batch = Batch([], [], [], [])
        columns = zip(
            range(first_id, first_id + size),
            range(first_number, first_number + size),
            choices(_FORMS, cum_weights=_FORM_WEIGHTS, k=size),
            choices(self.sectors, cum_weights=self.sector_weights, k=size),
            choices(self.townships, cum_weights=self.township_weights, k=size),
            choices(_STATUSES, cum_weights=_STATUS_WEIGHTS, k=size),
            choices(_PLACES, cum_weights=_PLACE_WEIGHTS, k=size),
            choices(_TAGS, cum_weights=_TAG_WEIGHTS, k=size),
            strict=True,
        )
        for pk, number, form, sector, township, status, place, tag_count in columns:
            founded = _TODAY - 90 - int(self.random.random() ** 2 * 12_000)
            brand, word, name = self._name(form, place, sector[1], township[1])
            batch.organizations.append(
                self._organization(pk, number, form, sector, township, status, founded, brand, word, name)
            )
            if self.random.random() < 0.08:
                batch.names.append(self._former_name(pk, place, brand, founded))
            batch.tags += self._tags(pk, sector, tag_count, word)
            if status == "active" and form.kind != "government":
                batch.could_join.append((pk, founded))
        return batch

    def _name(self, form: _Form, place: str, words: list[str], township: str) -> tuple[str, str, str]:
        """Brand, trade word and full name; brand, word and legal form together are used once."""
        word = self.random.choice(words)
        if form.kind == "enterprise":
            word += self.random.choices(_TAILS, cum_weights=_TAIL_WEIGHTS)[0]
        text = form.name.format(word=word)
        nth = self.used[text]
        self.used[text] += 1
        if form.kind == "government":
            return "", word, f"中山市{township}{text}（{nth + 1}）"
        # A walk through all pairs of characters with a step that has no divisor in common with their number.
        cell = (nth * 5003 + zlib.crc32(text.encode())) % _CELLS
        brand = _FIRST[cell // len(_SECOND)] + _SECOND[cell % len(_SECOND)]
        if nth >= _CELLS:
            brand += _THIRD[nth // _CELLS - 1]
        return brand, word, f"{place}{brand}{text}"

    def _organization(
        self,
        pk: int,
        number: int,
        form: _Form,
        sector: _SectorWords,
        township: tuple[int, str],
        status: str,
        founded: int,
        brand: str,
        word: str,
        name: str,
    ) -> str:
        chance, choice = self.random.random, self.random.choice
        closed = successor = zone = verified = capital = _NULL
        verified_from = ""
        if status in ENDED_STATUSES:
            closed = _DAYS[founded + 1 + int(chance() * (_TODAY - founded - 1)) - _FIRST_DAY]
            if status == "merged" and pk > self.first_id:
                successor = str(pk - 1 - int(chance() * (pk - self.first_id)))
        uscc = fictional_uscc(number, form.uscc) if form.uscc and chance() < 0.98 else _NULL
        reading = pinyin_key(brand).replace(" ", "")
        english = " ".join(("Zhongshan", reading.capitalize(), sector[2], form.english)) if chance() < 0.3 else ""
        website = f"https://www.{reading}{number}.example" if chance() < 0.25 else ""
        currency = capital_text = ""
        if form.uscc == "91":
            amount = choice(_CAPITALS)
            capital, currency, capital_text = f"{amount}0000", "CNY", f"{amount}万元人民币"
        if chance() < 0.08:
            zone = str(choice(self.vocabulary.zones))
        if chance() < 0.6:
            verified, verified_from = _DAYS[_TODAY - 1 - int(chance() * 700) - _FIRST_DAY], "phone"
        industry = choice(_INDUSTRIES) if form.kind == "enterprise" else ""
        address = f"中山市{township[1]}{choice(_ROADS)}{int(chance() * 900) + 1}号"
        scope = f"{word}的研发、生产、销售；技术服务、技术咨询。" if form.kind == "enterprise" else ""
        published = "t" if chance() < 0.75 else "f"
        return (
            f"{pk}\tZSAI-{number:06d}\t{form.kind}\t{choice(form.categories)}\t{uscc}\t\t{name}\t{english}\t"
            f"{brand}{word}\t{pinyin_key(name)}\t{status}\t{form.registration_type}\t{_DAYS[founded - _FIRST_DAY]}\t"
            f"{closed}\t{successor}\t{township[0]}\t{zone}\t{address}\t\tCN\t{website}\t{industry}\t{capital}\t"
            f"{currency}\t{capital_text}\t{scope}\t\t{word}\t{published}\t{verified}\t"
            f"{verified_from}\t模拟数据，纯属虚构\t\n"
        )

    def _former_name(self, pk: int, place: str, brand: str, founded: int) -> str:
        until = _DAYS[founded + 1 + int(self.random.random() * (_TODAY - founded - 1)) - _FIRST_DAY]
        return f"{pk}\tformer\t{place}{brand}{self.random.choice(_OLD_WORDS)}厂\tzh\t{until}\n"

    def _tags(self, pk: int, primary: _SectorWords, count: int, word: str) -> list[str]:
        lines = [f"{pk}\t{self.vocabulary.plan}\t{primary[0]}\tt\t主导产品：{word}\t\n"]
        if count > 1:
            more = self.random.choices(self.sectors, cum_weights=self.sector_weights, k=count - 1)
            lines += [
                f"{pk}\t{self.vocabulary.plan}\t{sector}\tf\t\t\n"
                for sector in sorted({one[0] for one in more} - {primary[0]})
            ]
        return lines
