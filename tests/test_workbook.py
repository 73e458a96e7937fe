"""The spreadsheet holds every table of the page, and nothing in a cell can run; proven by reading the file's own XML."""

import io
import re
import zipfile
from functools import cache
from xml.etree import ElementTree

import pandas as pd
import pytest
from attacks import attack
from hypothesis import given, settings
from hypothesis import strategies as st

from hcsp_assess.errors import InputError
from hcsp_assess.report.html import parse_html
from hcsp_assess.report.tables import Table
from hcsp_assess.report.workbook import read_tables, text_for_csv, write_csv, write_workbook

HOSTILE = [
    '=HYPERLINK("http://x","y")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "<script>alert(1)</script>",
    "http://example.org",
    "$$n1$$",
    "a\x00b",
]
TABLE = Table(
    pd.DataFrame({"Place": HOSTILE, "Records": pd.array([1, None, -3, 1234567, 0, 5, 6, 7, 8], dtype="Int64")}),
    "=1+1: records by place",
    "places",
    ("A note.", "=2+2"),
    simulated=True,
)


def _parts(content):
    archive = zipfile.ZipFile(io.BytesIO(content))
    return {name: archive.read(name).decode("utf-8") for name in archive.namelist() if name.endswith((".xml", ".rels"))}


def _sheet_names(content):
    return re.findall(r'<sheet name="([^"]+)"', _parts(content)["xl/workbook.xml"])


def _strings(content):
    return ["".join(item.itertext()) for item in ElementTree.fromstring(_parts(content)["xl/sharedStrings.xml"])]


@cache
def _written():
    return _write(TABLE)


def _write(*tables):
    return write_workbook(
        tables, title="Tables of the assessment", about=["Herefordshire, 2025"], contact="Partnership office"
    )


def test_no_cell_holds_a_formula_and_no_text_becomes_a_link():
    parts = _parts(_written())
    sheets = {name: text for name, text in parts.items() if name.startswith("xl/worksheets/sheet")}
    assert sheets
    assert not any("<f>" in text or "<f " in text for text in sheets.values())
    targets = re.findall(
        r'Target="([^"]+)"', " ".join(text for name, text in parts.items() if "worksheets/_rels" in name)
    )
    assert all(target.startswith(("#", "../tables/")) for target in targets)
    assert not any("example.org" in target for target in targets)


def test_each_hostile_text_arrives_as_the_same_text():
    shown = {text.replace("\u2060", "") for text in _strings(_written())}
    for text in HOSTILE[:-1]:
        assert text.strip() in {item.strip() for item in shown}
    assert "ab" in shown  # a character that the format cannot hold is dropped


def test_the_workbook_has_cover_contents_notes_and_one_table_a_sheet():
    assert _sheet_names(_write(TABLE, TABLE)) == ["Cover", "Contents", "Notes", "Table 1", "Table 2"]
    without = Table(pd.DataFrame({"A": ["x"], "B": [1]}), "No notes", "k")
    assert _sheet_names(_write(without)) == ["Cover", "Contents", "Table 1"]


def test_missing_is_shorthand_with_its_legend_and_a_zero_stays_a_zero():
    parts = _parts(_written())
    assert {"[x]", "[x] = no data"} <= set(_strings(_written()))
    sheet = parts["xl/worksheets/sheet4.xml"]
    assert "<v>0</v>" in sheet
    assert "<v>1234567</v>" in sheet
    assert "<v>-3</v>" in sheet


def test_simulated_tables_say_so_on_cover_and_sheet():
    strings = _strings(_written())
    assert "Simulated records: a demonstration, not a record of real events." in strings
    assert "Simulated data" in strings


def test_the_same_tables_give_the_same_bytes():
    assert _write(TABLE) == _written()


def test_every_table_of_a_page_comes_back_with_caption_numbers_notes_and_mark():
    other = Table(pd.DataFrame({"Type": ["Burglary"], "Share": [12.5]}), "Shares", "shares", folded="Open")
    page = f"<html><body><h1>x</h1>{TABLE._repr_html_()}<p>text</p>{other._repr_html_()}</body></html>"
    first, second = read_tables(parse_html(page))
    assert first.caption == TABLE.caption
    assert first.notes == TABLE.notes
    assert first.simulated
    pd.testing.assert_series_equal(first.frame["Records"], TABLE.frame["Records"])
    assert first.frame["Place"].to_list()[:4] == HOSTILE[:4]
    assert not second.simulated
    assert second.frame["Share"].to_list() == [12.5]


