"""Year totals of recorded crime by offence group, added up from quarters by offence code."""

import pandas as pd

from hcsp_assess.sources.recorded_crime.groups import TOTAL, offence_groups, parts_of
from hcsp_assess.sources.recorded_crime.home_office import HomeOfficeCrime
from hcsp_assess.sources.recorded_crime.official import OfficialCrime
from hcsp_assess.sources.recorded_crime.ons_tables import as_official
from hcsp_assess.sources.recorded_crime.partnerships import partnership_of, region_of_force

AREA = ["level", "code", "name", "force"]
#: Groups that older tables do not show on their own: their offences are within the others of the same parent.
NOT_ALWAYS_APART = ("homicide", "death_or_serious_injury_unlawful_driving", "stalking_and_harassment")


def year_totals(crime: HomeOfficeCrime) -> OfficialCrime:
    """Add up every four quarters that follow each other, by area and offence group.

    Returns
    -------
    OfficialCrime
        As `official_crime`, for the years ending with each quarter of which all four are held. A group that the files
        hold in each of the four quarters and that has no row for an area is 0; one that they do not hold is NA, and so
        is every group that it is part of. The total is of every offence but fraud, also of those whose group is not
        known.
    """
    quarters = sorted(set(crime.used["quarter"]))
    ends = [end for end in quarters if all(end - back in quarters for back in range(4))]
    parts = [_year(crime, end) for end in ends]
    empty = pd.DataFrame(columns=["year_end", *AREA, "region", "group", "count"])
    return OfficialCrime(as_official(pd.concat(parts, ignore_index=True) if parts else empty))


def differences(crime: OfficialCrime, other: OfficialCrime, code: str) -> pd.DataFrame:
    """Compare two sources of official recorded crime for one area, in the years that both have.

    Parameters
    ----------
    crime, other : OfficialCrime
        For example the ONS tables and the years of the Home Office tables.
    code : str
        ONS code of the area.

    Returns
    -------
    pandas.DataFrame
        `year_end`, `group`, `count`, `other`, `difference` (other less count) and `percent` of the first; only groups
        that both have. Figures are revised with each release, so expect small differences.
    """
    tables = [
        each.table[each.table["code"] == code].set_index(["year_end", "group"])["count"] for each in (crime, other)
    ]
    both = pd.concat(tables, axis=1, keys=["count", "other"], join="inner").dropna().reset_index()
    difference = both["other"] - both["count"]
    share = 100 * difference.astype(float) / both["count"].astype(float).where(both["count"] != 0)
    return both.assign(difference=difference, percent=share)


def _year(crime: HomeOfficeCrime, end: pd.Period) -> pd.DataFrame:
    span = [end - back for back in range(4)]
    rows = crime.table[crime.table["quarter"].isin(span)]
    held = crime.held[crime.held["quarter"].isin(span)]
    in_all = held.groupby("group")["quarter"].nunique()
    known = set(in_all[in_all == len(span)].index)
    sums = rows.groupby([*AREA, "group"])["count"].sum().unstack("group").reindex(columns=_keys(), fill_value=0)  # noqa: PD010
    wide = sums.fillna(0).astype("Int64")
    everything = rows.groupby(AREA)["count"].sum()
    for group in reversed(offence_groups()):  # parts before what they are part of
        inner = parts_of(group.key)
        if group.key == TOTAL:
            wide[TOTAL] = everything.reindex(wide.index).astype("Int64")
        elif inner:
            wide[group.key] = wide[[group.key, *inner]].sum(axis=1)
    lacking = [key for key in _keys() if not _is_held(key, known)]
    wide[lacking] = pd.NA
    long = wide.reset_index().melt(AREA, _keys(), var_name="group", value_name="count")
    regions = {
        area: _region(*area) for area in set(long[["level", "code", "force"]].itertuples(index=False, name=None))
    }
    region = [regions[area] for area in long[["level", "code", "force"]].itertuples(index=False, name=None)]
    return long.assign(year_end=str(pd.Period(end.end_time, "M")), region=region)


def _keys() -> list[str]:
    return [group.key for group in offence_groups()]


def _is_held(key: str, known: set[str]) -> bool:
    """Whether a group, or everything that it is made of, is in the files."""
    inner = parts_of(key)
    if not inner:
        return key in known
    return all(part in NOT_ALWAYS_APART or _is_held(part, known) for part in inner)


def _region(level: str, code: str, force: str) -> str:
    return partnership_of(code).region if level == "partnership" else region_of_force(force)
