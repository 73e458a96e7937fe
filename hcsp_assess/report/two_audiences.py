"""A result in two versions, for the public and for the partnership, and the page that each of the two gets."""

import json
from dataclasses import dataclass
from typing import Protocol

import pandas as pd

from hcsp_assess.disclosure import LOG_COLUMNS, Audience
from hcsp_assess.errors import InputError
from hcsp_assess.report.html import parse_html

#: Elements of a chapter that only one kind of reader gets, and those that stay in the notebook.
MARK, NOTEBOOK_ONLY, LOG_CLASS = "data-audience", "notebook", "disclosure-log"


class Shown(Protocol):
    """What a notebook can show: a table, a chart, a finding."""

    def _repr_html_(self) -> str: ...


@dataclass(frozen=True)
class Disclosed:
    """A result past the disclosure gate, beside the one that was not suppressed or rounded.

    In JupyterLab both are seen. A report has one of them: `keep_for` takes the other away.

    Attributes
    ----------
    public : Shown
        What anybody may see: a table, chart or finding made from what passed the gate.
    restricted : Shown
        The same for the partnership's own use. Both may have the same key: they are never in one page.
    log : pandas.DataFrame
        Lines of `disclosure.LOG_COLUMNS`, as in `Gated.log`: which cell was suppressed, by which rule. No counts.
    """

    public: Shown
    restricted: Shown
    log: pd.DataFrame

    def __post_init__(self) -> None:
        if list(self.log.columns) != list(LOG_COLUMNS):
            raise InputError(
                f"a disclosure log has the columns {', '.join(LOG_COLUMNS)}; this one has {', '.join(self.log.columns)}"
            )

    def _repr_html_(self) -> str:
        lines = json.dumps(self.log.to_dict("records"), ensure_ascii=False).replace("<", "\\u003c")
        return (
            f'<p {MARK}="{NOTEBOOK_ONLY}"><em>In the public edition:</em></p>'
            f'<div {MARK}="public">{self.public._repr_html_()}</div>'
            f'<p {MARK}="{NOTEBOOK_ONLY}"><em>In the restricted edition:</em></p>'
            f'<div {MARK}="restricted">{self.restricted._repr_html_()}</div>'
            f'<script type="application/json" class="{LOG_CLASS}">{lines}</script>'
        )


def keep_for(fragment: str, audience: Audience) -> str:
    """Return a chapter as one kind of reader gets it: without the other's elements, and without the log.

    Parameters
    ----------
    fragment : str
        HTML of a chapter, which holds `Disclosed` results in both versions.
    audience : str
        "public" or "restricted".
    """
    if MARK not in fragment and LOG_CLASS not in fragment:
        return fragment
    html = parse_html(fragment)
    soup = html.soup
    for item in soup.select(f"script.{LOG_CLASS}"):
        item.decompose()
    for item in soup.select(f"[{MARK}]"):
        if item.decomposed:
            continue
        if item[MARK] == audience:
            item.unwrap()
        else:
            item.decompose()
    return str(html)


def read_log(*fragments: str) -> pd.DataFrame:
    """Return what was suppressed in chapters: one line per cell, columns `disclosure.LOG_COLUMNS`, each line once."""
    lines = [
        line
        for fragment in fragments
        if LOG_CLASS in fragment
        for item in parse_html(fragment).soup.select(f"script.{LOG_CLASS}")
        for line in json.loads(str(item.string))
    ]
    return pd.DataFrame(lines, columns=list(LOG_COLUMNS), dtype="str").drop_duplicates(ignore_index=True)
