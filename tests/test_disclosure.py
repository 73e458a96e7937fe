"""Disclosure control: an attacker with a solver and everything that is published can't work out a small count."""

import numpy as np
import pandas as pd
import pytest
from attacks import attack
from hypothesis import given, settings
from hypothesis import strategies as st
from table_solver import Attack, Region

from hcsp_assess.disclosure import (
    TOTAL,
    DisclosureRule,
    Gated,
    disclosure_rule,
    disclosure_rules,
    pass_gate,
    pass_gate_percentages,
    published,
    totals,
)
from hcsp_assess.errors import InputError

EXACT = DisclosureRule("exact", "Test", 5, 1, True, 10, "L", "suppression without rounding: the harder case to protect")
PRIMARY_ONLY = DisclosureRule("weak", "Test", 5, 1, False, 10, "L", "what secondary suppression is for")


def region_of(gated: Gated, moved: int = 10) -> tuple[Region, dict[tuple[str, str], int]]:
    """Return what is still possible for whoever reads a table, and the place of each of its cells in that.

    Written from what is printed alone, knowing the rule: a number stands for anything that rounds to it, zeros are
    always published, so that a suppressed count is at least 1. Every cell is an unknown whole number. A rounded total
    may have been moved, so that it stands for more.
    """
    printed = gated.frame
    rows, columns = list(printed.index), list(printed.columns)
    place = {(r, c): i for i, (r, c) in enumerate((r, c) for r in rows for c in columns)}
    low, high = np.zeros(len(place)), np.zeros(len(place))
    base = gated.rule.rounding
    for (row, column), i in place.items():
        text = printed.loc[row, column]
        if text == "[c]":
            low[i], high[i] = 1, 100_000
        else:
            number = int(text.replace(",", ""))
            far = moved * (base > 1 and TOTAL in (row, column))
            low[i], high[i] = max(0, number - base // 2 - far), number + (base - 1) // 2 + far
            if number == 0:
                high[i] = 0
    sums: list[dict[int, float]] = []
    if TOTAL in columns:
        sums += [{place[row, c]: -1.0 if c == TOTAL else 1.0 for c in columns} for row in rows]
    if TOTAL in rows:
        sums += [{place[r, column]: -1.0 if r == TOTAL else 1.0 for r in rows} for column in columns]
    return Region(low, high, sums), place


def solve(gated: Gated) -> dict[tuple[str, str], tuple[int, int]]:
    """Return the smallest and largest whole number that each suppressed cell can be."""
    region, place = region_of(gated)
    printed = gated.frame
    hidden = [key for key in place if printed.loc[key] == "[c]"]
    return {key: (region.end(place[key], 1.0), region.end(place[key], -1.0)) for key in hidden}


def truth_with_totals(counts: pd.DataFrame) -> pd.DataFrame:
    whole = counts.assign(**{TOTAL: counts.sum(axis=1)})
    whole.loc[TOTAL] = whole.sum()
    return whole


def assert_protected(counts: pd.DataFrame, gated: Gated, *, moved: int = 10) -> None:
    truth = truth_with_totals(counts)
    region, place = region_of(gated, moved)
    cells = np.array([truth.loc[key] for key in place])
    assert (region.bounds.lb <= cells).all() and (cells <= region.bounds.ub).all(), "the truth is ruled out"
    nonzero = truth_with_totals((counts > 0).astype(int))
    printed = gated.frame
    hidden = [key for key in place if printed.loc[key] == "[c]"]
    if hidden:
        region.shake([place[key] for key in hidden])
    for key in hidden:
        value = truth.loc[key]
        assert region.varies(place[key], 2), f"{key} can be worked out"
        if 1 <= value < gated.rule.minimum:
            floor = nonzero.loc[key] if TOTAL in key else 1
            assert region.reaches(place[key], floor, gated.rule.minimum), f"{key} is known to be small, or not so small"
    for row in truth.index:
        for column in truth.columns:
            small = 1 <= truth.loc[row, column] < gated.rule.minimum
            assert not small or gated.symbols.loc[row, column] == "[c]"
    if gated.rule.rounding > 1:
        whole = Attack()
        whole.add("t", gated.frame, base=gated.rule.rounding, minimum=gated.rule.minimum)
        assert whole.too_narrow() == {}, "a rounded count can be fewer than three numbers"


tables = st.integers(2, 6).flatmap(
    lambda rows: st.integers(1, 5).flatmap(
        lambda columns: st.lists(
            st.lists(st.one_of(st.integers(0, 6), st.integers(0, 60), st.just(0)), min_size=columns, max_size=columns),
            min_size=rows,
            max_size=rows,
        )
    )
)


def as_table(numbers: list[list[int]]) -> pd.DataFrame:
    return pd.DataFrame(
        numbers, index=[f"r{i}" for i in range(len(numbers))], columns=[f"c{i}" for i in range(len(numbers[0]))]
    )


@settings(max_examples=20, deadline=None)
@given(tables)
def test_a_solver_cannot_recover_a_suppressed_cell_from_exact_totals(numbers: list[list[int]]) -> None:
    counts = as_table(numbers)
    assert_protected(counts, pass_gate(counts, rule=EXACT, table="random"))


@attack("random tables with totals, cells rounded to 5", "at least three numbers are possible for every cell and total")
@settings(max_examples=6, deadline=None)
@given(tables, st.sampled_from(["partner", "health", "children", "domestic_abuse"]))
def test_a_solver_cannot_recover_a_suppressed_cell_under_the_rules_in_use(numbers: list[list[int]], rule: str) -> None:
    counts = as_table(numbers)
    assert_protected(counts, pass_gate(counts, rule=rule, table="random"))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=2, max_size=12))
