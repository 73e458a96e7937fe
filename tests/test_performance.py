"""The performance overview: rebuilt cell for cell, and every relation worked out from it by hand."""

import math
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from hcsp_assess.assessment.performance import assess_indicator, derive_target, performance_overview
from hcsp_assess.assessment.performance_tables import (
    history_table,
    overview_table,
    sparkline_values,
    summary_table,
)
from hcsp_assess.assessment.wording.performance import describe_rating_rule
from hcsp_assess.periods import FinancialYear, parse_quarter
from hcsp_assess.sources.indicators import Cell, read_indicators, read_published
from hcsp_assess.trends.rates import e_test

PAGE = Path(__file__).parent / "data" / "page_10.tsv"
YEAR = FinancialYear(2012)


@pytest.fixture(scope="module")
def results():
    return {item.indicator.key: item for item in performance_overview(read_indicators(), read_published())}


def cells_of(indicator, year, figures, denominators=()):
    quarters = FinancialYear(year).quarters
    sizes = [*denominators, *[None] * 4]
    return [Cell(indicator, q, str(f), n) for q, f, n in zip(quarters, figures, sizes, strict=False)]


def an_indicator(**changes):
    base = next(item for item in read_indicators() if item.key == "violence_with_injury")
    return replace(base, **{"targets": (), **changes})


def with_target(kind, unit="count", polarity="lower", **numbers):
    target = read_indicators()[1].targets[0]
    empty = {"value": None, "percent": None, "low": None, "high": None}
    return an_indicator(unit=unit, polarity=polarity, targets=(replace(target, kind=kind, **empty | numbers),))


def read_page():
    """Page 10 as the document has it, line for line, read without the package."""
    lines = [line.rstrip("\n").split("\t") for line in PAGE.read_text(encoding="utf-8").splitlines()]
    rows = []
    for line in lines[1:]:
        if line[0].strip() and not any(cell.strip() for cell in line[1:]):
            rows.append({"heading": line[0].strip()})
            continue
        if line[0].strip():
            rows.append({"text": line[0].strip(), "target": line[1].strip(), "source": line[2].strip(), "cells": {}})
        for cell in filter(None, (cell.strip() for cell in line[3:])):
            if cell.startswith("Q") and cell[1].isdigit():
                label, _, value = cell[:8], cell[8:9], cell[9:]
                rows[-1]["cells"][label] = value.strip()
            else:
                rows[-1]["note"] = cell
    return rows


def test_the_overview_is_rebuilt_cell_for_cell():
    table = overview_table(read_indicators(), read_published())
    quarters = [column for column in table if column.startswith("Q")]
    page = read_page()
    assert len(table) == len(page) == 12
    for row, printed in zip(table.to_dict("records"), page, strict=True):
        if "heading" in printed:
            assert (row["Row"], row["Priority and Performance Indicator"]) == ("heading", printed["heading"])
            continue
        assert row["Priority and Performance Indicator"] == printed["text"]
        assert row["2012/13 Target"] == printed["target"]
        assert row["Data Source"] == printed["source"]
        assert {q: row[q] for q in quarters if not pd.isna(row[q])} == printed["cells"]
        assert row["Note"] == printed.get("note", "")


