"""Charts that compare an area with others: by kind of offence, a funnel, rates by year, crime beside harm."""

import textwrap
from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from hcsp_assess.places.harm_shares import HarmShares
from hcsp_assess.places.peers import Funnel
from hcsp_assess.places.ranking import Ranking
from hcsp_assess.report.charts import COLOURS, Chart, Heading, draw_chart

ROW = 0.3  # inches of height for each row of dots
LABEL_WIDTHS = (40, 18)  # characters of a row's name before it is broken: on a page, on a telephone
#: Colour, marker and name of each position.
POSITIONS = {
    "higher": ("third", "^", "Clearly higher"),
    "lower": ("second", "v", "Clearly lower"),
    "similar": ("quiet", "o", "About the same"),
}


def chart_differences(rankings: Mapping[str, Ranking], labels: Mapping[str, str], heading: Heading) -> Chart:
    """Chart each kind of offence as a difference from the middle of the similar areas, with its likely range."""
    order = sorted(rankings, key=lambda group: rankings[group].ratio)

    def draw(figure: Figure, narrow: bool) -> None:
        axes = figure.add_subplot()
        for position, (colour, marker, words) in POSITIONS.items():
            at = [n for n, group in enumerate(order) if rankings[group].position == position]
            found = [rankings[order[n]] for n in at]
            ratios = [item.ratio for item in found]
            low, high = ([getattr(item, name) for item in found] for name in ("ratio_low", "ratio_high"))
            axes.hlines(at, low, high, color=COLOURS[colour], linewidth=2)
            axes.plot(ratios, at, marker, color=COLOURS[colour], label=words if at else None)
        axes.axvline(1, color=COLOURS["ink"], linewidth=1)
        axes.set_xscale("log")
        ticks = [0.25, 0.5, 1, 2, 4] if not narrow else [0.5, 1, 2]
        axes.set_xticks(ticks, [_of_middle(tick) for tick in ticks])
        axes.minorticks_off()
        axes.set_yticks(range(len(order)), [_name(labels[group], narrow=narrow) for group in order])
        axes.set_ylim(-0.6, len(order) - 0.4)
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="y", visible=False)
        axes.grid(axis="x", visible=True)
        figure.legend(loc="outside upper left", ncols=1 if narrow else 3)

    data = pd.DataFrame(
        [
            {
                "Kind of offence": labels[group],
                "Rate per 1,000 residents": rankings[group].rate,
                "Middle of similar areas": rankings[group].median,
                "Against the middle": _against(rankings[group].ratio),
                "Likely range": f"{_against(rankings[group].ratio_low)} to {_against(rankings[group].ratio_high)}",
                "Rank, from the highest": f"{rankings[group].rank} of {rankings[group].of}",
                "Likely rank": f"{rankings[group].low} to {rankings[group].high}",
            }
            for group in reversed(order)
        ]
    )
    higher = [labels[group] for group in reversed(order) if rankings[group].position == "higher"]
    alt = (
        f"Dots for {len(order)} kinds of offence beside the middle of similar areas. "
        f"Higher: {', '.join(higher) or 'none'}."
    )
    height = ROW * len(order) + 1.0
    return draw_chart(draw, heading, alt=alt, data=data, height=height, narrow_height=height + 0.09 * len(order) + 0.7)


def chart_funnel(funnel: Funnel, place: str, heading: Heading) -> Chart:
    """Chart rates against population, with the limits that ordinary differences between areas explain."""
    table = funnel.table

    def draw(figure: Figure, narrow: bool) -> None:
        axes = figure.add_subplot()
        people = funnel.limits["expected"] / funnel.rate_of_all * funnel.per / 1000
        for column, style, label in (("low", "--", "Usual range (95%)"), ("outer_low", ":", "Wide range (99.8%)")):
            for name in (column, column.replace("low", "high")):
                line = funnel.limits[name] * funnel.rate_of_all
                axes.plot(people, line, style, color=COLOURS["quiet"], label=label if name == column else None)
        axes.axhline(funnel.rate_of_all, color=COLOURS["grid"], linewidth=1)
        others = table.drop(index=place)
        axes.plot(others["base"] / 1000, others["rate"], "o", color=COLOURS["second"], label="Similar areas")
        own = table.loc[place]
        axes.plot(own["base"] / 1000, own["rate"], "D", color=COLOURS["main"], markersize=8, label=place)
        axes.set(xlabel="Residents (thousands)", ylabel="Recorded crimes per 1,000")
        axes.set_ylim(0, None)
        axes.set_xlim(0, None)
        axes.locator_params(axis="x", nbins=4 if narrow else 7)
        figure.legend(loc="outside upper left", ncols=1 if narrow else 4)

    data = pd.DataFrame(
        {
            "Area": table.index,
            "Recorded crimes": table["count"].astype("Int64").to_numpy(),
            "Residents": table["base"].astype("Int64").to_numpy(),
            "Rate per 1,000": table["rate"].to_numpy(),
        }
    ).sort_values("Rate per 1,000", ascending=False)
    alt = (
        f"Funnel plot of {len(table)} areas: recorded crimes per 1,000 residents against residents. {place} is marked."
    )
    return draw_chart(draw, heading, alt=alt, data=data, height=3.8, narrow_height=4.9)


