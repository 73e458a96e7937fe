"""Texts that people write in Markdown for an edition: read with every problem named, shown as safe HTML, saved."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from hcsp_assess.errors import InputError, Problem, did_you_mean, nearest
from hcsp_assess.files import write_whole
from hcsp_assess.sources.text_body import body_html, faults_of_body, sections, written
from hcsp_assess.sources.text_entries import FILE, common_fields, entry_of, exercise_of, header_faults, said_in
from hcsp_assess.sources.text_header import BOM, Fault, Header, split_header
from hcsp_assess.sources.text_kinds import BY_FOLDER, ORIGINS, PUBLISHED, TextKind

SUFFIX = ".md"
NOT_WRITTEN = "not written yet"
#: The place of a text without `order`.
LAST = 10_000
#: A text for a person to read is never longer than this.
LARGEST = 1_000_000
_NAME = re.compile(r"[a-z0-9_]{1,80}")
#: How files begin that are no text, and what to do.
_NO_TEXT = {
    b"PK": "it is a Word document or another zipped file: copy its text into a file that ends with .md",
    b"\xd0\xcf\x11\xe0": "it is an old Word or Excel file: copy its text into a file that ends with .md",
    b"%PDF": "it is a PDF: copy its text into a file that ends with .md",
    b"{\\rtf": "it is a rich-text file: copy its text into a file that ends with .md",
    b"\xff\xfe": "it is saved as UTF-16: save it again as UTF-8 (in Notepad: Save as, Encoding)",
    b"\xfe\xff": "it is saved as UTF-16: save it again as UTF-8 (in Notepad: Save as, Encoding)",
}


@dataclass(frozen=True)
class TextPage:
    """One file as read.

    Attributes
    ----------
    name : str
        Its folder and name: "reasons/shoplifting.md".
    kind : TextKind
        What kind of text it is.
    key : str
        Theme, finding or letter that its name gives.
    title, role, date : str
        As its header has them; "" without.
    state : str
        "draft", "reviewed" or "approved"; `NOT_WRITTEN` for a draft without text.
    body : str
        What the person wrote, without quoted evidence and remarks.
    order : int
        Its place among the texts of its kind; those without one come last, by name.
    entries : dict of str to list of dict
        What the readers of reviewed texts take, by table.
    problems : tuple of Problem
        What is wrong.
    """

    name: str
    kind: TextKind
    key: str
    title: str = ""
    role: str = ""
    date: str = ""
    state: str = "draft"
    body: str = ""
    order: int = LAST
    entries: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def problems_of_text(text: str, name: str) -> tuple[Problem, ...]:
    """Find what is wrong in one text, before it is saved.

    Parameters
    ----------
    text : str
        The whole file, header and all.
    name : str
        Its folder and name, which say what kind of text it is: "reasons/shoplifting.md".

    Returns
    -------
    tuple of Problem
        Each with its line; what does not stop a run is still missing from a draft.

    Examples
    --------
    >>> text = "---\\ntitle: Shoplifting\\nrole: Partnership analyst\\nstat: draft\\n---\\nShops report more.\\n"
    >>> print(problems_of_text(text, "reasons/shoplifting.md")[0].where)
    reasons/shoplifting.md, line 4
    """
    _, wrong = kind_of(name)
    return (wrong,) if wrong else read_page(text, name).problems


def text_html(text: str) -> str:
    """Return the text of a file as the report shows it: safe HTML, without header, quoted evidence and remarks.

    Examples
    --------
    >>> text_html("---\\nstate: draft\\n---\\nShops **report** more.<!-- check -->")
    '<p>Shops <strong>report</strong> more.</p>\\n'
    """
    header = split_header(text)
    return body_html(written(header.body)[0])


def save_text(path: Path, text: str) -> None:
    """Write a text as UTF-8 with plain line ends, whole or not at all; `OSError` where it cannot be written."""
    plain = text.removeprefix(BOM).replace("\r\n", "\n").replace("\r", "\n")
    write_whole(path, f"{plain.rstrip()}\n".encode("utf-8", "replace"))


def kind_of(name: str) -> tuple[TextKind | None, Problem | None]:
    """Return the kind of text that a file's folder and name say, or what is wrong with them."""
    path = PurePosixPath(name.replace("\\", "/"))
    folder = path.parent.name
    kind = BY_FOLDER.get(folder.lower())
    if kind is None:
        near = did_you_mean(folder.lower(), BY_FOLDER) or f" The folders are {', '.join(BY_FOLDER)}."
        return None, Problem(name, f"there is no kind of text {folder!r}.{near}")
    if path.suffix.lower() != SUFFIX:
        word = path.suffix.lower() in (".docx", ".doc", ".odt", ".rtf")
        do = "is a Word document: copy its text into a file that" if word else "is not read: rename it so that it"
        return None, Problem(name, f"{path.name} {do} ends with .md")
    key = key_of(name)
    if not _NAME.fullmatch(key):
        return None, Problem(name, "name the file with letters, digits and _ alone, as in shoplifting.md")
    if kind.names and key not in kind.names:
        near = did_you_mean(key, kind.names) or f" There are {', '.join(kind.names)}."
        return None, Problem(name, f"{kind.title.lower()!r} has no theme {key!r}.{near}")
    return kind, None


