"""The chapter on where, continued: harm, weighed only with weights that the user supplies."""

import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.absent import absent
from hcsp_assess.assessment.wording.harm import describe_harm, describe_harm_range, describe_no_weights
from hcsp_assess.edition.places import EditionPlaces
from hcsp_assess.places.harm import Harm, HarmRange, range_harm, weigh_harm
from hcsp_assess.report.tables import Table
from hcsp_assess.sources.harm_weights import COLUMNS, FOLDER, find_harm_weights, find_offences
from hcsp_assess.subject.crime_types import ANTI_SOCIAL_BEHAVIOUR


def open_harm(where: EditionPlaces) -> Harm | HarmRange | None:
    """Weigh the year's records with the weights in data/raw/harm/; None where there are none.

    With `offences.csv` (records by month and offence code, from a force extract) their sum; else, from the broad crime
    types, the least and the most that they could mean.

    Raises
    ------
    InputError
        If the weights or the offences cannot be used, or the offences lack a month of the year assessed.
    """
    root, months = where.opened.project.root, where.opened.edition.span.months
    weights = find_harm_weights(root)
    if weights is None:
        return None
    offences = None if where.opened.simulated else find_offences(root, months)
    if offences is not None:
        return weigh_harm(offences, weights)
    by_type = where.opened.counts("crime_type").reindex(months)
    by_type = by_type.dropna(how="all").dropna(axis="columns")
    return range_harm(by_type.drop(columns=ANTI_SOCIAL_BEHAVIOUR, errors="ignore").sum(), weights)


def say_harm(where: EditionPlaces, harm: Harm | HarmRange | None) -> Finding:
    """Say the harm or its range; or that no weights were supplied, and why none is built in."""
    if harm is None:
        return describe_no_weights(FOLDER, COLUMNS).marked(simulated=where.opened.simulated)
    if isinstance(harm, HarmRange):
        return describe_harm_range(harm).marked(simulated=where.opened.simulated)
    return describe_harm(harm)


def show_harm(where: EditionPlaces, harm: Harm | HarmRange | None) -> Table | Finding:
    """Show harm by crime type or offence; or say what open data can carry."""
    if harm is None:
        return absent("harm_range")
    simulated = where.opened.simulated
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