def chart_years(rates: pd.DataFrame, place: str, heading: Heading) -> Chart:
    """Chart rates by year: lines for force and country, points for an area that has only some of the years."""
    styles = dict(zip([name for name in rates if name != place], ("second", "quiet"), strict=False))

    def draw(figure: Figure, narrow: bool) -> None:
        axes = figure.add_subplot()
        for name, colour in styles.items():
            known = rates[name].dropna()
            axes.plot([_year(end) for end in known.index], known, color=COLOURS[colour], label=name)
        own = rates[place].dropna() if place in rates else pd.Series(dtype=float)
        axes.plot([_year(end) for end in own.index], own, "D", color=COLOURS["main"], markersize=7, label=place)
        axes.set_ylim(0, None)
        axes.set(ylabel="Recorded crimes per 1,000", xlabel="Year to the date shown")
        axes.locator_params(axis="x", nbins=4 if narrow else 8, integer=True)
        figure.legend(loc="outside upper left", ncols=1 if narrow else 3)

    data = rates.rename_axis("Year to").reset_index()
    data["Year to"] = [end.strftime("%B %Y") for end in rates.index]
    first, last = rates.index[0], rates.index[-1]
    alt = f"Recorded crimes per 1,000 residents by year, {first.year} to {last.year}, of {', '.join(map(str, rates))}."
    return draw_chart(draw, heading, alt=alt, data=data, height=3.4, narrow_height=4.3)


def chart_harm(shares: HarmShares, heading: Heading, *, most: int = 10) -> Chart:
    """Chart the share of crime beside the share of harm, for the groups with most harm."""
    shown = shares.table.head(most)[::-1]

    def draw(figure: Figure, narrow: bool) -> None:
        axes = figure.add_subplot()
        at = np.arange(len(shown))
        axes.barh(at + 0.2, shown["percent_of_harm"], height=0.38, color=COLOURS["third"], label="Share of harm")
        axes.hlines(at + 0.2, shown["low"], shown["high"], color=COLOURS["ink"], linewidth=1)
        axes.barh(at - 0.2, shown["percent_of_crime"], height=0.38, color=COLOURS["second"], label="Share of crimes")
        axes.set_yticks(at, [_name(label, narrow=narrow) for label in shown["label"]])
        axes.tick_params(axis="y", length=0)
        axes.xaxis.set_major_formatter("{x:.0f}%")
        axes.locator_params(axis="x", nbins=4 if narrow else 8)
        axes.grid(axis="y", visible=False)
        figure.legend(loc="outside upper left", ncols=2)

    data = pd.DataFrame(
        {
            "Kind of offence": shares.table["label"],
            "Recorded crimes": shares.table["count"],
            "% of crimes": shares.table["percent_of_crime"],
            "% of harm": shares.table["percent_of_harm"],
            "Likely range": [f"{low:.0f}% to {high:.0f}%" for low, high in shares.table[["low", "high"]].to_numpy()],
        }
    )
    first = shares.table.iloc[0]
    alt = (
        f"Bars of the share of harm beside the share of crimes for {len(shown)} kinds of offence. {first['label']}: "
        f"{first['percent_of_harm']:.0f}% of harm, {first['percent_of_crime']:.0f}% of crimes."
    )
    height = 0.42 * len(shown) + 0.9
    return draw_chart(draw, heading, alt=alt, data=data, height=height, narrow_height=height + 0.5)


def _year(end: pd.Period) -> float:
    return end.year + end.month / 12 - 1 / 24


def _name(label: str, *, narrow: bool) -> str:
    return textwrap.fill(label, LABEL_WIDTHS[narrow])


def _of_middle(ratio: float) -> str:
    return (
        "the\nmiddle"
        if ratio == 1
        else f"{ratio:g}×"
        if ratio > 1
        else {0.5: "half", 0.25: "quarter"}.get(ratio, f"{ratio:g}×")
    )


def _against(ratio: float) -> str:
    return f"{100 * (ratio - 1):+.0f}%".replace("-", "−")
