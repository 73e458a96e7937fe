"""Maps: every area drawn once in one class, breaks as stated, what cannot be read hatched, and nothing left out."""

import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.report.charts import Chart, Heading
from hcsp_assess.report.maps import (
    SEQUENTIAL,
    SKEWED,
    chart_map,
    choose_breaks,
    class_by_breaks,
    class_by_kind,
    describe_extremes,
)
from hcsp_assess.report.svg_file import standalone, write_chart
from hcsp_assess.sources.geography import Geography, geography


@pytest.fixture(scope="module")
def places() -> Geography:
    return geography("herefordshire")


def draw(places: Geography, values: pd.Series, **asked):
    classes = class_by_breaks(values, choose_breaks(values), too_few=values < 10)
    heading = Heading(key="map", title="A title", subtitle="What, where, when", source="A source", **asked)
    alt = describe_extremes(values, places.table["label"], "a year")
    frame = pd.DataFrame({"LSOA": values.index, "Rate": values.to_numpy()})
    return chart_map(places, classes, heading, what="Rate a year", alt=alt, data=frame)


@pytest.fixture(scope="module")
def values(places: Geography) -> pd.Series:
    return pd.Series(np.linspace(2, 200, 116), index=places.table.index)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60), st.sampled_from([(), SKEWED]))
@example([0.0, 0.015625, 0.0078125], ())  # limits that two decimals do not tell apart
@settings(deadline=None)  # a busy machine is no error
def test_every_place_is_in_one_class_and_between_the_breaks_of_it(numbers: list[float], shares: tuple) -> None:
    values = pd.Series(numbers, index=[f"E{i}" for i in range(len(numbers))])
    breaks = choose_breaks(values, shares=shares)
    classes = class_by_breaks(values, breaks)
    assert sum(classes.sizes().values()) == len(values)
    edges = [-np.inf, *breaks, np.inf]
    for value, number in zip(values, classes.of, strict=True):
        assert edges[number] <= value < edges[number + 1]
    assert len(classes.labels) == len(classes.colours) == len(breaks) + 1


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ((39.0, 52.0), ("under 39", "39 to under 52", "52 or more")),
        ((0.0031, 0.0047), ("under 0.003", "0.003 to under 0.005", "0.005 or more")),
        ((0.0, 0.012, 0.0126), ("under 0", "0 to under 0.012", "0.012 to under 0.013", "0.013 or more")),
        ((1e-20, 3e-20), ("under 1e-20", "1e-20 to under 3e-20", "3e-20 or more")),
    ],
)
def test_no_two_classes_of_a_legend_have_the_same_name(limits: tuple[float, ...], said: tuple[str, ...]) -> None:
    labels = class_by_breaks(pd.Series([1.0]), limits).labels
    assert labels == said


@given(st.lists(st.integers(0, 500), min_size=1, max_size=60))
@settings(deadline=None)  # a busy machine is no error
def test_classes_of_counts_say_whole_numbers_that_meet_without_gap_or_overlap(numbers: list[int]) -> None:
    values = pd.Series(numbers)
    breaks = sorted({float(np.ceil(limit)) for limit in choose_breaks(values, shares=SKEWED)})
    labels = class_by_breaks(values, breaks, whole=True).labels
    if labels == ("all the same",):
        return
    spans = [tuple(map(int, re.findall(r"\d+", label.replace(",", "")))) for label in labels]
    assert spans[0][0] == 0
    assert all(later[0] == earlier[-1] + 1 for earlier, later in pairwise(spans))
    assert labels[-1].endswith(" or more")


def test_a_break_belongs_to_the_class_above_it() -> None:
    classes = class_by_breaks(pd.Series([9.9, 10.0, 20.0], index=list("abc")), (10, 20))
    assert classes.of.tolist() == [0, 1, 2]
    assert classes.labels == ("under 10", "10 to under 20", "20 or more")


