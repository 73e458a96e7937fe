"""A page of the report as a Word document, since councils edit and circulate in Word: nothing is worked out anew here.

Headings are Word's own, tables have a marked header row, pictures have the text alternative of the chart. What the page
keeps closed is left out and named: it is in the workbook of tables.
"""

import io
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from hcsp_assess.report.html import STAND_IN, Html, parse_html
from hcsp_assess.report.raster import draw_png, size_in_points
from hcsp_assess.report.word_parts import (
    NOT_XML,
    Cell,
    add_bookmark,
    add_link,
    add_picture,
    bookmark_name,
    make_compact,
    new_document,
    parse,
    restart_numbers,
    set_running,
    table_xml,
)

if TYPE_CHECKING:
    from docx.text.paragraph import Paragraph

#: "none" makes no Word version.
VARIABLE = "HCSP_ASSESS_WORD"
#: What a page has for the screen alone.
LEFT_OUT = (
    "script, style, nav, template, form, button, input, select, [hidden], .skip-link, .chart-narrow, .screen-only, "
    ".finding-links a, .handling"
)
BLOCKS = {
    *("p", "ul", "ol", "dl", "table", "figure", "figcaption", "div", "section", "article", "header", "footer"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "details", "svg", "img", "main", "aside", "blockquote", "pre", "li", "hr"),
}
#: Width and height of the small chart of a key figure, in points.
SMALL = (70.0, 21.0)
HEADING_STYLES = {"h1": "Title", "h2": "Heading 1", "h3": "Heading 2", "h4": "Heading 3", "h5": "Heading 4"}
NOTES = {"certainty", "table-note", "chart-note", "chart-source", "finding-links", "caveat", "note", "source"}
MARKS = {"simulated", "banner"}


def word_wanted() -> bool:
    """Whether a Word version is wanted: unless HCSP_ASSESS_WORD says "none"."""
    return os.environ.get(VARIABLE) != "none"


def write_word(page: str, *, mark: str = "", contents: bool = True, made: datetime | None = None) -> bytes:
    """Return a page as a Word document (docx).

    Parameters
    ----------
    page : str
        A self-contained page of `report.pages`: what is in its masthead, its main part and its footer is kept.
    mark : str
        What every page of the document says above and below, such as that it is not for publication.
    contents : bool
        Whether it begins with a list of its headings, and each chapter on a page of its own.
    made : datetime, optional
        When it was made, for its properties; by default now.

    Returns
    -------
    bytes
        Its title and language are set; headings are Heading 1 to 4; every picture has its text alternative.
    """
    html = parse_html(NOT_XML.sub("", page))
    soup = html.soup
    head, area = soup.select_one(".masthead h1"), soup.select_one(".masthead .partnership")
    writer = _Writer(html, contents=contents)
    if not contents:
        make_compact(writer.document)
    _prune(soup, workbook=contents)
    writer.known = {str(item["id"]) for item in soup.select("[id]")}
    title = _text(head) if head is not None else _text(soup.title)
    simulated = soup.select_one(".banner, .simulated") is not None
    for part in soup.select(".masthead, main, body > footer"):
        writer.write(part)
    document = writer.document
    running = [title, _text(area) if area is not None else "", "Simulated data" if simulated else ""]
    set_running(document, [text for text in running if text], mark)
    properties, when = document.core_properties, (made or datetime.now(UTC)).replace(tzinfo=None)
    properties.title, properties.language, properties.author = (
        f"{mark}: {title}" if mark else title,
        "en-GB",
        running[1],
    )
    properties.created = properties.modified = when
    properties.comments = properties.keywords = ""
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def _prune(soup: BeautifulSoup, *, workbook: bool) -> None:
    """Take out what is for the screen alone, and closed panels; where there is a workbook one line names each."""
    for item in soup.select(LEFT_OUT):
        if not item.decomposed:
            item.decompose()
    for item in soup.select("details:not([open])"):
        if item.decomposed or item.find_parent("details") is not None:
            continue
        if item.find("dl") is not None and item.find("table") is None:  # a glossary goes where the document goes
            for line in item.find_all("summary"):
                line.decompose()
            item.unwrap()
            continue
        if not workbook:
            item.decompose()
            continue
        summary = _text(item.find("summary"))
        where = "in the workbook" if item.find("table") else "on the web page"
        of_chart = item.find_parent("figure") is not None and summary.startswith("Data for this chart")
        said = "Data for this chart are in the workbook." if of_chart else f"{summary.rstrip('.')}: {where}."
        line = soup.new_tag("p", attrs={"class": "note"})
        line.string = said
        item.replace_with(line)
    for item in soup.select(".finding-links"):
        left = re.sub(r"^[\s·]+|[\s·]+$", "", _text(item))
        if left:
            item.string = left
        else:
            item.decompose()


