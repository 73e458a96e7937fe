"""Small HTML tables that show a result in JupyterLab."""

from collections.abc import Iterable, Mapping
from html import escape

import pandas as pd


def facts_table(caption: str, facts: Mapping[str, object]) -> str:
    """Return a two-column HTML table with a caption and row headers; every text is escaped.

    Examples
    --------
    >>> facts_table("Counts", {"Crimes": 1234})
    '<table><caption>Counts</caption><tbody><tr><th scope="row">Crimes</th><td>1,234</td></tr></tbody></table>'
    """
    rows = "".join(f'<tr><th scope="row">{escape(k)}</th><td>{escape(_text(v))}</td></tr>' for k, v in facts.items())
    return f"<table><caption>{escape(caption)}</caption><tbody>{rows}</tbody></table>"


def rows_table(caption: str, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return an HTML table with a caption, column headers and a row header in the first column; all escaped.

    Examples
    --------
    >>> rows_table("Counts", ["Month"], [("2025-01",)])
    '<table><caption>Counts</caption><thead><tr><th scope="col">Month</th></tr></thead><tbody><tr><th
    scope="row">2025-01</th></tr></tbody></table>'
    """
    head = "".join(f'<th scope="col">{escape(c)}</th>' for c in columns)
    body = "".join(_row([_text(cell) for cell in row]) for row in rows)
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _row(cells: list[str]) -> str:
    data = "".join(f"<td>{escape(cell)}</td>" for cell in cells[1:])
    return f'<tr><th scope="row">{escape(cells[0])}</th>{data}</tr>'


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value is pd.NA or value is pd.NaT:
        return "not known"
    if isinstance(value, float):
        return "not known" if value != value else f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