def test_the_transcription_is_the_strategys_own_page(shared):
    strategy = next((shared / "seed").glob("*.txt")).read_text(encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") in strategy


def test_targets_follow_from_last_year(results):
    crime, violence = results["recorded_crime"].target, results["violence_with_injury"].target
    assert (crime.derived, crime.value) == (9501, 9501)
    assert results["violence_with_injury"].rolling[0][1] == 1055
    assert (violence.derived, violence.value) == (1044, 1044)


def test_year_to_date_against_the_same_months(results):
    change = {key: item.year_to_date for key, item in results.items()}
    crime, violence, casualties = (
        change[key] for key in ("recorded_crime", "violence_with_injury", "killed_or_seriously_injured")
    )
    assert (crime.value, crime.value_before, round(crime.percent, 1)) == (7000, 7313, -4.3)
    assert (violence.value, violence.value_before, round(violence.percent, 1)) == (756, 815, -7.2)
    assert (casualties.value, casualties.value_before, round(casualties.percent, 1)) == (24, 44, -45.5)
    assert [str(q) for q in casualties.quarters] == ["Q1 12/13", "Q2 12/13"]
    assert (change["marac_repeats"].difference, change["feel_safe"].difference) == (-5, 9)
    assert change["ppo_reoffending"] is None and change["ocu_exits"] is None


def test_quarters_on_the_year_before(results):
    percent = {key: [round(change.percent, 1) for change in item.changes] for key, item in results.items()}
    assert percent["recorded_crime"] == [-9.7, -7.1, 5.0]
    assert percent["violence_with_injury"] == [-8.5, -9.6, -3.2]
    assert percent["killed_or_seriously_injured"] == [-46.2, -44.4]


def test_headroom_and_rating(results):
    crime, violence = results["recorded_crime"], results["violence_with_injury"]
    assert (crime.target.headroom, crime.target.same_quarters_last_year) == (2501, 2188)
    assert (violence.target.headroom, violence.target.same_quarters_last_year) == (288, 240)
    assert [str(quarter) for quarter in crime.target.quarters_left] == ["Q4 12/13"]
    assert crime.rated.rating == violence.rated.rating == "on track"
    assert results["marac_repeats"].target.headroom == 4
    reasons = {key: item.rated.reason for key, item in results.items() if item.rated.rating == "not rated"}
    assert reasons == {
        "ppo_reoffending": "no figures: No data is currently available",
        "marac_repeats": "it is not stated which way is better",
        "ocu_exits": "no figures: Data not yet available",
        "feel_safe": "no target",
        "killed_or_seriously_injured": "no target",
    }


def test_rolling_four_quarters(results):
    sums = {key: [value for _, value in item.rolling] for key, item in results.items() if item.rolling}
    assert sums == {
        "recorded_crime": [9501, 9257, 9076, 9188],
        "violence_with_injury": [1055, 1031, 1004, 996],
        "killed_or_seriously_injured": [95, 83, 75],
    }


def test_e_test_values(results):
    def p_values(key):
        item = results[key]
        return [round(change.e_test_p_value, 3) for change in (item.year_to_date, *item.changes)]

    assert p_values("recorded_crime") == [0.009, 0.000, 0.010, 0.098]
    assert round(results["recorded_crime"].changes[0].e_test_p_value, 4) == 0.0004
    assert p_values("violence_with_injury")[0] == 0.137
    assert [round(change.e_test_p_value, 2) for change in results["violence_with_injury"].changes] == [0.30, 0.24, 0.72]
    assert p_values("killed_or_seriously_injured") == [0.015, 0.058, 0.137]
    assert round(e_test(33, 18), 3) == 0.037  # casualties in Q4 11/12 against the quarter before
    assert round(e_test(6, 2), 7) == 0.1748748  # ptools


def test_wheelers_z(results):
    z = {key: round(item.year_to_date.wheeler_z, 2) for key, item in results.items() if item.rolling}
    assert z == {"recorded_crime": -3.70, "violence_with_injury": -2.11, "killed_or_seriously_injured": -3.47}


def test_dispersion_and_its_warning(results):
    spread = {key: item.dispersion for key, item in results.items() if item.rolling}
    assert round(spread["recorded_crime"], 1) == 8.1
    assert round(spread["violence_with_injury"], 2) == 1.02
    assert round(spread["killed_or_seriously_injured"], 1) == 3.5
    assert results["recorded_crime"].warning == (
        "Quarters vary 8.1 times as much as chance alone would make them (season and trend included): tests that "
        "assume Poisson counts, such as the E-test, find changes too easily."
    )
    assert results["violence_with_injury"].warning == ""


def test_a_poisson_test_alone_never_makes_a_change_clear(results):
    certainty = {key: item.year_to_date.certainty for key, item in results.items() if item.year_to_date}
    assert certainty == {
        "recorded_crime": "doubtful",  # E-test p = .009, but dispersion 8.1
        "violence_with_injury": "no clear change",
        "killed_or_seriously_injured": "doubtful",  # E-test p = .015, but dispersion 3.5
        "marac_repeats": "cannot be tested",
        "feel_safe": "cannot be tested",
    }


def test_a_large_fall_of_counts_that_vary_by_chance_alone_is_clear():
    # uneven quarters: dispersion 5.6, so log(60/100) has a standard error of .39; the E-test alone has p = .001
    uneven = cells_of("violence_with_injury", 2011, [70, 130, 100, 100])
    uneven += cells_of("violence_with_injury", 2012, [100, 100, 60])
    result = assess_indicator(an_indicator(), uneven, YEAR)
    assert round(result.dispersion, 1) == 5.6
    assert result.changes[-1].certainty == "doubtful"
    steady = cells_of("violence_with_injury", 2011, [101, 99, 100, 98]) + cells_of("violence_with_injury", 2012, [80])
    result = assess_indicator(an_indicator(), steady, YEAR)
    assert result.dispersion < 1.5
    assert result.changes[0].certainty == "no clear change"
    fall = [*steady[:4], *cells_of("violence_with_injury", 2012, [78, 79, 80, 77])]
    assert assess_indicator(an_indicator(), fall, YEAR).year_to_date.certainty == "clear"


def test_percentages_with_denominators_are_tested():
    marac = an_indicator(unit="percent")
    before = cells_of(marac.key, 2011, ["40%"], [200])
    after = cells_of(marac.key, 2012, ["25%"], [200])
    change = assess_indicator(marac, before + after, YEAR).changes[0]
    # a score test of two proportions of equal size is Pearson's chi-square
    expected = chi2_contingency([[80, 120], [50, 150]], correction=False).pvalue
    assert change.p_value == pytest.approx(expected)
    assert (change.certainty, change.difference) == ("clear", -15)
    same = assess_indicator(marac, before + cells_of(marac.key, 2012, ["40%"], [100]), YEAR).changes[0]
    assert (same.direction, same.certainty) == ("same", "no clear change")


@pytest.mark.parametrize(
    ("indicator", "figures", "rating"),
    [
        (with_target("value", value=400.0), [100, 100, 100], "on track"),  # 300 + last year's 100 = 400
        (with_target("value", value=400.0), [100, 100, 108], "at risk"),
        (with_target("value", value=400.0), [100, 100, 109], "off track"),
        (with_target("value", value=400.0), [200, 200, 9], "off track"),
        (with_target("value", value=400.0, polarity="higher"), [100, 100, 100], "on track"),
        (with_target("value", value=400.0, polarity="higher"), [100, 100, 92], "at risk"),
        (with_target("value", value=400.0, polarity="higher"), [100, 100, 91], "off track"),
        (with_target("value", value=400.0, polarity="not stated"), [100], "not rated"),
        (with_target("maintain"), [100, 100, 100], "on track"),
        (with_target("change", percent=-1.0), [100, 100, 100], "at risk"),
        (with_target("value", value=40.0, unit="percent"), ["45%", "36%"], "on track"),
        (with_target("value", value=40.0, unit="percent"), ["36%", "45%"], "off track"),
        (with_target("band", low=28.0, high=40.0, unit="percent", polarity="band"), ["27%", "30%"], "on track"),
        (with_target("band", low=28.0, high=40.0, unit="percent", polarity="band"), ["30%", "40.5%"], "at risk"),
        (with_target("band", low=28.0, high=40.0, unit="percent", polarity="band"), ["30%", "27%"], "off track"),
        (with_target("value", value=400.0), [], "not rated"),
        (an_indicator(), [100], "not rated"),
    ],
)
def test_ratings_follow_the_stated_rule(indicator, figures, rating):
    last_year = cells_of(indicator.key, 2011, ["38%"] * 4 if indicator.unit == "percent" else [100] * 4)
    rated = assess_indicator(indicator, last_year + cells_of(indicator.key, 2012, figures), YEAR).rated
    assert rated.rating == rating
    assert rated.symbol in "✓!✗–" and rated.reason


def test_a_target_without_last_years_figures_is_not_guessed():
    figures = cells_of("violence_with_injury", 2012, [90])
    maintained = assess_indicator(with_target("maintain"), figures, YEAR)
    assert maintained.rated.reason == "last year's outturn, which the target is set against, is not known"
    stated = assess_indicator(with_target("value", value=400.0), figures, YEAR)
    assert stated.rated.reason == "last year's figures for the quarters to come are not known"
    assert (stated.target.headroom, stated.target.expected) == (310, None)


def test_a_year_with_a_quarter_missing_has_no_year_to_date():
    last_year = cells_of("violence_with_injury", 2011, [100] * 4)
    broken = cells_of("violence_with_injury", 2012, [90, "", 90])
    result = assess_indicator(an_indicator(), last_year + broken, YEAR)
    assert result.year_to_date is None
    assert [str(change.quarters[0]) for change in result.changes] == ["Q1 12/13", "Q3 12/13"]
    assert sparkline_values(result).isna().tolist() == [False, False, False, False, False, True, False]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 3000), min_size=5, max_size=8))
