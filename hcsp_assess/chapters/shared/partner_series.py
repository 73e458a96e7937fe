"""What chapters on partners' returns show alike: series by quarter past the disclosure gate."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from hcsp_assess.assessment.findings import Findings
from hcsp_assess.assessment.partner_series import QuarterChange, QuarterSeries
from hcsp_assess.assessment.wording.partner_series import title_of_chart
from hcsp_assess.disclosure import Audience, Gated, pass_gate
from hcsp_assess.edition.chapter_sources import chapter_sources
from hcsp_assess.edition.returns import SUPPRESSED, EditionReturns, gate_series
from hcsp_assess.periods import Span, parse_quarter
from hcsp_assess.report.charts import Chart, Heading
from hcsp_assess.report.quarter_charts import chart_quarters
from hcsp_assess.report.tables import NO_DATA, Table
from hcsp_assess.report.two_audiences import Disclosed
from hcsp_assess.sources.returns.combining import CombinedReturn
from hcsp_assess.sources.returns.definitions import return_definition

GAP = "[x]"


def findings_series(returns: EditionReturns, chapter: str) -> Findings:
    """Say where each series of a chapter is against the year before; nothing where nothing was received."""
    return Findings(returns.findings_of(chapter))


def table_series(returns: EditionReturns, chapter: str) -> Disclosed | Findings:
    """Show each series of a chapter by quarter, in a closed panel; nothing where nothing was received."""
    series = returns.of(chapter)
    if not series:
        return Findings(())
    key = f"{chapter.replace('_', '-')}-quarters"
    audiences: tuple[Audience, Audience] = ("public", "restricted")
    gates = {audience: [gate_series(item, audience) for item in series] for audience in audiences}
    quarters = _quarters(series)
    known = chapter_sources().get(chapter)
    subject = known.subject if known is not None else chapter.replace("_", " ").capitalize()
    caption = f"{subject}: figures by quarter, {_span(quarters).spoken}, {returns.area.name}"

    def table(audience: Audience) -> Table:
        rows = [
            (_name(returns, item), *(_cell(returns, item, gate, quarter) for quarter in quarters))
            for item, gate in zip(series, gates[audience], strict=True)
        ]
        frame = pd.DataFrame(rows, columns=["Measure", *(parse_quarter(quarter).label for quarter in quarters)])
        notes = tuple(dict.fromkeys(note for gate in gates[audience] for note in gate.notes))
        simulated = any(item.simulated for item in series)
        return Table(frame, caption, key, used_notes(frame, notes), simulated, folded=f"{subject}: figures by quarter")

    log = pd.concat([gate.log for gate in gates["public"]], ignore_index=True)
    return Disclosed(table("public"), table("restricted"), log)


def chart_series(returns: EditionReturns, chapter: str) -> Chart | Findings:
    """Chart each series of a chapter by quarter, in numbers that may be published; nothing where there are none."""
    series = [item for item in returns.of(chapter) if item.counts.notna().any()]
    shown = {item.definition.key: gate_series(item, "public") for item in series}
    values = {item.definition.key: _values(returns, item, shown[item.definition.key]) for item in series}
    drawn = [item for item in series if values[item.definition.key].notna().any()]
    if not drawn:
        return Findings(())
    quarters = _quarters(series)
    labels = pd.Index([parse_quarter(quarter).label for quarter in quarters])
    words = {SUPPRESSED: "too few", GAP: NO_DATA}
    kept, gaps = {}, {}
    for item in drawn:
        name, key = _name(returns, item), item.definition.key
        kept[name] = values[key].reindex(quarters).set_axis(labels)
        gaps[name] = shown[key].symbols.iloc[:, 0].replace(words).reindex(quarters).set_axis(labels)
    changes = [(item.definition.title, _change(returns, item)) for item in drawn]
    return chart_quarters(
        kept,
        Heading(
            key=f"{chapter.replace('_', '-')}-chart",
            title=title_of_chart(changes, returns.span.name),
            subtitle=f"Each bar is the three months that end with the month named; {returns.area.name}",
            source="; ".join(dict.fromkeys(_source(returns, item) for item in series)),
            simulated=any(item.simulated for item in series),
        ),
        percent={_name(returns, item) for item in drawn if item.whole is not None},
        gaps=gaps,
    )


def used_notes(frame: pd.DataFrame, notes: Sequence[str]) -> tuple[str, ...]:
    """Return the notes of a table without the keys to symbols that are not in it.

    Examples
    --------
    >>> used_notes(pd.DataFrame({"Calls": ["5"]}), ("[x] not available", "Rounded to the nearest 5."))
    ('Rounded to the nearest 5.',)
    """
    cells = {str(cell) for name in frame for cell in frame[name]}
    return tuple(note for note in notes if not note.startswith("[") or note[:3] in cells)


@dataclass(frozen=True)
class Shown:
    """How a table of counts is printed.

    Attributes
    ----------
    key, caption, notes, folded
        As in `report.tables.Table`.
    label : str
        Heading of the first column.
    """

    key: str
    caption: str
    label: str
    notes: tuple[str, ...] = ()
    folded: str = ""


def disclose(
    counts: pd.DataFrame,
    combined: CombinedReturn,
    shown: Shown,
    *,
    marks: pd.DataFrame | None = None,
    add_across: bool = True,
) -> Disclosed:
    """Pass a table of a return's counts through the gate for both kinds of reader.

    Parameters
    ----------
    counts : pandas.DataFrame
        Counts without totals; the index names the rows.
    combined : CombinedReturn
        The return that they were counted from; its definition names the rule.
    marks, add_across
        As in `disclosure.pass_gate`.
    """

    def table(audience: Audience) -> tuple[Gated, Table]:
        gate = pass_gate(
            counts,
            rule=combined.definition.disclosure,
            table=shown.caption,
            marks=marks,
            add_across=add_across,
            audience=audience,
        )
        frame = gate.frame.reset_index(names=shown.label)
        notes = (*used_notes(frame, gate.notes), *shown.notes)
        return gate, Table(frame, shown.caption, shown.key, notes, combined.simulated, shown.folded)

    (gate, public), (_, restricted) = table("public"), table("restricted")
    return Disclosed(public, restricted, gate.log)


def likely_range(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its percentages in whole numbers and the two ends of their interval as one likely range.

    Parameters
    ----------
    frame : pandas.DataFrame
        With the columns "Per cent", "Lower" and "Upper", as numbers or as printed.

    Examples
    --------
    >>> likely_range(pd.DataFrame({"Per cent": [71.4], "Lower": [54.9], "Upper": [83.7]})).iloc[0].tolist()
    ['71%', '55% to 84%']
    """
    shown = {name: [_whole_percent(value) for value in frame[name]] for name in ("Per cent", "Lower", "Upper")}
    pairs = zip(shown["Lower"], shown["Upper"], strict=True)
    spans = [low if low == high else f"{low} to {high}" for low, high in pairs]
    kept = frame.drop(columns=["Lower", "Upper"])
    return kept.assign(**{"Per cent": shown["Per cent"], "Likely range": spans})


