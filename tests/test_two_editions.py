"""The published tables of two editions side by side against an attacker who solves both at once.

Small counts are planted: attendances by place, by quarter and with or without alcohol. Each edition publishes them by
quarter, and those of its year by place. Editions share quarters; a cell that both publish is the same unknown.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from attacks import attack
from table_solver import MOST, Attack

from hcsp_assess.assessment.markers import marker_share, published_share
from hcsp_assess.disclosure import (
    TOTAL,
    Gated,
    OneTable,
    SameCount,
    disclosure_rule,
    pass_gate,
    pass_together,
    published,
)

QUARTERS = [f"Q{number}" for number in range(1, 7)]
KINDS = ("with", "without")
#: An edition and its next: one more quarter, or the year a quarter later.
PAIRS = {"extended": (QUARTERS[:3], QUARTERS[:4]), "a quarter later": (QUARTERS[:4], QUARTERS[1:5])}
Counts = dict[str, pd.DataFrame]


def planted(seed: int, places: int = 4) -> Counts:
    """Attendances by quarter and place, mostly from 0 to 14, for each kind."""
    rng = np.random.default_rng(seed)
    usual = rng.choice([1, 2, 3, 5, 7, 9], size=places)
    names = [f"place {number}" for number in range(places)]
    return {
        kind: pd.DataFrame(rng.poisson(np.tile(usual, (len(QUARTERS), 1))), index=QUARTERS, columns=names)
        for kind in KINDS
    }


def edition(counts: Counts, span: Sequence[str], rule: str = "partner") -> dict[str, Gated]:
    """The tables of one edition: all quarters by kind, and the year by place and kind."""
    year = pd.DataFrame({kind: table.loc[list(span)].sum() for kind, table in counts.items()})
    quarters = {kind: table.sum(axis=1).rename(kind) for kind, table in counts.items()}
    tables = [OneTable("year", year), *(OneTable(kind, each, add_down=False) for kind, each in quarters.items())]
    same = [SameCount(("year", TOTAL, kind), tuple((kind, name, kind) for name in span)) for kind in quarters]
    same.append(SameCount(("year", TOTAL, TOTAL), tuple((kind, name, kind) for kind in quarters for name in span)))
    return pass_together(tables, same, rule=rule)


def both(editions: Sequence[dict[str, Gated]], spans: Sequence[Sequence[str]]) -> Attack:
    """Everything that two editions publish. Totals are sums of the printed quarters: they say no more."""
    whole, rule = Attack(), editions[0]["year"].rule
    for kind in KINDS:
        assert editions[0][kind].frame.equals(editions[1][kind].frame), (
            "a quarter is another number in the next edition"
        )
        whole.add(kind, editions[0][kind].frame, minimum=rule.minimum)
    for number, (tables, span) in enumerate(zip(editions, spans, strict=True)):
        whole.add(f"year {number}", tables["year"].frame, minimum=rule.minimum)
        for kind in (*KINDS, TOTAL):
            whole.forget((f"year {number}", TOTAL, kind))
        for kind in KINDS:
            whole.tie({(kind, name, kind): 1.0 for name in span} | {(f"year {number}", TOTAL, kind): -1.0})
    for kind in KINDS:
        sides = {
            "new": [name for name in spans[1] if name not in spans[0]],
            "old": [name for name in spans[0] if name not in spans[1]],
        }
        places = [place for place in editions[0]["year"].frame.index if place != TOTAL]
        for place in places:
            moved = {(side, place, kind): 1.0 if side == "old" else -1.0 for side in sides}
            whole.low |= dict.fromkeys(moved, 0)
            whole.high |= dict.fromkeys(moved, MOST)
            whole.tie(moved | {("year 1", place, kind): 1.0, ("year 0", place, kind): -1.0})
        for side, names in sides.items():
            whole.tie({(side, place, kind): 1.0 for place in places} | {(kind, name, kind): -1.0 for name in names})
    return whole


@attack(
    "last year's edition beside this year's: one quarter more, or a year that begins a quarter later",
    "each quarter is the same number in both, a year's total is the sum of the printed quarters, and every cell of the "
    "two editions solved together can be at least three numbers",
)
@pytest.mark.parametrize("pair", PAIRS)
def test_two_editions_together_leave_three_numbers_for_every_cell(pair):
    spans = PAIRS[pair]
    for seed, rule in ((1, "partner"), (2, "partner"), (3, "children"), (4, "partner")):
        counts = planted(seed)
        editions = [edition(counts, span, rule) for span in spans]
        whole = both(editions, spans)
        assert len(whole.protected) > 15
        assert whole.too_narrow() == {}, seed
        for tables, span in zip(editions, spans, strict=True):
            for kind in KINDS:
                shown = tables["year"].counts.loc[TOTAL, kind]
                printed = tables[kind].counts.loc[list(span), kind].fillna(5)  # a hidden one counts as one multiple
                assert pd.isna(shown) or shown == printed.sum()


def test_the_attack_works_where_totals_are_rounded_by_themselves():
    spans = PAIRS["extended"]
    quarters = pd.Series([9, 13, 16, 6, 14, 17], index=QUARTERS, name="with")
    known = Attack()
    known.add("with", pass_gate(quarters, rule="partner", table="q", add_down=False).frame)
    for number, span in enumerate(spans):  # 38 is printed as 40 and 44 as 45: the fourth quarter is 3 to 7, not 5
        total = published(int(quarters[span].sum()), disclosure_rule("partner"))
        known.add(f"year {number}", pd.DataFrame({"with": [str(total)]}, index=["year"]))
        known.tie({("with", name, "with"): 1.0 for name in span} | {(f"year {number}", "year", "with"): -1.0})
    assert known.too_narrow() == {}
    quarters["Q2"] = 12  # 37 is printed as 35 and 43 as 45
    known = Attack()
    known.add("with", pass_gate(quarters, rule="partner", table="q", add_down=False).frame)
    for number, span in enumerate(spans):
        total = published(int(quarters[span].sum()), disclosure_rule("partner"))
        known.add(f"year {number}", pd.DataFrame({"with": [str(total)]}, index=["year"]))
        known.tie({("with", name, "with"): 1.0 for name in span} | {(f"year {number}", "year", "with"): -1.0})
    assert known.too_narrow()["with", "Q4", "with"] == (6, 7)


@attack(
    "a year by quarter (7, 7, 7 and 7, printed as 5) beside the same year by place (28, printed as 30)",
    "the place is printed as 20, the sum of the printed quarters, or as 25 where there are more places",
)
def test_a_year_by_place_gives_no_quarter_away():
    quarters = pd.Series([7, 7, 7, 7], index=QUARTERS[:4], name="n")
    parts = tuple(("quarters", name, "n") for name in quarters.index)
    for places, printed in (
        ([28], ["20", "20"]),
        ([14, 14], None),
        ([13, 13, 2], None),
        ([1, 27], None),
        ([0, 28], None),
    ):
        year = pd.Series(places, index=[f"place {number}" for number in range(len(places))], name="n")
        tables = [OneTable("quarters", quarters, add_down=False), OneTable("year", year)]
        found = pass_together(tables, [SameCount(("year", TOTAL, "n"), parts)], rule="partner")
        whole = Attack()
        for name, gated in found.items():
            whole.add(name, gated.frame)
        whole.forget(("year", TOTAL, "n"))
        for place in year.index[year > 0] if (year > 0).sum() == 1 else ():
            whole.forget(("year", place, "n"))  # the only place: known to be the total
        whole.tie(dict.fromkeys(parts, 1.0) | {("year", TOTAL, "n"): -1.0})
        assert whole.too_narrow() == {}, places
        assert printed is None or found["year"].frame["n"].tolist() == printed


@attack(
    "the same offences counted by age, by sex and by ethnic group, each table with its own total",
    "the total is the same number in each",
)
def test_tables_that_share_a_total_publish_the_same_one():
    by_age = pd.Series([7, 7, 7, 7], index=list("abcd"), name="n")
    by_sex = pd.Series([14, 14], index=["f", "m"], name="n")
    apart = [pass_gate(each, rule="partner", table="t").counts.loc[TOTAL, "n"] for each in (by_age, by_sex)]
    assert apart == [25, 30]  # 30 beside 5, 5, 5 and 5 says 28, and each of them 7
    same = [SameCount(("age", TOTAL, "n"), (("sex", TOTAL, "n"),))]
    found = pass_together([OneTable("age", by_age), OneTable("sex", by_sex)], same, rule="partner")
    whole = Attack()
    for name, gated in found.items():
        whole.add(name, gated.frame)
    whole.tie({("age", TOTAL, "n"): 1.0, ("sex", TOTAL, "n"): -1.0})
    assert found["age"].counts.loc[TOTAL, "n"] == found["sex"].counts.loc[TOTAL, "n"]
    assert whole.too_narrow() == {}
    apart = [OneTable("age", by_age), OneTable("sex", by_sex.replace(14, 15))]
    found = pass_together(apart, same, rule="partner")  # not the same records: neither says anything of the other
    assert found["sex"].frame["n"].tolist() == ["15", "15", "30"]


@attack(
    "a share in a sentence ('30 of 60 offences') beside a table with the same offences by kind (5, 5, 5 and 5)",
    "the number in the sentence leaves three values for each kind",
)
def test_the_count_behind_a_share_gives_no_kind_of_offence_away():
    rows = pd.DataFrame({"offence_subgroup": [kind for kind in "abcd" for _ in range(15)], "offence_group": "violence"})
    rows["alcohol"] = pd.array([place % 15 < 7 for place in range(60)], dtype="boolean")
    share = published_share(marker_share(rows, "alcohol", group="violence"), disclosure_rule("partner"))
    assert share is not None and share.kinds == ((7, 7, 7, 7), (8, 8, 8, 8), (0, 0, 0, 0))
    assert share.part == 25
