"""Official recorded crime beside similar areas: published figures, ranks by hand, planted truth."""

import gzip
import io

import numpy as np
import pandas as pd
import pytest
from recorded_crime_files import NEW, rows_of_a_year

from hcsp_assess.assessment.consistency import numbers_without_evidence
from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.official import describe_common_change, describe_official_level
from hcsp_assess.edition.official import official_picture, open_official
from hcsp_assess.edition.official_findings import OfficialFindings
from hcsp_assess.edition.similar import similar_partnerships
from hcsp_assess.errors import InputError
from hcsp_assess.places.harm_shares import share_harm
from hcsp_assess.places.ranking import Change, change_between, rank_among, spread_between_years
from hcsp_assess.project import Project
from hcsp_assess.sources.context import population
from hcsp_assess.sources.recorded_crime import TOTAL, held_official_crime, partnerships
from hcsp_assess.subject.areas import herefordshire as herefordshire_area
from hcsp_assess.subject.editions import edition

JUNE_2025 = pd.Period("2025-06", "M")
DECEMBER_2024 = pd.Period("2024-12", "M")


@pytest.fixture(scope="module")
def herefordshire():
    return official_picture("E22000326", JUNE_2025)


def test_herefordshire_has_the_published_totals(herefordshire):
    assert herefordshire.total == 9659
    assert int(herefordshire.table.loc[TOTAL, "count_before"]) == 11144  # the year to December 2023 does not overlap
    assert str(herefordshire.before) == "2023-12"
    assert int(herefordshire.table.loc["shoplifting", "count"]) == 909


def test_the_change_to_december_2024_is_that_of_the_published_table_c3():
    picture = official_picture("E22000326", DECEMBER_2024)
    assert picture.changes[TOTAL].percent == pytest.approx(-9.58, abs=0.005)


def test_groups_without_parts_add_up_to_the_total(herefordshire):
    assert int(herefordshire.leaves["count"].sum()) == herefordshire.total


def test_the_rank_among_similar_areas_is_the_one_worked_out_by_hand(shared, herefordshire):
    """From the published files alone: rates of the 20 areas of the ONS list, each by the partnership that holds it."""
    data = shared / "data"
    with gzip.open(data / "ons-csp-tables/ons_csp_counts_ye2023-12_ye2024-12_ye2025-06.csv.gz", "rt") as file:
        counts = pd.read_csv(io.StringIO(file.read()))
    counts = counts[(counts["period"] == "YE 2025-06") & counts["csp_code"].notna()].set_index("csp_code")
    lookup = pd.read_csv(data / "csp-lookup/lookup_ltla24_csp24_pfa24.csv.gz")
    people = pd.read_csv(data / "population/mid_year_population_areas_2011_2023_rebased.csv.gz")
    people = people[people["year"] == 2023].set_index("Name")["population"]
    similar = pd.read_csv(data / "ons-local-indicators/similar_areas_all_lads.csv.gz")
    listed = similar[(similar["areacd"] == "E06000019") & (similar["type"] == "global")]["similar_areacd"]
    rates = {}
    for district in listed:
        codes = set(lookup.loc[lookup["ltla24_code"] == district, "csp24_code"])
        names = set(lookup.loc[lookup["csp24_code"].isin(codes), "ltla24_name"])
        if district == "E06000059":  # Dorset's partnership has part of another district: its published share
            names = {"Dorset"}
        crimes = counts.loc[sorted(codes), "total_recorded_crime_excl_fraud"].sum()
        rates[district] = 1000 * crimes / people[sorted(names)].sum()
    own = 1000 * 9659 / people["Herefordshire, County of"]
    ranking = herefordshire.rankings[TOTAL]
    assert ranking.rate == pytest.approx(own)
    # Dorset's own rate changes with the share of the other district, and is below Herefordshire's either way or not
    without = [rate for district, rate in rates.items() if district != "E06000059"]
    above = sum(rate > own for rate in without)
    assert ranking.of == 21
    assert ranking.rank - 1 - above in (0, 1)
    assert ranking.rank - 1 == above + int(ranking.table.loc["Dorset", "rate"] > own)


def test_an_area_without_figures_of_its_own_has_those_of_its_wider_partnership(herefordshire):
    labels = {item.name: item.label for item in herefordshire.similar}
    assert labels["Teignbridge"] == "South Devon and Dartmoor (includes Teignbridge)"
    assert labels["Shropshire"] == "Shropshire"
    east_suffolk = next(item for item in herefordshire.similar if item.name == "East Suffolk")
    assert len(east_suffolk.codes) == 2  # Suffolk Coastal and Waveney, added up


def test_an_area_without_any_figures_is_named_and_a_wider_partnership_serves_once():
    members = pd.DataFrame(
        [("P1", "Own", "D1", "Own"), ("P2", "Wide", "D2", "North"), ("P2", "Wide", "D3", "South")],
        columns=["partnership_code", "partnership_name", "district_code", "district_name"],
    )
    similar, left_out = similar_partnerships("P1", members, {"P1", "P2"}, districts=["D2", "D3", "S1"])
    assert [item.label for item in similar] == ["Wide (includes North)"]
    assert left_out == ("S1",)


