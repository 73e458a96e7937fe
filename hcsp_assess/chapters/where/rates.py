"""The chapter on where, first part: rates of small areas, how concentrated crime is, rural and urban, deprivation."""

import pandas as pd
from matplotlib.figure import Figure

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.rates import (
    Group,
    describe_concentration,
    describe_deprivation,
    describe_no_rural,
    describe_one_sided,
    describe_rates,
    describe_rural,
)
from hcsp_assess.assessment.wording.words import listed
from hcsp_assess.chapters.shared.headings import heading_of
from hcsp_assess.edition.places import TOP, EditionPlaces
from hcsp_assess.report.charts import COLOURS, Chart, draw_chart
from hcsp_assess.report.tables import Table
from hcsp_assess.subject.crime_types import RECORDED_CRIME, series
from hcsp_assess.trends.rates import rate


def say_rates(where: EditionPlaces) -> Finding:
    """Say which small area has the highest rate and why, and the rate of the whole area."""
    found = where.rates
    total, people = int(where.crime.sum()), int(where.people.sum())
    whole = rate(total, people * where.months / 12, multiplier=found.per)
    size = {"records": total, "residents": people}
    said = describe_rates(where.opened.area.name, whole, found, where.labels, **size, people_from=where.people_from)
    return said.marked(simulated=where.opened.simulated)


def say_concentration(where: EditionPlaces) -> Finding:
    """Say how much of recorded crime the places have that are numbered on the map, and the busiest."""
    found, busiest = where.concentration(series(RECORDED_CRIME).label), list(where.busiest())
    said = describe_concentration(found, named=len(busiest), named_records=int(where.crime[busiest].sum()))
    return said.marked(simulated=where.opened.simulated)


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
    title = f"Half of recorded crime was in {half} of {len(where.people)} small areas"
    said = "; ".join(f"{name}: {curve['share_of_records'].iloc[at[2]]:.0f}%" for name, curve in curves.items())
    return draw_chart(
        draw,
        heading_of(
            where.opened,
            "lorenz-places",
            title,
            f"Share of records in small areas, busiest first, {where.opened.area.name}, {where.period}",
        ),
        alt=f"Curves of concentration. {title}. Share of records in the busiest 10% of areas: {said}.",
        data=data,
    )


def table_concentration(where: EditionPlaces) -> Table:
    """Show how concentrated each kind of crime is."""
    rows = []
    for name in map(str, where.counts):
        found = where.concentration(name)
        busiest = where.labels[str(where.counts[name].idxmax())]
        shares = {f"% in busiest {top}%": found.top["percent_of_records"].iloc[place] for place, top in enumerate(TOP)}
        rows.append({"Kind": name, "Records": found.records} | shares | {"Busiest place": busiest})
    sizes = listed([str(size) for size in where.concentration(where.counts.columns[0]).top["places"]])
    note = f"The busiest 1, 5 and 10% are {sizes} of {len(where.people)} small areas."
    caption = f"Share of records in the busiest small areas, {where.opened.area.name}, {where.period}"
    return Table(pd.DataFrame(rows), caption, "places-concentration", (note,), where.opened.simulated)


def say_rural(where: EditionPlaces) -> Finding:
    """Compare rural with urban small areas."""
    rural = where.geography.table["rural"].astype(bool)
    name, simulated = where.opened.area.name, where.opened.simulated
    if rural.all() or not rural.any():
        return describe_no_rural(name, rural=bool(rural.all())).marked(simulated=simulated)
    own, other = _group(where, rural), _group(where, ~rural)
    return describe_rural(name, own, other, where.opened.area.classification).marked(simulated=simulated)


def table_rural(where: EditionPlaces) -> Table:
    """Show rates in rural and urban small areas and in market towns."""
    table = where.geography.table
    groups = {
        "Rural": table["rural"],
        "Urban": ~table["rural"],
        "Market towns, rural or urban": table["market_town"] != "",
        "Rural without market towns": table["rural"] & (table["market_town"] == ""),
    }
    groups = {name: members for name, members in groups.items() if members.any()}
    caption = f"Recorded crime in rural and urban areas, {where.opened.area.name}, {where.period}"
    return Table(_group_rates(where, groups, "Kind of place"), caption, "places-rural", (), where.opened.simulated)


def say_deprivation(where: EditionPlaces) -> Finding:
    """Compare the most deprived fifth of the country's small areas with the rest of the area, where both are there."""
    fifths = _fifths(where)
    most, others = fifths.eq(1), fifths.ne(1)
    name, simulated = where.opened.area.name, where.opened.simulated
    if not (most.any() and others.any()):
        return describe_one_sided(name, where.deprivation.country, most=bool(most.any())).marked(simulated=simulated)
    calm = where.rates.table["warning"] == ""
    ratios = _ratio(where, most, others), _ratio(where, most & calm, others & calm)
    by, country = where.deprivation.words, where.deprivation.country
    return describe_deprivation(name, int(most.sum()), *ratios, by, country).marked(simulated=simulated)


def table_deprivation(where: EditionPlaces) -> Table:
    """Show rates by national fifth of deprivation."""
    names = {1: "Most deprived fifth", 2: "Second", 3: "Middle", 4: "Fourth", 5: "Least deprived fifth"}
    fifths = _fifths(where)
    groups = {names[number]: fifths.eq(number) for number in sorted(set(fifths))}
    caption = f"Recorded crime by deprivation, {where.opened.area.name}, {where.period}"
    note = f"{where.deprivation.words}: fifths of all small areas of {where.deprivation.country}."
    frame = _group_rates(where, groups, f"Fifth of {where.deprivation.country}")
    return Table(frame, caption, "places-deprivation", (note,), where.opened.simulated)


def _group_rates(where: EditionPlaces, groups: dict[str, pd.Series], heading: str) -> pd.DataFrame:
    """Records, residents and rate of groups of small areas, also without those where many people come."""
    rows = []
    for name, members in groups.items():
        found = _group(where, members)
        rows.append(
            {
                heading: name,
                "Residents": found.residents,
                "Recorded crimes": found.records,
                "Per 1,000 residents": found.rate,
                "Outside town centres": found.without_visitors,
            }
        )
    return pd.DataFrame(rows)


def _group(where: EditionPlaces, members: pd.Series) -> Group:
    calm = members & (where.rates.table["warning"] == "")
    residents, records = int(where.people[members].sum()), int(where.crime[members].sum())
    return Group(residents, records, _rate(where, members), _rate(where, calm))


def _rate(where: EditionPlaces, members: pd.Series) -> float:
    residents = float(where.people[members].sum()) * where.months / 12
    return rate(int(where.crime[members].sum()), residents, multiplier=1000).value if residents else float("nan")


def _ratio(where: EditionPlaces, members: pd.Series, others: pd.Series) -> float:
    """Rate of some small areas over that of others; two totals of thousands need no test of chance."""
    return _rate(where, members) / _rate(where, others)


def _fifths(where: EditionPlaces) -> pd.Series:
    return (where.deprivation.decile + 1) // 2
