"""A county: the assessments of its partnerships as they published them, and their official recorded crime."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd

from hcsp_assess.assessment.county import CommonTheme, CountySum, common_themes, sum_of
from hcsp_assess.assessment.county_matters import LETTER
from hcsp_assess.assessment.statute import requirements
from hcsp_assess.edition.official import counts_by_partnership, spread_by_group, years_held
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.errors import InputError
from hcsp_assess.places.differences import Differences, differences_between
from hcsp_assess.project import Project
from hcsp_assess.sources.context import mid_year, population
from hcsp_assess.sources.findings_file import Published, read_published
from hcsp_assess.sources.recorded_crime import TOTAL, held_official_crime, offence_groups, partnership_of
from hcsp_assess.subject.editions import CountyDistrict, Edition, edition


@dataclass(frozen=True)
class DistrictEdition:
    """A partnership of the county, with what it published.

    Attributes
    ----------
    district : CountyDistrict
        As the county's definition names it, its code as in the official tables.
    published : Published or None
        None where its assessment is not held.
    period : str
        The county's twelve months, in words.
    """

    district: CountyDistrict
    published: Published | None
    period: str

    @property
    def name(self) -> str:
        """Name of its area."""
        return self.district.name

    @property
    def findings(self) -> dict[str, Any]:
        """Its `findings.json`; nothing where it is not held."""
        return self.published.findings if self.published is not None else {}

    @property
    def when(self) -> str:
        """When it was published, in words; "" where it is not held."""
        return self.published.published if self.published is not None else ""

    @property
    def folder(self) -> str:
        """Where its published files are, from the project's root."""
        return f"reports/{self.district.edition}" if self.district.edition else self.district.folder

    @property
    def of_another_period(self) -> bool:
        """Whether its assessment is of other months than the county's edition."""
        return self.published is not None and self.findings["period"] != self.period

    @property
    def simulated(self) -> bool:
        """Whether any of it rests on simulated records."""
        return bool(self.findings.get("simulated", False))


@dataclass(frozen=True)
class CountyFigures:
    """Official recorded crime of the partnerships of a county, in one year.

    Attributes
    ----------
    year_end, before : pandas.Period
        Last month of the year, and of the earlier year by which ordinary ups and downs are measured, or None.
    counts : pandas.DataFrame
        Offences: groups in rows, in the order of the official tables, partnerships by name in columns (Int64; missing
        where there is no figure).
    people : pandas.Series
        Residents by partnership.
    people_year : int
        The year of that estimate.
    spread : dict of str to float
        By group, how much partnerships move between years beyond chance.
    """

    year_end: pd.Period
    before: pd.Period | None
    counts: pd.DataFrame
    people: pd.Series
    people_year: int
    spread: dict[str, float]

    @property
    def year(self) -> str:
        """The year in words."""
        return f"the year to {self.year_end.strftime('%B %Y')}"

    @cached_property
    def sums(self) -> dict[str, CountySum]:
        """The county's offences by group."""
        return {str(group): sum_of(line) for group, line in self.counts.iterrows()}

    @property
    def total(self) -> CountySum:
        """All recorded crime of the county, without fraud."""
        return self.sums[TOTAL]

    @cached_property
    def differences(self) -> Differences:
        """Partnerships compared with the rest of the county, for every kind of offence that has no parts."""
        parents = {group.parent for group in offence_groups()} | {TOTAL}
        kinds = [group for group in self.counts.index if group not in parents]
        return differences_between(self.counts.loc[kinds], self.people, self.spread)


@dataclass(frozen=True)
class County:
    """A county with its partnerships.

    Attributes
    ----------
    name, period : str
        Name of the county, and its twelve months in words.
    districts : tuple of DistrictEdition
        Every partnership, in the order of the definition.
    figures : CountyFigures or None
        None where no official year ends within the period.
    """

    name: str
    period: str
    districts: tuple[DistrictEdition, ...]
    figures: CountyFigures | None

    @property
    def held(self) -> tuple[DistrictEdition, ...]:
        """The partnerships whose assessment is held."""
        return tuple(item for item in self.districts if item.published is not None)

    @cached_property
    def common(self) -> tuple[CommonTheme, ...]:
        """The subjects that two or more partnerships name."""
        return common_themes({item.name: item.findings for item in self.held}, len(self.districts))


