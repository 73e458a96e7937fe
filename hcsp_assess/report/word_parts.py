"""Parts of a Word document beyond its library: styles, fields, bookmarks, lists, header rows, pictures."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hcsp_assess.report.tables import escape

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TEXT_WIDTH = 9638  # twentieths of a point: an A4 page without margins of 20 mm
DEEPEST_PICTURE = 640.0  # points; a picture and its caption fit one page
ACCENT, SOFT = "12436D", "505A5F"
#: Paragraph styles of our own: size in points, colour, space after, extra properties.
STYLES = {
    "Finding": (10.5, "", 4, f'<w:pBdr><w:left w:val="single" w:sz="24" w:space="8" w:color="{ACCENT}"/></w:pBdr>'),
    "Note": (9, SOFT, 4, ""),
    "Mark": (9.5, "", 6, '<w:shd w:val="clear" w:color="auto" w:fill="FFF4D6"/>'),
    "Table text": (8.5, "", 0, ""),
    "Contents entry": (10.5, "", 2, ""),
    "After table": (4, "", 2, ""),
}
HEADINGS = {"Title": 24, "Subtitle": 13, "Heading 1": 18, "Heading 2": 14, "Heading 3": 11.5, "Caption": 10.5}
#: Characters that XML does not have.
NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Cell:
    """A cell of a table: its text, whether it heads a row or column, and whether it is set to the right."""

    text: str
    heads: bool = False
    right: bool = False


def parse(xml: str) -> Any:
    """Return an element of WordprocessingML."""
    from docx.oxml import parse_xml

    return parse_xml(re.sub(r"^<[\w:]+", rf"\g<0> {NAMESPACE}", xml, count=1))


def new_document() -> "Document":
    """Return an empty document in our style: A4, British English, styles of headings, notes and tables."""
    import docx
    from docx.shared import Mm

    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin, section.bottom_margin = Mm(22), Mm(20)
    _set_styles(document)
    settings = document.settings.element
    for old in settings.findall(_name("w:compat")):
        settings.remove(old)
    settings.append(
        parse(
            '<w:compat><w:compatSetting w:name="compatibilityMode" '
            'w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'
        )
    )
    return document


def make_compact(document: "Document") -> None:
    """Make headings and text smaller, for a document of two pages."""
    from docx.shared import Mm, Pt

    for name, size, before, after in (
        ("Title", 18, 0, 2), ("Subtitle", 10.5, 0, 4), ("Heading 1", 12.5, 8, 2), ("Normal", 9.5, 0, 3),
        ("Finding", 9.5, 0, 3), ("Note", 8, 0, 2), ("Caption", 9.5, 0, 2),
    ):  # fmt: skip
        style = document.styles[name]
        style.font.size = Pt(size)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
    section = document.sections[0]
    section.top_margin, section.bottom_margin = Mm(16), Mm(14)


def set_running(document: "Document", running: list[str], mark: str) -> None:
    """Write what is above and below each page: the edition, whether it is simulated, any mark, the page's number."""
    from docx.shared import Pt

    section = document.sections[0]
    above, below = section.header.paragraphs[0], section.footer.paragraphs[0]
    for made in (above, below):
        made.style = document.styles["Note"]
        made.paragraph_format.space_after = Pt(0)
        if mark:
            made.add_run(mark).bold = True
            made.add_run(" · ")
    above.add_run(" · ".join(running))
    below.add_run("Page ")
    add_field(below, "PAGE")
    below.add_run(" of ")
    add_field(below, "NUMPAGES")


def _set_styles(document: "Document") -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Pt, RGBColor

    styles = document.styles
    for language in styles.element.iter(_name("w:lang")):
        language.set(_name("w:val"), "en-GB")
    styles["Normal"].font.size = Pt(10.5)
    styles["Normal"].paragraph_format.space_after = Pt(6)
    _set_font(styles["Normal"].element)
    for name, size in HEADINGS.items():
        style = styles[name]
        _set_font(style.element)
        style.font.size, style.font.bold, style.font.italic = Pt(size), name != "Subtitle", False
        style.font.color.rgb = RGBColor.from_string("1D1D1B" if name in ("Caption", "Subtitle") else ACCENT)
        style.paragraph_format.keep_with_next = True
        for border in style.element.iter(_name("w:pBdr")):
            border.getparent().remove(border)
            break
    for name, (points, colour, after, extra) in STYLES.items():
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style, style.quick_style = styles["Normal"], True
        style.font.size, style.paragraph_format.space_after = Pt(points), Pt(after)
        style.paragraph_format.keep_with_next = name == "Mark"
        if colour:
            style.font.color.rgb = RGBColor.from_string(colour)
        if extra:
            style.element.get_or_add_pPr().insert_element_before(parse(extra), "w:spacing", "w:ind", "w:jc")
    styles.element.append(parse(_table_style()))


