"""How often is any small area called a hotspot when records fall on residents by chance alone?

Complete spatial randomness on Herefordshire's own LSOAs and populations: records are dealt out to the 116 LSOAs in
proportion to their residents, so that every flag is false. A family is one such map. Run from the project's root:

    python benchmarks/hotspot_false_alarms.py [maps]
"""

import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from esda.getisord import G_Local
from esda.moran import Moran_Local
from libpysal.weights import W

from hcsp_assess.places.actions import score_actions
from hcsp_assess.places.hotspots import find_hotspots, find_neighbours
from hcsp_assess.places.two_periods import compare_periods
from hcsp_assess.sources.geography import geography

TOTALS = (150, 500, 2_000, 12_000)


def usual_methods(people: pd.Series, neighbours: dict[str, tuple[str, ...]]) -> dict[str, Callable[[pd.Series], bool]]:
    """What tools do by default: 5% for each area, no control over how many areas were looked at."""
    weights = W({place: list(others) for place, others in neighbours.items()})

    def gi_star(counts: pd.Series) -> bool:
        found = G_Local((counts / people).to_numpy(), weights, transform="B", star=True, permutations=0)
        return bool((found.Zs > 1.96).any())

    def local_moran(counts: pd.Series) -> bool:
        found = Moran_Local((counts / people).to_numpy(), weights, permutations=999, seed=1)
        return bool(((found.p_sim < 0.05) & (found.q == 1)).any())

    def above_average(counts: pd.Series) -> bool:
        rate = counts / people
        return bool((rate > rate.mean() + 2 * rate.std()).any())

    return {
        "Gi* with z above 1.96": gi_star,
        "local Moran, high-high, p below 0.05": local_moran,
        "rate more than two standard deviations above the mean": above_average,
    }


def action_false_alarms(neighbours: dict[str, tuple[str, ...]], logs: int) -> float:
    """Share of actions without any effect, %, that are said to have fallen or risen more than elsewhere."""
    months = pd.period_range("2024-01", "2025-12", freq="M")
    place = min(neighbours)
    row = {"place_code": place, "crime_type": "", "agreed": pd.Timestamp("2024-12-10")}
    generator = np.random.default_rng(1)
    called = 0
    for _ in range(logs):
        monthly = pd.DataFrame(generator.poisson(100, (24, len(neighbours))), index=months, columns=list(neighbours))
        scored = score_actions(pd.DataFrame([row]), {"All records": monthly}, neighbours)
        called += scored.table["verdict"].str.contains("than elsewhere").sum()
    return 100 * called / logs


def main(maps: int) -> None:
    places = geography("herefordshire")
    people = places.table["population_2019"]
    neighbours = find_neighbours(places.boundaries("lsoa11"))
    share = (people / people.sum()).to_numpy()
    usual = usual_methods(people, neighbours)
    print(f"{len(people)} LSOAs, {maps} maps of chance for each total; share of maps with any flag, %")
    for total in TOTALS:
        started = time.perf_counter()
        generator = np.random.default_rng(total)
        ours, changed = 0, 0
        others = dict.fromkeys(usual, 0)
        for _ in range(maps):
            counts = pd.Series(generator.multinomial(total, share), index=people.index)
            later = pd.Series(generator.multinomial(total, share), index=people.index)
            ours += not find_hotspots(counts, people, neighbours).flagged().empty
            changed += compare_periods(counts, later).table["change"].str.contains("than elsewhere").any()
            for name, method in usual.items():
                others[name] += method(counts)
        shares = {"find_hotspots": ours, "compare_periods": changed} | others
        said = "; ".join(f"{name}: {100 * count / maps:.1f}" for name, count in shares.items())
        print(f"{total:,} records: {said}  ({time.perf_counter() - started:.0f} s)", flush=True)
    print(f"score_actions, {maps} actions without effect called a change: {action_false_alarms(neighbours, maps):.1f}%")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