def _describe(code):
    picture = official_picture(code, JUNE_2025)
    for finding in OfficialFindings(picture, picture.name, linked=False).everything:
        assert "nan" not in finding.sentence.lower(), (code, finding.sentence)
        assert finding.sentence.endswith(".")


@pytest.mark.parametrize("code", ["E22000332", "W14000019", "E22000274", "E22000180", "E22000259"])
def test_a_combined_a_welsh_a_small_one_part_of_a_district_and_one_of_a_new_code_can_be_described(code):
    _describe(code)


@pytest.mark.slow
def test_every_partnership_can_be_described_and_no_number_is_missing():
    for code in sorted(set(partnerships()["partnership_code"])):
        _describe(code)


def test_an_unknown_partnership_or_year_is_refused():
    with pytest.raises(InputError, match="no partnership 'E22999999'"):
        official_picture("E22999999", JUNE_2025)
    with pytest.raises(InputError, match="no figures to 1999-12"):
        official_picture("E22000326", pd.Period("1999-12", "M"))


def test_the_range_of_ranks_holds_the_true_rank_about_as_often_as_it_says():
    rng = np.random.default_rng(7)
    names = [f"A{number}" for number in range(21)]
    people = pd.Series(100_000.0, index=names)
    held = 0
    for _ in range(100):
        truth = pd.Series(np.exp(rng.normal(np.log(60), 0.2, 21)), index=names)
        lived = truth * np.exp(rng.normal(0, 0.05, 21))
        counts = pd.Series(rng.poisson(lived * 100), index=names)
        ranking = rank_among(counts, people, "A0", year_to_year=0.05)
        true_rank = int((truth > truth["A0"]).sum()) + 1
        held += ranking.low <= true_rank <= ranking.high
    assert 88 <= held <= 100


@pytest.mark.parametrize("planted", [0.0, 0.05, 0.1])
def test_the_spread_between_years_is_the_planted_one(planted):
    rng = np.random.default_rng(3)
    level = np.exp(rng.normal(8, 0.5, 300))
    years = [rng.poisson(level * np.exp(rng.normal(0, planted, 300))) for _ in range(2)]
    found = spread_between_years(pd.Series(years[0]), pd.Series(years[1]))
    assert found == pytest.approx(planted, abs=0.02)


def test_a_change_from_nothing_has_no_percentage_and_is_not_clear():
    change = change_between(5, 0)
    assert np.isnan(change.percent)
    assert not change.clear


def test_a_place_that_is_not_there_or_has_too_few_beside_it_cannot_be_ranked():
    counts = pd.Series(dict.fromkeys("ABCD", 100))
    with pytest.raises(InputError, match="'Z' is not among"):
        rank_among(counts, counts * 10.0, "Z")
    with pytest.raises(InputError, match="only 3 other places"):
        rank_among(counts, counts * 10.0, "A")


def test_with_equal_weights_harm_is_shared_as_crime_is():
    weights = pd.DataFrame(10.0, index=list("abc"), columns=["weight", "low", "high"])
    shares = share_harm(
        pd.Series({"a": 50, "b": 30, "c": 20}), weights, pd.Series({"a": "A", "b": "B", "c": "C"}), method="x"
    )
    assert shares.table["percent_of_harm"].tolist() == shares.table["percent_of_crime"].tolist() == [50.0, 30.0, 20.0]
    assert shares.top == ("A",)


def test_harm_shares_add_up_lie_in_their_range_and_leave_out_what_has_no_weight():
    weights = pd.DataFrame({"weight": [10.0, 500.0], "low": [8.0, 400.0], "high": [15.0, 600.0]}, index=["a", "b"])
    counts = pd.Series({"a": 900, "b": 100, "c": 7, "d": -3})
    shares = share_harm(counts, weights, pd.Series({"a": "A", "b": "B"}), method="x")
    assert shares.table["percent_of_harm"].sum() == pytest.approx(100)
    assert (
        (shares.table["low"] <= shares.table["percent_of_harm"])
        & (shares.table["percent_of_harm"] <= shares.table["high"])
    ).all()
    assert shares.not_weighed == 7
    assert shares.top_harm == pytest.approx(100 * 50_000 / 59_000)
    assert shares.top_low == pytest.approx(100 * 40_000 / (40_000 + 13_500))
    with pytest.raises(InputError, match="no group of offences"):
        share_harm(pd.Series({"z": 3}), weights, pd.Series(dtype=str), method="x")


def test_findings_say_the_published_numbers_and_no_word_of_statistics(herefordshire):
    found = OfficialFindings(herefordshire, "Herefordshire", linked=True)
    assert found.level.sentence.startswith(
        "Police recorded 9,659 crimes in Herefordshire in the year to June 2025. That is 1,485 fewer (13%) than in the year "
        "to December 2023 (11,144)."
    )
    assert found.level.caveats[0].startswith("Recording changed too. From May 2023, fewer harassment")
    text = " ".join(item.sentence + item.certainty for item in found.everything).lower()
    assert not any(word in text for word in ("p-value", "z-score", "confidence interval", "+0%"))


