import re

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from hcsp_assess.errors import InputError
from hcsp_assess.report.charts import Heading, draw_chart
from hcsp_assess.report.tables import Table, format_value


def _bars(figure, narrow):
    axes = figure.add_subplot()
    axes.bar(["Jan", "Feb"], [3, 5], color="#12436d")


def _chart(**changes):
    texts = {
        "key": "shoplifting-months",
        "title": "Shoplifting rose",
        "subtitle": "Offences a month, Herefordshire, 2025",
        "alt": "Bar chart: 3 offences in January, 5 in February.",
        "source": "data.police.uk",
        "data": pd.DataFrame({"Month": ["January", "February"], "Offences": [3, 5]}),
    }
    given = texts | changes
    heading = Heading(
        **{name: given.pop(name) for name in ("key", "title", "subtitle", "source", "simulated") if name in given}
    )
    return draw_chart(_bars, heading, **given)


def test_a_chart_has_its_message_its_data_and_a_text_alternative_in_both_widths():
    soup = BeautifulSoup(_chart()._repr_html_(), "html.parser")
    assert soup.figure.figcaption.strong.text == "Shoplifting rose"
    assert [svg["aria-label"] for svg in soup.find_all("svg")] == [
        "Bar chart: 3 offences in January, 5 in February."
    ] * 2
    assert [cell.text for cell in soup.table.find_all("td")] == ["3", "5"]


@pytest.mark.parametrize("name", ["title", "subtitle", "alt", "source"])
def test_a_chart_without_a_text_is_refused(name):
    with pytest.raises(
        InputError, match=f"^chart 'shoplifting-months' has no {name}: give it one, or leave the chart out$"
    ):
        _chart(**{name: " "})


def test_a_chart_without_data_is_refused():
    with pytest.raises(
        InputError, match="^chart 'shoplifting-months' has no data: say in words that there is nothing to draw$"
    ):
        _chart(data=pd.DataFrame({"Month": []}))


def test_the_same_chart_drawn_twice_is_the_same_text():
    assert _chart()._repr_html_() == _chart()._repr_html_()


def test_no_two_drawings_share_an_anchor_and_every_reference_leads_to_one():
    first, second = _chart(), _chart(key="other")
    text = first.wide + first.narrow + second.wide + second.narrow
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids)) > 0
    assert set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', text)) <= {(name, "") for name in ids} | {
        ("", name) for name in ids
    }


def test_colours_of_the_palette_can_be_changed_by_the_page_and_no_style_leaks_from_a_drawing():
    drawing = _chart().wide
    assert "fill: var(--chart-main, #12436d)" in drawing
    assert "<style" not in drawing
    assert "DejaVu" not in drawing


def test_hostile_text_stays_text():
    hostile = '<script>alert("x")</script>'
    html = _chart(title=hostile, alt=hostile, data=pd.DataFrame({hostile: [hostile]}))._repr_html_()
    assert "<script" not in html
    assert BeautifulSoup(html, "html.parser").figure.strong.text == hostile


def test_simulated_data_are_marked_on_the_chart():
    assert "Simulated data" in _chart(simulated=True)._repr_html_()
    assert "Simulated data" not in _chart()._repr_html_()


def test_a_table_has_a_caption_and_scoped_headers():
    frame = pd.DataFrame({"Crime type": ["Burglary"], "Offences": pd.array([None], dtype="Int64")})
    soup = BeautifulSoup(Table(frame, "Offences by type", "types")._repr_html_(), "html.parser")
    assert soup.caption.text == "Offences by type"
    assert [(th.text, th["scope"]) for th in soup.find_all("th")] == [
        ("Crime type", "col"),
        ("Offences", "col"),
        ("Burglary", "row"),
    ]
    assert soup.td.text == "no data"


def test_a_table_without_a_caption_or_with_a_doubled_column_is_refused():
    with pytest.raises(InputError, match="^table 'k' has no caption: say what it shows$"):
        Table(pd.DataFrame({"a": [1]}), "", "k")
    with pytest.raises(InputError, match=r"^table 'k' has two columns of the same name: \['a', 'a'\]$"):
        Table(pd.DataFrame([[1, 2]], columns=["a", "a"]), "c", "k")


@pytest.mark.parametrize(
    ("value", "printed"),
    [(1234, "1,234"), (-5, "−5"), (0, "0"), (12.345, "12.3"), (None, "no data"), (float("nan"), "no data"), (pd.NA, "no data"),
     (True, "yes"), ("as it is", "as it is")],
)  # fmt: skip
def test_values_are_printed_for_people(value, printed):
    assert format_value(value) == printed


def test_figures_line_up_where_some_cells_say_why_they_have_none():
    frame = pd.DataFrame({"Kind": ["A", "B", "C"], "Change": ["−20%", "too few", "+7%"], "Note": ["5 of 6", "x", "7"]})
    html = Table(frame, "T", "t")._repr_html_()
    assert '<td class="figure">too few</td>' in html  # set to the right, as the figures of its column
    assert '<td class="short">5 of 6</td>' in html
