"""The chapter on where, continued: harm by crime type, with own weights or those that come with the package."""

from dataclasses import replace

import pandas as pd

from hcsp_assess.assessment.findings import Findings
from hcsp_assess.assessment.wording.harm import describe_harm, describe_harm_range
from hcsp_assess.assessment.wording.official import describe_harm_shares
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.edition.places import EditionPlaces
from hcsp_assess.places.harm import LEAST_COVERED, Harm, HarmRange, range_harm, weigh_harm
from hcsp_assess.places.harm_shares import HarmShares, share_harm
from hcsp_assess.report.tables import Table
from hcsp_assess.sources.context import SEVERITY_NAME, severity_by_group
from hcsp_assess.sources.harm_weights import find_harm_weights, find_offences
from hcsp_assess.subject.crime_types import ANTI_SOCIAL_BEHAVIOUR

Weighed = Harm | HarmRange | HarmShares
COMPARISON = "comparison"


def has_comparison(opened: OpenEdition) -> bool:
    """Whether the edition has the chapter that compares the area with others and weighs official figures."""
    return COMPARISON in opened.edition.chapters and not opened.simulated


def open_harm(where: EditionPlaces) -> Weighed | None:
    """Weigh the year's records with the weights in data/raw/harm/, else with those that come with the package.

    With own weights and `offences.csv` (records by month and offence code, from a force extract) their sum; with own
    weights alone, from the broad crime types, the least and the most that they could mean. Without own weights, the
    share of each crime type; None where the chapter of comparison has the harm of official figures, or the crime types
    of the time have no weights.

    Raises
    ------
    InputError
        If the weights or the offences cannot be used, or the offences lack a month of the year assessed.
    """
    root, months = where.opened.project.root, where.opened.edition.span.months
    weights = find_harm_weights(root)
    if weights is None:
        return None if has_comparison(where.opened) else _shares(where)
    offences = None if where.opened.simulated else find_offences(root, months)
    if offences is not None:
        return weigh_harm(offences, weights)
    return range_harm(_by_type(where), weights)


def _by_type(where: EditionPlaces) -> pd.Series:
    """Recorded crimes of the year assessed by crime type."""
    by_type = where.opened.counts("crime_type").reindex(where.opened.edition.span.months)
    by_type = by_type.dropna(how="all").dropna(axis="columns")
    return by_type.drop(columns=ANTI_SOCIAL_BEHAVIOUR, errors="ignore").sum()


def _shares(where: EditionPlaces) -> HarmShares | None:
    counts = _by_type(where)
    weights = severity_by_group("police.uk type", where.opened.area.force_name)
    known = counts[counts.index.isin(weights.index)]
    if known.empty or known.sum() < LEAST_COVERED * counts.sum():
        return None
    return share_harm(counts, weights, pd.Series(counts.index, index=counts.index), method=SEVERITY_NAME)


def say_harm(where: EditionPlaces, harm: Weighed | None) -> Findings:
    """Say the harm, its range, or the share of each type; nothing where another chapter has it."""
    if harm is None:
        return Findings(())
    simulated = where.opened.simulated
    if isinstance(harm, HarmShares):
        said = replace(describe_harm_shares(where.opened.area.name, harm), key="harm")
    elif isinstance(harm, HarmRange):
        said = describe_harm_range(harm)
    else:
        said = describe_harm(harm)
    return Findings((said.marked(simulated=simulated),))


def show_harm(where: EditionPlaces, harm: Weighed | None) -> Table | Findings:
    """Show harm by crime type or offence; nothing where another chapter has it."""
    if harm is None:
        return Findings(())
    simulated = where.opened.simulated
    if isinstance(harm, HarmShares):
        shares = harm.table[["label", "count", "percent_of_crime", "percent_of_harm"]].reset_index(drop=True)
        shares.columns = pd.Index(["Crime type", "Records", "% of crimes", "% of harm"])
        shares["Likely range"] = [f"{low:.0f}% to {high:.0f}%" for low, high in harm.table[["low", "high"]].to_numpy()]
        caption = f"Share of crimes and of harm by crime type, {where.opened.area.name}, {where.period}"
        return Table(shares, caption, "harm-shares", (f"Weights: {harm.method}.",), simulated)
    if isinstance(harm, HarmRange):
        table = harm.by_type.sort_values("high", ascending=False, kind="stable")
        frame = table.rename_axis("Crime type").reset_index()
        frame.columns = pd.Index(["Crime type", "Records", "Lowest weight", "Highest weight", "Least", "Most"])
        caption = f"Range of harm by crime type, {harm.unit}, {where.opened.area.name}, {where.period}"
        return Table(frame.astype({"Records": "Int64"}), caption, "harm-range", simulated=simulated)
    frame = harm.by_offence[["offence", "count", "weight", "harm"]].reset_index(drop=True)
    frame.columns = pd.Index(["Offence", "Records", "Weight", "Harm"])
    frame["% of harm"] = 100 * frame["Harm"] / harm.total if harm.total else 0.0
    caption = f"Harm by offence, {harm.unit}, {where.opened.area.name}, {where.period}"
    folded = f"Harm by offence: all {len(frame)}"
    return Table(frame.astype({"Records": "Int64"}), caption, "harm-offences", simulated=simulated, folded=folded)
