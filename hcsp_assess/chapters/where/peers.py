"""The chapter on where, continued: the area beside the similar areas of a list, and never a league table."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from hcsp_assess.assessment.findings import Findings
from hcsp_assess.assessment.wording.peers import POSITIONS, describe_peers
from hcsp_assess.edition.places import EditionPlaces
from hcsp_assess.errors import InputError
from hcsp_assess.places.peers import PeerComparison, compare_with_peers
from hcsp_assess.report.charts import COLOURS, Chart, Heading, draw_chart
from hcsp_assess.sources.geography import districts
from hcsp_assess.sources.peers import PeerList, read_peers


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
    """Compare recorded crime per resident with the peers named in data/raw/peers/; None where there is no list.

    Simulated records are never compared with real ones.

    Raises
    ------
    InputError
        If the list or its counts cannot be used, or the area is not among the districts counted.
    """
    folder = where.opened.project.root / "data" / "raw" / "peers"
    named = None if where.opened.simulated else read_peers(folder, where.opened.area.key, where.opened.area.own)
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


def say_peers(found: Compared | None) -> Findings:
    """Say the rate over the middle of the peers, and whether that is usual; nothing without a list of peers."""
    return Findings(()) if found is None else Findings((describe_peers(found.named, found.result),))


def show_funnel(where: EditionPlaces, found: Compared | None) -> Chart | Findings:
    """Draw the funnel of the area and its peers, in order of name underneath; nothing without a list of peers."""
    if found is None:
        return Findings(())
    compared = found.result
    table, funnel = compared.funnel.table, compared.funnel
    place = compared.place
    title = f"{place} has {compared.ratio:.2f} times the rate of similar areas"

    def draw(figure: Figure, narrow: bool) -> None:
        axes = figure.add_subplot()
        across = funnel.limits["expected"]
        for column, style, label in (("low", "--", "usual range"), ("outer_low", ":", "rarely outside")):
            axes.plot(across, 100 * funnel.limits[column], style, color=COLOURS["quiet"], label=label)
            axes.plot(across, 100 * funnel.limits[column.replace("low", "high")], style, color=COLOURS["quiet"])
        axes.axhline(100, color=COLOURS["grid"], linewidth=1)
        others = table.drop(index=place)
        axes.plot(others["expected"], 100 * others["ratio"], "o", color=COLOURS["second"], label="Similar areas")
        own = table.loc[place]
        axes.plot(own["expected"], 100 * own["ratio"], "D", color=COLOURS["main"], markersize=8, label=place)
        axes.set(xlabel="Records expected from residents", ylabel="Records, % of expected")
        axes.set_ylim(max(0, float(np.floor(axes.get_ylim()[0] / 10) * 10)), None)
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.locator_params(axis="x", nbins=3 if narrow else 6)
        figure.legend(loc="outside upper left", ncols=2 if narrow else 4)

    position = POSITIONS[str(table.loc[place, "position"])]
    return draw_chart(
        draw,
        Heading(
            key="peers-funnel",
            title=title,
            subtitle=f"Recorded crime beside that expected from residents (mid-2019), {len(compared.months)} months of "
            f"{where.opened.edition.span.words}",
            source="data.police.uk, counted by district; residents: Office for National Statistics",
        ),
        alt=f"Funnel plot of {len(table)} districts. {place} is {position}.",
        data=_funnel_frame(table),
        height=3.9,
        narrow_height=4.4,
    )


def _funnel_frame(table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "District": table.index,
            "Records": table["count"].astype("Int64").to_numpy(),
            "Residents": table["base"].astype("Int64").to_numpy(),
            "Per 1,000 residents a year": table["rate"].to_numpy(),
            "% of expected": (100 * table["ratio"]).to_numpy(),
            "Difference": table["position"].map(POSITIONS).to_numpy(),
        }
    )
