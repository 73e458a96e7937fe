"""A chapter as a section of the report: its headings, one mark of simulated data, one panel for methods and sources."""

from collections import Counter
from dataclasses import dataclass

from bs4 import BeautifulSoup, Tag
from markupsafe import Markup

from hcsp_assess.report.chapter_html import Chapter
from hcsp_assess.report.html import parse_html

HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]
#: What is simulated or real: findings that give a number with its source, charts, tables of numbers.
SHOWN = (
    ".finding.of-figures:is(:has(.finding-source), :has(.simulated)), figure.chart, "
    ".table-scroll:has(td.number, td.figure, [data-simulated])"
)
#: Findings without a source and tables of words too.
ALL_SHOWN = ".finding.of-figures, figure.chart, .table-scroll:not(figure.chart .table-scroll)"
ALL_SIMULATED = "Simulated data: the figures in this chapter are made up for a demonstration."
SOME_SIMULATED = (
    "Simulated data: the figures in this chapter are made up for a demonstration, unless they are marked as published."
)
PARTLY_SIMULATED = "Simulated data: some figures in this chapter are made up for a demonstration."
AS_PUBLISHED = "As published"


@dataclass(frozen=True)
class Section:
    """A chapter as it is in the report.

    Attributes
    ----------
    key, title : str
        Anchor and heading.
    parts : tuple of (str, str)
        Anchors and titles of its sub-sections, for the contents list.
    html : Markup
        The section from its heading (level 2) on.
    words : str
        Its text.
    """

    key: str
    title: str
    parts: tuple[tuple[str, str], ...]
    html: Markup
    words: str


def make_section(chapter: Chapter) -> Section:
    """Fit a chapter into the report.

    Its headings go one level down; its anchors and the names of its regions become unique. That its data are simulated
    is said once, under its heading. Methods and sources of its findings go into one closed panel at its end. A finding
    keeps the links that lead out of the chapter.

    Raises
    ------
    ValueError
        If the chapter does not begin with one heading of level 1.
    """
    html = parse_html(chapter.html)
    soup = html.soup
    headings = soup.find_all(HEADINGS)
    if not headings or headings[0].name != "h1" or sum(heading.name == "h1" for heading in headings) != 1:
        raise ValueError(f"chapter {chapter.name}: the notebook needs one heading of level 1, as its first")
    key, title = chapter.name.replace("_", "-"), headings[0].get_text()
    parts = _name_headings(headings, key)
    _name_regions(soup, title)
    _mark_once(soup, headings[0])
    _gather_methods(soup, title)
    _drop_inner_links(soup)
    return Section(key, title, parts, Markup(str(html)), soup.get_text(" "))  # noqa: S704 - by its makers


def _name_headings(headings: list[Tag], key: str) -> tuple[tuple[str, str], ...]:
    """Move headings one level down, give each an anchor, and return those of level 3 with their titles."""
    parts = []
    for number, heading in enumerate(headings):
        heading.name = f"h{int(heading.name[1]) + 1}"
        heading["id"] = f"{key}-title" if number == 0 else f"{key}-{number}"
        if heading.name == "h3":
            parts.append((str(heading["id"]), heading.get_text()))
    return tuple(parts)


def _name_regions(soup: BeautifulSoup, title: str) -> None:
    """Make the names of regions unique in the report."""
    regions = Counter[str]()
    for region in soup.select("[role=region]"):
        label = f"{region['aria-label']} ({title})"
        regions[label] += 1
        region["aria-label"] = label if regions[label] == 1 else f"{label}, {regions[label]}"


def _mark_once(soup: BeautifulSoup, heading: Tag) -> None:
    """Say once under the heading that data are simulated; where some are real, mark those."""
    shown = [item for item in soup.select(SHOWN) if item.find_parent(class_="chart") is None]
    simulated = [item for item in shown if _is_simulated(item)]
    for mark in soup.select(".simulated"):
        mark.decompose()
    if not simulated:
        return
    real = [item for item in shown if item not in simulated]
    note = soup.new_tag("p", attrs={"class": "simulated"})
    others = len(soup.select(ALL_SHOWN)) > len(shown)
    note.string = SOME_SIMULATED if real else PARTLY_SIMULATED if others else ALL_SIMULATED
    heading.insert_after(note)
    for item in real:
        mark = soup.new_tag("p", attrs={"class": "as-published"})
        mark.string = AS_PUBLISHED
        item.insert(0, mark)


def _is_simulated(item: Tag) -> bool:
    """Whether a finding, chart or table is marked as simulated."""
    return item.has_attr("data-simulated") or item.select_one(".simulated, [data-simulated]") is not None


def _gather_methods(soup: BeautifulSoup, title: str) -> None:
    """Move what findings say of their methods and sources into one closed panel at the end, each text once."""
    found = soup.select("p.method, p.finding-source")
    texts: dict[str, list[Tag]] = {}
    for item in found:
        about = _about(item) if "method" in item["class"] else ""
        texts.setdefault(f"{about}{item.get_text()}", []).append(item.extract())
    if not texts:
        return
    panel = soup.new_tag("details", attrs={"class": "method"})
    summary = soup.new_tag("summary")
    summary.string = f"Method and sources: {title}"
    panel.append(summary)
    for text in texts:
        line = soup.new_tag("p")
        line.string = text
        panel.append(line)
    soup.append(panel)


def _about(item: Tag) -> str:
    """The beginning of the finding that a method belongs to, so that the panel can be read alone."""
    finding = item.find_parent(class_="finding")
    headline = finding.select_one(".headline") if finding else None
    if headline is None:
        return ""
    words = headline.get_text().removesuffix("Simulated data").split()
    return f"{' '.join(words[:7])} … " if len(words) > 7 else f"{' '.join(words)} "


def _drop_inner_links(soup: BeautifulSoup) -> None:
    """Take away a finding's links to what the same chapter shows beside it."""
    inside = {str(item["id"]) for item in soup.select("[id]")}
    for line in soup.select("p.finding-links"):
        links = [link for link in line.find_all("a") if str(link["href"]).removeprefix("#") not in inside]
        line.clear()
        for number, link in enumerate(links):
            if number:
                line.append(" · ")
            line.append(link)
        if not links:
            line.decompose()