def key_of(name: str) -> str:
    """Return the theme, finding or letter that a file's name gives: "Rural crime.md" is rural_crime."""
    stem = PurePosixPath(name.replace("\\", "/")).stem
    return re.sub(r"[\s-]+", "_", stem.strip().lower())


def decode_text(content: bytes) -> tuple[str, str]:
    """Return the text of a file, or "" and why it cannot be read."""
    if len(content) > LARGEST:
        return "", "it is larger than 1 MB, which no text for a report is: shorten it"
    for start, why in _NO_TEXT.items():
        if content.startswith(start):
            return "", why
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return "", f"line {line} has a character that is not in UTF-8: save the file again as UTF-8"
    if "\x00" in text:
        return "", "it is not plain text: save it again as UTF-8"
    return text, ""


def same_names(pages: Sequence[TextPage]) -> tuple[Problem, ...]:
    """Name files of the same kind and theme, as "Rural crime.md" and "rural_crime.md"."""
    found = []
    for number, page in enumerate(pages):
        other = next((each for each in pages[:number] if (each.kind, each.key) == (page.kind, page.key)), None)
        if other is not None:
            what = f"{page.name} and {other.name} are both about {page.key}: join them in one file"
            found.append(Problem(page.name, what))
    return tuple(found)


@cache
def page_of(content: bytes, name: str) -> TextPage:
    """Read a file by its content; see `read_page`. A file that cannot be read at all is a page with that problem."""
    kind, wrong = kind_of(name)
    text, why = decode_text(content)
    if kind is not None and not why:
        return read_page(text, name)
    held = kind or BY_FOLDER[PurePosixPath(name).parent.name.lower()]
    return TextPage(name, held, key_of(name), state=NOT_WRITTEN, problems=(wrong or Problem(name, why),))


def read_page(text: str, name: str) -> TextPage:
    """Read one text: what it says, and everything that is wrong with it.

    Raises
    ------
    InputError
        If its name is not one of a text; see `kind_of`.
    """
    kind, wrong = kind_of(name)
    if kind is None:
        raise InputError(f"{name}: {wrong.what if wrong else 'no kind of text'}")
    header = split_header(text)
    body, in_body = written(header.body, header.body_line)
    common, in_common = common_fields(header.values, header.lines)
    faults = [*header.faults, *header_faults(kind, header), *in_common, *in_body]
    faults += faults_of_body(body, header.body_line)
    key = key_of(name)
    entries, in_entries = _entries(kind, key, header, common, body)
    state = _state(kind, common, body)
    readable = not any(fault.stops for fault in header.faults) and (bool(body.strip()) or not in_body)
    if readable and state != NOT_WRITTEN:
        faults += [*in_entries, *_missing(kind, header, common, entries, state)]
    places = tuple(
        Problem(f"{name}, line {fault.line}", fault.what, fault.stops)
        for fault in sorted(faults, key=lambda fault: (not fault.stops, fault.line))
    )
    for entry in (entry for table in entries.values() for entry in table):
        entry[FILE] = name
    order = int(str(header.values["order"])) if str(header.values.get("order", "")).isdecimal() else LAST
    told = {each: str(header.values.get(each, "")) for each in ("title", "role", "date")}
    return TextPage(
        name, kind, key, **told, state=state, body=body.strip(), order=order, entries=entries, problems=places
    )