def test_what_is_missing_or_too_few_is_in_no_class() -> None:
    values = pd.Series([5.0, 50.0, float("nan")], index=list("abc"))
    classes = class_by_breaks(values, (10,), too_few=pd.Series({"a": True}))
    assert classes.of.tolist() == [-1, 1, -1]
    assert classes.sizes() == {"under 10": 0, "10 or more": 1, "too few to say": 2}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: choose_breaks(pd.Series([np.nan])), "class breaks need at least one value, and finite ones only"),
        (
            lambda: choose_breaks(pd.Series([1.0]), classes=6),
            "a map has 2 to 5 classes, not 6: more cannot be distinguished",
        ),
        (
            lambda: class_by_breaks(pd.Series([1.0]), (3, 2)),
            "class breaks must rise and be fewer than 5: [3.0, 2.0]",
        ),
        (
            lambda: class_by_kind(pd.Series({"E1": "odd"}), ("none", "peak")),
            "E1 is of kind 'odd', which the map has no class for",
        ),
    ],
)
def test_classes_that_would_mislead_are_refused(call, message: str) -> None:
    with pytest.raises(InputError) as error:
        call()
    assert str(error.value) == message


def test_neighbouring_classes_differ_in_lightness_so_that_grey_print_and_colour_blind_readers_see_them() -> None:
    def luminance(colour: str) -> float:
        linear = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in linear]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light = [luminance(colour) for colour in SEQUENTIAL]
    contrast = [(low + 0.05) / (high + 0.05) for low, high in pairwise(light)]
    assert min(contrast) > 1.4
    assert light == sorted(light, reverse=True)


@pytest.fixture(scope="module")
def chart(places: Geography, values: pd.Series) -> Chart:
    return draw(places, values, simulated=True)


def test_every_area_is_drawn_and_the_text_alternative_tells_how_many_are_in_each_class(chart: Chart) -> None:
    sizes = [int(number) for number in re.findall(r": (\d+)(?=[;.])", chart.alt.split("Areas by rate a year")[1])]
    assert sum(sizes) == 116
    assert "too few to say: 5" in chart.alt
    assert "hatch" in chart.wide or "pattern" in chart.wide
    assert chart.wide.count("<path") >= 116
    assert ">N<" in chart.wide
    assert ">10 km<" in chart.wide
    assert "Contains National Statistics and OS data" in chart.source


def test_a_map_is_the_same_whether_or_not_its_geography_was_drawn_before(
    places: Geography, values: pd.Series, chart: Chart
) -> None:
    fresh = draw(geography("herefordshire"), values, simulated=True)
    again = draw(places, values, simulated=True)
    assert (again.wide, again.narrow) == (fresh.wide, fresh.narrow) == (chart.wide, chart.narrow)
    assert draw(places, values[::-1].set_axis(values.index)).wide != chart.wide


def test_a_map_with_an_area_left_out_is_refused(places: Geography, values: pd.Series) -> None:
    with pytest.raises(InputError) as error:
        draw(places, values.drop("E01014007"))
    assert str(error.value) == "1 small areas are only on the map or only in the figures, such as E01014007"


def test_a_map_of_its_own_says_what_it_shows_where_from_and_that_it_is_simulated(
    chart: Chart, values: pd.Series, tmp_path
) -> None:
    svg, table = write_chart(chart, tmp_path / "map.svg")
    root = ElementTree.parse(svg).getroot()
    text = " ".join(root.itertext())
    for said in (chart.title, chart.subtitle, "Simulated data: a demonstration", "Source: A source", "Crown copyright"):
        assert said in text, said
    assert pd.read_csv(table)["LSOA"].tolist() == values.index.tolist()
    assert "Simulated" not in standalone(replace(chart, simulated=False))


def test_a_map_is_written_as_svg_only(chart: Chart, tmp_path) -> None:
    with pytest.raises(UsageError) as error:
        write_chart(chart, tmp_path / "map.png")
    assert str(error.value) == "a map is written as .svg, not map.png: give a name that ends in .svg"
    assert list(tmp_path.iterdir()) == []
