"""Everyday names of places: each small area has one of its own, reviewed or by a rule, and no code."""

from dataclasses import replace

import pandas as pd

from hcsp_assess.places.rates import FEW_LIVE, MANY_COME, measure_rates
from hcsp_assess.sources.geography import geography
from hcsp_assess.subject.areas import SmallArea, area
from hcsp_assess.subject.place_names import name_places, place_name, short_names


def test_every_small_area_has_a_name_of_its_own_without_a_code() -> None:
    here = geography("herefordshire")
    labels = here.table["label"]
    assert labels.is_unique
    assert labels["E01014010"] == "Hereford city centre (Central ward)"
    assert not labels.str.contains(r"\d{3}[A-Z]|[EW]0\d{7}").any()
    assert labels.to_dict() == name_places(
        area("herefordshire").small_areas
    )  # reviewed: the neighbourhood is not asked
    wards = here.table["ward_name"]
    assert all(wards[code] in label for code, label in labels.items())
    short = short_names(labels.to_dict())
    assert len(set(short.values())) == 116


def test_an_area_without_reviewed_names_has_neighbourhood_and_ward_numbered_where_they_repeat() -> None:
    parts = [SmallArea(f"E0102227{n}", f"Gloucester 004{n}", "E0", "Westgate", False, False, "") for n in (1, 2, 3)]
    around = {"E01022271": "Gloucester City Centre", "E01022272": "Gloucester City Centre", "E01022273": "Kingsholm"}
    assert name_places(parts, around) == {
        "E01022271": "Gloucester City Centre (Westgate ward, 1 of 2)",
        "E01022272": "Gloucester City Centre (Westgate ward, 2 of 2)",
        "E01022273": "Kingsholm (Westgate ward)",
    }
    assert place_name(replace(parts[0], ward_name=""), "Kingsholm") == "Kingsholm"


def test_few_people_live_here_is_said_only_where_it_is_true() -> None:
    counts = pd.Series({"centre": 900, "mall": 300, "estate": 60, "village": 20})
    people = pd.Series({"centre": 1878, "mall": 300, "estate": 1700, "village": 1600})
    table = measure_rates(counts, people, misleading=("centre", "mall")).table
    assert table["warning"].to_dict() == {"centre": MANY_COME, "mall": FEW_LIVE, "estate": "", "village": ""}
