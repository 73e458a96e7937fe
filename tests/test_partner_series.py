"""Quarterly series of partners' returns: gaps stay gaps, chance is not called change, small counts are not told."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hcsp_assess.assessment.partner_series import (
    QuarterSeries,
    SeriesDefinition,
    compare_all,
    quarter_series,
    series_definitions,
)
from hcsp_assess.assessment.wording.partner_series import describe_series
from hcsp_assess.errors import InputError
from hcsp_assess.periods import FinancialYear, Quarter
from hcsp_assess.sources.open_data.definitions import suppliers
from hcsp_assess.sources.returns import return_definition, return_names
from hcsp_assess.sources.returns.combining import combine_return
from hcsp_assess.subject.subject_areas import check_subject, subject_areas
from hcsp_assess.trends.multiplicity import CLEAR_LEVEL, VERDICTS_LEVEL

NOW = tuple(Quarter(FinancialYear(2012), number) for number in (1, 2, 3, 4))
ALL = [quarter.year_before for quarter in NOW] + list(NOW)
CALLS = SeriesDefinition("calls", "domestic_abuse", "helpline_calls", "Calls", "calls", count="calls")


def series(key, now, before, *, whole=None, rule="open", subject="x"):
    kind = "count" if whole is None else "share"
    definition = SeriesDefinition(key, "a chapter", "marac", key, "cases", kind=kind, subject=subject)
    names = [str(quarter) for quarter in ALL]
    counts = pd.Series([*before, *now], index=names, dtype="Int64")
    wholes = None if whole is None else pd.Series(whole, index=names, dtype="Int64")
    return QuarterSeries(definition, counts, wholes, counts.isna().map({True: "x", False: ""}), rule, simulated=False)


def write(folder, name, lines):
    path = folder / name / f"{name}.csv"
    path.parent.mkdir(parents=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return combine_return(folder, name)


def test_a_quarter_that_was_not_sent_is_missing_and_not_zero(tmp_path):
    gathered = write(tmp_path, "helpline_calls", ["Quarter,Calls", "Q1 12/13,200", "Q3 12/13,<5", "Q4 12/13,.."])
    found = quarter_series(gathered, CALLS, NOW)
    assert found.counts.to_list() == [200, pd.NA, pd.NA, pd.NA]
    assert found.why.to_list() == ["", "x", "c", "x"]


def test_a_quarter_without_an_event_between_a_files_records_is_zero_and_one_outside_is_missing(tmp_path):
    definition = return_definition("fire_incidents")
    heading = f"{definition.column('date').heading},{definition.column('kind').heading}"
    lines = [heading, "03/04/2012,Malicious false alarm", "05/12/2012,Dwelling fire without smoke alarm"]
    gathered = write(tmp_path, "fire_incidents", lines)
    alarms = next(item for item in series_definitions() if item.key == "fire_hoaxes")
    found = quarter_series(gathered, alarms, NOW)
    assert found.counts.to_list() == [1, 0, 0, pd.NA]
    assert found.why.to_list() == ["", "", "", "x"]


def test_a_quarter_of_which_a_month_is_missing_has_no_sum(tmp_path):
    definition = return_definition("ae_assaults")
    columns = [definition.column(name).heading for name in ("month", "place", "attendances")]
    months = ("2012-04", "2012-05", "2012-06", "2012-07", "2012-09")
    gathered = write(tmp_path, "ae_assaults", [",".join(columns), *(f"{month},Street,10" for month in months)])
    attended = next(item for item in series_definitions() if item.key == "ae_assaults")
    assert quarter_series(gathered, attended, NOW[:2]).counts.to_list() == [30, pd.NA]


def test_every_series_counts_columns_and_values_that_its_return_has():
    for item in series_definitions():
        assert item.source in return_names()
        definition = return_definition(item.source)
        for column in filter(None, (item.count, item.part, item.whole)):
            assert definition.column(column).type == "count"
        for column, wanted in item.where.items():
            allowed = definition.column(column).allowed or (True, False)
            assert set(wanted if isinstance(wanted, list) else [wanted]) <= set(allowed), item.key


@pytest.mark.parametrize(("size", "limit"), [(1.0, 0.05), (3.0, 0.10)], ids=["poisson", "three times poisson"])
def test_of_many_series_without_a_change_few_families_have_one_called_clear(size, limit):
    """A family is 25 series of eight quarters of the same mean; `size` is their variance over their mean."""
    rng = np.random.default_rng(2013)
    families, alarms = 40, 0
    for _ in range(families):
        means = rng.uniform(10, 200, 25)
        items = []
        for number, mean in enumerate(means):
            rates = mean if size == 1 else rng.gamma(mean / (size - 1), size - 1, 8)
            counts = rng.poisson(rates, 8)
            items.append(series(f"s{number}", counts[4:], counts[:4]))
        alarms += any(change.clear for change in compare_all(items, NOW).values())
    assert alarms / families <= limit + 2 * np.sqrt(limit * (1 - limit) / families)


def test_a_doubling_is_found_among_twenty_series_without_a_change():
    rng = np.random.default_rng(7)
    still = [series(f"s{n}", rng.poisson(50, 4), rng.poisson(50, 4)) for n in range(20)]
    changes = compare_all([*still, series("doubled", (100, 98, 103, 99), (50, 49, 51, 50))], NOW)
    assert changes["doubled"].clear
    assert changes["doubled"].tested == 21
    assert changes["doubled"].change == pytest.approx(100)


def test_a_real_change_in_a_subject_of_three_is_found_beside_twenty_three_unlike_measures():
    rng = np.random.default_rng(12)
    unlike = [series(f"s{n}", rng.poisson(80, 4), rng.poisson(80, 4), subject=f"subject {n % 5}") for n in range(23)]
    roads = [series(f"r{n}", rng.poisson(80, 4), rng.poisson(80, 4), subject="roads") for n in range(2)]
    fewer = series("fewer", (100, 102, 97, 101), (121, 118, 124, 117), subject="roads")
    changes = compare_all([*unlike, *roads, fewer], NOW)
    assert changes["fewer"].clear
    assert changes["fewer"].tested == 3
    assert changes["fewer"].adjusted_p_value == pytest.approx(3 * changes["fewer"].p_value)
    together = [QuarterSeries(replace(i.definition, subject="all"), *_rest(i)) for i in (*unlike, *roads, fewer)]
    assert not compare_all(together, NOW)["fewer"].clear  # 26 unlike measures hid it
    said = describe_series(fewer, changes["fewer"])
    assert said.evidence["subject"] == "roads"
    assert "series" not in said.certainty


def _rest(item):
    return item.counts, item.whole, item.why, item.rule, item.simulated


def test_within_subjects_about_one_in_twenty_of_the_changes_called_clear_is_false():
    """26 measures of seven subjects, of which the first of each really changed by a third; the others did not."""
    rng = np.random.default_rng(31)
    sizes, shares, found, real = (4, 7, 3, 3, 3, 4, 2), [], 0, 0
    for _ in range(15):
        items = []
        for subject, size in enumerate(sizes):
            for number in range(size):
                mean = rng.uniform(40, 200)
                now = mean * (4 / 3 if number == 0 else 1)
                items.append(
                    series(f"{subject}-{number}", rng.poisson(now, 4), rng.poisson(mean, 4), subject=str(subject))
                )
        changes = compare_all(items, NOW)
        for subject, size in enumerate(sizes):
            clear = [number for number in range(size) if changes[f"{subject}-{number}"].clear]
            shares.append(sum(number > 0 for number in clear) / max(len(clear), 1))
            found, real = found + (0 in clear), real + 1
    assert np.mean(shares) <= 0.05 + 2 * np.std(shares) / np.sqrt(len(shares))
    assert found / real > 0.8


def test_every_measure_of_partners_and_of_open_data_that_is_tested_has_a_subject_area():
    measures = [m for key, supplier in suppliers().items() if key != "area_in_figures" for m in supplier.measures]
    assert {item.subject for item in (*series_definitions(), *measures)} == set(subject_areas())
    with pytest.raises(InputError, match=r"^a file, roads: there is no subject area 'tolls': "):
        check_subject("tolls", "a file", "roads")


def test_the_key_says_once_what_the_levels_mean():
    assert (CLEAR_LEVEL, VERDICTS_LEVEL) == (1 / 20, 1 / 10)
    root = Path(__file__).parents[1]
    key = (root / "hcsp_assess/report/template/how_sure.html.j2").read_text(encoding="utf-8")
    assert "Of every ten such trends, about one may be luck." in key
    assert "Of every twenty such changes, about one may be luck." in key
    chapters = [path.read_text(encoding="utf-8") for path in sorted((root / "notebooks").glob("*.ipynb"))]
    assert not [text for text in chapters if "How sure are we?" in text or "may be luck" in text]


def test_only_quarters_that_both_years_have_are_compared():
    change = compare_all([series("some", (10, 20, None, 40), (11, None, 31, 41))], NOW)["some"]
    assert [str(quarter) for quarter in change.quarters] == ["Q1 12/13", "Q4 12/13"]
    assert (change.now, change.before) == (50, 52)


def test_the_sentence_names_the_quarters_it_compares_and_no_others():
    item = series("Some", (10, 20, None, 40), (11, None, 31, 41))
    said = describe_series(item, compare_all([item], NOW)["Some"]).sentence
    assert (
        said
        == "Some: 50 cases between April and June 2012 and between January and March 2013, 2 fewer than a year earlier: "
        "no clear change."
    )


def test_a_share_is_compared_as_a_share_of_all_quarters_together():
    item = series("Again", (20, 20, 20, 20), (10, 10, 10, 10), whole=[50] * 8)
    change = compare_all([item], NOW)["Again"]
    assert change.change == pytest.approx(20)  # 80 of 200 against 40 of 200
    assert change.clear
    said = describe_series(item, change).sentence
    assert said == (
        "Again: 40% of cases between April 2012 and March 2013, 20 percentage points higher than a year earlier: "
        "a clear rise."
    )


def test_a_sum_is_not_told_where_one_of_its_quarters_is_small():
    item = series("Few", (40, 3, 40, 40), (40, 40, 40, 40), rule="partner")
    said = describe_series(item, compare_all([item], NOW)["Few"])
    assert said.sentence == "Few: numbers too small to publish."
    assert not said.evidence


def test_counts_of_a_partner_are_told_rounded_to_its_rule():
    item = series("Cases", (41, 41, 41, 41), (40, 40, 40, 40), rule="partner")
    said = describe_series(item, compare_all([item], NOW)["Cases"])
    assert said.sentence.startswith("Cases: 165 cases between April 2012 and March 2013, 5 more than a year earlier")
    assert {said.evidence["now"], said.evidence["before"]} == {165, 160}


def test_one_person_is_not_one_people():
    definition = SeriesDefinition("killed", "x", "road_casualties", "Killed", "people", count="killed")
    item = series("killed", (1, 0, 0, 0), (1, 1, 1, 1))
    item = QuarterSeries(definition, item.counts, None, item.why, "open", simulated=False)
    assert "1 person between" in describe_series(item, compare_all([item], NOW)["killed"]).sentence
