"""Drafts of an edition's texts, for the restricted edition alone: nothing of them is in any other page or file."""

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from hcsp_assess.files import legible
from hcsp_assess.report.chapter_html import Chapter
from hcsp_assess.report.tables import escape
from hcsp_assess.sources.text_body import body_html
from hcsp_assess.sources.text_entries import FILE
from hcsp_assess.sources.text_kinds import TEXT_KINDS
from hcsp_assess.sources.texts import TextFolder

TITLE = "Drafts, not yet reviewed"
LEAD = "These texts are not in the public edition. They are published once their state is reviewed or approved."
#: Subjects whose drafts can be in a TOML file or a spreadsheet, with what they are called.
FILES = {kind.file: kind.title for kind in TEXT_KINDS} | {
    "plan.toml": "The partnership plan",
    "scores.toml": "Scores for priorities",
}


def draft_chapter(texts: TextFolder) -> Chapter | None:
    """Return the drafts of an edition as a chapter of the restricted edition; None where there are none.

    Raises
    ------
    InputError
        If a file of texts cannot be read.
    """
    shown = [*_pages(texts), *_entries(texts)]
    if not shown:
        return None
    return Chapter("drafts", f'<h1>{TITLE}</h1><p class="prose">{LEAD}</p>{"".join(shown)}', {}, ())


def _pages(texts: TextFolder) -> Iterator[str]:
    """Each draft in Markdown, with who writes it and what it still lacks."""
    for page in texts.pages:
        if page.state == "draft":
            who = ", ".join(part for part in (page.role, page.date) if part) or "no role or date yet"
            title = f"{page.kind.title}: {page.title or page.key.replace('_', ' ')}"
            told = f'<p class="certainty">Draft. {escape(who)}.</p>'
            yield f'<h2>{escape(title)}</h2><div class="written prose">{body_html(page.body)}</div>{told}'


def _entries(texts: TextFolder) -> Iterator[str]:
    """Each draft in a TOML file or a spreadsheet, field by field."""
    written = {page.name for page in texts.pages}
    for file, title in FILES.items():
        for table, value in texts.drafts.read(file).items():
            for entry in value if isinstance(value, list) else [value]:
                if table != "signed" and isinstance(entry, dict) and entry.get(FILE) not in written:
                    yield f"<h2>{escape(title)}</h2>{_fields(entry)}"


def _fields(entry: Mapping[str, Any]) -> str:
    lines = [
        f"<p>{escape(name.replace('_', ' ').capitalize())}: {escape(legible(_said(value)))}</p>"
        for name, value in entry.items()
        if name not in (FILE, "state")
    ]
    return f'<div class="prose">{"".join(lines)}</div>'


def _said(value: object) -> str:
    """A value of an entry in words."""
    if isinstance(value, datetime.date):
        return f"{value.day} {value:%B %Y}"
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_said(each)}" for name, each in value.items())
    return ", ".join(map(_said, value)) if isinstance(value, list | tuple) else str(value)
