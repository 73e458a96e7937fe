"""Other formats beside a page: PDF by a browser, Word, and the briefing of two pages in all of them."""

import hashlib
import logging
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.errors import InputError
from hcsp_assess.report.briefing_page import Briefing, briefing_page, print_briefing
from hcsp_assess.report.html import parse_html
from hcsp_assess.report.pages import find_problems
from hcsp_assess.report.pdf import browser_wanted, find_browser, print_pdf
from hcsp_assess.report.word import word_wanted, write_word
from hcsp_assess.run.notebooks import NotebookError

logger = logging.getLogger(__name__)
Format = Literal["html", "pdf", "docx"]
FORMATS: tuple[Format, ...] = ("html", "pdf", "docx")
PUBLISHED_AS = "%d %B %Y, %H:%M UTC"
PDF, WORD, BRIEFING = "report.pdf", "report.docx", "briefing"
#: Folders beside a page for what differs each time, since it holds the time.
FOLDERS = ("pdf", "word", BRIEFING)
#: What differs between two pages that show the same: when they were published.
PUBLISHED = re.compile(r'<time [^>]*>.*?</time>|content: "Published .*?";')
NO_BROWSER = "no PDF was made: no browser of the Chromium family (Chrome, Edge, Chromium) was found on this machine"


def printed(page: str, *, how: Callable[[str, Path], bytes] = print_pdf) -> bytes:
    """Return a page as PDF; where there is no browser, or it fails, that is logged and the run goes on without."""
    try:
        if browser := find_browser():
            return how(page, browser)
        problem = NO_BROWSER if browser_wanted() else ""
    except InputError as error:
        problem = f"no PDF was made: {error}"
    if problem:
        logger.warning(problem)
    return b""


def beside(page: str, published: datetime, *, mark: str = "", print_it: bool = True) -> dict[str, bytes]:
    """Return the report in its other formats, by path from its folder; each is named after what it shows.

    Parameters
    ----------
    mark : str
        What every page of the Word version says, such as that it is not for publication.
    print_it : bool
        Whether it is printed to PDF.
    """
    name, found = shown_in(page), {}
    if pdf := printed(page) if print_it else b"":
        found[f"pdf/{name}/{PDF}"] = pdf
    if word_wanted():
        found[f"word/{name}/{WORD}"] = write_word(page, mark=mark, made=published)
    return found


def shown_in(page: str) -> str:
    """Name of a folder for a page: the same for two pages that differ in nothing but when they were published."""
    return hashlib.sha256(PUBLISHED.sub("", page).encode()).hexdigest()[:12]


def write_briefing(
    briefing: Briefing,
    opened: OpenEdition,
    published: datetime,
    *,
    report: str = "",
    formats: Sequence[Format] = FORMATS,
) -> dict[str, bytes]:
    """Return a briefing in the formats asked for, by name of the file.

    Parameters
    ----------
    report : str
        Where the whole report is from the page; "" for no link.

    Raises
    ------
    NotebookError
        If the page is not fit to publish.
    """
    page = briefing_page(
        briefing,
        published=published.isoformat(),
        published_text=f"{published:{PUBLISHED_AS}}",
        contact=opened.area.contact_name,
        report=report,
    )
    if problems := find_problems(parse_html(page)):
        raise NotebookError(f"the briefing is not fit to publish: {'; '.join(problems[:5])}")
    found = {f"{briefing.name}.html": page.encode("utf-8")} if "html" in formats else {}
    if "pdf" in formats and (pdf := printed(page, how=print_briefing)):
        found[f"{briefing.name}.pdf"] = pdf
    if "docx" in formats and word_wanted():
        found[f"{briefing.name}.docx"] = write_word(page, contents=False, made=published)
    return found