def test_any_counts_keep_the_relations_between_the_figures(figures):
    cells = cells_of("violence_with_injury", 2011, figures[:4]) + cells_of("violence_with_injury", 2012, figures[4:])
    result = assess_indicator(with_target("maintain"), cells, YEAR)
    status, change = result.target, result.year_to_date
    assert status.value == sum(figures[:4])
    assert status.headroom + status.to_date == status.value
    assert status.expected == result.rolling[-1][1]
    assert (status.expected <= status.value) == (result.rated.rating == "on track")
    assert change.value - change.value_before == change.difference == status.expected - status.value
    assert change.certainty in ("clear", "doubtful", "no clear change")
    assert math.isnan(change.percent) == (change.value_before == 0)


@given(st.integers(1, 20000), st.integers(-50, 50))
def test_a_derived_target_meets_the_change_asked_for_by_less_than_one(outturn, percent):
    indicator = with_target("change", percent=float(percent))
    known = {cell.quarter: cell for cell in cells_of(indicator.key, 2011, [outturn, 0, 0, 0])}
    exact = outturn * (100 + percent) / 100
    lower = derive_target(indicator, indicator.targets[0], known)
    higher = derive_target(replace(indicator, polarity="higher"), indicator.targets[0], known)
    assert exact - 1 < lower <= exact + 1e-6
    assert exact - 1e-6 <= higher < exact + 1


