"""The chapter on where, first part: rates of small areas, how concentrated crime is, rural and urban, deprivation."""

import pandas as pd
from matplotlib.figure import Figure

from hcsp_assess.assessment.findings import Finding, Findings
from hcsp_assess.assessment.wording.rates import (
    describe_concentration,
    describe_deprivation,
    describe_one_sided,
    describe_rates,
    describe_wrong_base,
)
from hcsp_assess.chapters.shared.headings import heading_of
from hcsp_assess.edition.places import TOP, EditionPlaces
from hcsp_assess.places.rates import TOO_FEW
from hcsp_assess.report.charts import COLOURS, Chart, draw_chart
from hcsp_assess.report.maps import chart_map, choose_breaks, class_by_breaks, describe_extremes
from hcsp_assess.report.tables import Table
from hcsp_assess.subject.crime_types import RECORDED_CRIME, series
from hcsp_assess.trends.rates import rate


def findings_rates(where: EditionPlaces) -> Findings:
    """Say the rate of the whole area, the highest and lowest small areas, and where residents are the wrong base."""
    found, table = where.rates, where.rates.table
    total, people = int(where.crime.sum()), int(where.people.sum())
    whole = rate(total, people * where.months / 12, multiplier=found.per)
    size = {"records": total, "residents": people}
    said = (
        describe_rates(where.opened.area.name, whole, found, where.labels, **size, people_from=where.people_from),
        describe_wrong_base([str(where.labels[code]) for code in table.index[table["warning"] != ""]]),
    )
    return Findings(tuple(finding.marked(simulated=where.opened.simulated) for finding in said))


def map_rates(where: EditionPlaces) -> Chart:
    """Map recorded crime per 1,000 residents, shrunk; the table under it has every small area."""
    table = where.rates.table
    few = f"under {TOO_FEW} records"
    shrunk = table["shrunk_rate"]
    classes = class_by_breaks(shrunk, choose_breaks(shrunk[~table["too_few"]]), too_few=table["too_few"], few=few)
    wrong = table["warning"] != ""
    highest = str(shrunk.idxmax())
    title = f"For its residents, most crime is recorded in {where.labels[highest]}"
    title += ", where residents are the wrong base" if wrong[highest] else ""
    return chart_map(
        where.geography,
        classes,
        heading_of(
            where.opened,
            "map-rates",
            title,
            f"Recorded crime per 1,000 residents a year by LSOA, {where.opened.area.name}, {where.period}",
        ),
        what="Crimes per 1,000 residents a year",
        alt=describe_extremes(shrunk.mask(table["too_few"]), where.labels, "crimes per 1,000 residents a year"),
        data=_rates_frame(where),
    )


def _rates_frame(where: EditionPlaces) -> pd.DataFrame:
    table = where.rates.table.sort_values("shrunk_rate", ascending=False, kind="stable")
    notes = table["warning"].map(lambda text: "rate misleads: town centre" if text else "")
    return pd.DataFrame(
        {
            "LSOA": where.labels[table.index].to_numpy(),
            "Records": table["count"].astype("Int64").to_numpy(),
            "Residents": table["base"].astype("Int64").to_numpy(),
            "Rate": table["rate"].to_numpy(),
            "95% interval": _intervals(table["low"], table["high"]),
            "Shrunk rate (mapped)": table["shrunk_rate"].to_numpy(),
            "Note": notes.where(~table["too_few"], f"under {TOO_FEW} records").replace("", "none").to_numpy(),
        }
    )


def say_concentration(where: EditionPlaces) -> Finding:
    """Say how much of recorded crime the busiest 1, 5 and 10% of small areas hold."""
    found = where.concentration(series(RECORDED_CRIME).label)
    return describe_concentration(found).marked(simulated=where.opened.simulated)


def chart_lorenz(where: EditionPlaces) -> Chart:
    """Draw the Lorenz curves of recorded crime and anti-social behaviour."""
    shown = [series(RECORDED_CRIME).label, *[name for name in where.counts if name == "Anti-social behaviour"]]
    curves = {name: where.concentration(name).lorenz * 100 for name in shown}

    def draw(figure: Figure, narrow: bool) -> None:
        axes = figure.add_subplot()
        for (name, curve), colour, style in zip(curves.items(), ("main", "fourth"), ("-", "--"), strict=False):
            axes.plot(curve["share_of_places"], curve["share_of_records"], style, color=COLOURS[colour], label=name)
        axes.plot([0, 100], [0, 100], ":", color=COLOURS["quiet"], label="The same in every area")
        axes.set(xlabel="% of areas, busiest first", ylabel="% of records", xlim=(0, 100), ylim=(0, 100))
        axes.legend(loc="lower right")

    at = [round(place * len(where.people) / 100) for place in (1, 5, 10, 20, 30, 40, 50, 75, 100)]
    data = pd.DataFrame({"Busiest areas": pd.array(at, "Int64")})
    data["% of areas"] = [100 * size / len(where.people) for size in at]
    for name, curve in curves.items():
        data[f"% of {name.lower()}"] = curve["share_of_records"].iloc[at].to_numpy()
    half = int((curves[shown[0]]["share_of_records"] < 50).sum())
    title = f"Half of recorded crime falls in {half} of {len(where.people)} small areas"
    said = "; ".join(f"{name}: {curve['share_of_records'].iloc[at[2]]:.0f}%" for name, curve in curves.items())
    return draw_chart(
        draw,
        heading_of(
            where.opened,
            "lorenz-places",
            title,
            f"Cumulative share of records by LSOA, busiest first, {where.opened.area.name}, {where.period}",
        ),
        alt=f"Lorenz curves. {title}. Share of records in the busiest 10% of areas: {said}.",
        data=data,
    )


