"""Join chapters into one self-contained HTML page, and refuse a page that a reader could not use."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from bs4 import Tag
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from hcsp_assess.report.glossary import terms_in
from hcsp_assess.report.html import Html, parse_html
from hcsp_assess.report.sections import HEADINGS, Section

TEMPLATES = Path(__file__).parent / "template"
#: An anchor, and a picture that would be fetched, in a drawing.
ANCHOR = re.compile(r'\sid="([^"]*)"')
FETCHED = re.compile(r'<(?:image|use|script)\b[^>]*?href="(?!#|data:)([^"]*)"')
#: Elements by which a browser fetches something.
FETCHING = {"img", "script", "iframe", "link", "source", "video", "audio", "object", "embed"}


def assemble_report(sections: Sequence[Section], record: Mapping[str, Any], **texts: Any) -> str:
    """Return the report as one page.

    Parameters
    ----------
    record : mapping
        The run's record, put into the page for machines; must be JSON.
    **texts
        What `template/report.html.j2` names: edition, area_name, period, about, provenance, published, ...
    """
    data = json.dumps(record, sort_keys=True, ensure_ascii=False).replace("<", "\\u003c")
    template = _environment().get_template("report.html.j2")
    words = " ".join(section.words for section in sections)
    marked = Markup(data)  # noqa: S704 - "<" is escaped
    return template.render(sections=sections, record=marked, css=_css(), glossary=terms_in(words), **texts)


def assemble_index(editions: Sequence[Mapping[str, Any]], overviews: Sequence[tuple[str, str]] = ()) -> str:
    """Return the page that lists the published editions, and pages over all areas: name of the edition, and address."""
    template = _environment().get_template("index.html.j2")
    return template.render(editions=editions, overviews=overviews, css=_css())


def assemble_page(title: str, body: Markup) -> str:
    """Return a page of one's own in the report's style: a title and what is shown under it."""
    return _environment().get_template("page.html.j2").render(title=title, body=body, css=_css())


def render_page(template: str, **texts: Any) -> str:
    """Return a page made by a template of this folder, in the report's style."""
    return _environment().get_template(template).render(css=_css(), **texts)


def read_published(page: str) -> dict[str, Any]:
    """Return what a published page says of itself: its run's record, and when it was published."""
    soup = parse_html(page).soup
    record: dict[str, Any] = json.loads(str(soup.find(id="run-record").string))  # type: ignore[union-attr]
    time = soup.find("time")
    return record | {"published": time.get_text() if time else ""}


def find_problems(page: Html) -> list[str]:
    """List what would keep somebody from reading the page; an empty list is a page fit to publish.

    Counts what automatic accessibility checkers pass over when it is missing altogether: text alternatives, captions,
    header scopes, heading order, unique anchors; and anything that would be fetched from elsewhere.
    """
    tags = page.soup.find_all(True)  # one walk through the page
    return [*_structure(page, tags), *_tables_and_figures(tags), *_requests(page, tags)]


def _structure(page: Html, tags: Sequence[Tag]) -> list[str]:
    problems = []
    levels = [int(tag.name[1]) for tag in tags if tag.name in HEADINGS]
    if levels.count(1) != 1:
        problems.append(f"the page has {levels.count(1)} headings of level 1")
    problems += [f"a heading of level {b} follows one of level {a}" for a, b in pairwise(levels) if b > a + 1]
    ids = Counter(str(tag["id"]) for tag in tags if tag.has_attr("id"))
    ids.update(name for drawing in page.drawings for name in ANCHOR.findall(drawing))
    problems += [f"the anchor {name!r} occurs {times} times" for name, times in ids.items() if times > 1]
    regions = Counter(str(tag.get("aria-label", "")) for tag in tags if tag.get("role") == "region")
    problems += [f"{times} regions have the name {name!r}" for name, times in regions.items() if times > 1]
    inside = [str(tag["href"])[1:] for tag in tags if str(tag.get("href", "")).startswith("#")]
    problems += [f"a link leads to {name!r}, which is not there" for name in sorted(set(inside)) if name not in ids]
    return problems


def _tables_and_figures(tags: Sequence[Tag]) -> list[str]:
    problems = []
    for table in (tag for tag in tags if tag.name == "table"):
        caption = table.find("caption")
        name = caption.get_text()[:60] if caption else str(table)[:60]
        if caption is None or not caption.get_text(strip=True):
            problems.append(f"a table has no caption: {name}")
        if any(not header.get("scope") for header in table.find_all("th")):
            problems.append(f"a header of the table {name!r} has no scope")
    for drawing in (tag for tag in tags if tag.name in ("svg", "img")):
        text = drawing.get("aria-label") if drawing.name == "svg" else drawing.get("alt")
        hidden = drawing.get("aria-hidden") == "true"
        if not hidden and len(str(text or "").strip()) < 15:
            problems.append(f"a drawing has no text alternative: {str(drawing)[:80]}")
    return problems


def _requests(page: Html, tags: Sequence[Tag]) -> list[str]:
    """Everything that a browser would fetch; links that a reader may follow are not requests."""
    problems = []
    for tag in (tag for tag in tags if tag.name in FETCHING):
        address = str(tag.get("src") or tag.get("href") or tag.get("data") or "")
        if address and not address.startswith("data:"):
            problems.append(f"the page would fetch {address}")
    problems += [f"the page would fetch {address}" for each in page.drawings for address in FETCHED.findall(each)]
    if "@import" in str(page.soup.style or "") or "url(http" in page.text:
        problems.append("the page's style would fetch something")
    return problems


def css_text(text: str) -> Markup:
    """A text as a CSS string that can neither end itself nor the style element that it is in."""
    signs = (sign if sign.isascii() and (sign.isalnum() or sign == " ") else f"\\{ord(sign):x} " for sign in text)
    return Markup(f'"{"".join(signs)}"')  # noqa: S704 - nothing but letters, digits and code points


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    made.filters["css_text"] = css_text
    return made


def _css() -> Markup:
    return Markup((TEMPLATES / "report.css").read_text(encoding="utf-8"))  # noqa: S704 - our own file