def test_history_follows_an_indicator_across_priorities():
    table = history_table(read_indicators(), read_published()).set_index(["indicator", "year"])
    assert table.loc[("marac_repeats", "2012-13"), "priority"] == "integrated_offender_management"
    assert table.loc[("marac_repeats", "2013-14"), "priority"] == "domestic_abuse"
    assert table.index[table["moved"]].tolist() == [("marac_repeats", "2013-14")]
    assert table.loc[("recorded_crime", "2011-12"), "outturn"] == 9501
    assert table.loc[("marac_repeats", "2011-12"), ["outturn", "latest"]].tolist() == [43, "43%"]
    assert pd.isna(table.loc[("recorded_crime", "2012-13"), "outturn"])


def test_tables_hold_one_row_a_thing(results):
    summary = summary_table(results.values()).set_index("indicator")
    assert list(summary.index) == list(results)
    assert summary.loc["recorded_crime", ["latest", "headroom", "rating", "symbol"]].tolist() == [
        "2350",
        2501,
        "on track",
        "✓",
    ]
    assert summary.loc["marac_repeats", ["change", "change_unit"]].tolist() == [-5, "percentage points"]
    spark = sparkline_values(results["ocu_exits"])
    assert spark.index.tolist()[:2] == ["Q1 11/12", "Q2 11/12"] and spark.count() == 2
    assert "At risk: missed by up to 2%." in describe_rating_rule()


def test_quarters_are_sorted_by_time_not_by_order_of_the_file():
    cells = cells_of("violence_with_injury", 2011, [1, 2, 3, 4])[::-1]
    assert [cell.printed for cell in assess_indicator(an_indicator(), cells, YEAR).cells] == ["1", "2", "3", "4"]
    assert parse_quarter("Q1 11/12") < parse_quarter("Q4 11/12") < parse_quarter("Q1 12/13")
