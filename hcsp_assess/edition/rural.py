"""Rural and urban places of an edition: residents, recorded crime, and each one's rate."""

import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.coverage import say_months
from hcsp_assess.assessment.wording.levels import say_year
from hcsp_assess.assessment.wording.rural import describe_rural_share
from hcsp_assess.edition.residents import residents_of, year_of
from hcsp_assess.edition.series import Verdicts
from hcsp_assess.sources.geography import geography

RURAL, URBAN = "rural_crime", "urban_crime"


def rural_and_urban(verdicts: Verdicts) -> pd.DataFrame | None:
    """Count residents and recorded crime by kind of place in the year assessed.

    Returns
    -------
    pandas.DataFrame or None
        Rows "Rural" and "Urban"; columns `people` and `crimes` (whole numbers) and `rate` (a year, per 1,000
        residents). None where a kind of place has no residents or no month of the year is held.
    """
    opened = verdicts.opened
    if not {RURAL, URBAN} <= set(verdicts.series):
        return None
    months = held_months(verdicts)
    here = geography(opened.area.key, opened.project.root)
    people = residents_of(here, year_of(opened.edition.span)).people
    rural = here.table["rural"].reindex(people.index).astype(bool)
    counts = {"Rural": verdicts.series[RURAL].counts, "Urban": verdicts.series[URBAN].counts}
    frame = pd.DataFrame(
        {
            "people": {"Rural": int(people[rural].sum()), "Urban": int(people[~rural].sum())},
            "crimes": {name: int(values.reindex(months).sum()) for name, values in counts.items()},
        }
    )
    if not frame.all(axis=None):
        return None
    part = len(months) / len(opened.edition.span.months)
    return frame.assign(rate=1000 * frame["crimes"] / frame["people"] / part)


def held_months(verdicts: Verdicts) -> pd.PeriodIndex:
    """The months of the year assessed that are held for rural and urban places."""
    every = verdicts.opened.edition.span.months
    both = [verdicts.series[key].counts.reindex(every).notna().to_numpy() for key in (RURAL, URBAN)]
    return every[both[0] & both[1]]


def finding_rural_share(verdicts: Verdicts) -> Finding | None:
    """Say which share of residents and of crime is rural, and what the rates are; None where it is not known.

    The key of the finding is "rural_share"; it leads to the table of the chapter on rural crime.
    """
    places = rural_and_urban(verdicts)
    if places is None:
        return None
    opened, months = verdicts.opened, held_months(verdicts)
    part = len(months) / len(opened.edition.span.months)
    when = say_year(opened.edition.span) if part == 1 else say_months(list(months))
    crimes, people = places["crimes"], places["people"]
    said = describe_rural_share(
        int(crimes["Rural"]), int(crimes["Urban"]), int(people["Rural"]), int(people["Urban"]), when, part=part
    )
    shown = "rural_crime" in opened.edition.chapters
    return said.marked(simulated=opened.simulated).traced(links={"table": "#rural-rates"} if shown else {})
