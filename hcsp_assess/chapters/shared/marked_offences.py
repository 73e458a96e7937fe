"""What chapters show of a force's extract of offences: which share carries a marker, and how sure that share is."""

import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.markers import MARKERS, marker_share
from hcsp_assess.assessment.partner_wording import published
from hcsp_assess.chapters.shared.partner_series import disclose, nothing_came
from hcsp_assess.disclosure import disclosure_rule
from hcsp_assess.edition.returns import EditionReturns
from hcsp_assess.report.two_audiences import Disclosed
from hcsp_assess.trends.rates import wilson_interval

EXTRACT = "force_extract"
VIOLENCE = "Violence against the person"


def finding_marker(returns: EditionReturns, marker: str, group: str = VIOLENCE) -> Finding:
    """Say which share of a group of offences carries a marker, over all that the extract holds.

    Parameters
    ----------
    marker : str
        A key of `assessment.markers.MARKERS`.
    group : str
        Offence group.
    """
    gathered = returns.combined(EXTRACT)
    key = f"marker_{marker}"
    if not (gathered.rows["offence_group"] == group).any():
        return Finding(key, f"Which share of {group.lower()} has {MARKERS[marker]} is not known: no offences came.")
    result = marker_share(gathered.rows, marker, group=group)
    rule = disclosure_rule(gathered.definition.disclosure)
    part, whole, unknown = (published(number, rule) for number in (result.part, result.whole, result.unknown))
    small = min((n for n in (result.part, result.whole - result.part) if n), default=0)
    if result.share is None or small < rule.minimum:
        return Finding(key, f"{group}: too few offences with a known marker to publish a share.")
    share = wilson_interval(result.part, result.whole)
    low, high = 100 * share.low, 100 * share.high
    sentence = (
        f"{100 * share.value:.0f}% of {group.lower()} had {MARKERS[marker]}: about {part:,} of {whole:,} offences, "
        f"{_span(gathered.rows['date'])}."
    )
    certainty = f"Chance alone moves such a share between {low:.0f}% and {high:.0f}% (95% interval)."
    caveats: tuple[str, ...] = ()
    if result.unknown:
        caveats = (
            f"Of about {unknown:,} more it is not known; counting them either way the share lies between "
            f"{100 * result.least:.0f}% and {100 * result.most:.0f}%.",
        )
    evidence = {"percent": 100 * share.value, "part": part, "whole": whole, "low": low, "high": high}
    evidence |= {"unknown": unknown, "least": 100 * result.least, "most": 100 * result.most, "confidence": 95}
    first, last = gathered.rows["date"].min(), gathered.rows["date"].max()
    evidence |= {"first_year": first.year, "last_year": last.year}
    found = Finding(key, sentence, evidence, certainty, caveats, simulated=gathered.simulated)
    return found.traced(returns.sources(EXTRACT))


def table_marker(returns: EditionReturns, marker: str) -> Disclosed | Finding:
    """Show offences with and without a marker, by group of offence, and those of which nobody knows."""
    gathered = returns.combined(EXTRACT)
    rows = gathered.rows
    if rows.empty:
        return Finding(f"marker_{marker}_no_table", nothing_came(returns))
    words = rows[marker].astype("object").map({True: "With the marker", False: "Without"})
    counts = pd.crosstab(
        rows["offence_subgroup"].fillna(rows["offence_group"]), words.where(words.notna(), "Not known")
    )
    order = [name for name in ("With the marker", "Without", "Not known") if name in counts]
    caption = f"Offences with {MARKERS[marker]}, {_span(rows['date'])}, {returns.area.name}"
    return disclose(
        counts[order].rename_axis(index=None, columns=None),
        rule=gathered.definition.disclosure,
        key=f"marker-{marker.replace('_', '-')}",
        caption=caption,
        label="Offence",
        simulated=gathered.simulated,
    )


def _span(dates: pd.Series) -> str:
    first, last = dates.min(), dates.max()
    return f"{first:%B} {first.year} to {last:%B} {last.year}"
