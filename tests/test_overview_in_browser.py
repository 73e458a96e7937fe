"""The page over all areas in a real browser: sorted, searched, at the width of a telephone, in print, for everybody."""

import json

import pytest
from in_browser import CHROMIUM
from test_overview import define, outcome, publish

from hcsp_assess.project import Project
from hcsp_assess.run.overview import write_overview

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")]
TABLE = "#areas-table tbody tr"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """Twelve areas: one that failed, one damaged, one with an endless name, the others of every state."""
    root = tmp_path_factory.mktemp("nation")
    (root / "data" / "raw").mkdir(parents=True)
    outcomes = []
    for number in range(12):
        area, name = f"area-{number}", "Ynys Môn" if number == 5 else "W" * 90 if number == 6 else f"Town {number}"
        define(root, area, name=name, force="Dyfed-Powys")
        summary = {"changed": [f"Police recorded {number * 7:,} crimes."], "missing": ["No months."]}
        checks = [{"check": "Months held", "look": number == 7}]
        publish(
            root, area, name=name, contents={"summary": summary, "checks": checks}, rows={"in": 9000, "set aside": 9}
        )
        states = {1: "failed", 2: "nothing new"}
        reason = {1: "chapter where failed: " + "x" * 200}.get(number, "")
        outcomes.append(outcome(area, states.get(number, "done"), seconds=number * 10.0, reason=reason))
    (root / "reports" / outcomes[3].report.key / "run.json").write_text(json.dumps([]), encoding="utf-8")
    return write_overview(Project(root), outcomes)


@pytest.fixture
def opened(browser, page):
    contexts = []

    def open_at(width=1280, **options):
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        seen = context.new_page()
        seen.requests, seen.errors = [], []
        seen.on("request", lambda request: seen.requests.append(request.url))
        seen.on("console", lambda message: seen.errors.append(message.text) if message.type == "error" else None)
        seen.on("pageerror", lambda error: seen.errors.append(str(error)))
        seen.goto(page.as_uri())
        return seen

    yield open_at
    for context in contexts:
        context.close()


def first_cells(seen, number=0):
    return seen.evaluate(
        f"[...document.querySelectorAll('{TABLE}')].filter(r => !r.hidden).map(r => r.cells[{number}].innerText.trim())"
    )


def test_it_is_sorted_and_searched_without_a_network(opened):
    seen = opened(offline=True)
    assert seen.requests == [seen.url]
    assert first_cells(seen)[:2] == ["Town 1", "Town 3"]  # the one that failed, then the one that is damaged
    seconds = "#areas-table thead th:nth-child(8)"
    seen.click(f"{seconds} button")
    assert first_cells(seen, 7) == [f"{number * 10}" for number in range(12)]
    assert seen.get_attribute(seconds, "aria-sort") == "ascending"
    seen.keyboard.press("Enter")  # the button keeps the focus
    assert first_cells(seen, 7) == [f"{number * 10}" for number in reversed(range(12))]
    seen.click("#areas-table thead th:nth-child(1) button")
    assert first_cells(seen)[-3:] == ["Town 11", "W" * 90, "Ynys Môn"]  # 9 before 10
    assert seen.get_attribute(seconds, "aria-sort") is None
    seen.fill("input[type=search]", "ynys mon")
    assert first_cells(seen) == ["Ynys Môn"]
    assert seen.inner_text("[role=status]") == "1 of 12 areas"
    seen.fill("input[type=search]", "")
    assert len(first_cells(seen)) == 12
    assert seen.errors == []


def test_it_shows_every_row_without_its_script_and_prints_rows_that_a_search_hid(opened):
    seen = opened(java_script_enabled=False)
    assert seen.locator(TABLE).count() == 12
    assert seen.locator(f"{TABLE} >> nth=11").is_visible()
    seen = opened()
    seen.fill("input[type=search]", "nothing like it")
    assert first_cells(seen) == []
    seen.emulate_media(media="print")
    assert seen.locator(f"{TABLE} >> nth=11").is_visible()
    assert not seen.locator("input[type=search]").is_visible()


@pytest.mark.parametrize("width", [320, 400, 768, 1280])
def test_nothing_is_wider_than_the_screen(opened, width):
    seen = opened(width)
    assert seen.evaluate("document.documentElement.scrollWidth") <= width
    if width == 320:  # each row is a card: nothing has to be scrolled sideways
        wide = seen.evaluate(
            "[...document.querySelectorAll('.table-scroll')].filter(f => f.scrollWidth > f.clientWidth + 1).length"
        )
        assert wide == 0


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
def test_it_has_no_fault_that_axe_finds(opened, width, scheme):
    from axe_playwright_python.sync_playwright import Axe

    seen = opened(width, color_scheme=scheme)
    assert Axe().run(seen).response["violations"] == []