class _Writer:
    """Walks through a page and writes each block that it meets."""

    def __init__(self, html: Html, *, contents: bool) -> None:
        self.html, self.contents, self.document = html, contents, new_document()
        self.known: set[str] = set()
        self.styles: dict[str, str] = {}
        self.waiting: list[str] = []  # anchors of what holds the next paragraph
        self.marks = 0
        self.body = False  # whether the first chapter has begun

    def write(self, node: Tag, style: str = "Normal") -> None:
        """Write what is in an element, block by block."""
        inline: list[Any] = []
        for child in list(node.children):
            if isinstance(child, Tag) and (child.name in BLOCKS or child.find(list(BLOCKS))):
                self._flush(inline, style)
                self._block(child, style)
            elif isinstance(child, Tag) or type(child) is NavigableString:
                inline.append(child)
        self._flush(inline, style)

    def _flush(self, inline: list[Any], style: str) -> None:
        if any(_text(item) for item in inline):
            self._inline(self._paragraph(style), inline)
        inline.clear()

    def _block(self, item: Tag, style: str) -> None:
        if item.get("id"):
            self.waiting.append(str(item["id"]))
        classes = set(item.get("class") or ())
        if item.name in HEADING_STYLES:
            self._heading(item)
        elif item.name == "p":
            self._prose(item, classes, style)
        elif "key-figures" in classes:
            self._key_figures(item)
        elif item.name in ("ul", "ol"):
            self._list(item)
        elif item.name == "dl":
            self._definitions(item)
        elif item.name == "table":
            self._table(item)
        elif item.name in ("svg", "img"):
            self._picture(item)
        elif item.name == "figcaption":
            self._caption(item)
        elif item.name == "hr":
            pass
        else:
            self.write(item, "Finding" if "finding" in classes else style)

    def _paragraph(self, style: str) -> "Paragraph":
        made = self._plain(style)
        for anchor in self.waiting:
            self.marks += 1
            add_bookmark(made, bookmark_name(anchor), self.marks)
        self.waiting.clear()
        return made

    def _plain(self, style: str) -> "Paragraph":
        """Add a paragraph; a style is looked up once, since its library looks through all of them each time."""
        if style not in self.styles:
            self.styles[style] = self.document.styles[style].style_id
        made = self.document.add_paragraph()
        made._p.style = self.styles[style]
        return made

    def _heading(self, item: Tag) -> None:
        if item.name == "h2" and self.contents and item.find_parent("main"):
            if not self.body:
                self._contents(item)
            self.body = True
        made = self._paragraph(HEADING_STYLES[item.name])
        made.paragraph_format.page_break_before = item.name == "h2" and self.contents
        made.add_run(_text(item))

    def _prose(self, item: Tag, classes: set[str], style: str) -> None:
        if item.find(["svg", "img"]):
            self.write(item, style)
            return
        if not _text(item):
            return
        chosen = "Note" if classes & NOTES else "Mark" if classes & MARKS else style
        if "period" in classes:
            chosen = "Subtitle"
        made = self._paragraph(chosen)
        leads = self.contents or item.find_parent(class_="lead") is not None
        self._inline(made, list(item.children), bold="headline" in classes and leads)

    def _caption(self, item: Tag) -> None:
        made = self._paragraph("Caption")
        for number, part in enumerate(part for part in _parts(item) if part):
            if number:
                made.add_run().add_break()
            made.add_run(part).bold = number == 0

    def _list(self, item: Tag, level: int = 0) -> None:
        ordered, new = item.name == "ol", None
        style = f"List {'Number' if ordered else 'Bullet'}{f' {level + 1}' if level else ''}"
        if ordered and not level:
            new = restart_numbers(self.document)
        for entry in item.find_all("li", recursive=False):
            nested = entry.find_all(["ul", "ol"], recursive=False)
            for each in nested:
                each.extract()
            made = self._paragraph(style)
            if new is not None:
                made._p.get_or_add_pPr().append(
                    parse(f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{new}"/></w:numPr>')
                )
            self._inline(made, list(entry.children))
            for each in nested:
                self._list(each, min(level + 1, 2))

    def _definitions(self, item: Tag) -> None:
        """Write each term in bold, with what it means after it."""
        for term in item.find_all("dt"):
            made = self._paragraph("Normal")
            made.add_run(f"{_text(term)}: ").bold = True
            for meaning in term.find_next_siblings("dd"):
                self._inline(made, list(meaning.children))

    def _table(self, item: Tag) -> None:
        rows = [
            [_cell(cell) for cell in row.find_all(["th", "td"], recursive=False) for _ in range(_span(cell))]
            for row in item.find_all("tr")
        ]
        rows = [row for row in rows if row]
        caption = _text(item.find("caption"))
        if caption:
            self._paragraph("Caption").add_run(caption)
        if not rows:
            return
        wide = max(map(len, rows))
        rows = [[*row, *[Cell("")] * (wide - len(row))] for row in rows]
        headers = len(item.select("thead > tr")) or 1
        end = self.document.element.body.sectPr
        end.addprevious(table_xml(rows, headers, caption))
        self._plain("After table")  # two tables without a paragraph between them would be one

    def _key_figures(self, item: Tag) -> None:
        """Write the cards of key figures as one table, each with its small chart."""
        rows = [[Cell(name, heads=True) for name in ("Figure", "Now", "Over time", "Change", "How sure", "Compared")]]
        charts = []
        for card in item.select(".key-figure"):
            texts = [_text(card.select_one(f".key-{name}")) for name in ("name", "number", "ends", "change")]
            sure = _text(card.select_one(".key-certainty")).lstrip("▲▼– ")
            rows.append(
                [Cell(text) for text in (*texts[:2], "", texts[3], sure, _text(card.select_one(".key-comparison")))]
            )
            charts.append(card.find("svg"))
        self._paragraph("Caption").add_run(str(item.get("aria-label") or "Key figures"))
        table = table_xml(rows, 1, "Key figures", (1500, 1900, 1700, 1838, 1150, 1550))
        self.document.element.body.sectPr.addprevious(table)
        for row, chart in zip(self.document.tables[-1].rows[1:], charts, strict=True):
            if chart is not None:
                made = row.cells[2].paragraphs[0]
                add_picture(made, draw_png(self._whole(chart)), SMALL, str(chart.get("aria-label", "")))
        self._plain("After table")

    def _whole(self, item: Tag) -> str:
        """A drawing with its inside."""
        return STAND_IN.sub(lambda found: self.html.drawings[int(found[1])], str(item))

    def _picture(self, item: Tag) -> None:
        if item.name == "img" or item.get("aria-hidden") == "true":
            return
        drawing = self._whole(item)
        made = self._paragraph("Normal")
        made.paragraph_format.keep_with_next = True
        said = str(item.get("aria-label", ""))
        try:
            picture = draw_png(drawing)
        except ValueError:  # not a drawing that can be read: its text alternative takes its place
            made.add_run(said)
            return
        add_picture(made, picture, size_in_points(drawing[:2000]), said)

    def _contents(self, before: Tag) -> None:
        """List the chapters that follow, as the field that Word renews, with page numbers, when asked to."""
        main = before.find_parent("main")
        found = main.find_all("h2") if main is not None else []
        title = self._plain("Subtitle")
        title.add_run("Contents").bold = True
        for number, heading in enumerate(found):
            made = self._plain("Contents entry")
            if number == 0:
                for xml in (
                    '<w:r><w:fldChar w:fldCharType="begin"/></w:r>',
                    '<w:r><w:instrText xml:space="preserve"> TOC \\o "1-1" \\h \\z \\u </w:instrText></w:r>',
                    '<w:r><w:fldChar w:fldCharType="separate"/></w:r>',
                ):
                    made._p.append(parse(xml))
            self._linked(made, _text(heading), str(heading.get("id", "")))
            if number == len(found) - 1:
                made._p.append(parse('<w:r><w:fldChar w:fldCharType="end"/></w:r>'))

    def _linked(self, made: "Paragraph", text: str, anchor: str) -> None:
        if anchor in self.known:
            add_link(made, text, bookmark=bookmark_name(anchor))
        else:
            made.add_run(text)

    def _inline(self, made: "Paragraph", items: list[Any], *, bold: bool = False, italic: bool = False) -> None:
        for item in items:
            if isinstance(item, NavigableString):
                if type(item) is not NavigableString:
                    continue
                text = re.sub(r"\s+", " ", str(item))
                if not made.runs and not made._p.findall(".//{*}hyperlink"):
                    text = text.lstrip()
                if text:
                    run = made.add_run(text)
                    run.bold, run.italic = bold or None, italic or None
            elif item.name == "br":
                made.add_run().add_break()
            elif item.name == "a" and item.get("href"):
                self._link(made, item)
            else:
                plain = "rest" in (item.get("class") or ())
                strong = (bold and not plain) or item.name in ("strong", "b")
                self._inline(made, list(item.children), bold=strong, italic=italic or item.name in ("em", "i"))

    def _link(self, made: "Paragraph", item: Tag) -> None:
        target, text = str(item["href"]), _text(item)
        if target.startswith("#"):
            self._linked(made, text, target[1:])
        elif target.startswith(("http:", "https:", "mailto:")):
            add_link(made, text, address=target)
        else:
            made.add_run(text)


def _cell(cell: Tag) -> Cell:
    classes = set(cell.get("class") or ())
    return Cell(_text(cell), heads=cell.name == "th", right=bool(classes & {"number", "figure"}))


def _span(cell: Tag) -> int:
    return int(str(cell.get("colspan") or 1))


def _parts(item: Tag) -> Iterator[str]:
    """The title and the subtitle of a figure; a caption without parts is one."""
    parts = item.find_all(["strong", "span", "p"], recursive=False)
    yield from (map(_text, parts) if parts else [_text(item)])


def _text(item: Any) -> str:
    """The text of an element, its white space as printed."""
    if item is None:
        return ""
    text = item.get_text() if isinstance(item, Tag) else "" if type(item) is not NavigableString else str(item)
    return re.sub(r"\s+", " ", text).strip()
