"""Texts from outside in everything that is published: they arrive as text, and do nothing.

One set of texts goes through each form of output: page, spreadsheet, CSV, Word, chart, finding and scheduler.
"""

import csv
import io
import json
import re
import shlex
from itertools import product
from xml.etree import ElementTree

import pandas as pd
import pytest
from attacks import attack
from bs4 import BeautifulSoup
from docx import Document
from openpyxl import load_workbook

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.errors import UsageError
from hcsp_assess.files import csv_bytes, inert_text, legible
from hcsp_assess.project import Project
from hcsp_assess.report.charts import Heading
from hcsp_assess.report.findings_json import dump_findings
from hcsp_assess.report.pages import css_text
from hcsp_assess.report.quarter_charts import chart_quarters
from hcsp_assess.report.tables import Table
from hcsp_assess.report.word import write_word
from hcsp_assess.report.workbook import write_csv, write_workbook
from hcsp_assess.run.schedule import KINDS, write_schedule

#: Markup of every kind that a program on the way might take for its own.
MARKUP = (
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "<svg onload=alert(1)>",
    "{{ 7*7 }}{% raw %}",
    "$\\frac{$",
    "$5 to $10",
    "_hidden",
    "![x](http://e.example/p.png)",
    "[a]: http://e.example",
    "*b* `c` ~~s~~",
    "</style><b>",
    "\\3c/style>",
    "&lt;b&gt; &amp;#60;",
    "\"quoted\" 'x'",
    "<w:r/>",
    '{ HYPERLINK "http://e.example" }',
    "_x000D_ _x0041_",
    "#REF!",
    "$$n1$$ <<x>>",
)
#: Texts with characters that cannot be seen, and what is left of each.
UNSEEN = {
    "a\u202egnp.exe": "agnp.exe",
    "\u2066x\u2069y": "xy",
    "z\x00\x01\x0b\x1b": "z",
    "q\ud800": "q\ufffd",
    "n\ufffe\uffff": "n",
}
FORMULAS = (
    "=1+1",
    " @SUM(A1)",
    "\u00a0=1+1",
    "\ufeff=1+1",
    "\u200b=1+1",
    "\u202e=1+1",
    "\t=1",
    "\n=1",
    "＝1+1",
    "-2+3",
)
EVERY = {text: text for text in MARKUP} | UNSEEN


def table_of(texts) -> Table:
    frame = pd.DataFrame({"A": pd.Series(list(texts), dtype=object), "B": range(len(texts))})
    return Table(frame, "cap " + "".join(texts), "key", tuple(f"note {text}" for text in texts))


@attack(
    "markup of HTML, Jinja, Markdown, CSS, Word and spreadsheets in cells, captions and notes; marks of direction",
    "text in the page and in Word; what cannot be seen or turns the text round is dropped",
)
def test_texts_arrive_as_text_in_the_page_and_in_word():
    page = table_of(EVERY)._repr_html_()
    parsed = BeautifulSoup(page.encode("utf-8"), "html.parser")
    assert {item.name for item in parsed.find_all()} <= {
        "div",
        "table",
        "caption",
        "span",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "p",
    }
    assert [row.th.get_text() for row in parsed.tbody.find_all("tr")] == list(EVERY.values())
    assert parsed.caption.get_text() == "cap " + "".join(EVERY.values())
    document = Document(
        io.BytesIO(write_word(f"<html><body><main><section><h2>A</h2>{page}</section></main></body></html>"))
    )
    shown = [row.cells[0].text for table in document.tables for row in table.rows]
    assert shown[1:] == list(EVERY.values())
    assert "fldSimple" not in document.element.xml and "instrText" not in document.element.xml.split("7*7")[1]


