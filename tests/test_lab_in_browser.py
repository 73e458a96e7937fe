"""JupyterLab in a real browser, as `hcsp-assess lab` opens it: notebooks run to the end, and a list moves the chart."""

import re
import shutil

import pytest
from conftest import ROOT
from in_browser import CHROMIUM, serve_lab

from hcsp_assess.project import Project
from hcsp_assess.sources.geography import geography

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium")
PATIENCE = 120_000  # milliseconds for a notebook on a busy machine
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
def server(tmp_path_factory):
    base = tmp_path_factory.mktemp("lab")
    project = Project(base / "project")
    shutil.copytree(ROOT / "notebooks", project.notebooks, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    shutil.copytree(ROOT / "data" / "raw" / "herefordshire_2025", project.raw / "herefordshire_2025")
    with serve_lab(project, base) as address:
        yield address


@pytest.fixture
def run_all(server, browser, tmp_path):
    """Open a notebook, run all of its cells from the menu, and wait until the last one has ended."""
    contexts = []

    def run(name):
        context = browser.new_context(viewport={"width": 1280, "height": 1000})
        contexts.append(context)
        page = context.new_page()
        page.asked = []
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(f"{server}/lab/tree/notebooks/{name}.ipynb?reset", timeout=PATIENCE)
        page.wait_for_selector(".jp-NotebookPanel .jp-CodeCell", timeout=PATIENCE)
        page.locator("#jp-main-statusbar", has_text="| Idle").wait_for(timeout=PATIENCE)  # before, cells are not run
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        page.wait_for_function(IDLE, timeout=PATIENCE, polling=500)
        return page

    yield run
    for number, context in enumerate(contexts):
        context.pages[0].screenshot(path=tmp_path / f"end-{number}.png", full_page=True)
        context.close()


def _check_clean(page, server):
    """Nothing failed, nothing was written to the error stream, and no other host was asked."""
    for kind in ("error", "stderr"):
        assert page.locator(f"[data-mime-type='application/vnd.jupyter.{kind}']").all_inner_texts() == []
    hosts = {url.split("/")[2] for url in page.asked if url.startswith(("http", "ws"))}
    assert hosts == {server.split("/")[2]}


def test_the_start_notebook_runs_to_its_end_with_its_charts_and_tables(run_all, server):
    page = run_all("start")
    _check_clean(page, server)
    assert page.locator("figure.chart svg:visible").count() >= 3
    assert page.locator("figure.chart .chart-narrow svg:visible").count() == 0
    assert page.locator("summary", has_text="Every series beside all earlier months").first.is_visible()
    link = page.locator("a", has_text="The explorer")
    link.click()
    page.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) h1:has-text('Explorer')", timeout=PATIENCE)


def test_in_the_explorer_the_chart_follows_a_list_and_tabs_show_the_maps(run_all, server):
    page = run_all("explorer")
    status, title = page.locator(".hcsp-status"), page.locator("#verdict-chosen .chart-title")
    status.filter(has_text="Shown: Shoplifting, January 2014 to December 2025.").wait_for(timeout=PATIENCE)
    said = "Police recorded 79 offences of shoplifting a month in January to November 2025, up from 65 in 2014"
    assert title.inner_text() == f"{said}: too close to call"
    drawing = page.locator("#verdict-chosen .chart-wide").inner_html()
    page.get_by_label("Crime type:").select_option(label="Burglary")
    status.filter(has_text="Shown: Burglary, January 2014 to December 2025.").wait_for(timeout=PATIENCE)
    said = "Police recorded 41 offences of burglary a month in January to November 2025, down from 75 in 2014"
    assert title.inner_text() == said
    assert page.locator("#verdict-chosen .chart-wide").inner_html() != drawing
    page.get_by_role("tab", name="Map", exact=True).click()
    page.locator("#map-chosen .chart-wide svg").wait_for(timeout=PATIENCE)
    page.get_by_label("From:").select_option(label="2025-06")
    page.get_by_label("To:").select_option(label="2025-01")
    status.filter(has_text="Not shown: the period ends before it begins: 2025-06 to 2025-01.").wait_for(
        timeout=PATIENCE
    )
    page.get_by_label("To:").select_option(label="2025-12")
    status.filter(has_text="Shown: Burglary, June 2025 to December 2025.").wait_for(timeout=PATIENCE)
    page.get_by_role("tab", name="Code", exact=True).click()
    assert 'first="2025-06", last="2025-12")' in page.locator(".hcsp-code textarea").input_value()
    page.get_by_role("tab", name="Areas", exact=True).click()
    page.locator(".area-map svg").wait_for(timeout=PATIENCE)
    assert "Burglary, records" in page.locator(".area-map figcaption").inner_text()
    page.locator(".area-map svg").scroll_into_view_if_needed()
    pointed = page.locator(".area-map svg").evaluate(UNDER_POINTER)
    assert len(pointed) >= 10
    named = [re.fullmatch(r"(.+?): [\d,]+ records.*", each) for each in pointed]
    assert all(named)
    assert {each[1] for each in named} <= set(geography("herefordshire", ROOT).table["label"])
    _check_clean(page, server)


@pytest.mark.parametrize("name", ["a_partners_file", pytest.param("trend_from_a_csv", marks=pytest.mark.slow)])
def test_a_recipe_runs_to_its_end(run_all, server, name):
    page = run_all(f"recipes/{name}")
    _check_clean(page, server)
    shown = page.locator(".jp-NotebookPanel .jp-OutputArea-output")
    assert shown.count() >= 3
    expected = {
        "trend_from_a_csv": "Noise complaints fell over the seven years",
        "a_partners_file": "6 rows in, 4 kept, 2 set aside",
    }
    assert page.locator(".jp-NotebookPanel", has_text=expected[name]).count() == 1