def _whole_percent(value: object) -> str:
    if isinstance(value, str):
        return value if not value.replace(".", "").isdigit() else f"{float(value):.0f}%"
    return NO_DATA if pd.isna(value) else f"{float(value):.0f}%"  # type: ignore[call-overload,arg-type]


def show_percents(values: pd.Series, base: pd.Series, minimum_base: int) -> list[str]:
    """Return percentages as printed: "[c]" of a base under the rule's minimum, "[x]" where there is none."""
    return [
        "[c]" if pd.notna(of) and of < minimum_base else "[x]" if pd.isna(value) else f"{value:.0f}%"
        for value, of in zip(values, base, strict=True)
    ]


def _source(returns: EditionReturns, item: QuarterSeries) -> str:
    """What a chart names as the source of a series."""
    if returns.published_cells(item):
        return "the partnership's strategy"
    name = item.definition.source
    return f"{return_definition(name, returns.project.root).title} ({returns.holder(name)})"


def _name(returns: EditionReturns, item: QuarterSeries) -> str:
    """The title of a series, with a mark where its figures are those that were published."""
    return f"{item.definition.title}, as published" if returns.published_cells(item) else item.definition.title


def _change(returns: EditionReturns, item: QuarterSeries) -> QuarterChange | None:
    """The change of a series; none of one whose published figures cannot be tested, or are in doubt."""
    if not returns.published_cells(item):
        return returns.changes.get(item.definition.key)
    performance = returns.published[item.definition.published]
    known = performance.year_to_date
    change = returns.changes.get(item.definition.key)
    if known is None or known.certainty == "cannot be tested" or change is None:
        return None
    return change if known.certainty == "clear" else replace(change, adjusted_p_value=1.0)


def _values(returns: EditionReturns, item: QuarterSeries, gate: Gated) -> pd.Series:
    """Values of a series by quarter that may be published, or those that were."""
    gated = gate.counts.iloc[:, 0].astype("Float64")
    cells = returns.published_cells(item)
    if not cells:
        return gated
    numbers = {quarter: float(cell.rstrip("%").replace(",", "")) for quarter, cell in cells.items()}
    return pd.Series([numbers.get(str(quarter), pd.NA) for quarter in gated.index], index=gated.index, dtype="Float64")


def _span(quarters: Sequence[str]) -> Span:
    return Span(parse_quarter(quarters[0]).span.first, parse_quarter(quarters[-1]).span.last)


def _quarters(series: Sequence[QuarterSeries]) -> list[str]:
    """Names of the quarters, from the first of which anything was received."""
    names = [str(name) for name in series[0].counts.index]
    first = min(place for item in series for place, why in enumerate(item.why) if why != "x")
    return names[first:]


def _cell(returns: EditionReturns, item: QuarterSeries, gate: Gated, quarter: str) -> str:
    cells = returns.published_cells(item)
    if cells:
        return cells.get(quarter, GAP)
    value = gate.counts.loc[quarter].iloc[0]
    if pd.isna(value):
        return str(gate.symbols.loc[quarter].iloc[0])
    return f"{value:.0f}%" if item.whole is not None else f"{value:,}"
