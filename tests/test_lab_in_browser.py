"""JupyterLab in a real browser, as `hcsp-assess lab` opens it: notebooks run to the end, and the explorer does what is asked."""

import io
import re
import shutil
import struct

import pandas as pd
import pytest
from conftest import ROOT
from in_browser import CHROMIUM, serve_lab

from hcsp_assess.project import Project
from hcsp_assess.sources.geography import geography

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium")
PATIENCE = 120_000  # milliseconds on a busy machine
WIDE = {"width": 1280, "height": 900}
#: Labels of controls and tabs that are wider than the room they have.
CUT_OFF = """() => [...document.querySelectorAll('.hcsp-explorer .widget-label, .hcsp-explorer .lm-TabBar-tabLabel')]
  .filter(each => each.offsetParent && each.scrollWidth > each.clientWidth + 1).map(each => each.textContent)"""


IDLE = """() => {
  const cells = [...document.querySelectorAll('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell')];
  const ended = cell => /\\[[0-9]+\\]/.test(cell.querySelector('.jp-InputPrompt').textContent);
  return cells.length > 0 && cells.every(ended);
}"""

#: Titles of the areas along a line across the map, as a pointer that moves from left to right would meet them.
UNDER_POINTER = """svg => {
  const box = svg.getBoundingClientRect(), found = new Set();
  for (let step = 0; step < 100; step++) {
    const met = document.elementFromPoint(box.left + box.width * step / 100, box.top + box.height / 2);
    const area = met && met.closest('g:has(> title)');
    if (area) found.add(area.querySelector('title').textContent);
  }
  return [...found];
}"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory, browser):
    """JupyterLab on a small project, and one page for all tests: (page, address, log of the server)."""
    base = tmp_path_factory.mktemp("lab")
    project = Project(base / "project")
    shutil.copytree(ROOT / "notebooks", project.notebooks, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    shutil.copytree(ROOT / "data" / "raw" / "herefordshire_2025", project.raw / "herefordshire_2025")
    (project.root / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "jupyterlab.md", project.root / "docs")
    with serve_lab(project, base) as address:
        context = browser.new_context(
            viewport=WIDE, permissions=["clipboard-read", "clipboard-write"], accept_downloads=True
        )
        page = context.new_page()
        page.asked = []
        page.on("request", lambda request: page.asked.append(request.url))
        yield page, address, base / "log"
        page.screenshot(path=base / "end.png")
        context.close()


@pytest.fixture(scope="module")
def explorer(lab):
    """The explorer, opened by the start notebook's link and run, for the tests below: none of them opens another page."""
    page, address, _ = lab
    if page.locator(".lm-TabBar-tab", has_text="start.ipynb").count() == 0:
        _open_notebook(page, address, "start")
    _follow(page, "The explorer", "Explorer")
    _run_all(page)
    _shown(page, "Shoplifting, January 2014 to December 2025")
    return page


def _open_notebook(page, address, name):
    page.goto(f"{address}/lab/tree/notebooks/{name}.ipynb?reset", timeout=PATIENCE)
    page.wait_for_selector(".jp-NotebookPanel .jp-CodeCell", timeout=PATIENCE)
    page.locator("#jp-main-statusbar", has_text="| Idle").wait_for(timeout=PATIENCE)  # before, cells are not run


def _follow(page, link, heading):
    """Follow a link of the start notebook to another one."""
    page.locator(".lm-TabBar-tab", has_text="start.ipynb").click()
    page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) a", has_text=link).last.click()
    page.locator(f".jp-NotebookPanel:not(.lm-mod-hidden) h1:has-text('{heading}')").wait_for(timeout=PATIENCE)
    page.locator("#jp-main-statusbar", has_text="| Idle").wait_for(timeout=PATIENCE)


def _run_all(page):
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_function(IDLE, timeout=PATIENCE, polling=500)
    page.locator("#jp-main-statusbar", has_text="| Idle").wait_for(timeout=PATIENCE)


def _check_clean(page):
    """Nothing failed, and nothing was written to the error stream."""
    for kind in ("error", "stderr"):
        assert page.locator(f"[data-mime-type='application/vnd.jupyter.{kind}']").all_inner_texts() == []


def _shown(page, what):
    page.locator(".hcsp-status", has_text=f"Shown: {what}").first.wait_for(timeout=PATIENCE)


def _open(page, tab):
    page.get_by_role("tab", name=tab, exact=True).first.click()


def _copied(page, button, said):
    page.locator(f"button:visible:text-is('{button}')").last.click()
    page.locator(".hcsp-buttons [role=status]:visible", has_text=said).wait_for(timeout=PATIENCE)
    return page.evaluate("navigator.clipboard.readText()")


def test_documents_open_rendered_with_prose_on_the_left(lab):
    page, address, _ = lab
    page.goto(f"{address}/lab/tree/docs?reset", timeout=PATIENCE)
    page.locator(".jp-DirListing-item", has_text="jupyterlab.md").dblclick(timeout=PATIENCE)
    cell = page.locator(".jp-MarkdownViewer table td").first
    cell.wait_for(timeout=PATIENCE)
    assert cell.evaluate("each => getComputedStyle(each).textAlign") == "left"
    assert page.locator(".jp-FileEditor").count() == 0


