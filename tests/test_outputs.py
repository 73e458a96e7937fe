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
from xml.etree import ElementTree

import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from conftest import TINY_EDITION, write_street_file
from typer.testing import CliRunner

from hcsp_assess.cli.main import app
from hcsp_assess.disclosure import LOG_COLUMNS
from hcsp_assess.errors import InputError
from hcsp_assess.report.dictionary import explained_columns, output_files, unexplained
from hcsp_assess.report.html import parse_html
from hcsp_assess.report.pages import find_problems
from hcsp_assess.report.pdf import find_browser, print_pdf
from hcsp_assess.report.tables import Table
from hcsp_assess.report.two_audiences import Disclosed, keep_for, read_log
from hcsp_assess.report.workbook import read_tables
from hcsp_assess.run import formats
from hcsp_assess.run import publish as publication
from hcsp_assess.sources.findings_file import findings_schema
from hcsp_assess.sources.returns import return_definition, return_names

ROOT = Path(__file__).parents[1]

#: Counts and a name that nothing else in a report could hold.
SECRET = {"Ledbury": 987_654_321, "Bromyard": 3}
CELLS = f"""
import pandas as pd
from hcsp_assess.disclosure import pass_gate
from hcsp_assess.report.dictionary import explained_columns, output_files, unexplained
from hcsp_assess.report.two_audiences import Disclosed
from hcsp_assess.sources.findings_file import findings_schema
from hcsp_assess.report.pages import find_problems
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


def _write_notebook(root, *cells):
    """Write the one chapter of a tiny project."""
    (root / "notebooks").mkdir()
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("# Cases"),
            nbformat.v4.new_code_cell('edition: str = "tiny"', metadata={"tags": ["parameters"]}),
            *(nbformat.v4.new_code_cell(cell.strip()) for cell in cells),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    nbformat.write(notebook, root / "notebooks" / "tiny.ipynb")


@pytest.fixture(scope="module")
def issued(tmp_path_factory):
    """The reports of a tiny project whose one chapter shows a gated table."""

    root = tmp_path_factory.mktemp("issued")
    write_street_file(root / "data" / "raw" / "police_uk", "2024-01")
    (root / "editions").mkdir()
    (root / "editions" / "tiny.toml").write_text(TINY_EDITION, encoding="utf-8")
    (root / "editions" / "tiny").mkdir()
    marking = 'mark = "KEPT <b>IN</b> \\"COUNTY\\" HALL"\nhandling = "Ask the partnership office."\n'
    (root / "editions" / "tiny" / "handling.toml").write_text(marking, encoding="utf-8")
    _write_notebook(root, CELLS)
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
    folder = issued.parent / "restricted-reports" / "tiny"
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
    restricted = (issued.parent / "restricted-reports" / "tiny" / "index.html").read_text(encoding="utf-8")
    assert "All editions" not in restricted


def test_the_record_of_the_run_is_the_same_in_both(issued):
    pages = [issued / "tiny" / "index.html", issued.parent / "restricted-reports" / "tiny" / "index.html"]
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
        match=r'^HCSP_ASSESS_BROWSER names netscape, which is not a program here: correct it, or set it to "none"$',
    ):
        find_browser()


def test_where_there_is_no_browser_a_run_says_so_in_one_line_and_goes_on(monkeypatch, caplog):
    monkeypatch.delenv("HCSP_ASSESS_BROWSER", raising=False)
    monkeypatch.setattr("hcsp_assess.report.pdf.NAMES", ())
    monkeypatch.setattr("hcsp_assess.report.pdf._usual_places", list)
    assert formats.printed("<p>") == b""
    assert [record.getMessage() for record in caplog.records] == [formats.NO_BROWSER]
    monkeypatch.setenv("HCSP_ASSESS_BROWSER", "none")
    caplog.clear()
    assert formats.printed("<p>") == b""
    assert caplog.records == []


@needs_browser
def test_the_command_prints_what_was_published_and_names_what_is_not_there(issued):
    root = str(issued.parent)
    result = CliRunner().invoke(app, ["pdf", "tiny", "--restricted", "--project", root, "--quiet"])
    assert result.exit_code == 0, result.output
    assert (issued.parent / "restricted-reports" / "tiny" / "report.pdf").read_bytes().startswith(b"%PDF-")
    missing = CliRunner().invoke(app, ["pdf", "2025", "--project", root])
    assert missing.exit_code == 2
    page = issued / "2025" / "index.html"
    assert f"there is no report {page} yet: build it with hcsp-assess run 2025" in missing.output.replace("\n", "")


def test_a_pdf_of_an_earlier_run_does_not_outlive_its_page(tmp_path):
    publication._put(publication.Issue("<p>", {"a.csv": b"1"}, {"pdf/abc/report.pdf": b"%PDF-"}), tmp_path)
    assert (tmp_path / "pdf" / "abc" / "report.pdf").read_bytes() == b"%PDF-"
    publication._put(publication.Issue("<p>", {"a.csv": b"1"}, {}), tmp_path)
    assert not list(tmp_path.rglob("*.pdf"))


def _paths(value, at=""):
    """Every field of a document as outputs.toml names it; evidence, and figures by period, are maps of any key."""
    if isinstance(value, dict):
        if at in ("findings[].evidence", "data[].values"):
            return {at}
        return set().union(*(_paths(item, f"{at}.{key}" if at else key) for key, item in value.items()), set())
    if isinstance(value, list):
        return set().union(*(_paths(item, f"{at}[]") for item in value), set())
    return {at}


@pytest.mark.parametrize("edition", ["2013-14", "2025", "../restricted-reports/2013-14"])
def test_every_column_of_every_download_is_in_the_data_dictionary(built, edition):
    page = (built.reports / edition / "index.html").read_text(encoding="utf-8")
    report = parse_html(page)
    tables = read_tables(report)
    assert unexplained(tables) == []
    links = [str(link["href"]) for link in report.soup.select("a[download]")]
    folder = built.reports / edition
    known = {item.name: item for item in output_files()}
    assert {link.rsplit("/", 1)[-1] for link in links} <= set(known)
    for link in links:
        fields = {field.name for field in known[link.rsplit("/", 1)[-1]].fields}
        if link.endswith((".csv", ".csv.gz")):
            frame = pd.read_csv(folder / link, encoding="utf-8-sig")
            assert set(frame.columns) == fields, link
        elif link.endswith(".json"):
            assert _paths(json.loads((folder / link).read_text(encoding="utf-8"))) <= fields, link
    (file,) = [folder / link for link in links if link.endswith("dictionary.html")]
    dictionary = file.read_text(encoding="utf-8")
    explained = parse_html(dictionary)
    assert find_problems(explained) == []
    listed = {table.key: table.frame for table in read_tables(explained)}
    assert list(listed["dictionary-sheets"]["Title"]) == [table.caption for table in tables]
    assert set(listed["dictionary-columns"]["Column"]) == {str(name) for table in tables for name in table.frame}
    assert "See the title and the notes of the table." not in dictionary


def test_no_exact_percentage_in_the_findings_undoes_the_rounding_of_a_partners_counts(built):
    """16 of 42 is 38.095% and of about 40 nothing else: whoever has the exact share has the count."""
    document = json.loads((built.reports / "2013-14" / "findings.json").read_text(encoding="utf-8"))
    titles = {return_definition(name).title for name in return_names()}
    partners = [item for item in document["findings"] if any(one["name"] in titles for one in item["sources"])]
    assert len(partners) > 20
    for item in partners:
        for name, value in item["evidence"].items():
            places = 2 if "p_value" in name else 0
            assert not isinstance(value, float) or round(value, places) == value, (item["key"], name)
    keys = {item["key"] for item in partners}
    values = [value for series in document["data"] if series["key"] in keys for value in series["values"].values()]
    assert len(values) > 100
    assert all(value is None or value == round(value) for value in values)


def test_no_entry_of_the_dictionary_is_empty_and_the_fields_of_findings_are_those_of_the_schema():
    assert all(item.heading and item.tables and item.means for item in explained_columns())
    assert all(field.means for item in output_files() for field in item.fields)
    (findings,) = [item for item in output_files() if item.name == "findings.json"]
    top = {field.name.split("[")[0].split(".")[0] for field in findings.fields}
    assert top == set(findings_schema()["properties"])


HOSTILE = [
    '<script>alert("ward")</script>',
    "<img src=x onerror=alert(1)>",
    '=HYPERLINK("http://evil.example","Ledbury")',
    "+1+1",
    "-2+3",
    "@SUM(A1:A9)",
    '"><b onclick="x">Ross</b>',
    "</style></title></table>",
]
SHOWN = (
    f"""
