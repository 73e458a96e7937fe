"""The published pages in a real browser: nothing fetched, nothing broken, nobody shut out."""

import shutil

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
EDITIONS = ("2013-14", "2025")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium")


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser, built):
    contexts = []

    def opened(edition, width=1280, scheme="light"):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.requests, page.errors = [], []
        page.on("request", lambda request: page.requests.append(request.url))
        page.on("console", lambda message: page.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.goto((built.reports / edition / "index.html").as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_report_asks_for_nothing_from_elsewhere_and_reports_no_error(open_page, edition):
    page = open_page(edition)
    assert [url for url in page.requests if not url.startswith("file:")] == []
    assert page.errors == []


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("width", [1280, 320])
def test_no_part_of_a_page_needs_sideways_scrolling(open_page, edition, width):
    page = open_page(edition, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (320, "light"), (320, "dark")])
def test_axe_finds_no_violation_and_no_departure_from_best_practice(open_page, edition, width, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(edition, width, scheme)
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    found = Axe().run(page).response
    assert len(found["passes"]) > 20
    problems = {rule["id"]: [node["html"][:160] for node in rule["nodes"][:3]] for rule in found["violations"]}
    assert problems == {}


@pytest.mark.parametrize("edition", EDITIONS)
def test_each_chart_is_seen_once_at_each_width(open_page, edition):
    for width, shown, hidden in ((1280, "chart-wide", "chart-narrow"), (320, "chart-narrow", "chart-wide")):
        page = open_page(edition, width)
        figures = page.locator("figure.chart").count()
        assert figures > 3
        assert page.locator(f".{shown} svg:visible").count() == figures
        assert page.locator(f".{hidden} svg:visible").count() == 0
