"""The chapter on where: rates of small areas, how concentrated crime is, rural and urban, deprivation."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from hcsp_assess.assessment.findings import Finding, Findings
from hcsp_assess.errors import InputError
from hcsp_assess.places.concentration import Concentration, measure_concentration
from hcsp_assess.places.rates import MISLEADS, TOO_FEW, AreaRates, find_misleading_bases, measure_rates
from hcsp_assess.project import Project, find_project
from hcsp_assess.report.charts import COLOURS, Chart, draw_chart
from hcsp_assess.report.maps import chart_map, choose_breaks, class_by_breaks, describe_extremes
from hcsp_assess.report.tables import Table
from hcsp_assess.run.build import Prepared
from hcsp_assess.sources.geography import Geography, geography
from hcsp_assess.subject.crime_types import RECORDED_CRIME, series
from hcsp_assess.trends.rates import rate

#: Measures looked at by small area. Total recorded crime never includes anti-social behaviour.
MEASURES = (
    RECORDED_CRIME,
    "anti_social_behaviour",
    "violence",
    "criminal_damage_and_arson",
    "shoplifting",
    "burglary",
)
#: What happens to shops and visitors more than to residents; its share tells where residents are the wrong base.
OF_VISITORS = ("shoplifting", "theft_from_the_person", "bicycle_theft")
TOP = (1, 5, 10)


@dataclass(frozen=True)
class Where:
    """An edition's records by small area, with who lives there.

    Attributes
    ----------
    root : Path
        Root of the project: its peers, actions and weights are read from there.
    people : pandas.Series
        Residents by small area.
    people_from : str
        What the residents are, for notes.
    monthly : mapping of str to pandas.DataFrame
        Records by month and small area of each measure, by its label; missing where a month has no comparable value.
    counts : pandas.DataFrame
        Records of the year assessed, one row per small area, one column per measure (its label). A measure that some
        month of the year has no comparable value for is not there.
    visitors : pandas.Series
        Records of what happens to shops and visitors, by small area.
    months : int
        Months of the year assessed that were published.
    """

    opened: Prepared
    root: Path
    geography: Geography
    people: pd.Series
    people_from: str
    monthly: Mapping[str, pd.DataFrame]
    counts: pd.DataFrame
    visitors: pd.Series
    months: int

    @property
    def labels(self) -> pd.Series:
        """Name with ward by small area."""
        return self.geography.table["label"]

    @property
    def crime(self) -> pd.Series:
        """Total recorded crime by small area."""
        return self.counts[series(RECORDED_CRIME).label]

    @property
    def period(self) -> str:
        """The months counted, in words."""
        words = self.opened.edition.span.words
        asked = len(self.opened.edition.span.months)
        return words if self.months == asked else f"{self.months} published months of {words}"

    @cached_property
    def rates(self) -> AreaRates:
        """Rates of recorded crime per 1,000 residents a year."""
        misleading = find_misleading_bases(self.crime, self.visitors, self.people)
        return measure_rates(self.crime, self.people, years=self.months / 12, misleading=misleading)

    def concentration(self, measure: str) -> Concentration:
        """How concentrated a measure is."""
        return measure_concentration(self.counts[measure], top=TOP)


def open_where(opened: Prepared, project: Project | None = None) -> Where:
    """Count an edition's records by small area, over the published months of the year assessed.

    Parameters
    ----------
    project : Project, optional
        By default the one that a notebook is in.

    Raises
    ------
    InputError
        If no month of the year was published, or the area has no reference geography.
    """
    root = (project or find_project()).root
    here = geography(opened.area.key, root)
    span = opened.edition.span
    monthly = {key: opened.counts("lsoa", measure=key) for key in dict.fromkeys((*MEASURES, *OF_VISITORS))}
    published = monthly[RECORDED_CRIME].reindex(span.months).dropna().index
    if published.empty:
        raise InputError(f"no month of {span.words} was published: nothing can be said about where")
    yearly = {key: _in_months(counts, published) for key, counts in monthly.items()}
    counts = {series(key).label: yearly[key] for key in MEASURES if yearly[key] is not None}
    frame = pd.DataFrame(counts).reindex(here.table.index)
    visitors = pd.DataFrame({key: yearly[key] for key in OF_VISITORS if yearly[key] is not None})
    census = span.first.year < 2015
    people = here.table["population_2011" if census else "population_2019"]
    people_from = "the census of 2011" if census else "mid-2019, the newest estimate at hand"
    labelled = {series(key).label: monthly[key] for key in MEASURES}
    visitors_in_all = visitors.sum(axis=1).reindex(people.index)
    return Where(opened, root, here, people, people_from, labelled, frame, visitors_in_all, len(published))


def findings_rates(where: Where) -> Findings:
    """Say the rate of the whole area, the highest and lowest small areas, and where residents are the wrong base."""
    found, table = where.rates, where.rates.table
    total, people = int(where.crime.sum()), int(where.people.sum())
    whole = rate(total, people * where.months / 12, multiplier=found.per)
    high, low = str(table["shrunk_rate"].idxmax()), str(table["shrunk_rate"].idxmin())
    name = where.opened.area.name
    evidence = {"records": total, "residents": people, "rate": whole.value, "low": whole.low, "high": whole.high,
                "highest": float(table["shrunk_rate"][high]), "lowest": float(table["shrunk_rate"][low])}  # fmt: skip
    sentence = (
        f"{name}: {whole.value:.1f} recorded crimes per 1,000 residents a year (95% interval {whole.low:.1f} to "
        f"{whole.high:.1f}). Among its {len(table)} small areas the rate runs from {evidence['lowest']:.0f} in "
        f"{where.labels[low]} to {evidence['highest']:.0f} in {where.labels[high]}."
    )
    certainty = f"Method: {found.method}. Residents: {where.people_from}."
    flagged = table.index[table["warning"] != ""]
    listed = ", ".join(str(where.labels[code]) for code in flagged)
    warning = (
        f"In {len(flagged)} small areas a rate per resident misleads: {listed}. {MISLEADS[0].upper()}{MISLEADS[1:]}."
        if len(flagged)
        else "In no small area do the records say that residents are plainly the wrong base."
    )
    rule = (
        "Rule: at least twice the rate of the whole area, and among its records at least as high a share of "
        "shoplifting, theft from the person and bicycle theft."
    )
    return _marked(
        where,
        Finding("where_rates", sentence, evidence, certainty),
        Finding("where_wrong_base", warning, {"areas": len(flagged)}, rule),
    )


def map_rates(where: Where) -> Chart:
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
        key="map-rates",
        title=title,
        subtitle=f"Recorded crime per 1,000 residents a year by LSOA, {where.opened.area.name}, {where.period}",
        what="Crimes per 1,000 residents a year",
        alt=describe_extremes(shrunk.mask(table["too_few"]), where.labels, "crimes per 1,000 residents a year"),
        data=_rates_frame(where),
        source=where.opened.source.name,
        simulated=where.opened.simulated,
    )


def _rates_frame(where: Where) -> pd.DataFrame:
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


def say_concentration(where: Where) -> Finding:
    """Say how much of recorded crime the busiest 1, 5 and 10% of small areas hold."""
    found = where.concentration(series(RECORDED_CRIME).label)
    one, five, ten = (found.top.iloc[place] for place in range(3))
    sentence = (
        f"Recorded crime is concentrated: the busiest 5% of small areas ({int(five['places'])} of {found.places}) hold "
        f"{five['percent_of_records']:.0f}% of {found.records:,} records, the busiest 10% "
        f"{ten['percent_of_records']:.0f}%, and the busiest of all {one['percent_of_records']:.0f}%."
    )
    evidence = {
        "places": found.places, "records": found.records, "top_places": int(five["places"]),
        "top_1_percent": float(one["percent_of_records"]), "top_5_percent": float(five["percent_of_records"]),
        "top_10_percent": float(ten["percent_of_records"]), "gini": found.generalised_gini,
    }  # fmt: skip
    certainty = (
        f"Method: {found.method}; generalised Gini {found.generalised_gini:.2f}. A count, so nothing is estimated."
    )
    return Finding("where_concentration", sentence, evidence, certainty).marked(simulated=where.opened.simulated)


def chart_lorenz(where: Where) -> Chart:
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
        key="lorenz-places",
        title=title,
        subtitle=f"Cumulative share of records by LSOA, busiest first, {where.opened.area.name}, {where.period}",
        alt=f"Lorenz curves. {title}. Share of records in the busiest 10% of areas: {said}.",
        data=data,
        source=where.opened.source.name,
        simulated=where.opened.simulated,
    )


def table_concentration(where: Where) -> Table:
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


def table_rural(where: Where) -> Table:
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


def say_deprivation(where: Where) -> Finding:
    """Compare the most deprived fifth of England's small areas with the rest of the area, where both are there."""
    fifths = _fifths(where)
    most, others = fifths.eq(1), fifths.ne(1)
    name = where.opened.area.name
    if not (most.any() and others.any()):
        sentence = f"All small areas of {name} are on one side of the line of England's most deprived fifth."
        return Finding("where_deprivation", sentence).marked(simulated=where.opened.simulated)
    wrong = where.rates.table["warning"] != ""
    ratios = [_ratio(where, most & keep, others & keep) for keep in (pd.Series(data=True, index=most.index), ~wrong)]
    sentence = (
        f"In the {int(most.sum())} small areas of {name} among England's most deprived fifth, recorded crime per "
        f"resident is {ratios[0]:.1f} times that of the others; without town centres it is {ratios[1]:.1f} times."
    )
    certainty = (
        "Indices of Deprivation 2019. Recorded crime is one of the seven domains of that index, so part of the link is "
        "built in. It is about places, not about the people who live there."
    )
    evidence = {"areas": int(most.sum()), "ratio": ratios[0], "ratio_without_town_centres": ratios[1]}
    return Finding("where_deprivation", sentence, evidence, certainty).marked(simulated=where.opened.simulated)


