"""The text that a person wrote in Markdown: as safe HTML, as plain text, and what cannot be used in it."""

import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from hcsp_assess.errors import nearest
from hcsp_assess.files import legible
from hcsp_assess.sources.text_header import Fault

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

#: The lines round the evidence that is quoted above the writing space, and that is never published.
EVIDENCE = "<!-- Evidence from the last run, renewed by `hcsp-assess texts refresh`. It is not published. -->"
EVIDENCE_END = "<!-- End of the evidence. Write below this line. -->"
_EVIDENCE_LINE = re.compile(r"\s*<!--\s*Evidence\b.*-->\s*")
_END_LINE = re.compile(r"\s*<!--\s*End of the evidence\b.*-->\s*")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9-]*(?:\s[^<>]*)?/?>")
_PICTURE = re.compile(r"!\[[^\]]*\]\s*[(\[]")
_LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(\s*<?([^)\s>]*)")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s+(?P<title>.*?)\s*#*\s*$")
_ADDRESS = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
#: What Markdown may read as a mark.
_MARKS = re.compile(r"([\\`*_\[\]<>&#!~|])")
_LEADING = re.compile(r"^(\s*\d*)([-+.)])(?=\s)")


def written(body: str, first: int = 1) -> tuple[str, list[Fault]]:
    """Return what a person wrote, line for line, without quoted evidence and remarks, and what is wrong with these.

    Parameters
    ----------
    body : str
        What is below a header.
    first : int
        The number of its first line.
    """
    lines, faults = body.split("\n"), []
    start = next((number for number, line in enumerate(lines) if _EVIDENCE_LINE.fullmatch(line)), None)
    if start is not None:
        end = next((number for number in range(start, len(lines)) if _END_LINE.fullmatch(lines[number])), None)
        if end is None:
            what = f"the end of the quoted evidence is missing: add the line {EVIDENCE_END} above your own text"
            return "", [Fault(first + start, what)]
        for number in range(start + 1, end):
            if lines[number].strip() and not lines[number].lstrip().startswith(">"):
                what = "there is text among the quoted evidence, which is not published: move it below the evidence"
                faults.append(Fault(first + number, what))
        lines[start : end + 1] = [""] * (end + 1 - start)
    kept = _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), "\n".join(lines))
    if "<!--" in kept:
        line = first + kept[: kept.index("<!--")].count("\n")
        faults.append(Fault(line, "a remark that begins with <!-- is not closed: add --> at its end"))
    return kept, faults


def faults_of_body(body: str, first: int = 1) -> list[Fault]:
    """What cannot be used in a text: HTML, pictures, and links to places that a report does not link to."""
    found = []
    for number, line in enumerate(body.split("\n"), first):
        if tag := _TAG.search(re.sub(r"`[^`]*`", "", line)):
            found.append(Fault(number, f"HTML such as {tag[0][:30]} cannot be used: write **bold**, or - for a list"))
        if _PICTURE.search(line):
            found.append(Fault(number, "pictures cannot be used in a text: remove it, or describe what it shows"))
        found += [
            Fault(number, f"the link to {link[1][:60]!r} must begin with https:// or mailto:")
            for link in _LINK.finditer(line)
            if not _ADDRESS.match(link[1])
        ]
    return found


def sections(
    body: str, known: Sequence[str] | None = None, first: int = 1
) -> tuple[list[tuple[str, str, int]], list[Fault]]:
    """Split a text at its headings.

    Parameters
    ----------
    known : sequence of str, optional
        Headings at which it is split; by default all.

    Returns
    -------
    list of (str, str, int)
        Heading ("" for what is above the first), text below it, and the line of the heading.
    list of Fault
        Headings that are nearly one of those known.
    """
    parts: list[tuple[str, list[str], int]] = [("", [], first)]
    faults = []
    for number, line in enumerate(body.split("\n"), first):
        heading = _HEADING.match(line)
        title = _same_heading(heading["title"], known) if heading else ""
        if heading and not title and known:
            near = nearest(heading["title"].lower(), [each.lower() for each in known])
            if near:
                what = f"the heading {heading['title']!r} is not known. Did you mean {near.capitalize()}?"
                faults.append(Fault(number, what))
        if title:
            parts.append((title, [], number))
        else:
            parts[-1][1].append(line)
    return [(title, "\n".join(lines), line) for title, lines, line in parts], faults


def _same_heading(title: str, known: Sequence[str] | None) -> str:
    if known is None:
        return title
    return next((each for each in known if each.lower() == title.strip(" :").lower()), "")


@cache
def _reader() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False})
    reader.disable(["html_block", "html_inline", "image", "code", "lheading", "hr", "reference"])
    reader.validateLink = lambda url: bool(_ADDRESS.match(url.strip()))  # type: ignore[method-assign]
    return reader


def body_html(body: str) -> str:
    """Return a text as safe HTML: a heading in it is a bold line, so that it does not disturb the page's outline.

    Examples
    --------
    >>> body_html("## Shops\\n\\nThey *report* <b>more</b>.")
    '<p class="written-heading"><strong>Shops</strong></p>\\n<p>They <em>report</em> &lt;b&gt;more&lt;/b&gt;.</p>\\n'
    """
    reader = _reader()
    tokens = reader.parse(legible(body))
    for token in tokens:
        if token.type == "heading_open":
            token.tag, token.attrs = "p", {"class": "written-heading"}
        elif token.type == "heading_close":
            token.tag = "p"
    html = str(reader.renderer.render(tokens, reader.options, {}))
    bold = re.compile(r'(<p class="written-heading">)(.*?)(</p>)')
    return bold.sub(r"\1<strong>\2</strong>\3", html)


def body_text(body: str) -> str:
    """Return a text without its marks, in one line: paragraphs after one another, the items of a list with ";" between.

    Examples
    --------
    >>> body_text("Two reasons are **possible**:\\n\\n- more theft\\n- more reporting\\n")
    'Two reasons are possible: more theft; more reporting.'
    """
    parts: list[str] = []
    depth, listed = 0, False
    for token in _reader().parse(body):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            depth += 1
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            depth -= 1
            listed = listed and depth > 0
            if not depth and parts and parts[-1][-1:] not in ".!?":
                parts[-1] += "."
        elif token.type in ("inline", "fence"):
            said = _inline(token.children or []) if token.type == "inline" else token.content.strip()
            if depth and listed:
                parts[-1] = parts[-1].rstrip(".;") + ";"
            parts += [said] if said else []
            listed = depth > 0
    return " ".join(parts).strip()


def is_plain(body: str) -> bool:
    """Whether a text is one paragraph without any mark."""
    tokens = _reader().parse(body.strip())
    inline = [child.type for token in tokens for child in token.children or []]
    one = [token.type for token in tokens] in ([], ["paragraph_open", "inline", "paragraph_close"])
    return one and set(inline) <= {"text", "softbreak", "text_special"}


def as_markdown(text: str) -> str:
    """Return a plain text so that Markdown shows it as it is.

    Examples
    --------
    >>> as_markdown("A rise of 5*"), body_text(as_markdown("A rise of *5* and 2_000_"))
    ('A rise of 5*', 'A rise of *5* and 2_000_')
    """
    if body_text(text) == text:
        return text
    return _LEADING.sub(r"\1\\\2", _MARKS.sub(r"\\\1", text))


def _inline(children: Sequence[Any]) -> str:
    spaces = {"softbreak": " ", "hardbreak": " "}
    return "".join(spaces.get(child.type, child.content) for child in children).strip()