def _set_font(style: Any) -> None:
    """Arial for every script: a theme's fonts, which differ from one Word to the next, are not used."""
    fonts = style.get_or_add_rPr().get_or_add_rFonts()
    for each in list(fonts.attrib):
        del fonts.attrib[each]
    for each in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(_name(f"w:{each}"), "Arial")


def _table_style() -> str:
    """Lines between rows, a strong line under the header row, which is bold."""
    line = 'w:val="single" w:space="0" w:color='
    return (
        '<w:style w:type="table" w:customStyle="1" w:styleId="ReportTable"><w:name w:val="Report table"/>'
        '<w:basedOn w:val="TableNormal"/><w:uiPriority w:val="99"/><w:tblPr><w:tblBorders>'
        f'<w:bottom {line}"999999" w:sz="4"/><w:insideH {line}"C3C8CB" w:sz="4"/></w:tblBorders>'
        '<w:tblCellMar><w:top w:w="30" w:type="dxa"/><w:left w:w="0" w:type="dxa"/>'
        '<w:bottom w:w="30" w:type="dxa"/><w:right w:w="120" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        '<w:tblStylePr w:type="firstRow"><w:rPr><w:b/></w:rPr><w:tcPr><w:tcBorders>'
        f'<w:bottom {line}"1D1D1B" w:sz="8"/></w:tcBorders></w:tcPr></w:tblStylePr></w:style>'
    )


def table_xml(rows: Sequence[Sequence[Cell]], headers: int, caption: str, widths: Sequence[int] = ()) -> Any:
    """Return a table; its header rows are marked as such and repeated on each page.

    Parameters
    ----------
    rows : sequence of sequences of Cell
        All of one length.
    headers : int
        How many of them are header rows.
    widths : sequence of int
        Of the columns, in twentieths of a point; by default as their texts need.
    """
    widths = widths or _widths(rows)
    size = 17 if len(widths) < 8 else 14 if len(widths) < 11 else 12  # half points
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    body = "".join(_row(row, widths, size, header=number < headers) for number, row in enumerate(rows))
    return parse(
        '<w:tbl><w:tblPr><w:tblStyle w:val="ReportTable"/>'
        f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
        '<w:tblLook w:val="00A0" w:firstRow="1" w:lastRow="0" w:firstColumn="1" w:lastColumn="0" w:noHBand="1" '
        f'w:noVBand="1"/><w:tblCaption w:val="{text_of(caption)}"/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{body}</w:tbl>"
    )


def _row(row: Sequence[Cell], widths: Sequence[int], size: int, *, header: bool) -> str:
    marked = "<w:cantSplit/><w:tblHeader/>" if header else "<w:cantSplit/>"
    keep = "<w:keepNext/>" if header else ""
    cells = ""
    for cell, width in zip(row, widths, strict=True):
        right = '<w:jc w:val="right"/>' if cell.right else ""
        bold = "<w:b/>" if header else ""
        cells += (
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr><w:p><w:pPr>'
            f'<w:pStyle w:val="Tabletext"/>{keep}{right}</w:pPr><w:r><w:rPr>{bold}<w:sz w:val="{size}"/></w:rPr>'
            f'<w:t xml:space="preserve">{text_of(cell.text)}</w:t></w:r></w:p></w:tc>'
        )
    return f"<w:tr><w:trPr>{marked}</w:trPr>{cells}</w:tr>"


