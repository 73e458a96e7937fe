"""How the restricted edition is marked, and what it tells of the cells that the public one lacks."""

import tomllib
from dataclasses import dataclass
from importlib import resources

import pandas as pd

from hcsp_assess.disclosure import disclosure_rules
from hcsp_assess.report.chapter_html import Chapter
from hcsp_assess.report.tables import Table, escape
from hcsp_assess.sources.texts import TextFolder, text_of

FILE = "handling.toml"
HEADINGS = {"table": "Table", "row": "Row", "column": "Column", "rule": "Rule", "why": "Why"}


@dataclass(frozen=True)
class Handling:
    """The marking of a page that is not for publication.

    Attributes
    ----------
    mark : str
        Words of the banner, on screen and on every printed page.
    handling : str
        Who may have it, and what to do with it.
    """

    mark: str
    handling: str


def read_handling(texts: TextFolder) -> Handling:
    """Read the marking from an edition's texts, else the one that comes with the package.

    Parameters
    ----------
    texts : TextFolder
        The edition's reviewed texts; `handling.toml` there wins.

    Raises
    ------
    InputError
        If a file lacks the mark or the handling.
    """
    given = texts.read(FILE)
    where = f"{texts.name}/{FILE}"
    if not given:
        file = resources.files("hcsp_assess") / "definitions" / FILE
        given, where = tomllib.loads(file.read_text(encoding="utf-8")), f"definitions/{FILE}"
    return Handling(text_of(where, given, "mark"), text_of(where, given, "handling"))


def table_log(log: pd.DataFrame) -> Table:
    """Show which cells the public edition lacks, and by which rule; no counts."""
    titles = {key: rule.title for key, rule in disclosure_rules().items()}
    frame = log.assign(rule=log["rule"].map(lambda key: titles.get(key, key))).rename(columns=HEADINGS)
    return Table(frame, "Cells that the public edition suppresses, with the rule of each", "suppressed-cells")


def log_chapter(log: pd.DataFrame) -> Chapter:
    """The disclosure log as a chapter of the restricted edition."""
    if log.empty:
        shown = '<p class="prose">No cell is suppressed: the public edition shows the same figures as this one.</p>'
    else:
        tables = log["table"].nunique()
        text = (
            f"The public edition suppresses {len(log):,} cells of {tables:,} tables, and rounds the counts beside "
            "them. This edition shows them as they are. Each rule, with its reason, is in definitions/disclosure.toml."
        )
        shown = f'<p class="prose">{escape(text)}</p>{table_log(log)._repr_html_()}'
    return Chapter("disclosure_log", f"<h1>What the public edition does not show</h1>{shown}", {}, ())
