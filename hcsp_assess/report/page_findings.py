"""Whether what findings say is on the page where they point: links, promised charts, and the cells of their table."""

import re
from collections.abc import Iterable, Iterator, Sequence

from bs4 import Tag

from hcsp_assess.assessment.consistency import claim_of
from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.measures import measure_of
from hcsp_assess.report.html import Html

#: A text that says that what is under it leads to its chart.
PROMISE = re.compile(
    r"\b(?:each|every) (?:answer|finding|figure|sentence)\b[^.]*\bleads? to its chart\b", re.IGNORECASE
)
CELL = re.compile(r"(?P<sign>[+−-]?)(?P<number>\d[\d,]*(?:\.\d+)?)(?P<percent>%?)")
ANCHOR = re.compile(r'\sid="([^"]*)"')
#: Most cells in a row that are added up: the quarters of a year.
MOST_ADDED = 4
#: Figures that may be published are rounded to a multiple of five.
ROUNDED_TO = 5


def page_text(page: Html) -> str:
    """The text of a page in one line, as sentences are looked for in it."""
    return " ".join(page.soup.get_text(" ").split())


def chapters_that_say(findings: Iterable[Finding], page: Html) -> dict[str, list[str]]:
    """The headings of the chapters in which the sentence of each finding is printed, by its key."""
    sections = [section for section in page.soup.select("main section") if section.find("h2")]
    texts = {section.find("h2").get_text(): " ".join(section.get_text(" ").split()) for section in sections}  # type: ignore[union-attr]
    return {finding.key: [title for title, text in texts.items() if finding.is_in(text)] for finding in findings}


def missing_links(findings: Iterable[Finding], page: Html) -> list[str]:
    """Say which findings link to a chart, table or anchor that the page does not have."""
    anchors = _anchors(page)
    drawn = {name for drawing in page.drawings for name in ANCHOR.findall(drawing)}
    problems = []
    for finding in findings:
        for kind, target in finding.links.items():
            name = target.removeprefix("#")
            if not target.startswith("#"):
                continue
            if name not in anchors and name not in drawn:
                problems.append(_about(finding, f"links to its {kind} {target!r}, which is not on the page"))
            elif kind == "chart" and name in anchors and not _has_chart(anchors[name]):
                problems.append(_about(finding, f"links to a chart at {target!r}, where no chart is drawn"))
    return problems


def broken_promises(page: Html) -> list[str]:
    """Say in which chapters a text promises that each finding leads to its chart, and one does not."""
    problems = []
    for section in page.soup.select("main section"):
        if not PROMISE.search(" ".join(section.get_text(" ").split())):
            continue
        findings = section.select(".finding")
        without = [item for item in findings if not any(link.get_text() == "Chart" for link in item.select("a"))]
        if without:
            headline = " ".join(without[0].get_text(" ").split())[:120]
            problems.append(
                f"chapter {section.get('id')!r} says that each finding leads to its chart, and {len(without)} of "
                f"{len(findings)} do not, the first is “{headline}”: link each to a chart, or take the sentence out"
            )
    return problems


def cells_that_differ(findings: Iterable[Finding], page: Html) -> list[str]:
    """Say which findings state a figure that the row of the table they point to does not have, after rounding.

    The row is the one whose heading is the measure (its title, or a row of `definitions/measures.toml`); a finding
    whose table has no such row is passed over. A figure agrees with a cell, or with the sum of up to four neighbouring
    cells, as they are printed.
    """
    problems, anchors = [], _anchors(page)
    for finding in findings:
        table = anchors.get(finding.links["table"].removeprefix("#")) if "table" in finding.links else None
        row = _row_of(finding, table) if table is not None and table.name == "table" else None
        if row is None:
            continue
        printed = [cell.get_text(" ", strip=True) for cell in row.find_all("td")]
        claim = claim_of(finding)
        percent = claim.unit == "percent"
        for value in (value for value in (claim.value, claim.before) if value is not None):
            number = f"{value:.0f}%" if percent else f"{value:,.0f}"
            if number in finding.sentence and not _is_in(value, printed, percent=percent):
                said = f"says {number}, and its table {finding.links['table']!r} has {', '.join(printed)[:120]}"
                problems.append(_about(finding, said))
    return problems


def _anchors(page: Html) -> dict[str, Tag]:
    """The elements that have an anchor, by it: one walk through the page, where a search for each would take many."""
    return {str(tag["id"]): tag for tag in page.soup.find_all(id=True)}


def _about(finding: Finding, what: str) -> str:
    return f"finding {finding.key} (“{finding.sentence[:120]}”) {what}"


def _has_chart(tag: Tag) -> bool:
    figure = tag if tag.name == "figure" else tag.find("figure") or tag.find_parent("figure")
    return isinstance(figure, Tag) and figure.find("svg") is not None


def _row_of(finding: Finding, table: Tag) -> Tag | None:
    """The row whose heading is the finding's measure."""
    names = {name.lower() for name in (finding.measure, *measure_of(finding.key).rows) if name}
    for row in table.select("tbody tr"):
        header = row.find("th")
        if isinstance(header, Tag) and " ".join(header.get_text(" ").split()).lower() in names:
            return row
    return None


def _is_in(value: float, printed: Sequence[str], *, percent: bool) -> bool:
    cells = list(_numbers(printed))
    if not cells:
        return True
    if percent:
        same = [number for number, _, is_percent in cells if is_percent]
        if not same:
            return True
        if len(same) > MOST_ADDED:  # quarters: the share of several together is between their shares
            return min(same) - 0.5 <= value <= max(same) + 0.5
        return any(number == round(value, digits) for number, digits, is_percent in cells if is_percent)
    counts = [number for number, digits, is_percent in cells if digits == 0 and not is_percent]
    return any(_agrees(value, total, added) for total, added in _sums(counts))


def _agrees(value: float, total: float, added: int) -> bool:
    rounded = round(value) % ROUNDED_TO == 0
    return round(value) == round(total) or (rounded and abs(value - total) <= ROUNDED_TO / 2 * (added + 1))


def _sums(counts: Sequence[float]) -> Iterator[tuple[float, int]]:
    """Each cell, and the sum of each run of up to four, with how many were added."""
    for first in range(len(counts)):
        for last in range(first + 1, min(first + MOST_ADDED, len(counts)) + 1):
            yield sum(counts[first:last]), last - first


def _numbers(printed: Sequence[str]) -> Iterator[tuple[float, int, bool]]:
    """The numbers of cells without a sign: each with its decimals, and whether it is a percentage."""
    for text in printed:
        found = CELL.fullmatch(text.strip())
        if found and not found["sign"]:
            digits = len(found["number"].partition(".")[2])
            yield float(found["number"].replace(",", "")), digits, bool(found["percent"])
