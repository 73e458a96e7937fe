"""What chapters on partners' returns share: series by quarter past the disclosure gate, and what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from hcsp_assess.assessment.equality import count_groups
from hcsp_assess.assessment.findings import Finding, Findings, FindingSource, LinkKind
from hcsp_assess.assessment.partner_series import (
    QuarterChange,
    QuarterSeries,
    compare_all,
    quarter_series,
    series_definitions,
)
from hcsp_assess.assessment.wording.partner_series import describe_series
from hcsp_assess.disclosure import Audience, Gated, disclosure_rule, pass_gate, pass_gate_percentages
from hcsp_assess.edition.returns import GAPS, Partners, open_partners
from hcsp_assess.project import find_project
from hcsp_assess.report.charts import Chart
from hcsp_assess.report.quarter_charts import chart_quarters
from hcsp_assess.report.tables import NO_DATA, Table
from hcsp_assess.report.two_audiences import Disclosed
from hcsp_assess.run.build import Prepared

FEW, GAP = "[c]", "[x]"


@dataclass(frozen=True)
class Returns:
    """An edition's returns with their series.

    Attributes
    ----------
    series : mapping of str to QuarterSeries
        By key, for the quarters assessed and those a year earlier.
    changes : mapping of str to QuarterChange
        By key, where both years have a quarter; p-values are adjusted over all of them.
    """

    opened: Prepared
    partners: Partners
    series: Mapping[str, QuarterSeries]
    changes: Mapping[str, QuarterChange]

    def of(self, chapter: str) -> list[QuarterSeries]:
        """Series of a chapter of which anything came."""
        return [item for item in self.series.values() if item.definition.chapter == chapter and _came(item)]

    def sources(self, name: str) -> tuple[FindingSource, ...]:
        """The files of a return that could be read."""
        results = self.partners.gathered(name).results
        return tuple(FindingSource(result.definition.title, result.file, result.sha256) for result in results)


def open_returns(opened: Prepared) -> Returns:
    """Open the returns of an edition, and count and compare every series.

    Raises
    ------
    InputError
        If the edition names no source of returns.
    """
    partners = opened.partners or open_partners(opened.edition, find_project())
    quarters = partners.quarters
    wanted = sorted({each for quarter in quarters for each in (quarter, quarter.year_before)})
    series = [quarter_series(partners.gathered(item.source), item, wanted) for item in series_definitions()]
    return Returns(opened, partners, {item.definition.key: item for item in series}, compare_all(series, quarters))


def say_missing(returns: Returns, *names: str) -> Findings:
    """Say of each return what did not come, who was to send it, and since when it is missing."""
    register = returns.partners.register
    lines = register[register["dataset"].isin(names) & register["status"].isin(GAPS)]
    found = [
        Finding(f"missing_{line['dataset']}_{number}", str(line["message"]))
        for number, (_, line) in enumerate(lines.iterrows())
    ]
    if not found:
        found = [Finding("missing_none", "Everything that partners were to send for this chapter came.")]
    return Findings(tuple(found))


def findings_series(returns: Returns, chapter: str) -> Findings:
    """Say where each series of a chapter stands against the year before."""
    found = _said(returns, returns.of(chapter))
    day = returns.partners.day
    nothing = f"Nothing came for this chapter up to {day.day} {day:%B %Y}. Who was to send it stands at its end."
    return Findings(found or (Finding(f"{chapter}_nothing", nothing),))


def all_findings(returns: Returns) -> tuple[Finding, ...]:
    """Where every series stands, of every chapter that the edition has, with links to its chart and table."""
    chapters = returns.opened.edition.chapters
    found: list[Finding] = []
    for chapter in dict.fromkeys(item.definition.chapter for item in returns.series.values()):
        if chapter in chapters:
            key = chapter.replace("_", "-")
            links: dict[LinkKind, str] = {"chart": f"#{key}-chart", "table": f"#{key}-quarters", "data": "#provenance"}
            found += [item.traced(links=links) for item in _said(returns, returns.of(chapter))]
    return tuple(found)


def public_values(returns: Returns) -> dict[str, pd.Series]:
    """Each series by quarter as it may be published; NA where it may not, or did not come."""
    shown = [item for item in returns.series.values() if _came(item)]
    return {item.definition.key: _gate(item, "public").counts.iloc[:, 0].astype("Float64") for item in shown}


def nothing_came(returns: Returns) -> str:
    """The sentence for a chapter, or a part of it, of which nothing came."""
    day = returns.partners.day
    return f"Nothing came that could be shown here, up to {day.day} {day:%B %Y}."


def table_series(returns: Returns, chapter: str) -> Disclosed | Findings:
    """Show each series of a chapter by quarter; nothing where nothing came, which `findings_series` says."""
    series = returns.of(chapter)
    if not series:
        return Findings(())
    key = f"{chapter.replace('_', '-')}-quarters"
    audiences: tuple[Audience, Audience] = ("public", "restricted")
    gates = {audience: [_gate(item, audience) for item in series] for audience in audiences}
    quarters = _quarters(series)
    subject = chapter.replace("_", " ").capitalize()
    caption = f"{subject} by quarter, {quarters[0]} to {quarters[-1]}, {returns.opened.area.name}"

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


def chart_series(returns: Returns, chapter: str) -> Chart | Finding | Findings:
    """Chart each series of a chapter by quarter, in numbers that may be published."""
    if not returns.of(chapter):
        return Findings(())
    series = [item for item in returns.of(chapter) if item.counts.notna().any()]
    shown = {item.definition.title: _gate(item, "public") for item in series}
    values = {name: gate.counts.iloc[:, 0].astype("Float64") for name, gate in shown.items()}
    kept = {name: each for name, each in values.items() if each.notna().any()}
    if not kept:
        return Finding(f"{chapter}_no_chart", "There is nothing to draw: no figure came that may be published.")
    quarters = _quarters(series)
    kept = {name: each.reindex(quarters) for name, each in kept.items()}
    words, span = {FEW: "too few", GAP: NO_DATA}, f"{quarters[0]} to {quarters[-1]}"
    gaps = {name: shown[name].symbols.iloc[:, 0].replace(words).reindex(quarters) for name in kept}
    return chart_quarters(
        kept,
        key=f"{chapter.replace('_', '-')}-chart",
        title=f"{len(kept)} series by quarter" if len(kept) > 1 else f"{next(iter(kept))}, by quarter",
        subtitle=f"Numbers, or per cent where the axis says so; {returns.opened.area.name}, {span}",
        source="; ".join(dict.fromkeys(_title(returns, item) for item in series)),
        percent={item.definition.title for item in series if item.whole is not None},
        gaps=gaps,
        simulated=any(item.simulated for item in series),
    )


def disclose(
    counts: pd.DataFrame,
    *,
    rule: str,
    key: str,
    caption: str,
    label: str,
    marks: pd.DataFrame | None = None,
    add_down: bool = True,
    add_across: bool = True,
    notes: tuple[str, ...] = (),
    simulated: bool = False,
) -> Disclosed:
    """Pass a table of counts through the gate for both kinds of reader.

    Parameters
    ----------
    counts : pandas.DataFrame
        Counts without totals; the index names the rows.
    rule, marks, add_down, add_across
        As in `disclosure.pass_gate`.
    key, caption, notes, simulated
        As in `report.tables.Table`.
    label : str
        Heading of the first column.
    """

    def table(audience: Audience) -> tuple[Gated, Table]:
        gate = pass_gate(
            counts, rule=rule, table=caption, marks=marks, add_down=add_down, add_across=add_across, audience=audience
        )
        frame = gate.frame.reset_index(names=label)
        return gate, Table(frame, caption, key, (*gate.notes, *notes), simulated)

    (gate, public), (_, restricted) = table("public"), table("restricted")
    return Disclosed(public, restricted, gate.log)


def assessed(rows: pd.DataFrame, returns: Returns) -> pd.DataFrame:
    """Return the rows of a monthly return that are of the year assessed."""
    span = returns.opened.edition.span
    return rows[(rows["month"] >= span.first) & (rows["month"] <= span.last)] if len(rows) else rows


def cross_counts(
    rows: pd.DataFrame, down: str, across: str, count: str, *, absent: Literal["x", "z"] = "x"
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sum a column of counts by two others, for the gate.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of an aggregate return.
    down, across, count : str
        Columns: of groups that become rows, of groups that become columns, and of the counts.
    absent : str
        What no row for a pair of groups means: "x" not sent, "z" it does not apply.

    Returns
    -------
    tuple of pandas.DataFrame
        Counts (Int64), and why one is missing: "c" where the sender suppressed a part of it, "x" or "z".
    """
    parts = {str(name): count_groups(part, down, count) for name, part in rows.groupby(across, sort=True)}
    counts = pd.DataFrame({name: each[0] for name, each in parts.items()}).astype("Int64")
    marks = pd.DataFrame({name: each[1] for name, each in parts.items()}).reindex_like(counts)
    return counts.rename_axis(index=None), marks.fillna(absent).mask(counts.isna() & (marks == ""), "x")


