"""Find the texts of a workbook that are in no cell: comments, properties, headers, lists, links, names, text boxes.

They are never copied from a return; they are looked at for personal data, because a workbook is passed on whole. The
author of the file and of a comment, which the program adds by itself to every file, is left out.
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree

from hcsp_assess.errors import InputError

#: What a part of a zip raises that is damaged, encrypted, packed in an unknown way, or no XML.
DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    KeyError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ElementTree.ParseError,
)
LONGEST_FACT: Final = 5_000  # characters examined of one text; Excel allows 32,767 in a comment
MOST_FACTS: Final = 200_000
_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PROPERTIES: Final = (
    "title",
    "subject",
    "description",
    "keywords",
    "category",
    "contentStatus",
    "keyword",
    "user-defined",
)
_ODS_MARKS: Final = (
    b"annotation",
    b"content-validation",
    b"xlink:href",
    b"named-range",
    b"named-expression",
    b"<draw:",
)


@dataclass(frozen=True)
class Fact:
    """A text of a workbook that is in no cell.

    Attributes
    ----------
    where : str
        In words, for a message: "a comment (cell B2)", "the title in the document's properties".
    text : str
        What it says; for examination only.
    sheet : int
        Number of its sheet, from 0; -1 where it belongs to none.
    """

    where: str
    text: str
    sheet: int = -1


def workbook_facts(content: bytes, file: str = "the file") -> tuple[Fact, ...]:
    """Return the texts outside the cells of an xlsx or ods file; none of a CSV file.

    Parameters
    ----------
    content : bytes
        The file.
    file : str
        Its name, for messages.

    Raises
    ------
    InputError
        If a part of the file is damaged: what cannot be read cannot be searched for personal data.

    Notes
    -----
    Pictures, macros and printer settings are not read.
    """
    if not content.startswith(b"PK"):
        return ()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            found = _xlsx_facts(archive, names) if "xl/workbook.xml" in names else _ods_facts(archive, names)
            return tuple(fact for fact, _ in zip(_cut(found), range(MOST_FACTS), strict=False))
    except DAMAGED as error:
        raise InputError(
            f"{file} is damaged outside its cells (properties, comments or links), and cannot be searched for personal "
            "data: open it in Excel and save it again"
        ) from error


def _cut(facts: Iterable[Fact]) -> Iterator[Fact]:
    seen: set[Fact] = set()
    for fact in facts:
        short = Fact(fact.where, fact.text[:LONGEST_FACT].strip(), fact.sheet)
        if short.text and short not in seen:
            seen.add(short)
            yield short


def _xlsx_facts(archive: zipfile.ZipFile, names: list[str]) -> Iterator[Fact]:
    sheets = _sheet_numbers(archive)
    yield from _properties(archive, [name for name in names if re.fullmatch(r"docProps/.+\.xml", name)])
    yield from _defined_names(_root(archive, "xl/workbook.xml"))
    for name in names:
        if not name.endswith((".xml", ".rels")):
            continue
        folder = posixpath.dirname(name)
        if name in sheets:
            yield from _sheet_facts(_without_cells(archive.read(name)), sheets[name])
        elif folder == "xl/worksheets/_rels":
            sheet = sheets.get(f"xl/worksheets/{posixpath.basename(name).removesuffix('.rels')}", -1)
            yield from _links(_root(archive, name), sheet)
        elif re.match(r"xl/(?:comments|threadedComments)", name):
            yield from _comments(_root(archive, name))
        elif folder.startswith(("xl/drawings", "xl/charts", "xl/pivotCache", "xl/externalLinks")):
            yield from _inside(_root(archive, name), folder)


def _sheet_numbers(archive: zipfile.ZipFile) -> dict[str, int]:
    """The number of each sheet, from 0, by the name of its part."""
    relations = _root(archive, "xl/_rels/workbook.xml.rels")
    targets = {} if relations is None else {item.get("Id"): item.get("Target", "") for item in relations}
    workbook = _root(archive, "xl/workbook.xml")
    order = [] if workbook is None else [item for item in workbook.iter() if _name(item) == "sheet"]
    paths = [targets.get(item.get(_RELATION), "") for item in order]
    return {
        posixpath.normpath(posixpath.join("xl", path) if path[:1] != "/" else path[1:]): n
        for n, path in enumerate(paths)
    }


def _root(archive: zipfile.ZipFile, name: str) -> ElementTree.Element | None:
    try:
        return _parsed(archive.read(name))
    except KeyError:
        return None


def _parsed(content: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(content)  # noqa: S314 - expat refuses entity bombs since 2.4.1; sizes are checked


def _name(element: ElementTree.Element) -> str:
    return element.tag.rsplit("}", 1)[-1]


def _without_cells(content: bytes) -> ElementTree.Element:
    """The part of a sheet without its cells, which are the most of it and are read elsewhere."""
    first = re.search(rb"<(?:\w+:)?sheetData[ />]", content)
    last = max(content.rfind(b"sheetData>"), 0)
    if first and last > first.start():
        content = content[: first.start()] + content[last + len(b"sheetData>") :]
    return _parsed(content)


def _properties(archive: zipfile.ZipFile, parts: list[str]) -> Iterator[Fact]:
    for part in parts:
        root = _root(archive, part)
        for item in root if root is not None and not part.endswith("app.xml") else ():
            if part.endswith("custom.xml"):
                yield Fact("a custom property of the document", " ".join([item.get("name", ""), *item.itertext()]))
            elif _name(item) in _PROPERTIES:
                yield Fact(f"the {_name(item)} in the document's properties", "".join(item.itertext()))


def _defined_names(workbook: ElementTree.Element | None) -> Iterator[Fact]:
    for item in workbook.iter() if workbook is not None else ():
        if _name(item) == "definedName" and not item.get("name", "").startswith("_xlnm"):
            yield Fact("a defined name", re.sub(r"[_.]+", " ", item.get("name", "")))
            yield from (Fact("a defined name", text) for text in _quoted(item.text or ""))
            yield Fact("a defined name", item.get("comment", ""))


def _quoted(formula: str) -> list[str]:
    """The texts in quotation marks of a formula, and the items of a list."""
    texts = re.findall(r'"([^"]{1,5000})"', formula)
    return [*texts, *(item for text in texts for item in text.split(","))]


def _sheet_facts(root: ElementTree.Element | None, sheet: int) -> Iterator[Fact]:
    for item in root.iter() if root is not None else ():
        name = _name(item)
        if re.fullmatch(r"(?:odd|even|first)(?:Header|Footer)", name):
            yield Fact("the header or footer", re.sub(r'&(?:"[^"]{0,99}"|\d+|[A-Z])', " ", item.text or ""), sheet)
        elif name == "dataValidation":
            texts = [item.get(key, "") for key in ("prompt", "promptTitle", "error", "errorTitle")]
            texts += [text for part in item for text in _quoted(part.text or "")]
            yield from (Fact(f"the validation of cells {item.get('sqref', '')}", text, sheet) for text in texts)
        elif name == "hyperlink":
            texts = [item.get(key, "") for key in ("display", "tooltip")]
            yield from (Fact(f"a link (cell {item.get('ref', '')})", text, sheet) for text in texts)


def _links(root: ElementTree.Element | None, sheet: int) -> Iterator[Fact]:
    for item in root if root is not None else ():
        if item.get("Type", "").endswith("/hyperlink"):
            yield Fact("a link", _link_text(item.get("Target", "")), sheet)


def _link_text(target: str) -> str:
    return re.sub(r"%20|\+|[?&=]", " ", re.sub(r"^(?:mailto|tel|file):", "", target))


def _comments(root: ElementTree.Element | None) -> Iterator[Fact]:
    found = [] if root is None else list(root.iter())
    authors = {"".join(item.itertext()).strip() for item in found if _name(item) == "author"}
    for item in found:
        if _name(item) in ("comment", "threadedComment"):
            text = "".join(item.itertext()).strip()
            first, _, rest = text.partition(":")
            said = rest if first.strip() in authors else text
            yield Fact(f"a comment (cell {item.get('ref', '')})", said)


def _inside(root: ElementTree.Element | None, folder: str) -> Iterator[Fact]:
    """Texts of drawings and charts, and values that pivot tables and links to other files keep."""
    kinds = {"xl/drawings": "a text box or picture", "xl/charts": "a chart"}
    kept = "the values kept by a pivot table" if "pivot" in folder else "the values kept by a link to another file"
    where = kinds.get(folder, kept)
    for item in root.iter() if root is not None else ():
        if _name(item) == "p":
            yield Fact(where, "".join(item.itertext()))
        elif _name(item) in ("v", "s", "val"):
            yield Fact(where, str(item.text or item.get("v", "")))
        yield from (Fact(where, item.get(key, "")) for key in ("descr", "title") if item.get(key))


def _ods_facts(archive: zipfile.ZipFile, names: list[str]) -> Iterator[Fact]:
    meta = _root(archive, "meta.xml")
    for item in meta.iter() if meta is not None else ():
        if _name(item) in _PROPERTIES:
            given = [*item.attrib.values()] if _name(item) == "user-defined" else []
            yield Fact(f"the {_name(item)} in the document's properties", " ".join([*given, *item.itertext()]))
    styles = _root(archive, "styles.xml") if "styles.xml" in names else None
    for item in styles.iter() if styles is not None else ():
        if re.fullmatch(r"(?:header|footer)(?:-left|-first)?", _name(item)):
            yield Fact("the header or footer", " ".join(item.itertext()))
    content = archive.read("content.xml")
    if any(mark in content for mark in _ODS_MARKS):
        yield from _ods_content(_parsed(content))


def _ods_content(root: ElementTree.Element | None) -> Iterator[Fact]:
    sheet = -1
    for item in root.iter() if root is not None else ():
        name, given = _name(item), {key.rsplit("}", 1)[-1]: value for key, value in item.attrib.items()}
        if name == "table":
            sheet += 1
        elif name == "annotation":
            texts = ["".join(part.itertext()) for part in item if _name(part) not in ("creator", "date", "date-string")]
            yield Fact("a comment", "\n".join(texts), sheet)
        elif name == "content-validation":
            texts = ["".join(part.itertext()) for part in item] + _quoted(given.get("condition", ""))
            yield from (Fact("the validation of cells", text) for text in texts)
        elif name in ("named-range", "named-expression"):
            yield Fact("a defined name", re.sub(r"[_.]+", " ", given.get("name", "")))
        elif name == "a":
            yield Fact("a link", _link_text(given.get("href", "")), sheet)
        elif name in ("text-box", "custom-shape"):
            yield Fact("a text box or picture", "\n".join("".join(part.itertext()) for part in item), sheet)
