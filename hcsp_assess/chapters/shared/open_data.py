"""What chapters show of open data, alike for every supplier: sentences, a table of latest figures, figures by year."""

import pandas as pd

from hcsp_assess.assessment.findings import Findings
from hcsp_assess.assessment.wording.open_data import say_course, say_range, say_value
from hcsp_assess.edition.open_data import EditionOpenData
from hcsp_assess.edition.returns import EditionReturns
from hcsp_assess.report.tables import Table

YEARS = 8  # newest periods that the table by year has room for


def findings_chapter(returns: EditionReturns, held: EditionOpenData, chapter: str) -> Findings:
    """Say what partners' returns say, then what open data say."""
    return Findings((*returns.findings_of(chapter), *held.findings_of(chapter)))


def findings_open(held: EditionOpenData, chapter: str) -> Findings:
    """Say what open data say for a chapter that rests on other sources; nothing where none are held."""
    return Findings(held.findings_of(chapter))


def table_latest(held: EditionOpenData, chapter: str) -> Table | Findings:
    """Show the latest figure of each measure with its likely range, region and country beside it."""
    figures = held.of(chapter)
    if not figures:
        return Findings(())
    rows = [
        {
            "Measure": item.measure.title,
            "Period": str(item.latest["period"]),
            held.area.name: say_value(item, item.latest["value"]),
            "Likely range": say_range(item) or "no data",
            "Region": "no data" if item.region is None else say_value(item, item.region["value"]),
            "Country": "no data" if item.country is None else say_value(item, item.country["value"]),
            "Trend": say_course(item),
        }
        for item in figures
    ]
    caption = f"Open data: latest figures, {held.area.name}"
    return Table(pd.DataFrame(rows), caption, f"{_key(chapter)}-open-latest", _notes(held, chapter))


def table_years(held: EditionOpenData, chapter: str) -> Table | Findings:
    """Show the figures of each measure by period, the newest `YEARS`."""
    figures = [item for item in held.of(chapter) if len(item.periods) > 1]
    if not figures:
        return Findings(())
    ends = pd.concat([item.periods[["ends", "starts", "period"]] for item in figures]).drop_duplicates()
    periods = ends.sort_values(["ends", "starts"])["period"].drop_duplicates().tolist()[-YEARS:]
    rows = []
    for item in figures:
        values = dict(zip(item.periods["period"], item.periods["value"], strict=True))
        cells = {period: say_value(item, values[period]) if period in values else "no data" for period in periods}
        rows.append({"Measure": item.measure.title, **cells})
    caption = f"Open data: figures by year, {held.area.name}"
    return Table(pd.DataFrame(rows), caption, f"{_key(chapter)}-open-years", _notes(held, chapter))


def _key(chapter: str) -> str:
    return chapter.replace("_", "-")


def _notes(held: EditionOpenData, chapter: str) -> tuple[str, ...]:
    """Where the figures are from, once for each supplier."""
    used = {item.supplier.key: item.supplier for item in held.of(chapter)}
    return tuple(f"Source: {each.label}. {each.attribution}" for each in used.values())
