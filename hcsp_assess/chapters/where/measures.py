"""Maps of any measure by small area: a rate where there is a population for it, a count where there is none."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import pandas as pd

from hcsp_assess.chapters.shared.headings import heading_of
from hcsp_assess.edition.places import MEASURES, OF_VISITORS, EditionPlaces
from hcsp_assess.errors import InputError
from hcsp_assess.places.rates import TOO_FEW, AreaRates, find_misleading_bases, measure_rates
from hcsp_assess.report.charts import Chart
from hcsp_assess.report.maps import SKEWED, Classes, chart_map, choose_breaks, class_by_breaks, describe_extremes
from hcsp_assess.report.tables import Table
from hcsp_assess.subject.crime_types import series
from hcsp_assess.trends.rates import rate

#: Measures of which a household is at risk, not a resident.
OF_HOUSEHOLDS = ("burglary",)
LEAST_IN_CLASS = 5
NO_POPULATION = "a count, since it happens to shops and visitors, not to residents"


@dataclass(frozen=True)
class AreaFigures:
    """A measure by small area, over some months.

    Attributes
    ----------
    key, label : str
        Of the measure.
    counts : pandas.Series
        Records by small area.
    rates : AreaRates or None
        Rates a year; None where there is no base that would not mislead.
    base : str
        What the rate is per, with its date, for readers; or why a count is mapped.
    as_count : bool
        Whether the map shows the count: there is no base, or most small areas have too few records for a rate.
    months : tuple of pandas.Period
        The months counted: those asked for that have a comparable value.
    """

    key: str
    label: str
    counts: pd.Series
    rates: AreaRates | None
    base: str
    as_count: bool
    months: tuple[pd.Period, ...]

    @property
    def mapped(self) -> pd.Series:
        """What the map shows by small area: the shrunk rate, or the count."""
        return self.counts if self.rates is None or self.as_count else self.rates.table["shrunk_rate"]

    @property
    def too_few(self) -> pd.Series:
        """Small areas with too few records for a rate; a count can always be read."""
        blank = pd.Series(data=False, index=self.counts.index)
        return blank if self.rates is None or self.as_count else self.rates.table["too_few"]

    @property
    def unit(self) -> str:
        """What the numbers on the map are."""
        if self.rates is None or self.as_count:
            return "records"
        return f"records per {self.rates.per:,.0f} {self.rates.base_name} a year"


def figures_of(where: EditionPlaces, key: str, months: Sequence[pd.Period] | None = None) -> AreaFigures:
    """Count a measure by small area, with its rate where there is a base that does not mislead throughout.

    Parameters
    ----------
    key : str
        Of a comparable series, such as "burglary".
    months : sequence of pandas.Period, optional
        By default the year assessed.

    Raises
    ------
    InputError
        If there is no such measure, or none of the months has a comparable value of it.
    """
    entry = series(key)
    monthly = where.opened.counts("lsoa", measure=key)
    asked = pd.PeriodIndex(list(where.opened.edition.span.months if months is None else months), freq="M")
    used = monthly.reindex(asked).dropna()
    if used.empty:
        raise InputError(
            f"{entry.label} has no comparable value in {_span(asked)}: the months are not held, or the crime types "
            "of that time do not distinguish it"
        )
    counts = used.sum().astype(int)
    base, base_name, said = _base(where, key)
    chosen = tuple(pd.PeriodIndex(used.index))
    if base is None:
        return AreaFigures(key, entry.label, counts, None, NO_POPULATION, as_count=True, months=chosen)
    wrong = find_misleading_bases(where.crime, where.visitors, where.people) if base_name == "residents" else ()
    rates = measure_rates(counts, base, base_name=base_name, years=len(used) / 12, misleading=wrong)
    few = int(rates.table["too_few"].sum())
    if as_count := few > len(counts) / 2:
        said = f"a count, since {few} of {len(counts)} have under {TOO_FEW} records, too few for a rate"
    return AreaFigures(key, entry.label, counts, rates, said, as_count, chosen)


def _base(where: EditionPlaces, key: str) -> tuple[pd.Series | None, str, str]:
    if key in OF_VISITORS:
        return None, "", ""
    if key in OF_HOUSEHOLDS:
        return where.geography.table["households_2011"], "households", "households of the census of 2011"
    return where.people, "residents", f"residents of {where.people_from}"


def class_figures(found: AreaFigures) -> Classes:
    """Put each small area in its class of the map.

    Breaks are rounded quantiles of those that can be read: of rates in classes of about the same size, at least
    `LEAST_IN_CLASS` where there are so many, of counts with the few highest apart.
    """
    readable = found.mapped[~found.too_few]
    if readable.empty:
        return class_by_breaks(found.mapped, (), too_few=found.too_few, few=f"under {TOO_FEW} records")
    classes = min(5, max(2, len(readable) // LEAST_IN_CLASS))
    breaks = choose_breaks(readable, classes=classes, shares=SKEWED if found.as_count else ())
    if found.as_count:
        breaks = tuple(sorted({float(ceil(limit)) for limit in breaks}))
    few = f"under {TOO_FEW} records"
    return class_by_breaks(found.mapped, breaks, too_few=found.too_few, few=few, whole=found.as_count)


def map_measure(where: EditionPlaces, key: str, months: Sequence[pd.Period] | None = None) -> Chart:
    """Map a measure by small area, a shrunk rate or a count; the table under it has every small area with its interval.

    Parameters
    ----------
    where, key, months
        See `figures_of`.
    """
    found = figures_of(where, key, months)
    mapped = found.mapped.mask(found.too_few)
    place = f"{where.opened.area.name}, {_span(pd.PeriodIndex(found.months))}"
    what = found.unit[0].upper() + found.unit[1:]
    title = f"{found.label}: {_highest(mapped, where)}"
    return chart_map(
        where.geography,
        class_figures(found),
        heading_of(
            where.opened,
            f"map-{key.replace('_', '-')}",
            title,
            f"{found.label}, {found.unit} by small area, {place}; {found.base}",
        ),
        what=what,
        alt=describe_extremes(mapped, where.labels, found.unit),
        data=figures_frame(found, where),
    )


def table_bases(where: EditionPlaces) -> Table:
    """Show each kind of crime as a rate of those at risk of it, for the whole area, with its likely range."""
    rows = []
    for key in MEASURES:
        if series(key).label not in where.counts:
            continue
        base, _, said = _base(where, key)
        records = int(where.counts[series(key).label].sum())
        whole = None if base is None else rate(records, float(base.sum()) * where.months / 12, multiplier=1000)
        rows.append(
            {
                "Kind": series(key).label,
                "Records": records,
                "Rate for": said or "no rate: it happens to shops and visitors",
                "Per 1,000 a year": float("nan") if whole is None else whole.value,
                "Likely between": "no rate" if whole is None else f"{whole.low:.1f} and {whole.high:.1f}",
                f"Small areas with {TOO_FEW} or more": int((where.counts[series(key).label] >= TOO_FEW).sum()),
            }
        )
    caption = f"Rates by kind of crime, {where.opened.area.name}, {where.period}"
    note = f"With under {TOO_FEW} records, a small area's rate says little."
    return Table(pd.DataFrame(rows), caption, "places-bases", (note,), where.opened.simulated)


def figures_frame(found: AreaFigures, where: EditionPlaces) -> pd.DataFrame:
    """Every small area with its records, and the rate with its 95% interval where there is one; highest first."""
    ordered = found.mapped.sort_values(ascending=False, kind="stable").index
    classes = class_figures(found)
    names = dict(enumerate(classes.labels)) | {-1: classes.few}
    frame = pd.DataFrame({"Place": where.labels[ordered].to_numpy(), "Code": list(ordered)})
    frame["Records"] = found.counts[ordered].astype("Int64").to_numpy()
    if found.rates is not None:
        table = found.rates.table.loc[ordered]
        frame[found.rates.base_name.capitalize()] = table["base"].astype("Int64").to_numpy()
        columns = {"rate": "Rate", "low": "Low", "high": "High", "shrunk_rate": "Rate on the map"}
        for column, heading in columns.items():
            frame[heading] = table[column].round(2).to_numpy()
        frame["Note"] = ["many visitors" if text else "none" for text in table["warning"]]
    frame["Class on the map"] = classes.of[ordered].map(names).to_numpy()
    return frame


def _highest(mapped: pd.Series, where: EditionPlaces) -> str:
    if mapped.notna().sum() == 0:
        return "too few records in every small area to say where most is"
    return f"highest in {where.labels[str(mapped.astype(float).idxmax())]}"


def _span(months: pd.PeriodIndex) -> str:
    first, last = (month.strftime("%B %Y") for month in (months.min(), months.max()))
    asked = (months.max() - months.min()).n + 1
    said = first if first == last else f"{first} to {last}"
    return said if len(months) == asked else f"{len(months)} months of {said}"