@pytest.mark.parametrize("name", ["a_partners_file", pytest.param("trend_from_a_csv", marks=pytest.mark.slow)])
def test_a_recipe_runs_to_its_end(lab, name):
    page, address, _ = lab
    _open_notebook(page, address, f"recipes/{name}")
    _run_all(page)
    _check_clean(page)
    shown = page.locator(".jp-NotebookPanel .jp-OutputArea-output")
    assert shown.count() >= 3
    expected = {
        "trend_from_a_csv": "Noise complaints fell over the seven years",
        "a_partners_file": "6 rows in, 4 kept, 2 set aside",
    }
    assert page.locator(".jp-NotebookPanel", has_text=expected[name]).count() == 1


def test_the_start_notebook_opens_on_a_picture_and_links_before_a_cell_is_run(lab):
    page, address, _ = lab
    _open_notebook(page, address, "start")
    picture = page.locator(".jp-RenderedMarkdown img").first
    picture.wait_for(timeout=PATIENCE)
    assert picture.evaluate("each => each.naturalWidth") > 400
    assert picture.bounding_box()["y"] < WIDE["height"] - 100
    assert page.locator(".jp-OutputArea-output").count() == 0
    assert page.locator(".jp-RenderedMarkdown a", has_text="the explorer").first.is_visible()
    assert page.locator(".Toastify__toast, .jp-Dialog").count() == 0


def test_the_start_notebook_runs_to_its_end_with_its_charts_and_tables(lab):
    page, _, _ = lab  # with the notebook open, from the test before
    _run_all(page)
    _check_clean(page)
    assert page.locator("figure.chart svg:visible").count() >= 3
    assert page.locator("figure.chart .chart-narrow svg:visible").count() == 0
    assert page.locator("summary", has_text="Every series beside all earlier months").first.is_visible()


@pytest.mark.parametrize("width", [1280, 1920])
def test_labels_are_whole_and_text_is_on_the_left(explorer, width):
    explorer.set_viewport_size({"width": width, "height": 900})
    assert explorer.evaluate(CUT_OFF) == []
    sentence = explorer.locator(".hcsp-explorer .headline").first
    assert sentence.evaluate("each => getComputedStyle(each).textAlign") in ("left", "start")
    explorer.set_viewport_size(WIDE)


def test_pictures_are_saved_and_table_and_code_are_copied(explorer, tmp_path):
    _open(explorer, "Trend")
    for kind, begins in (("PNG", b"\x89PNG"), ("SVG", b"<svg")):
        with explorer.expect_download(timeout=PATIENCE) as download:
            explorer.locator(f"[aria-label='Save as {kind}']:visible").click()
        download.value.save_as(tmp_path / kind)
        assert download.value.suggested_filename == f"verdict-chosen.{kind.lower()}"
        assert (tmp_path / kind).read_bytes().startswith(begins)
    assert struct.unpack(">I", (tmp_path / "PNG").read_bytes()[16:20])[0] > 1000  # pixels across
    table = pd.read_csv(io.StringIO(_copied(explorer, "Copy table", "Table copied")), sep="\t")
    assert table.loc[table["Month"] == "January 2014", "Offences"].tolist() == [55]
    code = _copied(explorer, "Copy code", "Code copied")
    assert code.endswith("chosen.show_trend(series)\n")
    compile(code, "copied", "exec")


def test_tables_sort_by_size_with_the_keyboard_and_gaps_are_last_in_size(explorer):
    _open(explorer, "Data")
    head = explorer.locator(".dt-column-order:visible[aria-label^='Jan:']")
    head.wait_for(timeout=PATIENCE)
    head.focus()
    explorer.keyboard.press("Enter")
    cells = explorer.locator("#months-chosen tbody tr td:nth-child(2)")
    cells.first.filter(has_text="no data").wait_for(timeout=PATIENCE)
    assert cells.all_inner_texts()[:2] == ["no data", "no data"]
    explorer.keyboard.press("Enter")
    cells.first.filter(has_not_text="no data").wait_for(timeout=PATIENCE)
    held = [int(text) for text in cells.all_inner_texts() if text != "no data"]
    assert held == sorted(held, reverse=True)
    assert len(held) >= 4


def test_a_place_and_a_period_are_compared_and_the_model_is_shown(explorer):
    _open(explorer, "Compare")
    explorer.get_by_label("Compare with:").first.wait_for(timeout=PATIENCE)
    explorer.locator("#two-places .chart-wide svg").wait_for(timeout=PATIENCE)
    explorer.get_by_label("Compare with:").first.select_option(label="two periods")
    explorer.locator("#two-periods .chart-wide svg").wait_for(timeout=PATIENCE)
    assert "867 offences in 2025, 157 more (22%) than in 2014 (710)" in explorer.locator(".hcsp-explorer").inner_text()
    code = _copied(explorer, "Copy code", "Code copied")
    assert 'compared.compare_with_period(series, ("2025-01", "2025-12"), ("2014-01", "2014-12"))' in code
    _open(explorer, "Model")
    explorer.locator(".model-results").wait_for(timeout=PATIENCE)
    assert "Generalised linear model (statsmodels)" in explorer.locator(".model-results").inner_text()


