"""Two editions from one run: nothing that the gate holds back reaches what is published, in any form."""

import csv
import gzip
import io
import json
import re
import shutil
import sys
import zipfile
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from typer.testing import CliRunner

from hcsp_assess import publication
from hcsp_assess.cli import app
from hcsp_assess.disclosure import LOG_COLUMNS
from hcsp_assess.errors import InputError
from hcsp_assess.report.disclosed import Disclosed, keep_for, read_log
from hcsp_assess.report.pdf import find_browser, print_pdf
from hcsp_assess.report.tables import Table

#: Counts and a name that nothing else in a report could hold.
SECRET = {"Ledbury": 987_654_321, "Bromyard": 3}
CELLS = f"""
import pandas as pd
from hcsp_assess.disclosure import pass_gate
from hcsp_assess.report.disclosed import Disclosed
from hcsp_assess.report.pdf import find_browser, print_pdf
from hcsp_assess.report.tables import Table

counts = pd.DataFrame({{"Repeat": {list(SECRET.values())}, "First": [400, 2]}}, index={list(SECRET)})
public = pass_gate(counts, rule="partner", table="Cases by town")
whole = pass_gate(counts, rule="partner", table="Cases by town", audience="restricted")
Disclosed(
    Table(public.frame.reset_index(names="Town"), "Cases by town", "secret", public.notes),
    Table(whole.frame.reset_index(names="Town"), "Cases by town", "secret", whole.notes),
    public.log,
)
"""


def _gated(public="public words", restricted="restricted words"):
    log = pd.DataFrame([("T", "r", "c", "partner", "below 5")], columns=list(LOG_COLUMNS))
    frames = (pd.DataFrame({"A": [text]}) for text in (public, restricted))
    return Disclosed(*(Table(frame, "Cases", "cases") for frame in frames), log)


def test_each_reader_gets_one_version_and_neither_gets_the_marks():
    shown = f"<h1>Cases</h1>{_gated()._repr_html_()}<p>after</p>"
    for audience, kept, gone in (
        ("public", "public words", "restricted"),
        ("restricted", "restricted words", "public"),
    ):
        page = keep_for(shown, audience)
        assert kept in page
        assert gone not in page
        assert "data-audience" not in page
        assert "below 5" not in page
        assert "edition" not in page
        assert page.startswith("<h1>Cases</h1>")
        assert page.endswith("<p>after</p>")


def test_a_chapter_without_gated_results_is_the_same_for_everybody():
    assert keep_for("<h1>x</h1><svg viewBox='0 0 1 1'></svg>", "public") == "<h1>x</h1><svg viewBox='0 0 1 1'></svg>"
    assert read_log("<h1>x</h1>").empty


def test_the_log_comes_back_line_by_line_whatever_it_holds():
    lines = [("</script><b>", "=1+1", "c", "partner", "below 5"), ("T", "é", "c", "health", "below 8")]
    item = Disclosed(Table(pd.DataFrame({"A": [1]}), "c", "k"), Table(pd.DataFrame({"A": [1]}), "c", "k"),
                     pd.DataFrame(lines, columns=list(LOG_COLUMNS)))  # fmt: skip
    shown = item._repr_html_()
    assert read_log(shown, shown).to_numpy().tolist() == [list(line) for line in lines]


def test_a_log_of_other_columns_is_refused():
    with pytest.raises(
        InputError,
        match=r"^a disclosure log has the columns table, row, column, rule, why; this one has table, count$",
    ):
        Disclosed(Table(pd.DataFrame({"A": [1]}), "c", "k"), Table(pd.DataFrame({"A": [1]}), "c", "k"),
                  pd.DataFrame({"table": ["T"], "count": [3]}))  # fmt: skip


