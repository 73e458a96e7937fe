"""Crime types: vocabularies as published, and series that mean the same on both sides of a change."""

import re

import pandas as pd
import pytest

from hcsp_assess.errors import InputError
from hcsp_assess.subject.crime_types import (
    ANTI_SOCIAL_BEHAVIOUR,
    api_slugs,
    check_crime_type,
    comparable_series,
    crime_types,
    detect_vocabulary,
    recorded_crime_types,
    series,
    vocabularies,
    vocabulary,
    vocabulary_in_month,
)


def test_the_three_vocabularies_have_six_eleven_and_fourteen_types() -> None:
    assert {entry.name: len(entry.types) for entry in vocabularies()} == {"six": 6, "eleven": 11, "fourteen": 14}


def test_the_vocabularies_follow_one_another_without_gap_or_overlap() -> None:
    six, eleven, fourteen = vocabularies()
    assert (six.first, six.last) == (pd.Period("2010-12", "M"), pd.Period("2011-08", "M"))
    assert (eleven.first, eleven.last) == (six.last + 1, pd.Period("2013-04", "M"))
    assert (fourteen.first, fourteen.last) == (eleven.last + 1, None)


@pytest.mark.parametrize(
    ("month", "name"),
    [
        ("2008-04", "six"),
        ("2010-12", "six"),
        ("2011-08", "six"),
        ("2011-09", "eleven"),
        ("2013-04", "eleven"),
        ("2013-05", "fourteen"),
        ("2025-12", "fourteen"),
    ],
)
def test_each_month_has_the_vocabulary_that_was_in_use(month: str, name: str) -> None:
    assert vocabulary_in_month(pd.Period(month, "M")).name == name


@pytest.mark.parametrize(
    ("types", "month", "name"),
    [
        (["Violent crime", "Shoplifting"], "2008-04", "eleven"),
        (["Burglary"], "2011-01", "six"),
        (["Burglary"], "2024-01", "fourteen"),
        (["Public order", "Burglary"], "2012-01", "fourteen"),
        (["Violent crime", "Public order"], "2013-05", "mixed"),
        ([], "2012-01", "eleven"),
    ],
)
def test_a_file_shows_its_vocabulary_by_the_types_in_it(types: list[str], month: str, name: str) -> None:
    assert detect_vocabulary(types, pd.Period(month, "M")) == name


def test_total_recorded_crime_never_includes_anti_social_behaviour() -> None:
    assert ANTI_SOCIAL_BEHAVIOUR not in recorded_crime_types()
    assert [entry.key for entry in comparable_series() if ANTI_SOCIAL_BEHAVIOUR in entry.parts] == [
        "anti_social_behaviour"
    ]


@pytest.mark.parametrize(
    ("key", "first"),
    [
        ("recorded_crime", "2010-12"),
        ("anti_social_behaviour", "2010-12"),
        ("shoplifting", "2011-09"),
        ("theft_remainder", "2011-09"),
        ("disorder_and_weapons", "2011-09"),
        ("violence", "2011-09"),
        ("bicycle_theft", "2013-05"),
        ("public_order", "2013-05"),
    ],
)
def test_each_series_says_from_when_it_is_comparable(key: str, first: str) -> None:
    assert (series(key).first, series(key).last) == (pd.Period(first, "M"), None)


@pytest.mark.parametrize("name", ["six", "eleven", "fourteen"])
def test_the_broadest_series_of_a_vocabulary_add_up_to_all_its_types_once(name: str) -> None:
    narrow = {"other_theft", "bicycle_theft", "theft_from_the_person", "public_order", "possession_of_weapons"}
    counted = [
        part
        for entry in comparable_series()
        if name in entry.vocabularies and entry.key not in {*narrow, "recorded_crime"}
        for part in entry.parts
        if part in vocabulary(name).types
    ]
    left_out = {"six": {"Violent crime", "Other crime"}, "eleven": set(), "fourteen": set()}[name]
    assert sorted(counted) == sorted(set(vocabulary(name).types) - left_out)


def test_every_part_of_a_series_is_a_type_of_one_of_its_vocabularies() -> None:
    for entry in comparable_series():
        known = {kind for name in entry.vocabularies for kind in vocabulary(name).types}
        assert set(entry.parts) <= known, entry.key


def test_a_type_is_known_in_any_case_and_with_outer_spaces() -> None:
    assert check_crime_type(" Violence And Sexual Offences ") == "Violence and sexual offences"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "Shop lifting",
            "unknown crime type 'Shop lifting': did you mean 'Shoplifting'? A new type belongs in "
            "definitions/crime_types.toml.",
        ),
        (
            "XYZ",
            "unknown crime type 'XYZ': known types: Anti-social behaviour, Bicycle theft, Burglary, Criminal damage and "
            "arson, Drugs, Other crime, Other theft, Possession of weapons, Public disorder and weapons, Public order, "
            "Robbery, Shoplifting, Theft from the person, Vehicle crime, Violence and sexual offences, Violent crime. "
            "A new type belongs in definitions/crime_types.toml.",
        ),
    ],
)
def test_an_unknown_type_is_an_error_that_names_the_nearest(name: str, message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        check_crime_type(name)


def test_an_unknown_series_is_an_error_that_names_the_nearest() -> None:
    with pytest.raises(
        InputError, match=r"^there is no comparable series 'shop_lifting': did you mean 'shoplifting'\?$"
    ):
        series("shop_lifting")


def test_an_unknown_vocabulary_is_an_error_that_names_those_there_are() -> None:
    message = "there is no crime-type vocabulary 'ten': choose one of ['six', 'eleven', 'fourteen']"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        vocabulary("ten")


def test_the_api_names_every_type_of_the_vocabulary_in_use() -> None:
    assert sorted(api_slugs().values()) == sorted(vocabularies()[-1].types)
    assert set(api_slugs().values()) <= set(crime_types())
