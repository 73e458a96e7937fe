"""The form in a real browser: from the code of a partnership to its published page, without a terminal."""

import io
import itertools
import shutil
import time

import openpyxl
import pytest
from conftest import ROOT
from in_browser import CHROMIUM, serve_lab

from hcsp_assess.project import Project
from hcsp_assess.setup.receive_return import blank_template

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium"),
]
PATIENCE = 300_000  # milliseconds for a run on a busy machine
MARAC = {
    "Q2 23/24": (80, 20, 90), "Q3 23/24": (85, 22, 91), "Q4 23/24": (82, 24, 95), "Q1 24/25": (90, 25, 99),
    "Q2 24/25": (101, 31, 120), "Q3 24/25": (97, 28, 118), "Q4 24/25": (110, 35, 130), "Q1 25/26": (104, 33, 125),
}  # fmt: skip
TIPPING = dict(zip(MARAC, (412, 398, 377, 405, 366, 371, 350, 344), strict=True))
#: Clicks and files that a person needs from the open notebook; typing is not counted.
MOST_CLICKS = 8


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    base = tmp_path_factory.mktemp("form")
    project = Project(base / "project")
    shutil.copytree(ROOT / "notebooks", project.notebooks, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    project.raw.mkdir(parents=True)
    with serve_lab(project, base) as address:
        yield project, address


def filled_marac(project, folder):
    """The template of the MARAC return, filled in as a partner would."""
    book = openpyxl.load_workbook(io.BytesIO(blank_template("marac", project)))
    for quarter, figures in MARAC.items():
        book["Data"].append((quarter, *figures))
    path = folder / "marac-2024-25.xlsx"
    book.save(path)
    return path


class Person:
    """Somebody at the screen: counts clicks, and keeps a picture of each step."""

    def __init__(self, page, folder):
        self.page, self.folder, self.clicks = page, folder, 0

    def click(self, role, name):
        self.clicks += 1
        self.page.get_by_role(role, name=name).click()

    def waits_for(self, words):
        self.page.locator(".hcsp-status", has_text=words).wait_for(timeout=PATIENCE)

    def picture(self, name):
        self.page.wait_for_timeout(500)
        self.page.screenshot(path=self.folder / f"{name}.png")


#: Rules of axe about names and labels of controls, contrast, and the order of the Tab key.
RULES = ["label", "button-name", "link-name", "select-name", "aria-input-field-name", "label-title-only",
         "form-field-multiple-labels", "color-contrast", "tabindex", "empty-heading", "empty-table-header"]  # fmt: skip
#: Labels, headings and buttons of the form that are wider than the room they have, and what is beyond the form's edge.
CUT_OFF = """() => [...document.querySelectorAll('.hcsp-form .widget-label, .hcsp-form button, .hcsp-form h2, .hcsp-form th')]
  .filter(each => each.offsetParent && !each.closest('.label-unseen') && (each.scrollWidth > each.clientWidth + 1
    || each.getBoundingClientRect().right > each.closest('.hcsp-form').getBoundingClientRect().right + 1))
  .map(each => each.textContent)"""
#: Controls with the top of each, in the order of the Tab key.
TOPS = """() => [...document.querySelectorAll('.hcsp-form :is(input, select, textarea, button)')]
  .filter(each => each.offsetParent && !each.disabled).map(each => each.getBoundingClientRect().top)"""


def check_controls(page):
    """Each control has a name, nothing is cut off at two widths, and the Tab key goes down the page."""
    from axe_playwright_python.sync_playwright import Axe

    options = {"runOnly": {"type": "rule", "values": RULES}}
    found = Axe().run(page, context=".hcsp-form", options=options).response
    problems = {rule["id"]: [node["html"][:160] for node in rule["nodes"][:3]] for rule in found["violations"]}
    assert problems == {}
    assert {"label", "color-contrast", "select-name"} <= {rule["id"] for rule in found["passes"]}
    for width in (1920, 1280):
        page.set_viewport_size({"width": width, "height": 1000})
        page.wait_for_timeout(500)
        assert page.evaluate(CUT_OFF) == []
    assert page.get_by_label("Physical harm: score").count() == 1
    assert page.get_by_label("Physical harm: what the score rests on").count() == 1
    assert page.locator(".hcsp-form [tabindex]:not([tabindex='0']):not([tabindex='-1'])").count() == 0
    tops = page.evaluate(TOPS)
    jumps = [(before, after) for before, after in itertools.pairwise(tops) if after < before - 40]
    assert len(jumps) <= 1, jumps  # from the foot of a text's fields to a link beside them, at most


@pytest.fixture
def person(lab, browser, tmp_path):
    context = browser.new_context(viewport={"width": 1280, "height": 1000}, locale="en-GB")
    page = context.new_page()
    page.goto(f"{lab[1]}/lab/tree/notebooks/your_assessment.ipynb?reset", timeout=PATIENCE)
    page.wait_for_selector(".jp-NotebookPanel .jp-CodeCell", timeout=PATIENCE)
    page.locator("#jp-main-statusbar", has_text="| Idle").wait_for(timeout=PATIENCE)
    page.locator(".jp-CodeCell .cm-content").first.click()
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    page.locator(".hcsp-form").wait_for(timeout=PATIENCE)
    made = Person(page, tmp_path)
    made.clicks = 3  # the first cell, and Shift+Enter for each of the two
    yield made
    made.picture("end")
    context.close()


def test_from_a_code_to_a_published_page_with_a_return_a_reason_and_an_indicator(person, lab, tmp_path):
    project, page = lab[0], person.page
    began = time.monotonic()
    page.get_by_label("Or a new area:").fill("E06000051")
    person.click("button", "Set up")
    person.waits_for("Shropshire is set up")
    with page.expect_file_chooser() as chooser:
        person.click("button", "Add a filled return")
    chooser.value.set_files(filled_marac(project, tmp_path))
    person.waits_for("8 of 8 rows kept")
    person.picture("return")
    page.get_by_role("textbox", name="Role:").first.fill("Partnership analyst")
    page.locator("input[type=date]").nth(1).fill("2026-11-20")
    page.get_by_label("State:").first.select_option("reviewed")
    page.locator(".hcsp-text textarea").press_sequentially("Cyclists report more thefts since **online forms** opened.")
    page.locator(".preview strong", has_text="online forms").wait_for(timeout=PATIENCE)
    person.picture("reason")
    check_controls(page)
    page.get_by_label("New indicator:").fill("Fly-tipping")
    for quarter, figure in TIPPING.items():
        page.get_by_label(f"{quarter}:", exact=True).fill(str(figure))
    person.picture("indicator")
    person.click("button", "Save all and run")
    person.waits_for("Running chapters")
    person.picture("running")
    person.waits_for("The report is published.")
    person.picture("published")
    with page.context.expect_page() as opened:
        person.click("link", "Open the report")
    report = opened.value
    report.wait_for_load_state()
    report.screenshot(path=person.folder / "report.png", full_page=True)
    assert person.clicks <= MOST_CLICKS
    assert time.monotonic() - began < 600  # the machine's time; a person types for a few minutes
    text = report.locator("main").inner_text()
    assert report.title().startswith("Shropshire")
    year = [row[0] for row in list(MARAC.values())[4:]]
    assert f"{sum(5 * round(cases / 5) for cases in year)} cases" in text  # each quarter is published to the nearest 5
    assert "Cyclists report more thefts since online forms opened." in text
    assert "Fly-tipping: 344 between April and June 2025" in text
    assert page.locator("[data-mime-type='application/vnd.jupyter.error']").count() == 0
    assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