def test_a_list_with_its_total_gives_no_small_count_away(numbers: list[int]) -> None:
    counts = pd.Series(numbers, index=[f"r{i}" for i in range(len(numbers))], name="n")
    gated = pass_gate(counts, rule=EXACT, table="list")
    region, place = region_of(gated)
    for label, value in counts.items():
        if 1 <= value < 5:
            assert region.bounds.lb[place[label, "n"]] == 1
            assert region.reaches(place[label, "n"], 1, 5)


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(tables, st.sampled_from([EXACT, disclosure_rule("partner"), disclosure_rule("children")]))
def test_many_more_tables_withstand_the_solver(numbers: list[list[int]], rule: DisclosureRule) -> None:
    counts = as_table(numbers)
    assert_protected(counts, pass_gate(counts, rule=rule, table="random"))


@attack("cells 7, 7, 7, 7 with their total: 5, 5, 5, 5 and 30 have one solution", "the total is 20 or 25")
def test_cells_rounded_one_by_one_beside_a_rounded_total_have_more_than_one_solution() -> None:
    gated = pass_gate(pd.Series([7, 7, 7, 7], index=list("abcd"), name="n"), rule="partner", table="sevens")
    assert gated.frame["n"].tolist()[:4] == ["5", "5", "5", "5"]
    assert gated.frame["n"][TOTAL] in {"20", "25"}
    known = Attack()
    known.add("t", pd.DataFrame({"n": ["5", "5", "5", "5", "30"]}, index=[*"abcd", TOTAL]))
    assert set(known.too_narrow().values()) == {(7, 7), (28, 28)}  # the attack works on what was published before


def test_where_the_search_finds_no_totals_their_sums_are_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(totals, "_choose", lambda *_: None)
    for seed in range(4):
        counts = as_table(np.random.default_rng(seed).integers(0, 14, size=(4, 3)).tolist())
        assert_protected(counts, pass_gate(counts, rule="partner", table="t"), moved=30)


def test_totals_of_large_tables_stay_near_the_truth() -> None:
    counts = as_table(np.random.default_rng(8).integers(5, 300, size=(12, 6)).tolist())
    gated = pass_gate(counts, rule="partner", table="large")
    truth = truth_with_totals(counts)
    assert gated.counts.loc[TOTAL, TOTAL] == (truth.loc[TOTAL, TOTAL] + 2) // 5 * 5
    assert (gated.counts - truth).abs().to_numpy().max() <= 4