def table_concentration(where: EditionPlaces) -> Table:
    """Show how concentrated each measure is, most records first."""
    rows = []
    for name in map(str, where.counts):
        found = where.concentration(name)
        busiest = str(where.counts[name].idxmax())
        shares = {f"% in top {top:g}%": found.top["percent_of_records"].iloc[place] for place, top in enumerate(TOP)}
        gini = {"Generalised Gini, %": 100 * found.generalised_gini, "Busiest LSOA": where.labels[busiest]}
        rows.append({"Measure": name, "Records": found.records} | shares | gini)
    sizes = ", ".join(str(size) for size in where.concentration(where.counts.columns[0]).top["places"])
    note = (
        f"The top 1, 5 and 10% of LSOAs are {sizes} of {len(where.people)}. The generalised Gini is 0% if every LSOA "
        "has the same count and 100% if one has all, and allows for measures with few records."
    )
    caption = f"How concentrated records are by LSOA, {where.opened.area.name}, {where.period}"
    return Table(pd.DataFrame(rows), caption, "places-concentration", (note,), where.opened.simulated)


def table_rural(where: EditionPlaces) -> Table:
    """Show rates in rural and urban small areas and in market towns."""
    table = where.geography.table
    groups = {
        "Rural": table["rural"],
        "Urban": ~table["rural"],
        "Market towns (in one of the above)": table["market_town"] != "",
        "Rural without market towns": table["rural"] & (table["market_town"] == ""),
    }
    caption = f"Recorded crime in rural and urban LSOAs per 1,000 residents, {where.opened.area.name}, {where.period}"
    note = (
        f"Classification: {where.opened.area.classification}. Residents: {where.people_from}. Intervals: chance alone."
    )
    return Table(_group_rates(where, groups, "Kind of place"), caption, "places-rural", (note,), where.opened.simulated)


def say_deprivation(where: EditionPlaces) -> Finding:
    """Compare the most deprived fifth of England's small areas with the rest of the area, where both are there."""
    fifths = _fifths(where)
    most, others = fifths.eq(1), fifths.ne(1)
    name, simulated = where.opened.area.name, where.opened.simulated
    if not (most.any() and others.any()):
        return describe_one_sided(name).marked(simulated=simulated)
    calm = where.rates.table["warning"] == ""
    ratio, without_town_centres = _ratio(where, most, others), _ratio(where, most & calm, others & calm)
    return describe_deprivation(name, int(most.sum()), ratio, without_town_centres).marked(simulated=simulated)


def table_deprivation(where: EditionPlaces) -> Table:
    """Show rates by national fifth of deprivation."""
    names = {1: "1 (most deprived)", 2: "2", 3: "3", 4: "4", 5: "5 (least deprived)"}
    fifths = _fifths(where)
    groups = {names[number]: fifths.eq(number) for number in sorted(set(fifths))}
    caption = f"Recorded crime by fifth of deprivation in England, {where.opened.area.name}, {where.period}"
    wrong = where.rates.table["warning"] != ""
    note = (
        f"Indices of Deprivation 2019. The last column leaves out the {int(wrong.sum())} town-centre LSOAs where a "
        "rate per resident misleads. Intervals: chance alone."
    )
    frame = _group_rates(where, groups, "Fifth of England")
    return Table(frame, caption, "places-deprivation", (note,), where.opened.simulated)


def _group_rates(where: EditionPlaces, groups: dict[str, pd.Series], heading: str) -> pd.DataFrame:
    """Records, residents and rate of groups of small areas, also without those where residents are the wrong base."""
    wrong = where.rates.table["warning"] != ""
    rows = []
    for name, members in groups.items():
        own, calm = (_rate(where, chosen) for chosen in (members, members & ~wrong))
        rows.append(
            {
                heading: name,
                "LSOAs": int(members.sum()),
                "Residents": int(where.people[members].sum()),
                "Records": int(where.crime[members].sum()),
                "Rate per 1,000": own[0],
                "95% interval": f"{own[1]:.1f} to {own[2]:.1f}",
                "Rate without town centres": calm[0],
            }
        )
    return pd.DataFrame(rows)


def _rate(where: EditionPlaces, members: pd.Series) -> tuple[float, float, float]:
    residents = float(where.people[members].sum()) * where.months / 12
    if residents == 0:
        return (float("nan"),) * 3
    found = rate(int(where.crime[members].sum()), residents, multiplier=1000)
    return found.value, found.low, found.high


def _ratio(where: EditionPlaces, members: pd.Series, others: pd.Series) -> float:
    """Rate of some small areas over that of others; two totals of thousands need no test of chance."""
    return _rate(where, members)[0] / _rate(where, others)[0]


def _fifths(where: EditionPlaces) -> pd.Series:
    return (where.deprivation.decile + 1) // 2


def _intervals(low: pd.Series, high: pd.Series) -> list[str]:
    return [f"{least:,.1f} to {most:,.1f}" for least, most in zip(low, high, strict=True)]
