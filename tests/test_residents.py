"""Residents and deprivation of small areas in the edition's own year: they add up, and vintages are not mixed."""

import pandas as pd

from hcsp_assess.edition.residents import deprivation_of, residents_of, year_of
from hcsp_assess.periods import parse_span
from hcsp_assess.sources.geography import geography

HERE = geography("herefordshire")


def test_small_areas_add_up_to_the_published_estimate_of_the_year():
    for year, published in ((2012, 184_208), (2019, 186_373), (2023, 189_890), (2030, 189_890)):
        found = residents_of(HERE, year)
        assert int(found.people.sum()) == published
        assert (found.people > 0).all()
    assert residents_of(HERE, 2030).words == "mid-2023, shared out among small areas as in mid-2019"
    assert residents_of(HERE, 2012).words == "mid-2012, shared out among small areas as in the census of 2011"


def test_shares_are_kept_to_within_one_person():
    found = residents_of(HERE, 2023).people
    exact = HERE.table["population_2019"] * 189_890 / 192_801
    assert (found - exact).abs().max() < 1


def test_an_area_without_an_estimate_has_its_own_published_residents():
    from dataclasses import replace

    elsewhere = replace(HERE, area=replace(HERE.area, district_code="E09999999"))
    assert residents_of(elsewhere, 2025).people.sum() == 192_801
    assert residents_of(elsewhere, 2025).words == "mid-2019"


def test_deprivation_is_by_the_newest_indices_of_the_time_as_far_as_held(shared):
    published = pd.read_csv(shared / "data/iod2025/herefordshire_lsoa21_imd2025.csv.gz").set_index("lsoa21_code")
    found = deprivation_of(HERE, 2025)
    assert found.words == "Indices of Deprivation 2025"
    same = found.decile.index.intersection(published.index)
    assert len(same) == 115  # of 116; one was split in two
    assert (found.decile[same] == published.loc[same, "IMD_decile"]).all()
    halves = published.loc[["E01035055", "E01035056"], "IMD_rank"]
    assert HERE.table.loc["E01014007", "imd2025_rank"] == round(halves.mean())
    assert deprivation_of(HERE, 2024).year == 2019
    assert deprivation_of(HERE, 2012).year == 2019  # the oldest held, and it is named


def test_the_year_is_the_one_whose_middle_is_in_the_period():
    years = {"2025": 2025, "2024-25": 2024, "2024-07 to 2025-06": 2024, "2024-10 to 2025-09": 2025}
    assert {text: year_of(parse_span(text)) for text in years} == years