def _state(kind: TextKind, common: Mapping[str, Any], body: str) -> str:
    """How far the text has got; without a state it counts as a draft, and a draft of headings alone is not written."""
    state = str(common.get("state", "draft"))
    parts, _ = sections(body, tuple(kind.sections) or ("",))
    return NOT_WRITTEN if state not in PUBLISHED and not any(text.strip() for _, text, _ in parts) else state


def _entries(
    kind: TextKind, key: str, header: Header, common: dict[str, Any], body: str
) -> tuple[dict[str, list[dict[str, Any]]], list[Fault]]:
    """The entries of a text by table, with what is wrong in its body."""
    common = {"origin": ORIGINS[-1], "state": "draft"} | common
    if kind.folder != "consultation":
        entry, faults = entry_of(kind, key, header, body, header.body_line)
        return {kind.table: [entry | common]}, faults
    said, faults = said_in(key, common, body, header.body_line)
    return {"exercise": [exercise_of(key, header) | {"state": common["state"]}], "said": said}, faults


def _missing(
    kind: TextKind, header: Header, common: Mapping[str, Any], entries: Mapping[str, list[dict[str, Any]]], state: str
) -> list[Fault]:
    """What the text still needs; it stops a run only where the text is to be published."""
    stops = state in PUBLISHED
    own = list(entries.get("said", []))
    misspelt = {nearest(name, kind.header, cutoff=0.5) for name in header.lines if name not in kind.header}
    given = {*header.lines, *misspelt}
    found = []
    if "state" not in given:
        found.append(Fault(1, "the header has no state: write state: draft, reviewed or approved"))
    for name, target, example in (
        ("role", "author_role", "role: Partnership analyst"),
        ("date", "date", "date: 31 October 2026"),
    ):
        if target not in common and (name not in given or name not in misspelt) and not _all_have(own, target):
            if name == "date" and name in header.values:
                continue  # a date that is no day is named already
            found.append(Fault(header.lines.get(name, 1), f"the header has no {name}: write {example}", stops))
    found += [
        Fault(header.lines.get(name, 1), f"the header has no {name}: add it", stops)
        for name in kind.needed
        if name not in header.values and name not in misspelt
    ]
    if common.get("origin") in ORIGINS[:2] and not common.get("source"):
        what = f"the text is {common['origin']!r} but has no source: name the document and section"
        found.append(Fault(header.lines.get("origin", 1), what, stops))
    return found + _missing_text(kind, header, entries, stops=stops)


def _all_have(said: list[dict[str, Any]], name: str) -> bool:
    return bool(said) and all(name in each for each in said)


def _missing_text(
    kind: TextKind, header: Header, entries: Mapping[str, list[dict[str, Any]]], *, stops: bool
) -> list[Fault]:
    """The text itself and its sections, where nothing is written."""
    entry = entries[kind.table][0]
    there = kind.body in entry if kind.body else bool(entries.get("said"))
    found = [] if there else [Fault(header.body_line, f"nothing is written: {kind.asks}", stops)]
    return found + [
        Fault(header.body_line, f"the text has nothing under the heading ## {title}: add it", stops)
        for title, target in kind.sections.items()
        if target not in entry
    ]