def _widths(rows: Sequence[Sequence[Cell]]) -> list[int]:
    """Share the page's width out: what the longest word of a column needs first, the rest by how long its texts are."""
    columns = list(zip(*rows, strict=True))
    words = [max(len(word) for cell in column for word in [*cell.text.split(), "x"]) for column in columns]
    lengths = [sorted(len(cell.text) for cell in column) for column in columns]
    typical = [max(word, min(60, each[int(0.9 * (len(each) - 1))])) for word, each in zip(words, lengths, strict=True)]
    typical = [max(size, len(cells[0].text) // 3) for size, cells in zip(typical, columns, strict=True)]
    letter = 95 if len(columns) < 8 else 80 if len(columns) < 11 else 70  # twentieths of a point, generous
    needed = [(min(word, 24) + 2) * letter for word in words]
    wanted = [max(need, (size + 2) * letter) for need, size in zip(needed, typical, strict=True)]
    if sum(wanted) <= TEXT_WIDTH:
        return wanted
    spare = max(TEXT_WIDTH - sum(needed), 0)
    more = [want - need for want, need in zip(wanted, needed, strict=True)]
    shares = [need + spare * extra / max(sum(more), 1) for need, extra in zip(needed, more, strict=True)]
    scale = min(1.0, TEXT_WIDTH / sum(shares))
    return [int(share * scale) for share in shares]


def add_picture(paragraph: "Paragraph", png: bytes, size: tuple[float, float], text: str) -> None:
    """Put a picture into a paragraph, no wider than the text and no deeper than a page, with its text alternative."""
    from docx.shared import Pt

    width, height = size
    scale = min(1.0, TEXT_WIDTH / 20 / width, DEEPEST_PICTURE / height)
    shape = paragraph.add_run().add_picture(io.BytesIO(png), width=Pt(width * scale), height=Pt(height * scale))
    about = shape._inline.docPr
    about.set("descr", NOT_XML.sub("", text))
    about.set("title", "")


def add_field(paragraph: "Paragraph", instruction: str, shown: str = "1") -> None:
    """Add a field that Word works out, such as the number of the page."""
    for xml in (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>',
        f'<w:r><w:instrText xml:space="preserve"> {instruction} </w:instrText></w:r>',
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>',
        f"<w:r><w:t>{text_of(shown)}</w:t></w:r>",
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
    ):
        paragraph._p.append(parse(xml))


def add_bookmark(paragraph: "Paragraph", name: str, number: int) -> None:
    """Mark the beginning of a paragraph, for links to lead to."""
    start = parse(f'<w:bookmarkStart w:id="{number}" w:name="{name}"/>')
    end = parse(f'<w:bookmarkEnd w:id="{number}"/>')
    properties = paragraph._p.pPr
    at = 0 if properties is None else list(paragraph._p).index(properties) + 1
    paragraph._p.insert(at, end)
    paragraph._p.insert(at, start)


def add_link(paragraph: "Paragraph", text: str, *, bookmark: str = "", address: str = "") -> None:
    """Add a link to a bookmark of the document, or to an address elsewhere."""
    from docx.opc.constants import RELATIONSHIP_TYPE

    if address:
        relation = paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        where = f'r:id="{relation}" xmlns:r="{relations}"'
    else:
        where = f'w:anchor="{bookmark}" w:history="1"'
    look = '<w:rPr><w:color w:val="1A5F9E"/><w:u w:val="single"/></w:rPr>'
    content = f'<w:r>{look}<w:t xml:space="preserve">{text_of(text)}</w:t></w:r>'
    paragraph._p.append(parse(f"<w:hyperlink {where}>{content}</w:hyperlink>"))


def restart_numbers(document: "Document") -> int:
    """Return the number of a new list whose numbers begin with 1."""
    numbering = document.part.numbering_part.element
    style = document.styles["List Number"].element
    old = style.pPr.numPr.numId.val
    abstract = next(item.abstractNumId.val for item in numbering.num_lst if item.numId == old)
    made = numbering.add_num(abstract)
    made.add_lvlOverride(ilvl=0).add_startOverride(1)
    return int(made.numId)


def bookmark_name(anchor: str) -> str:
    """Name of a bookmark for an anchor of the page: letters, digits and underscores, at most 40.

    Examples
    --------
    >>> bookmark_name("then-and-now-chart")
    'to_then_and_now_chart'
    """
    return f"to_{re.sub(r'[^A-Za-z0-9]', '_', anchor)}"[:40]


def text_of(text: str) -> str:
    """A text as it may be in XML."""
    return escape(NOT_XML.sub("", text))


def _name(tag: str) -> str:
    from docx.oxml.ns import qn

    return str(qn(tag))
