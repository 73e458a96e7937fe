"""Small multiples: every label within the drawing and over no other, the same month at the same place in each panel."""

import re
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from hcsp_assess.report.charts import NARROW, WIDE, Heading
from hcsp_assess.report.monthly_charts import month_positions, month_ticks
from hcsp_assess.report.panels import Panel, Sizes, break_lines, draw_panels, place_panels, text_width
from hcsp_assess.report.quarter_charts import chart_quarters

WORDS = ("Recorded", "crime", "in", "rural", "areas,", "anti-social", "behaviour:", "probable", "rise", "weapons")


def _panel(title: str, top: float, months: int) -> Panel:
    index = pd.period_range("2012-04", periods=months, freq="M")
    places, names = month_ticks(index, narrow=True)
    first = int(month_positions(index)[0])
    return Panel(
        title=title,
        span=(first - 0.5, first + months - 0.5),
        top=top,
        places=places,
        names=names,
        paint=lambda figure, inside: None,
    )


def _drawn(panels: list[Panel], columns: int) -> tuple[Figure, list]:
    """A figure with panels on it, and the boxes of its labels in points."""
    size = (WIDE if columns > 1 else NARROW, 1.5 * -(-len(panels) // columns))
    figure = Figure(figsize=size, dpi=72)
    FigureCanvasSVG(figure)
    draw_panels(figure, panels, columns)
    return figure, [text.get_window_extent() for text in figure.texts]


titles = st.lists(st.sampled_from(WORDS), max_size=7).map(" ".join)
tops = st.one_of(st.integers(1, 30), st.integers(1, 10**6)).map(float)


@given(
    st.lists(st.tuples(titles, tops), min_size=1, max_size=7),
    st.sampled_from([1, 2, 3]),
    st.sampled_from([5, 12, 18, 40, 180]),
)
@settings(deadline=None, max_examples=40)  # a busy machine is no error
def test_labels_of_small_multiples_are_within_the_drawing_and_over_no_other(asked, columns, months):
    figure, boxes = _drawn([_panel(title, top, months) for title, top in asked], columns)
    width, height = figure.get_size_inches() * 72
    assert min(box.x0 for box in boxes) >= 0
    assert min(box.y0 for box in boxes) >= 0
    assert max(box.x1 for box in boxes) <= width
    assert max(box.y1 for box in boxes) <= height
    texts = [text.get_text() for text in figure.texts]
    over = [(texts[a], texts[b]) for a, b in combinations(range(len(boxes)), 2) if boxes[a].overlaps(boxes[b])]
    assert over == []


def test_panels_are_of_one_size_and_those_of_a_row_stand_on_one_line():
    panels = [
        _panel(title, top, 60)
        for title, top in zip([" ".join(WORDS), "Drugs", "Theft", "Arson"], (9, 10**6, 50, 2), strict=True)
    ]
    places = place_panels(panels, 3, (WIDE, 3.1), Sizes())
    assert len({(round(place.width, 9), round(place.height, 9)) for place in places}) == 1
    assert len({round(place.bottom, 9) for place in places[:3]}) == 1
    assert places[3].left == places[0].left
    assert [a.left + a.width < b.left for a, b in pairwise(places[:3])] == [True, True]


def test_a_title_is_broken_where_it_is_too_wide_and_nowhere_else():
    said = " ".join(WORDS)
    room = text_width("Recorded crime in", 8.5, bold=True)
    lines = break_lines(said, room, 8.5).split("\n")
    assert lines[0] == "Recorded crime in"
    assert " ".join(lines) == said
    assert all(text_width(line, 8.5, bold=True) <= room or " " not in line for line in lines)
    assert break_lines(said, 99, 8.5) == said


@pytest.mark.parametrize("months", [12, 18, 19, 40, 180])
def test_ticks_are_at_the_months_they_name_and_the_same_months_are_at_the_same_places(months):
    index = pd.period_range("2012-04", periods=months, freq="M")
    assert month_positions(index).tolist() == [month.ordinal for month in index]
    assert month_positions(index[3:]).tolist() == month_positions(index).tolist()[3:]
    places, names = month_ticks(index, narrow=False)
    at = [pd.Period(ordinal=place, freq="M") for place in places]
    said = [month.strftime("%b") if months <= 18 else month.strftime("%Y") for month in at]
    assert [name.split("\n")[0] for name in names] == said
    assert months <= 18 or {month.month for month in at} == {1}


def test_the_vertical_axis_begins_at_zero_and_its_labels_are_whole_numbers_up_to_its_end():
    for top in (1.0, 3.2, 57, 1234.5):
        panel = _panel("Drugs", top, 12)
        assert panel.heights[0] == 0
        assert panel.heights[-1] <= top
        assert np.allclose(np.diff(panel.heights), panel.heights[1])
        assert panel.labels() == [f"{height:,.0f}" for height in panel.heights]
        assert all(height == int(height) for height in panel.heights)


def test_quarters_without_a_figure_say_why_within_the_drawing_and_the_others_have_a_bar_each():
    index = [f"Q{number} 2012/13" for number in range(1, 5)]
    known = pd.Series([30, pd.NA, 0, pd.NA], index=index, dtype="Float64")
    heading = Heading(key="q", title="Cases", subtitle="By quarter", source="A partner")
    chart = chart_quarters(
        {"Cases": known, "None": known.mask(known.notna())},
        heading,
        gaps={"Cases": pd.Series(["", "not collected", "", ""], index=index)},
    )
    for drawing in (chart.wide, chart.narrow):
        assert drawing.count(">not collected<") == 1
        assert drawing.count(">no data<") == 5
        assert len(re.findall("fill: var\\(--chart-main", drawing)) == 1