def test_the_attack_works_where_only_small_counts_are_suppressed() -> None:
    counts = as_table([[20, 50, 10], [8, 19, 2], [17, 32, 12]])
    ranges = solve(pass_gate(counts, rule=PRIMARY_ONLY, table="weak"))
    assert ranges == {("r1", "c2"): (2, 2)}


def test_a_well_known_table_needs_three_more_cells() -> None:
    counts = as_table([[20, 50, 10], [8, 19, 2], [17, 32, 12]])
    gated = pass_gate(counts, rule=EXACT, table="known")
    hidden = gated.symbols == "[c]"
    assert hidden.to_numpy().sum() == 4
    assert not hidden.loc[TOTAL].any() and not hidden[TOTAL].any()
    assert gated.log["why"].tolist().count("so that a small count can't be worked out") == 3
    assert gated.log["why"].tolist().count("below 5") == 1


@pytest.mark.slow
def test_no_more_is_suppressed_than_the_least_possible_in_small_tables() -> None:
    """Against every pattern of suppression, tried one by one: the heuristic may need one cell more, never two."""
    rng = np.random.default_rng(5)
    for _ in range(6):
        counts = as_table(rng.integers(0, 14, size=(3, 3)).tolist())
        gated = pass_gate(counts, rule=EXACT, table="t")
        used = int((gated.symbols == "[c]").to_numpy().sum())
        assert used <= fewest_cells(counts) + 1


def fewest_cells(counts: pd.DataFrame) -> int:
    truth = truth_with_totals(counts)
    small = (truth >= 1) & (truth < 5)
    free = [(r, c) for r in truth.index for c in truth.columns if truth.loc[r, c] >= 5]
    free.sort(key=lambda key: TOTAL in key)
    for size in range(len(free) + 1):
        for extra in _subsets(free, size):
            symbols = pd.DataFrame("", index=truth.index, columns=truth.columns).mask(small, "[c]")
            for key in extra:
                symbols.loc[key] = "[c]"
            gated = Gated("t", truth.mask(symbols != "").astype("Int64"), symbols, pd.DataFrame(), EXACT, "public", "")
            try:
                assert_protected(counts, gated)
            except AssertionError:
                continue
            return int(small.to_numpy().sum()) + size
    raise AssertionError("even suppressing everything does not protect")


def _subsets(items: list[tuple[str, str]], size: int) -> list[tuple[tuple[str, str], ...]]:
    from itertools import combinations, islice

    return list(islice(combinations(items, size), 400))


def test_zeros_are_published_and_counts_are_rounded_to_five() -> None:
    gated = pass_gate(as_table([[0, 12], [13, 8]]), rule="partner", table="t")
    assert gated.frame.loc["r0"].tolist() == ["0", "10", "10"]
    # 15, 10 and 20 could only be (13, 8), (13, 9) or (14, 8): two values for each
    assert gated.frame.loc["r1"].tolist() == ["15", "10", "25"]
    assert gated.notes == ("Rounded to multiples of 5.",)
    assert gated.log.empty


def test_open_data_pass_as_they_are() -> None:
    counts = as_table([[1, 2], [3, 4]])
    gated = pass_gate(counts, rule="open", table="t")
    assert gated.counts.astype(int).equals(truth_with_totals(counts).astype(int))
    assert gated.log.empty


def test_the_restricted_edition_shows_everything_and_says_so() -> None:
    gated = pass_gate(as_table([[1, 2], [3, 4]]), rule="partner", table="t", audience="restricted")
    assert gated.frame.loc["r0", "c0"] == "1"
    assert gated.method == "restricted edition: nothing suppressed or rounded"


def test_what_the_sender_suppressed_stays_suppressed_and_its_totals_are_not_known() -> None:
    counts = pd.DataFrame({"a": [20, None], "b": [30, 40]}, index=["x", "y"], dtype="Int64")
    marks = pd.DataFrame({"a": ["", "c"], "b": ["", ""]}, index=["x", "y"])
    gated = pass_gate(counts, rule="partner", table="t", marks=marks)
    assert gated.frame.to_dict("list") == {
        "a": ["20", "[c]", "[c]"],
        "b": ["30", "40", "70"],
        TOTAL: ["50", "[c]", "[c]"],
    }
    assert set(gated.log["why"]) == {"suppressed by the sender"}


