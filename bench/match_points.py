"""`python -m bench.match_points PAIRS.csv`: the points of `registry.matching.score`, found anew from labelled names.

PAIRS.csv has `name`, `uscc` (may be empty) and `expected_uscc` (empty where the body is not registered); the registry
of the settings has to hold the bodies that are expected. Each candidate is one observation: its parts, and whether it
is the body that was meant. Logistic regression with a ridge finds a weight for each part; 11 points are one unit.
"""

import csv
import math
import os
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

UNIT = 11
"""Points that multiply the odds by e."""
_RIDGE, _STEP, _ROUNDS = 0.3, 10.0, 4_000
_BEGINNINGS = ("name", "coarse_name", "former_name", "alias", "brand_", "pinyin", "initials")

Observations = dict[frozenset[str], list[int]]
"""Parts that occur together -> how often the candidate was another body, and how often the one that was meant."""


def main(path: str) -> None:
    with Path(path).open(encoding="utf-8-sig") as lines:
        observations = observe(list(csv.DictReader(lines)))
    weights, base = fit(observations)
    seen: dict[str, Counter[bool]] = defaultdict(Counter)
    for parts, (wrong, right) in observations.items():
        for code in parts:
            seen[code].update({False: wrong, True: right})
    from registry.matching.score import POINTS

    print("| part | found | in use | the body meant | another |\n|---|---|---|---|---|")
    for code in POINTS:
        if code in weights:
            # Every pair of names has just one of the parts that begin a comparison: they carry the base.
            begins = code.startswith(_BEGINNINGS)
            found = UNIT * weights[code] + (50 + UNIT * base if begins else 0)
            print(f"| {code} | {found:.0f} | {POINTS[code]} | {seen[code][True]} | {seen[code][False]} |")


def observe(rows: list[dict[str, str]]) -> Observations:
    from registry.matching.candidates import Asked, find

    observations: Observations = defaultdict(lambda: [0, 0])
    found = find([Asked(row["name"], row["uscc"]) for row in rows])
    for row, candidates in zip(rows, found, strict=True):
        for candidate in candidates:
            parts = frozenset(one.code for one in candidate.parts)
            observations[parts][candidate.uscc == row["expected_uscc"]] += 1
    return observations


def fit(observations: Observations) -> tuple[dict[str, float], float]:
    """Weights of the parts and the base, by gradient descent: a few hundred combinations need no library."""
    codes = sorted({code for parts in observations for code in parts})
    total = sum(map(sum, observations.values()))
    weights, base = dict.fromkeys(codes, 0.0), 0.0
    for _round in range(_ROUNDS):
        slopes, slope = {code: _RIDGE * weights[code] / total for code in codes}, 0.0
        for parts, (wrong, right) in observations.items():
            chance = 1 / (1 + math.exp(-base - sum(weights[code] for code in parts)))
            error = ((wrong + right) * chance - right) / total
            slope += error
            for code in parts:
                slopes[code] += error
        base -= _STEP * slope
        for code in codes:
            weights[code] -= _STEP * slopes[code]
    return weights, base


def _set_up() -> Any:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    return django.setup()


if __name__ == "__main__":
    _set_up()
    main(sys.argv[1])