def show_percents(values: pd.Series, base: pd.Series, minimum_base: int) -> list[str]:
    """Return percentages as printed: "[c]" of a base under the rule's minimum, "[x]" where there is none."""
    return [
        "[c]" if pd.notna(of) and of < minimum_base else "[x]" if pd.isna(value) else f"{value:.0f}%"
        for value, of in zip(values, base, strict=True)
    ]


def _said(returns: Returns, series: Sequence[QuarterSeries]) -> tuple[Finding, ...]:
    said = [(item, describe_series(item, returns.changes.get(item.definition.key))) for item in series]
    return tuple(told.traced(returns.sources(item.definition.source)) for item, told in said if told is not None)


def _title(returns: Returns, item: QuarterSeries) -> str:
    definition = returns.partners.gathered(item.definition.source).definition
    return f"{definition.title} ({definition.holder})"


def _quarters(series: Sequence[QuarterSeries]) -> list[str]:
    """Names of the quarters, from the first of which anything came."""
    names = [str(name) for name in series[0].counts.index]
    first = min(place for item in series for place, why in enumerate(item.why) if why != "x")
    return names[first:]


def _came(item: QuarterSeries) -> bool:
    return bool(item.counts.notna().any() or (item.why == "c").any())


def _gate(item: QuarterSeries, audience: Audience) -> Gated:
    """A series by quarter, past the gate."""
    if item.whole is None:
        marks = item.why.to_frame(item.definition.title)
        counts = item.counts.to_frame(item.definition.title)
        return pass_gate(
            counts,
            rule=item.rule,
            table=item.definition.title,
            marks=marks,
            add_down=False,
            add_across=False,
            audience=audience,
        )
    return _share_gate(item, audience)


def _share_gate(item: QuarterSeries, audience: Audience) -> Gated:
    frame = pd.DataFrame({"percent": item.percent, "base": item.whole})
    rule = disclosure_rule(item.rule if audience == "public" else "open")
    gate = pass_gate_percentages(frame, rule=rule, table=item.definition.title)
    sent = (item.why == "c") & gate.counts["percent"].isna()
    symbols = gate.symbols.mask(pd.DataFrame({"percent": sent}), FEW)
    # the exact percentage of a rounded base would give the counts away
    shown = gate.counts.round() if audience == "public" and rule.rounding > 1 else gate.counts
    return Gated(gate.table, shown, symbols, gate.log, gate.rule, audience, gate.method)


def _cell(item: QuarterSeries, gate: Gated, quarter: str) -> str:
    value = gate.counts.loc[quarter].iloc[0]
    if pd.isna(value):
        return str(gate.symbols.loc[quarter].iloc[0])
    return f"{value:.0f}%" if item.whole is not None else f"{value:,}"