def test_symbols_tell_not_available_from_not_applicable() -> None:
    counts = pd.DataFrame({"a": [20, None], "b": [None, 40]}, index=["x", "y"], dtype="Int64")
    marks = pd.DataFrame({"a": ["", "z"], "b": ["x", ""]}, index=["x", "y"])
    gated = pass_gate(counts, rule="open", table="t", marks=marks)
    assert gated.frame.to_dict("list") == {
        "a": ["20", "[z]", "20"],
        "b": ["[x]", "40", "[x]"],
        TOTAL: ["[x]", "40", "[x]"],
    }
    assert gated.notes == ("[x] not available", "[z] not applicable")


def test_the_log_names_the_rule_and_never_a_count() -> None:
    gated = pass_gate(as_table([[3, 40], [50, 60]]), rule="partner", table="cases by ward")
    assert list(gated.log.columns) == ["table", "row", "column", "rule", "why"]
    assert set(gated.log["rule"]) == {"partner"}
    assert gated.log.iloc[0].tolist() == ["cases by ward", "r0", "c0", "partner", "below 5"]


def test_percentages_of_few_people_are_suppressed_with_the_reason() -> None:
    results = pd.DataFrame({"percent": [61.0, 50.0, None, 97.0, 40.0], "base": [400, 12, 300, 60, None]})
    survey = pass_gate_percentages(results, rule="survey", table="s")
    assert survey.symbols["percent"].tolist() == ["", "[c]", "[x]", "", ""]
    assert survey.log["why"].tolist() == ["base below 30"]
    partner = pass_gate_percentages(results, rule="partner", table="s")
    assert partner.symbols["percent"].tolist() == ["", "", "[x]", "[c]", "[c]"]
    assert partner.log["why"].tolist() == ["below 5", "no base"]


@attack(
    "a share beside the number it is out of, both rounded, under a rule that hides 1 to 7: 10 out of 15",
    "hidden, as it could only be 8 or 9 out of 16 or 17; every share that is published leaves three values",
)
@pytest.mark.parametrize("key", ["partner", "health", "children", "domestic_abuse"])
def test_a_published_share_leaves_three_values_for_each_count(key: str) -> None:
    rule = disclosure_rule(key)
    wholes = [whole for whole in range(1, 46) for _ in range(whole + 1)]
    parts = [part for whole in range(1, 46) for part in range(whole + 1)]
    results = pd.DataFrame({"percent": [100 * part / whole for part, whole in zip(parts, wholes, strict=True)]})
    gated = pass_gate_percentages(results.assign(base=wholes), rule=rule, table="t")
    known: dict[tuple[int, int, bool, float], set[tuple[int, int]]] = {}
    for part, whole, shown in zip(parts, wholes, gated.counts["percent"], strict=True):
        if pd.notna(shown) and whole < 43:
            said = (published(part, rule), published(whole, rule), part == 0, float(shown))
            known.setdefault(said, set()).add((part, whole))
    assert len(known) > 20
    for said, pairs in known.items():
        for values in ({w for _, w in pairs}, {p for p, _ in pairs}, {w - p for p, w in pairs}):
            assert len(values) >= 3 or values == {0}, said


def test_every_rule_in_use_is_stated_with_its_reason_and_how_it_is_known() -> None:
    for rule in disclosure_rules().values():
        assert rule.reason and rule.certainty in {"W", "K", "L"}


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        (as_table([[1, -2]]), "table 't' has numbers that are not counts: use whole numbers from 0, or NA"),
        (
            as_table([[1, 2]]).rename(index={"r0": TOTAL}),
            "table 't' already has totals: pass the counts alone, and the gate adds them",
        ),
        (as_table([[1], [2]]).rename(index={"r1": "r0"}), "table 't' has two rows or columns with the same name"),
    ],
)
def test_a_table_that_is_not_one_of_counts_is_refused(counts: pd.DataFrame, message: str) -> None:
    with pytest.raises(InputError) as error:
        pass_gate(counts, rule="partner", table="t")
    assert str(error.value) == message


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(
        InputError, match=r"^there is no disclosure rule 'none': choose one of open, published, topics, partner, "
    ):
        disclosure_rule("none")