def test_a_newer_table_that_the_project_holds_is_used_for_every_partnership(shared, tmp_path):
    """The real table for June 2025 under the title of December 2025: a later year of the same numbers."""
    raw = shared / "data/ons-csp-tables/raw_policeforceareatablesyejune25final_tableC2.csv.gz"
    text = gzip.decompress(raw.read_bytes()).decode("utf-8-sig").replace("June 2025", "December 2025")
    folder = tmp_path / "data" / "raw" / "recorded_crime" / "ons"
    folder.mkdir(parents=True)
    (folder / "c2.csv").write_text(text, encoding="utf-8")
    crime = held_official_crime(tmp_path)
    picture = official_picture("E22000326", pd.Period("2025-12", "M"), crime)
    assert picture.total == 9659
    assert (str(picture.before), int(picture.table.loc[TOTAL, "count_before"])) == ("2024-12", 10076)
    assert picture.rankings[TOTAL].of == 21
    assert crime.years("E22000326").astype(int).tolist() == [11144, 10076, 9659, 9659]


def test_home_office_tables_give_the_partnership_its_own_earlier_years(tmp_path):
    here = ("West Mercia", "Herefordshire, County of")
    rows = rows_of_a_year("2015/16", [here], count=lambda area, offence, quarter: 100)
    folder = tmp_path / "data" / "raw" / "recorded_crime"
    folder.mkdir(parents=True)
    table = pd.DataFrame(rows, columns=NEW)
    table.to_csv(folder / "prc-csp-mar16-mar20-tables.csv", index=False)
    project = Project(tmp_path)
    picture = open_official(edition("2025"), herefordshire_area(), project)
    own = picture.years["Herefordshire"].dropna()
    crimes = 100 * 4 * table["Offence Code"].nunique()
    assert own[pd.Period("2016-03", "M")] == pytest.approx(1000 * crimes / 185_778)  # residents of mid-2015
    assert own[JUNE_2025] == pytest.approx(1000 * 9659 / 189_890)


def test_rates_of_the_country_leave_transport_police_out_in_every_year_and_a_year_without_a_force(herefordshire):
    country = herefordshire.years["England and Wales"]
    assert np.isnan(country[pd.Period("2019-09", "M")])  # Greater Manchester has no figure for that year
    # 5,364,061 in the year to September 2024, 81,563 of them of the British Transport Police (ONS); mid-2023 residents
    assert country[pd.Period("2024-09", "M")] == pytest.approx((5_364_061 - 81_563) / 60_854.727)


def test_the_rates_beside_each_other_are_of_the_same_kind(herefordshire):
    """Partnerships and offences without one make the force, in every group (docs/recorded-crime.md)."""
    force = herefordshire.table["force"] * population("E23000016", 2024).people / 1000
    assert round(force[TOTAL]) == 81092  # West Mercia, year to June 2025, ONS


def test_a_partnerships_own_list_takes_the_place_of_the_ons_list(tmp_path):
    folder = tmp_path / "data" / "raw" / "peers"
    folder.mkdir(parents=True)
    listed = ["Shropshire", "Wiltshire", "Bristol, City of", "Powys", "Dorset", "Forest of Dean"]
    text = f'name = "Police group"\nsource = "the force"\npeers = {listed}\n'.replace("'", '"')
    (folder / "herefordshire.toml").write_text(text, encoding="utf-8")
    picture = open_official(edition("2025"), herefordshire_area(), Project(tmp_path))
    assert [item.name for item in picture.similar] == [
        "Shropshire",
        "Wiltshire",
        "Bristol",
        "Powys",
        "Dorset",
        "Forest of Dean",
    ]
    assert picture.rankings[TOTAL].of == 7
    assert (
        "the list Police group (the force)" in OfficialFindings(picture, "Herefordshire", linked=False).similar.sentence
    )
    (folder / "herefordshire.toml").write_text(text.replace("Wiltshire", "Wiltshir"), encoding="utf-8")
    with pytest.raises(InputError, match="'Wiltshir' is not a district in England or Wales. Did you mean Wiltshire"):
        open_official(edition("2025"), herefordshire_area(), Project(tmp_path))


def test_a_change_of_nothing_is_said_so_and_one_too_small_for_a_decimal_place_passes_the_gate():
    for count, said in ((34560, "the same number as in 2023"), (34561, r"1 more (under 0.1%) than in 2023 (34,560)")):
        change = Change(count, 34560, 100 * (count / 34560 - 1), -10.0, 11.0)
        level = describe_official_level("Croydon", "2024", "2023", change, count=count, direction="no clear change")
        assert said in level.sentence
        common = describe_common_change("Croydon", "2024", "2023", change, {"similar": 0.0, "country": -2.0})
        assert "It did not change in the middle of its similar areas and fell by 2.0% in England" in common.sentence
        assert [numbers_without_evidence(item) for item in (level, common)] == [[], []]
    assert numbers_without_evidence(Finding("x", "It is under 0.1% more.", {"percent": 0.4})) == ["0.1"]