def open_county(opened: OpenEdition) -> County:
    """Read what the partnerships of a county published, and their official figures.

    Raises
    ------
    InputError
        If the edition names no districts, a code or an edition is not known, an area has no county strategy group, or
        published files are damaged, of another partnership, or of another version of the software.
    """
    chosen = opened.edition
    if not chosen.districts:
        raise InputError(
            f"edition {chosen.key} is not of a county: its definition has no [[districts]]. Leave the chapter "
            "county_agreement out, or start a county's edition with hcsp-assess new county"
        )
    known = tuple(check_district(item, f"editions/{chosen.key}.toml") for item in chosen.districts)
    codes = [item.code for item in known]
    if twice := sorted({code for code in codes if codes.count(code) > 1}):
        raise InputError(
            f"editions/{chosen.key}.toml: two of its districts are the partnership {twice[0]}; name it once"
        )
    period = chosen.span.words
    found = tuple(DistrictEdition(item, read_district(item, chosen, opened.project), period) for item in known)
    return County(opened.area.name, period, found, _figures(known, chosen, opened.project))


def check_district(district: CountyDistrict, where: str) -> CountyDistrict:
    """Return a partnership of a county with its code as in the official tables.

    Raises
    ------
    InputError
        If no partnership has the code, or it is in a country without county strategy groups; the message names `where`.
    """
    try:
        code = partnership_of(district.code).code
    except InputError as error:
        raise InputError(f"{where}, district {district.name}: {error}") from error
    country = "Wales" if code.startswith("W") else "England"
    if LETTER not in {item.letter for item in requirements(country=country)}:
        raise InputError(f"{where}: {district.name} is in {country}, which has no county strategy groups")
    return replace(district, code=code)


def read_district(district: CountyDistrict, chosen: Edition, project: Project) -> Published | None:
    """Read what a partnership published, by its edition here or as received; None where that is not held.

    Raises
    ------
    InputError
        If its edition cannot be used, or the files are damaged, of another partnership or of another version.
    """
    if district.edition:
        try:
            edition(district.edition, project.root)
        except InputError as error:
            raise InputError(f"editions/{chosen.key}.toml, district {district.name}: {error}") from error
    label = f"reports/{district.edition}" if district.edition else district.folder
    found = read_published(project.root / label, label)
    if found is not None and found.findings["partnership_code"] != district.code:
        theirs = found.findings["partnership_code"] or "no partnership"
        raise InputError(
            f"{label}/findings.json is of {found.findings['area']} ({theirs}), and editions/{chosen.key}.toml has it "
            f"for {district.name} ({district.code}): put the files of {district.name} there, or correct the definition"
        )
    return found


def _figures(known: tuple[CountyDistrict, ...], chosen: Edition, project: Project) -> CountyFigures | None:
    crime = held_official_crime(project.root)
    ends = years_held(crime)
    within = [end for end in ends if chosen.span.first <= end <= chosen.span.last]
    if not within:
        return None
    year_end = within[-1]
    before = max((end for end in ends if (year_end - end).n >= 12), default=None)
    now = counts_by_partnership(crime, year_end)
    earlier = counts_by_partnership(crime, before) if before is not None else None
    groups = [group.key for group in offence_groups() if group.key in now.index]
    counts = now.reindex(index=groups, columns=[item.code for item in known])
    people = {item.name: population(item.code, mid_year(year_end)) for item in known}
    return CountyFigures(
        year_end,
        before,
        counts.set_axis([item.name for item in known], axis="columns").astype("Int64"),
        pd.Series({name: each.people for name, each in people.items()}),
        next(iter(people.values())).year,
        spread_by_group(now, earlier),
    )


def say_missing(county: County) -> tuple[str, ...]:
    """Return a sentence for each partnership whose assessment is missing, with what to do."""
    return tuple(
        f"the assessment of {item.name} is missing: "
        + (
            f"build it with hcsp-assess run {item.district.edition}"
            if item.district.edition
            else f"put its findings.json and run.json in {item.district.folder}/"
        )
        for item in county.districts
        if item.published is None
    )
