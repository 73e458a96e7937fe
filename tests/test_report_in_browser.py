"""The published pages in a real browser: nothing fetched, nothing broken, nobody shut out."""

import pytest
from in_browser import CHROMIUM

EDITIONS = ("2013-14", "2025")
RESTRICTED = "../restricted-reports/2013-14"
#: Each edition, width and scheme is looked at once in the suite (2013-14 at 320 as restricted); the others are slow.
OTHER_CASES = (
    *(("2013-14", 1280, "dark"), ("2013-14", 320, "light"), ("2013-14", 320, "dark")),
    *(("2025", 1280, "light"), ("2025", 320, "dark")),
    (RESTRICTED, 1280, "light"),
)
#: Width of the text on an A4 page and height of what fits one, in CSS pixels: margins are 15 mm, 20 mm and 18 mm.
PAGE_WIDTH, PAGE_HEIGHT = 180 / 25.4 * 96, 259 / 25.4 * 96
#: Contrast that WCAG 2.2 asks of text, and of graphics that are needed to understand (1.4.3, 1.4.11).
TEXT, GRAPHICS = 4.5, 3.0
CONTRAST = """
() => {
  const light = colour => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map(Number);
    const part = v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const contrast = (a, b) => { const [x, y] = [light(a), light(b)]; return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05); };
  const page = getComputedStyle(document.body).backgroundColor;
  const seen = {texts: {}, lines: {}};
  for (const figure of document.querySelectorAll('figure.chart:not([id^="map-"]):not([id^="months-by-years-"])')) {
    for (const drawing of figure.querySelectorAll('svg')) {
      if (!drawing.getClientRects().length) continue;
      const cells = [...drawing.querySelectorAll('path, rect')].map(item => [item, getComputedStyle(item).fill])
        .filter(([item, fill]) => fill.startsWith('rgb(') && !item.closest('defs'));
      for (const text of drawing.querySelectorAll('text')) {
        const fill = getComputedStyle(text).fill, box = text.getBoundingClientRect();
        const middle = new DOMPoint(box.x + box.width / 2, box.y + box.height / 2);
        const under = cells.filter(([item]) => item.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING
          && item.isPointInFill(middle.matrixTransform(item.getScreenCTM().inverse()))).at(-1);
        const behind = under ? under[1] : page;
        seen.texts[`${fill} on ${behind}`] = contrast(fill, behind);
      }
      for (const line of drawing.querySelectorAll('g[id*="line2d"] path, path')) {
        const style = line.getAttribute('style') || '';
        if (!/stroke: ?var\\(--chart-(main|second|third|fourth|quiet)/.test(style)) continue;
        const stroke = getComputedStyle(line).stroke;
        seen.lines[stroke] = contrast(stroke, page);
      }
    }
  }
  return seen;
}
"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium")


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


def font_of(page):
    """The font that this machine drew the first heading in, so that a width that fails says by which font."""
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    heading = session.send("DOM.querySelector", {"nodeId": root, "selector": "h1"})["nodeId"]
    fonts = session.send("CSS.getPlatformFontsForNode", {"nodeId": heading})["fonts"]
    return ", ".join(font["familyName"] for font in fonts)


@pytest.mark.parametrize("edition", [*EDITIONS, RESTRICTED])
@pytest.mark.parametrize("width", [1280, 320])  # 320: a page of 1280 at 400%
def test_no_part_of_a_page_needs_sideways_scrolling(open_page, edition, width):
    page = open_page(edition, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, f"measured in {font_of(page)}"


@pytest.mark.parametrize("font", ["inherit", "monospace"])
def test_no_word_however_long_and_in_whatever_font_makes_a_telephone_scroll_sideways(open_page, font):
    page = open_page("2025", 320)
    page.add_style_tag(content=f"body * {{ font-family: {font} !important; }}")
    page.evaluate(
        """word => document.querySelectorAll("main h2, main h3, main p, main li, main caption, main summary")
        .forEach(text => text.append(` ${word}`))""",
        "data/raw/returns_simulated_2013-14/Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch.csv",
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 320, f"measured in {font_of(page)}"


@pytest.mark.parametrize(
    ("edition", "width", "scheme"),
    [
        *[("2013-14", 1280, "light"), ("2025", 1280, "dark"), ("2025", 320, "light"), (RESTRICTED, 320, "dark")],
        *(pytest.param(*case, marks=pytest.mark.slow) for case in OTHER_CASES),
    ],
)
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
        closed = page.locator("details:not([open]) figure.chart").count()
        assert figures - closed > 3
        for seen in (figures - closed, figures):  # as the page opens, and with its panels opened
            assert page.locator(f"figure.chart .{shown} svg:visible").count() == seen
            assert page.locator(f".{hidden} svg:visible").count() == 0
            page.evaluate("document.querySelectorAll('details').forEach(panel => { panel.open = true; })")


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_first_key_leads_to_the_report_and_wherever_the_focus_is_it_is_seen(open_page, edition):
    page = open_page(edition)
    page.keyboard.press("Tab")
    link = page.locator(".skip-link")
    assert link.evaluate("item => item === document.activeElement")
    assert link.bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    kinds = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        kind, style, width, shadow = page.evaluate(
            """() => { const item = document.activeElement, style = getComputedStyle(item);
            return [item.tagName, style.outlineStyle, parseFloat(style.outlineWidth), style.boxShadow]; }"""
        )
        kinds.add(kind)
        assert (style, width) == ("solid", 3), kind
        assert shadow != "none", kind
    assert {"A", "SUMMARY", "DIV"} <= kinds  # links, what opens a table, and tables that scroll


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_and_lines_of_charts_stand_out_from_the_page(open_page, scheme):
    for edition in EDITIONS:
        seen = open_page(edition, 1280, scheme).evaluate(CONTRAST)
        assert seen["texts"]
        assert seen["lines"]
        assert {colour: ratio for colour, ratio in seen["texts"].items() if ratio < TEXT} == {}
        assert {colour: ratio for colour, ratio in seen["lines"].items() if ratio < GRAPHICS} == {}


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_summary_with_its_panel_and_map_fits_two_printed_pages(open_page, edition):
    page = open_page(edition, round(PAGE_WIDTH))
    page.emulate_media(media="print")
    height = page.evaluate(
        """() => { const part = document.getElementById("summary");
        const rest = [...part.querySelectorAll("summary")].find(item => item.textContent === "How this summary was made");
        return rest.getBoundingClientRect().top - part.getBoundingClientRect().top; }"""
    )
    assert 400 < height <= 2 * PAGE_HEIGHT
    first = page.evaluate(
        """() => { const part = document.getElementById("summary"), last = [...part.querySelectorAll(".key-figure")].at(-1);
        return last.getBoundingClientRect().bottom - part.getBoundingClientRect().top; }"""
    )
    assert first <= PAGE_HEIGHT / 2, "the six key figures take the upper half of the first page"


@pytest.mark.parametrize("edition", EDITIONS)
def test_nothing_is_cut_off_at_the_right_of_a_printed_page(open_page, edition):
    page = open_page(edition, round(PAGE_WIDTH))
    page.emulate_media(media="print")
    over = page.evaluate(
        """limit => [...document.querySelectorAll("main table, main svg, main p, main h2, main h3")]
        .filter(item => item.getClientRects().length && item.getBoundingClientRect().right > limit + 1)
        .map(item => item.id || item.outerHTML.slice(0, 80))""",
        round(PAGE_WIDTH),
    )
    assert over == [], f"measured in {font_of(page)}"
