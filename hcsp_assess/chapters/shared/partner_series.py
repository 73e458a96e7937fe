"""What chapters on partners' returns show alike: series by quarter past the disclosure gate, and what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from hcsp_assess.assessment.findings import Finding, Findings
from hcsp_assess.assessment.partner_series import QuarterSeries
from hcsp_assess.assessment.wording.absent import absent, as_reported, no_series, nothing_to_draw
from hcsp_assess.disclosure import Audience, Gated, pass_gate
from hcsp_assess.edition.returns import GAPS, SUPPRESSED, EditionReturns, gate_series
from hcsp_assess.report.charts import Chart, Heading
from hcsp_assess.report.quarter_charts import chart_quarters
from hcsp_assess.report.tables import NO_DATA, Table
from hcsp_assess.report.two_audiences import Disclosed
from hcsp_assess.sources.returns.combining import CombinedReturn

GAP = "[x]"


def say_missing(returns: EditionReturns, *names: str) -> Findings:
    """Say of each return what did not come, who was to send it, and since when it is missing."""
    register = returns.register
    lines = register[register["dataset"].isin(names) & register["status"].isin(GAPS)]
    found = [
        as_reported(f"missing_{line['dataset']}_{number}", str(line["message"]))
        for number, (_, line) in enumerate(lines.iterrows())
    ]
    return Findings(tuple(found or [absent("missing_none")]))


def findings_series(returns: EditionReturns, chapter: str) -> Findings:
    """Say where each series of a chapter is against the year before."""
    return Findings(
        returns.findings_of(chapter)
        or (no_series(f"{chapter}_nothing", returns.day, asked=bool(returns.names_received)),)
    )


def table_series(returns: EditionReturns, chapter: str) -> Disclosed | Findings:
    """Show each series of a chapter by quarter; nothing where nothing was received, which `findings_series` says."""
    series = returns.of(chapter)
    if not series:
        return Findings(())
    key = f"{chapter.replace('_', '-')}-quarters"
    audiences: tuple[Audience, Audience] = ("public", "restricted")
    gates = {audience: [gate_series(item, audience) for item in series] for audience in audiences}
    quarters = _quarters(series)
    subject = chapter.replace("_", " ").capitalize()
    caption = f"{subject} by quarter, {quarters[0]} to {quarters[-1]}, {returns.area.name}"

    def table(audience: Audience) -> Table:
        rows = [
            (item.definition.title, *(_cell(item, gate, quarter) for quarter in quarters))
            for item, gate in zip(series, gates[audience], strict=True)
        ]
        frame = pd.DataFrame(rows, columns=["Series", *quarters])
        notes = tuple(dict.fromkeys(note for gate in gates[audience] for note in gate.notes))
        first = ("Quarters are of financial years: Q1 is April to June.",)
        return Table(frame, caption, key, first + notes, any(item.simulated for item in series))

    log = pd.concat([gate.log for gate in gates["public"]], ignore_index=True)
    return Disclosed(table("public"), table("restricted"), log)


def chart_series(returns: EditionReturns, chapter: str) -> Chart | Finding | Findings:
    """Chart each series of a chapter by quarter, in numbers that may be published."""
    if not returns.of(chapter):
        return Findings(())
    series = [item for item in returns.of(chapter) if item.counts.notna().any()]
    shown = {item.definition.title: gate_series(item, "public") for item in series}
    values = {name: gate.counts.iloc[:, 0].astype("Float64") for name, gate in shown.items()}
    kept = {name: each for name, each in values.items() if each.notna().any()}
    if not kept:
        return nothing_to_draw(f"{chapter}_no_chart")
    quarters = _quarters(series)
    kept = {name: each.reindex(quarters) for name, each in kept.items()}
    words, span = {SUPPRESSED: "too few", GAP: NO_DATA}, f"{quarters[0]} to {quarters[-1]}"
    gaps = {name: shown[name].symbols.iloc[:, 0].replace(words).reindex(quarters) for name in kept}
    return chart_quarters(
        kept,
        Heading(
            key=f"{chapter.replace('_', '-')}-chart",
            title=f"{len(kept)} series by quarter" if len(kept) > 1 else f"{next(iter(kept))}, by quarter",
            subtitle=f"Numbers, or per cent where the axis says so; {returns.area.name}, {span}",
            source="; ".join(dict.fromkeys(_title(returns, item) for item in series)),
            simulated=any(item.simulated for item in series),
        ),
        percent={item.definition.title for item in series if item.whole is not None},
        gaps=gaps,
    )


@dataclass(frozen=True)
class Shown:
    """How a table of counts is printed.

    Attributes
    ----------
    key, caption, notes
        As in `report.tables.Table`.
    label : str
        Heading of the first column.
    """

    key: str
    caption: str
    label: str
    notes: tuple[str, ...] = ()


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
        return gate, Table(frame, shown.caption, shown.key, (*gate.notes, *shown.notes), combined.simulated)

    (gate, public), (_, restricted) = table("public"), table("restricted")
    return Disclosed(public, restricted, gate.log)


def show_percents(values: pd.Series, base: pd.Series, minimum_base: int) -> list[str]:
    """Return percentages as printed: "[c]" of a base under the rule's minimum, "[x]" where there is none."""
    return [
        "[c]" if pd.notna(of) and of < minimum_base else "[x]" if pd.isna(value) else f"{value:.0f}%"
        for value, of in zip(values, base, strict=True)
    ]


def _title(returns: EditionReturns, item: QuarterSeries) -> str:
    definition = returns.combined(item.definition.source).definition
    return f"{definition.title} ({definition.holder})"


def _quarters(series: Sequence[QuarterSeries]) -> list[str]:
    """Names of the quarters, from the first of which anything was received."""
    names = [str(name) for name in series[0].counts.index]
    first = min(place for item in series for place, why in enumerate(item.why) if why != "x")
    return names[first:]


def _cell(item: QuarterSeries, gate: Gated, quarter: str) -> str:
    value = gate.counts.loc[quarter].iloc[0]
    if pd.isna(value):
        return str(gate.symbols.loc[quarter].iloc[0])
    return f"{value:.0f}%" if item.whole is not None else f"{value:,}"