import pandas as pd
from hcsp_assess.assessment.findings import Finding
from hcsp_assess.report.charts import Heading, draw_chart
from hcsp_assess.report.tables import Table

hostile = {HOSTILE!r}
""",
    'Finding("comment", "A resident wrote: " + " ".join(hostile), {}, hostile[0], (hostile[1],))',
    'Table(pd.DataFrame({"Ward": hostile, hostile[0]: range(8)}), "By ward: " + hostile[7], "wards", (hostile[0],))',
    """
draw_chart(
    lambda figure, narrow: figure.subplots().bar(hostile, range(8)),
    Heading(key="locations", title=hostile[0], subtitle=hostile[7], source=hostile[1]),
    alt="Records by location, from the fewest to the most " + hostile[6],
    data=pd.DataFrame({"Location": hostile, "Records": range(8)}),
)
""",
)


@pytest.fixture(scope="module")
def attacked(tmp_path_factory):
    """A report whose locations, wards, comments and titles are attempts to run something."""

    root = tmp_path_factory.mktemp("attacked")
    place = ",".join(
        f'"{text.replace(chr(34), chr(34) * 2)}"' for text in (HOSTILE[2], "E01014005", "<script>x</script>")
    )
    rows = [
        f'{"b" * 64},2024-01,West Mercia Police,West Mercia Police,-2.716,52.056,{place},Burglary,"=1+1",<b>',
        f'{"c" * 64},2024-01,West Mercia Police,West Mercia Police,-2.716,52.056,{place},"<script>crime</script>",,',
    ]
    rows += [rows[0].replace("b" * 64, number * 64) for number in "123"]  # the second row is set aside
    write_street_file(root / "data" / "raw" / "police_uk", "2024-01", rows)
    (root / "editions").mkdir()
    edition = TINY_EDITION.replace("A tiny assessment", "<script>alert(0)</script> 2024")
    (root / "editions" / "tiny.toml").write_text(f"about = '<i>{HOSTILE[0]}</i>'\n{edition}", encoding="utf-8")
    _write_notebook(root, *SHOWN)
    result = CliRunner().invoke(app, ["run", "tiny", "--project", str(root), "--quiet", "--threshold", "100"])
    assert result.exit_code == 0, result.output
    return root / "reports"


@pytest.mark.parametrize("edition", ["tiny", "../restricted-reports/tiny"])
def test_whatever_a_text_holds_it_arrives_in_the_page_as_text(attacked, edition):
    soup = BeautifulSoup((attacked / edition / "index.html").read_text(encoding="utf-8"), "html.parser")
    assert [(item.get("type"), item.get("src")) for item in soup.find_all("script")] == [("application/json", None)]
    assert soup.find_all(["img", "b", "i", "iframe"]) == []
    assert [item for item in soup.find_all(True) if any(name.startswith("on") for name in item.attrs)] == []
    assert len(soup.find_all("title")) == len(soup.find_all("style")) == 1
    assert soup.h1.get_text().replace("\u2011", "-") == "<script>alert(0)</script> 2024"
    (wards,) = soup.find_all("table", id="wards")
    assert [row.th.get_text() for row in wards.tbody.find_all("tr")] == HOSTILE
    drawn = {text.get_text() for text in soup.select("figure svg text")}
    assert set(HOSTILE) <= drawn
    assert soup.find("figure", id="locations").svg["aria-label"].endswith(HOSTILE[6])


def test_the_list_of_editions_shows_a_hostile_title_as_text(attacked):
    soup = BeautifulSoup((attacked / "index.html").read_text(encoding="utf-8"), "html.parser")
    assert soup.find_all("script") == []
    assert soup.find("ul", class_="editions").a.get_text() == "<script>alert(0)</script> 2024"


def test_whatever_a_text_holds_no_download_runs_it(attacked):
    for folder in (attacked / "tiny", attacked.parent / "restricted-reports" / "tiny"):
        (book,) = folder.rglob("tables.xlsx")
        parts = {name: zipfile.ZipFile(book).read(name).decode() for name in zipfile.ZipFile(book).namelist()}
        sheets = [text for name, text in parts.items() if name.startswith("xl/worksheets/sheet")]
        assert len(sheets) > 3
        assert not any("<f>" in text or "<f " in text for text in sheets)
        assert not any("evil.example" in text for name, text in parts.items() if name.endswith(".rels"))
        strings = {"".join(item.itertext()) for item in ElementTree.fromstring(parts["xl/sharedStrings.xml"])}
        assert set(HOSTILE) <= strings
        (dictionary,) = folder.rglob("dictionary.html")
        soup = BeautifulSoup(dictionary.read_text(encoding="utf-8"), "html.parser")
        assert soup.find_all(["script", "img", "b"]) == []
        for path in folder.rglob("*.csv"):
            for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))):
                assert not any(cell.lstrip(" ").startswith(("=", "+", "@", "\t")) for cell in row), path
    findings = json.loads((attacked / "tiny" / "findings.json").read_text(encoding="utf-8"))
    assert findings["title"] == "<script>alert(0)</script> 2024"