def table_deprivation(where: Where) -> Table:
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


def _in_months(monthly: pd.DataFrame, months: pd.Index) -> pd.Series | None:
    """Records by small area in those months; None where one has no comparable value."""
    counts = monthly.reindex(months)
    return None if counts.isna().to_numpy().any() else counts.sum().astype(int)


def _group_rates(where: Where, groups: dict[str, pd.Series], heading: str) -> pd.DataFrame:
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


def _rate(where: Where, members: pd.Series) -> tuple[float, float, float]:
    residents = float(where.people[members].sum()) * where.months / 12
    if residents == 0:
        return (float("nan"),) * 3
    found = rate(int(where.crime[members].sum()), residents, multiplier=1000)
    return found.value, found.low, found.high


def _ratio(where: Where, members: pd.Series, others: pd.Series) -> float:
    """Rate of some small areas over that of others; two totals of thousands need no test of chance."""
    return _rate(where, members)[0] / _rate(where, others)[0]


def _fifths(where: Where) -> pd.Series:
    return (where.geography.table["imd2019_decile"].astype(int) + 1) // 2


def _intervals(low: pd.Series, high: pd.Series) -> list[str]:
    return [f"{least:,.1f} to {most:,.1f}" for least, most in zip(low, high, strict=True)]


def _marked(where: Where, *findings: Finding) -> Findings:
    return Findings(tuple(finding.marked(simulated=where.opened.simulated) for finding in findings))
