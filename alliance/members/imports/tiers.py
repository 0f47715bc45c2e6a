"""The tiers of one alliance for an import, including the tiers that the import will create."""

from collections.abc import Iterable, Iterator

from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from alliance.models import Alliance, StandardTier, Tier
from registry.spreadsheet import Vocabulary
from registry.values.pinyin import pinyin_key
from registry.values.validators import fold_name


class Tiers(Vocabulary[int]):
    """Finds tiers by code, name or alias. If tiers may be created, an unknown one has a negative number until then."""

    def __init__(self, alliance: Alliance | None, create: bool) -> None:
        super().__init__(_("tier"), self._stored)
        self._alliance = alliance
        self._create = create
        self._new: dict[str, int] = {}
        self._standard: dict[str, StandardTier] = {}

    def _stored(self) -> Iterator[tuple[int, Iterable[str]]]:
        for standard in StandardTier.objects.all():
            for name in (standard.name_zh, standard.name_en, standard.code, *standard.aliases):
                self._standard.setdefault(fold_name(name), standard)
        for tier in Tier.objects.filter(alliance=self._alliance):
            yield tier.pk, [tier.name_zh, tier.name_en, tier.code, *tier.aliases]

    def find(self, text: str) -> int:
        if not self._create or self.knows(text):
            return super().find(text)
        standard = self._standard.get(fold_name(text))
        name = standard.name_zh if standard else text
        return self._new.setdefault(name, -len(self._new) - 1)

    def names(self, placeholders: Iterable[int]) -> list[str]:
        """Return the names of the tiers with these negative numbers."""
        wanted = set(placeholders)
        return [name for name, placeholder in self._new.items() if placeholder in wanted]

    def create(self, alliance: Alliance, placeholders: Iterable[int]) -> Iterator[tuple[int, int]]:
        """Create the tiers with these negative numbers; yield each number with the id of its tier.

        A standard tier keeps its code, names, rank and place in the council; other tiers rank below all, in the order
        of the file.
        """
        for name in self.names(placeholders):
            taken = {tier.code: tier.rank for tier in Tier.objects.filter(alliance=alliance)}
            standard = self._standard.get(fold_name(name))
            if standard and standard.code not in taken:
                fields = standard.values()
            else:
                fields = {"code": _free_code(name, taken), "rank": max(taken.values(), default=0) + 1}
            tier = Tier(alliance=alliance, **fields | {"name_zh": name})
            tier.full_clean()
            tier.save()
            yield self._new[name], tier.pk


def _free_code(name: str, taken: Iterable[str]) -> str:
    stem = slugify(pinyin_key(name))[:45] or "tier"
    codes = [stem, *(f"{stem}-{number}" for number in range(2, 1000))]
    return next(code for code in codes if code not in taken)