def test_counts_between_signs_of_suppression_are_numbers_and_the_signs_are_explained():
    gated = Table(pd.DataFrame({"Town": ["Ledbury", "Ross", "Kington"], "Cases": ["1,230", "[c]", "0"],
                                "Code": ["1,230", "007", "[c]"]}), "Cases by town", "cases")  # fmt: skip
    (read,) = read_tables(parse_html(gated._repr_html_()))
    assert read.frame["Cases"].to_list() == [1230, "[c]", 0]
    assert read.frame["Code"].to_list() == ["1,230", "007", "[c]"]  # no column of counts: text, as printed
    assert {"[c]", "[c] = suppressed: confidential", "007"} <= set(_strings(_write(read)))
    assert "<v>1230</v>" in _parts(_write(read))["xl/worksheets/sheet3.xml"]


def test_a_table_under_a_simulated_chart_is_simulated_too():
    table = Table(pd.DataFrame({"A": ["x"]}), "Data of a chart", "d")
    figure = f"<figure data-simulated>{table._repr_html_()}</figure>"
    assert read_tables(parse_html(figure))[0].simulated


@settings(max_examples=12, deadline=None)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=4), st.text(max_size=20))
def test_any_text_can_be_written_and_none_becomes_a_formula(cells, heading):
    content = (
        write_workbook([Table(pd.DataFrame({heading: cells, "Number": 1}), "Caption", "k")], title="T", about=["x"])
        if heading != "Number"
        else b""
    )
    if content:
        assert not any("<f>" in text for name, text in _parts(content).items() if "worksheets/sheet" in name)


@given(st.text())
def test_no_csv_cell_begins_as_a_formula(text):
    assert not text_for_csv(text).lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))


def test_csv_keeps_numbers_as_numbers_and_disarms_texts():
    lines = write_csv(
        Table(pd.DataFrame({"=A": ["=1+1", "Ledbury"], "N": pd.array([-4, None], dtype="Int64")}), "c", "k")
    ).decode("utf-8-sig")
    assert lines == "'=A,N\r\n'=1+1,-4\r\nLedbury,\r\n"


def test_a_page_whose_table_has_no_caption_or_uneven_rows_is_refused():
    with pytest.raises(InputError, match="^table 1 of the page has no caption: give it one$"):
        read_tables(parse_html("<table><thead><tr><th>a</th></tr></thead></table>"))
    uneven = "<table><caption>C</caption><thead><tr><th>a</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>"
    with pytest.raises(InputError, match="^the table 'C' has a row of 2 cells under 1 headings$"):
        read_tables(parse_html(uneven))


def test_no_tables_is_an_error():
    with pytest.raises(
        InputError, match="^there are no tables to write to a workbook: publish the report without one$"
    ):
        write_workbook([], title="T", about=[])


#: Texts that the spreadsheet's writer would take for a link, or could not write.
MARKUP = [
    "[a](b)",
    "[click](http://evil.example)",
    "x [a](b) y [c](d)",
    "[](x)",
    "[x](javascript:alert(1))",
    "†",
    "***",
]


@attack(
    "`[a](b)` or `[click](http://...)` in a cell, caption, note, heading or title; a note of signs alone",
    "arrives as the same text in the workbook: no link, no stop",
)
@pytest.mark.parametrize("where", ["cell", "caption", "note", "heading", "title", "about"])
def test_a_text_in_the_form_of_a_link_stays_text(where: str) -> None:
    for text in MARKUP:
        shown = {name: text if name == where else f"plain {name}" for name in ("cell", "caption", "note", "heading")}
        frame = pd.DataFrame({shown["heading"]: [shown["cell"], "y"], "Number": [1, 2]})
        table = Table(frame, shown["caption"], "key", (shown["note"],))
        about = (text if where == "about" else "About.",)
        content = write_workbook([table], title=text if where == "title" else "Title", about=about)
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            assert not any(b"Target=" in book.read(name) and b"External" in book.read(name) for name in book.namelist())
            strings = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
        texts = {"".join(item.itertext()) for item in strings}
        assert any(text in found for found in texts), text


@attack("half of a UTF-16 pair (a lone surrogate) in a cell or note", "arrives as text, with the replacement sign")
def test_a_lone_surrogate_arrives_as_text_in_page_workbook_and_csv() -> None:
    table = Table(pd.DataFrame({"A": ["b\ud800c", "d"], "B": [1, 2]}, dtype=object), "e\udfff", "key", ("\ud83d",))
    assert "b\ufffdc" in table._repr_html_().encode("utf-8").decode("utf-8")
    with zipfile.ZipFile(io.BytesIO(write_workbook([table], title="T\udc00", about=("x",)))) as book:
        texts = book.read("xl/sharedStrings.xml").decode("utf-8")
    for text in ("b\ufffdc", "e\ufffd", "T\ufffd", "\ufffd (as printed)"):
        assert text in texts
    assert "b\ufffdc" in write_csv(table).decode("utf-8-sig")