@pytest.fixture(scope="module")
def issued(tmp_path_factory):
    """The reports of a tiny project whose one chapter shows a gated table."""
    from conftest import TINY_EDITION, write_street_file

    root = tmp_path_factory.mktemp("issued")
    write_street_file(root / "data" / "raw" / "police_uk", "2024-01")
    (root / "editions").mkdir()
    (root / "editions" / "tiny.toml").write_text(TINY_EDITION, encoding="utf-8")
    (root / "editions" / "tiny").mkdir()
    marking = 'mark = "KEPT <b>IN</b> \\"COUNTY\\" HALL"\nhandling = "Ask the partnership office."\n'
    (root / "editions" / "tiny" / "handling.toml").write_text(marking, encoding="utf-8")
    (root / "notebooks").mkdir()
    cells = [
        nbformat.v4.new_markdown_cell("# Cases"),
        nbformat.v4.new_code_cell('edition: str = "tiny"', metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(CELLS.strip()),
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), root / "notebooks" / "tiny.ipynb")
    result = CliRunner().invoke(app, ["run", "tiny", "--project", str(root), "--quiet"])
    assert result.exit_code == 0, result.output
    return root / "reports"


def _texts(folder):
    """Every file below a folder as text, by name: spreadsheets and archives unpacked."""
    found = {}
    for path in (path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        if path.suffix == ".xlsx":
            archive = zipfile.ZipFile(io.BytesIO(content))
            content = b" ".join(archive.read(name) for name in archive.namelist())
        elif path.suffix == ".gz":
            content = gzip.decompress(content)
        found[path.relative_to(folder).as_posix()] = content.decode("utf-8", errors="ignore")
    return found


def test_nothing_that_the_gate_held_back_reaches_any_public_file(issued):
    public = _texts(issued / "tiny") | {"the index": (issued / "index.html").read_text(encoding="utf-8")}
    names = {name.rsplit("/", 1)[-1] for name in public}
    assert {"index.html", "tables.xlsx", "findings.json", "counts.csv.gz", "account.csv"} <= names
    assert "disclosure_log.csv" not in names
    for name, text in public.items():
        for forms in ("987654321", "987,654,321", "data-audience", "disclosure-log", "KEPT", "restricted"):
            assert forms not in text, f"{forms} in {name}"
    page = BeautifulSoup(public["index.html"], "html.parser").find("table", id="secret")
    cells = [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in page.find_all("tr")]
    assert cells[2][1:3] == ["[c]", "[c]"]  # 3 and 2 at Bromyard
    assert cells[1][1] != "987,654,321"  # rounded, or suppressed with them


def test_the_restricted_edition_shows_the_counts_its_mark_and_what_the_public_one_lacks(issued):
    folder = issued / "restricted" / "tiny"
    soup = BeautifulSoup((folder / "index.html").read_text(encoding="utf-8"), "html.parser")
    assert "987,654,321" in soup.find("table", id="secret").get_text()
    assert soup.find("meta", attrs={"name": "robots"})["content"] == "noindex, nofollow, noarchive"
    banner = soup.find(class_="handling").get_text(" ", strip=True)
    assert banner == 'KEPT <b>IN</b> "COUNTY" HALL Ask the partnership office.'
    assert soup.title.get_text().startswith('KEPT <b>IN</b> "COUNTY" HALL: ')
    log = soup.find("table", id="suppressed-cells")
    rows = [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in log.tbody.find_all("tr")]
    assert ["Cases by town", "Bromyard", "Repeat", "Returns of partners", "below 5"] in rows
    (file,) = folder.rglob("disclosure_log.csv")
    assert list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"))))[1:] == rows
    book = " ".join(text for name, text in _texts(folder).items() if name.endswith(".xlsx"))
    assert "987654321" in book
    assert "COUNTY" in book


def test_no_page_for_the_public_leads_to_the_restricted_edition(issued):
    for page in (issued / "index.html", issued / "tiny" / "index.html"):
        links = re.findall(r'href="([^"]+)"', page.read_text(encoding="utf-8"))
        assert links
        assert not any("restricted" in link for link in links)
    restricted = (issued / "restricted" / "tiny" / "index.html").read_text(encoding="utf-8")
    assert "All editions" not in restricted


def test_the_record_of_the_run_is_the_same_in_both(issued):
    pages = [issued / "tiny" / "index.html", issued / "restricted" / "tiny" / "index.html"]
    records = [BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").find(id="run-record") for page in pages]
    assert json.loads(records[0].string) == json.loads(records[1].string)


needs_browser = pytest.mark.skipif(find_browser() is None, reason="no browser of the Chromium family is installed")
SMALL = '<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><title>Small</title></head><body><h1>One</h1>{}</body></html>'


@needs_browser
def test_a_pdf_is_tagged_in_its_language_with_bookmarks_and_without_a_path_of_this_machine():
    pdf = print_pdf(
        SMALL.format('<p><a href="../index.html">All</a> <a href="#x">x</a></p><h2 id="x">Two</h2>'), find_browser()
    )
    assert pdf.startswith(b"%PDF-")
    for part in (b"/StructTreeRoot", b"/Marked true", b"/Lang (en-GB)", b"/Outlines", b"/Title (Small)"):
        assert part in pdf, part
    assert b"file:" not in pdf
    assert len(re.findall(rb"/Type /Page\b", pdf)) == 1


@needs_browser
def test_a_browser_that_cannot_print_is_named_with_what_to_do(tmp_path):
    false = shutil.which("false")
    if false is None:
        pytest.skip("there is no program here that only fails")
    with pytest.raises(
        InputError,
        match=rf'^{false} could not print the report \(exit code 1\): \. Name another browser in HCSP_ASSESS_BROWSER, or set it to "none"\.$',
    ):
        print_pdf(SMALL, Path(false))


def test_the_browser_named_wins_and_one_that_is_not_there_is_told(monkeypatch):
    monkeypatch.setenv("HCSP_ASSESS_BROWSER", sys.executable)
    assert find_browser() == Path(sys.executable)
    monkeypatch.setenv("HCSP_ASSESS_BROWSER", "none")
    assert find_browser() is None
    monkeypatch.setenv("HCSP_ASSESS_BROWSER", "netscape")
    with pytest.raises(
        InputError,
        match=r'^HCSP_ASSESS_BROWSER names netscape, which is no program here: mend it, or set it to "none"$',
    ):
        find_browser()


def test_where_there_is_no_browser_a_run_says_so_in_one_line_and_goes_on(monkeypatch, caplog):
    monkeypatch.delenv("HCSP_ASSESS_BROWSER", raising=False)
    monkeypatch.setattr("hcsp_assess.report.pdf.NAMES", ())
    monkeypatch.setattr("hcsp_assess.report.pdf._usual_places", list)
    assert publication._printed("<p>") == b""
    assert [record.getMessage() for record in caplog.records] == [publication.NO_BROWSER]
    monkeypatch.setenv("HCSP_ASSESS_BROWSER", "none")
    caplog.clear()
    assert publication._printed("<p>") == b""
    assert caplog.records == []


@needs_browser
def test_the_command_prints_what_was_published_and_names_what_is_not_there(issued):
    root = str(issued.parent)
    result = CliRunner().invoke(app, ["pdf", "tiny", "--restricted", "--project", root, "--quiet"])
    assert result.exit_code == 0, result.output
    assert (issued / "restricted" / "tiny" / "report.pdf").read_bytes().startswith(b"%PDF-")
    missing = CliRunner().invoke(app, ["pdf", "2025", "--project", root])
    assert missing.exit_code == 2
    page = issued / "2025" / "index.html"
    assert f"{page} is not there: hcsp-assess run 2025 makes it" in missing.output.replace("\n", "")


def test_a_pdf_of_an_earlier_run_does_not_outlive_its_page(tmp_path):
    publication._put(publication.Issue("<p>", {"a.csv": b"1"}, b"%PDF-"), tmp_path)
    assert (tmp_path / "report.pdf").read_bytes() == b"%PDF-"
    publication._put(publication.Issue("<p>", {"a.csv": b"1"}), tmp_path)
    assert not (tmp_path / "report.pdf").exists()