@attack(
    "the same texts, and formulas behind a no-break space, a byte-order mark or a mark of direction, in spreadsheets",
    "text in the workbook; with an apostrophe in front in CSV",
)
def test_texts_arrive_as_text_in_the_workbook_and_in_csv():
    texts = [*EVERY, *FORMULAS]
    table = table_of(texts)
    book = load_workbook(io.BytesIO(write_workbook([table], title="".join(EVERY), about=tuple(EVERY))))
    every = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    values = {str(cell.value).replace("\u2060", "") for cell in every}
    assert "f" not in {cell.data_type for cell in every}
    assert not any(cell.hyperlink and cell.hyperlink.target for cell in every)
    assert {legible(text) for text in texts} - {"\t=1", "\n=1"} <= values
    rows = list(csv.reader(io.StringIO(write_csv(table).decode("utf-8-sig"), newline="")))
    assert [row[0] for row in rows[1:]] == [*EVERY.values(), *(f"'{legible(text)}" for text in FORMULAS)]
    aside = pd.DataFrame({"original": pd.Series(FORMULAS, dtype=object)})
    written = pd.read_csv(io.BytesIO(csv_bytes(aside, inert=True)), dtype="str", encoding="utf-8")
    assert written["original"].str.startswith("'").all()
    assert [inert_text(plain) for plain in ("Q1", "5 - 4", "a=b", -5)] == ["Q1", "5 - 4", "a=b", -5]


@attack(
    "dollar signs, markup and characters that cannot be seen in the names and titles of a chart",
    "drawn as they are written (dollar signs were read as mathematics, and `$\\frac{$` stopped the run); valid SVG",
)
@pytest.mark.filterwarnings("ignore:Glyph")
def test_texts_arrive_as_text_in_a_chart():
    quarters = pd.Index(["Mar 2012", "Jun 2012"])
    names = ["$\\frac{$", "$5 to $10", "<b>&amp;", "z\x00\x01", "a\u202egnp"]
    said = " ".join(EVERY)
    series = {name: pd.Series([1, 2], index=quarters, dtype="Float64") for name in names}
    heading = Heading(key="k", title=said, subtitle=said, source=said, simulated=False)
    page = chart_quarters(series, heading, percent=set(), gaps={})._repr_html_()
    page.encode("utf-8")
    drawings = re.findall(r"<svg\b.*?</svg>", page, flags=re.DOTALL)
    assert len(drawings) == 2
    for drawing in drawings:
        shown = "".join(ElementTree.fromstring(drawing).itertext())
        assert all(legible(name) in shown for name in names)
    parsed = BeautifulSoup(page, "html.parser")
    assert parsed.find("script") is None and not parsed.find_all(onload=True)


@attack(
    "the same texts in a finding, in findings.json and in a rule of style", "text, and no character of control in it"
)
def test_texts_arrive_as_text_in_findings_and_in_styles():
    said = "".join(EVERY)
    finding = Finding("key", f"Sentence {said}.", {}, certainty=said, method=said, caveats=(said,))
    parsed = BeautifulSoup(finding._repr_html_().encode("utf-8"), "html.parser")
    assert {item.name for item in parsed.find_all()} <= {"div", "p", "span"}
    assert "".join(EVERY.values()) in parsed.get_text()
    read = json.loads(dump_findings({"title": said}))
    assert read["title"] == said.encode("utf-8", "replace").decode()
    assert not set(css_text(said)) & set("<>&{};()")


@attack(
    "a line separator, a control character or NUL in an edition's name; markup of every kind, for systemd, cron and Windows",
    "refused in a sentence; every other text is one quoted argument",
)
def test_an_editions_name_stays_a_name_in_every_form_of_schedule(tmp_path):
    project = Project(tmp_path)
    for mark, kind in product(("\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x00", "\n", "\x7f"), KINDS):
        with pytest.raises(UsageError, match="has a line break"):
            write_schedule(kind, f"a{mark}b", project)
    for text in (text for text in MARKUP if '"' not in text):
        (line,) = write_schedule("cron", text, project).files
        command = line.text.splitlines()[1].replace("\\%", "%")
        assert text in shlex.split(command)
        (task,) = write_schedule("windows", text, project).files
        (arguments,) = (
            item.text for item in ElementTree.fromstring(task.text).iter() if item.tag.endswith("Arguments")
        )
        assert f'run "{text}" ' in arguments or f"run {text} " in arguments
        service = write_schedule("systemd", text, project).files[0].text
        (command,) = (line for line in service.splitlines() if line.startswith("ExecStart="))
        quoted = text.replace("\\", "\\\\").replace("%", "%%").replace("$", "$$")
        assert f' "run" "{quoted}" ' in command