def test_a_file_of_your_own_is_read_and_a_wrong_one_gives_a_sentence(explorer, tmp_path):
    months = pd.period_range("2019-01", "2025-12", freq="M")
    file = tmp_path / "calls.csv"
    file.write_text("Month,Calls\n" + "\n".join(f"{month},{50 + at % 12}" for at, month in enumerate(months)))
    _open(explorer, "Your own file")
    explorer.get_by_label("What is counted:").fill("ambulance calls")
    explorer.get_by_label("What is counted:").press("Tab")
    _upload(explorer, file)
    _shown(explorer, "Calls, ambulance calls, from calls.csv")
    explorer.locator("#own .chart-wide svg").wait_for(timeout=PATIENCE)
    wrong = tmp_path / "people.csv"
    wrong.write_text("Name,Month\nJohn Smith,2024-01\n")
    _upload(explorer, wrong)
    explorer.locator(".hcsp-status[role=alert]:visible").wait_for(timeout=PATIENCE)
    assert "looks like a name of a person" in explorer.locator(".hcsp-status[role=alert]:visible").inner_text()
    assert explorer.locator("#own").count() == 0
    wrong.write_bytes(b"Month,Calls\n" + b" " * 12_000_000)  # more than a kernel is sent unless our settings allow it
    _upload(explorer, wrong)
    explorer.locator(".hcsp-status[role=alert]:visible", has_text="12 MB, and at most 5 MB").wait_for(timeout=PATIENCE)


def _upload(page, file):
    with page.expect_file_chooser(timeout=PATIENCE) as chooser:
        page.locator(".jupyter-widget-upload:visible, .widget-upload:visible").first.click()
    chooser.value.set_files(file)


def test_in_the_explorer_the_chart_follows_a_list_and_tabs_show_the_maps(explorer):
    page = explorer
    _open(page, "Trend")
    status, title = page.locator(".hcsp-status"), page.locator(".hcsp-explorer #verdict-chosen .chart-title")
    status.filter(has_text="Shown: Shoplifting, January 2014 to December 2025.").wait_for(timeout=PATIENCE)
    said = "Police recorded 79 offences of shoplifting a month in January to November 2025, up from 65 in 2014"
    assert title.inner_text() == f"{said}: too close to call"
    drawing = page.locator(".hcsp-explorer #verdict-chosen .chart-wide").inner_html()
    page.get_by_label("Crime type:").select_option(label="Burglary")
    status.filter(has_text="Shown: Burglary, January 2014 to December 2025.").wait_for(timeout=PATIENCE)
    said = "Police recorded 41 offences of burglary a month in January to November 2025, down from 75 in 2014"
    assert title.inner_text() == said
    assert page.locator(".hcsp-explorer #verdict-chosen .chart-wide").inner_html() != drawing
    page.get_by_role("tab", name="Map", exact=True).click()
    page.locator(".hcsp-explorer #map-chosen .chart-wide svg").wait_for(timeout=PATIENCE)
    page.get_by_label("From:", exact=True).select_option(label="2025-06")
    page.get_by_label("To:", exact=True).select_option(label="2025-01")
    status.filter(has_text="Not shown: the period ends before it begins: 2025-06 to 2025-01.").wait_for(
        timeout=PATIENCE
    )
    page.get_by_label("To:", exact=True).select_option(label="2025-12")
    status.filter(has_text="Shown: Burglary, June 2025 to December 2025.").wait_for(timeout=PATIENCE)
    page.get_by_role("tab", name="Code", exact=True).click()
    assert 'first="2025-06", last="2025-12")' in page.locator(".hcsp-code textarea").input_value()
    page.get_by_role("tab", name="Areas", exact=True).click()
    page.locator(".hcsp-explorer .area-map svg").wait_for(timeout=PATIENCE)
    assert "Burglary, records" in page.locator(".hcsp-explorer .area-map figcaption").inner_text()
    page.locator(".hcsp-explorer .area-map svg").scroll_into_view_if_needed()
    pointed = page.locator(".hcsp-explorer .area-map svg").evaluate(UNDER_POINTER)
    assert len(pointed) >= 10
    named = [re.fullmatch(r"(.+?): [\d,]+ records.*", each) for each in pointed]
    assert all(named)
    assert {each[1] for each in named} <= set(geography("herefordshire", ROOT).table["label"])
    _check_clean(page)


def test_no_other_host_is_asked_and_no_warning_reaches_cells_or_the_terminal(lab, explorer):
    page, address, log = lab
    hosts = {url.split("/")[2] for url in page.asked if url.startswith(("http", "ws"))}
    assert hosts == {address.split("/")[2]}
    assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").all_inner_texts() == []
    assert log.read_text(encoding="utf-8").strip() == ""


def test_the_start_notebook_leads_to_the_form(lab, explorer):
    _follow(explorer, "Your assessment", "Your assessment")
    assert explorer.locator(".jp-Dialog").count() == 0
