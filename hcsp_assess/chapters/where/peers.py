"""The chapter on where, continued: the area beside the peers that somebody named, and never a league table."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.edition.places import EditionPlaces
from hcsp_assess.errors import InputError
from hcsp_assess.places.peers import LEAST_PEERS, PeerComparison, compare_with_peers
from hcsp_assess.report.charts import COLOURS, Chart, Heading, draw_chart
from hcsp_assess.sources.geography import districts
from hcsp_assess.sources.peers import PeerList, read_peers

POSITIONS = {
    "high": "higher than its peers' usual differences explain",
    "low": "lower than its peers' usual differences explain",
    "within": "within what its peers' usual differences explain",
    "too few": "based on too few records to be placed",
}


@dataclass(frozen=True)
class Compared:
    """The area beside its peers.

    Attributes
    ----------
    named : PeerList
        Who the peers are, and who says so.
    """

    named: PeerList
    result: PeerComparison


def compare_peers(where: EditionPlaces) -> Compared | None:
    """Compare recorded crime per resident with the peers named in data/raw/peers/; None where nobody named any.

    Simulated records are compared with nobody.

    Raises
    ------
    InputError
        If the list or its counts cannot be used, or the area is not among the districts counted.
    """
    folder = where.opened.project.root / "data" / "raw" / "peers"
    named = None if where.opened.simulated else read_peers(folder, where.opened.area.key)
    if named is None:
        return None
    months = named.counts.index.intersection(pd.PeriodIndex(list(where.opened.edition.span.months)))
    if months.empty:
        raise InputError(f"{named.counts_file} has no month of {where.opened.edition.span.words}")
    place = where.opened.area.name
    people = districts().set_index("police_name")["population_2019"]
    monthly = named.counts.loc[months]
    if place not in monthly or monthly[place].isna().all():
        raise InputError(f"{named.counts_file} has no counts of {place} in {where.opened.edition.span.words}")
    people = people[~people.index.duplicated(keep="last")]
    return Compared(named, compare_with_peers(monthly, people, place=place, peers=named.peers))


def say_peers(where: EditionPlaces, found: Compared | None) -> Finding:
    """Say the rate over the median of the peers, and where it stands; or why there is no comparison."""
    place = where.opened.area.name
    if found is None:
        why = "its records are simulated" if where.opened.simulated else "nobody has named its peers"
        return Finding("where_peers", f"{place} is not compared with other places here, since {why}.").marked(
            simulated=where.opened.simulated
        )
    named, compared = found.named, found.result
    position = str(compared.funnel.table.loc[place, "position"])
    sentence = (
        f"{place} has {compared.rate:.1f} recorded crimes per 1,000 residents a year, {compared.ratio:.2f} times the "
        f"median of {len(compared.peers)} peers ({compared.peer_median:.1f}); that is {POSITIONS[position]}."
    )
    certainty = (
        f"95% interval of the ratio {compared.low:.2f} to {compared.high:.2f}, for chance in its own records alone. "
        f"Peers: {named.name} ({named.source}). {len(compared.months)} months that all have. Method: "
        f"{compared.method}; {compared.funnel.method}."
    )
    left_out = "; ".join(f"{name}: {reason}" for name, reason in compared.left_out.items())
    caveats = ["Forces differ in how they record; a difference is a question and not a verdict."]
    caveats += [f"Left out: {left_out}."] if left_out else []
    evidence = {"rate": compared.rate, "median": compared.peer_median, "ratio": compared.ratio, "position": position,
                "peers": len(compared.peers), "months": len(compared.months)}  # fmt: skip
    return Finding("where_peers", sentence, evidence, certainty, tuple(caveats))


def show_funnel(where: EditionPlaces, found: Compared | None) -> Chart | Finding:
    """Draw the funnel of the area and its peers, in order of name underneath; or say what it takes."""
    if found is None:
        sentence = (
            f"A comparison takes a list of at least {LEAST_PEERS} peers, such as the police's most similar group, in a "
            f"file {where.opened.area.key}.toml in data/raw/peers, and counts of districts beside it. No list is built "
            "in."
        )
        return Finding("where_peers_needed", sentence, {}, "The format is in docs/methods-places.md.")
    compared = found.result
    table, funnel = compared.funnel.table, compared.funnel
    place = compared.place
    title = f"{place} is {compared.ratio:.2f} times the median of its peers"

    def draw(figure: Figure, narrow: bool) -> None:
        axes = figure.add_subplot()
        across = funnel.limits["expected"]
        for column, style, label in (("low", "--", "95% limits"), ("outer_low", ":", "99.8% limits")):
            axes.plot(across, 100 * funnel.limits[column], style, color=COLOURS["quiet"], label=label)
            axes.plot(across, 100 * funnel.limits[column.replace("low", "high")], style, color=COLOURS["quiet"])
        axes.axhline(100, color=COLOURS["grid"], linewidth=1)
        others = table.drop(index=place)
        axes.plot(others["expected"], 100 * others["ratio"], "o", color=COLOURS["second"], label="Peers")
        own = table.loc[place]
        axes.plot(own["expected"], 100 * own["ratio"], "D", color=COLOURS["main"], markersize=8, label=place)
        axes.set(xlabel="Records expected from residents", ylabel="Records, % of expected")
        axes.set_ylim(max(0, float(np.floor(axes.get_ylim()[0] / 10) * 10)), None)
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.locator_params(axis="x", nbins=3 if narrow else 6)
        figure.legend(loc="outside upper left", ncols=2 if narrow else 4)

    data = pd.DataFrame(
        {
            "District": table.index,
            "Records": table["count"].astype("Int64").to_numpy(),
            "Residents": table["base"].astype("Int64").to_numpy(),
            "Rate per 1,000 a year": table["rate"].to_numpy(),
            "% of expected": (100 * table["ratio"]).to_numpy(),
            "Position": table["position"].to_numpy(),
        }
    )
    position = POSITIONS[str(table.loc[place, "position"])]
    return draw_chart(
        draw,
        Heading(
            key="peers-funnel",
            title=title,
            subtitle=f"Recorded crime beside that expected from residents (mid-2019), {len(compared.months)} months of "
            f"{where.opened.edition.span.words}; limits allow for overdispersion",
            source="data.police.uk, counted by district; residents: Office for National Statistics",
        ),
        alt=f"Funnel plot of {len(table)} districts. {place} is {position}.",
        data=data,
        height=3.9,
        narrow_height=4.4,
    )
