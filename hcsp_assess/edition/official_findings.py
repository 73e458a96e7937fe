"""Findings from official recorded crime, with their sources and links."""

import math
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import resources

import pandas as pd

from hcsp_assess.assessment.findings import Direction, Finding, FindingSource, LinkKind
from hcsp_assess.assessment.measures import with_measure
from hcsp_assess.assessment.wording.official import (
    describe_common_change,
    describe_differences,
    describe_harm_shares,
    describe_moved,
    describe_official_level,
    describe_rate,
    describe_similar,
    describe_two_counts,
)
from hcsp_assess.edition.official import OfficialPicture
from hcsp_assess.files import sha256_of
from hcsp_assess.periods import Span
from hcsp_assess.places.harm_shares import HarmShares, share_harm
from hcsp_assess.sources.context import SEVERITY_NAME, severity_by_group
from hcsp_assess.sources.recorded_crime import TOTAL

OFFICIAL_NAME = "Police recorded crime by community safety partnership (Home Office, Office for National Statistics)"
CHAPTER = "comparison"


@dataclass(frozen=True)
class OfficialFindings:
    """Official figures and their findings.

    Attributes
    ----------
    picture : OfficialPicture
        The figures.
    place : str
        The partnership's area, as readers know it.
    linked : bool
        Whether the chapter that shows them is in the edition.
    """

    picture: OfficialPicture
    place: str
    linked: bool

    @cached_property
    def harm(self) -> HarmShares:
        """Harm by group of offences, with the force's own mix of offences within groups."""
        leaves = self.picture.leaves
        weights = severity_by_group("group", self.picture.force_name)
        return share_harm(leaves["count"], weights, leaves["label"], method=SEVERITY_NAME)

    @property
    def labels(self) -> dict[str, str]:
        """Names of groups for readers."""
        return {str(key): str(label) for key, label in self.picture.table["label"].items()}

    @property
    def kinds(self) -> tuple[str, ...]:
        """Groups that sentences and charts compare: those without parts, in the order of the tables."""
        return tuple(map(str, self.picture.leaves.index))

    @cached_property
    def level(self) -> Finding:
        """How much crime was recorded, and how that changed."""
        change = self.picture.changes.get(TOTAL)
        direction: Direction = ""
        if change is not None:
            direction = "no clear change" if not change.clear else "rising" if change.percent > 0 else "falling"
        found = describe_official_level(
            self.place,
            self.picture.year,
            self.picture.year_before,
            change,
            count=self.picture.total,
            direction=direction,
            recording=self.picture.recording_changes,
        )
        return self._traced(found, "official-groups", "official-years")

    @cached_property
    def rate(self) -> Finding | None:
        """The rate and rank among similar areas, or None if they cannot be compared."""
        ranking = self.picture.rankings.get(TOTAL)
        if ranking is None:
            return None
        people = self.picture.population
        found = describe_rate(
            self.place,
            self.picture.year,
            ranking,
            country=float(self.picture.table["country"][TOTAL]),
            people=people.people,
            people_from=people.words,
        )
        return self._traced(found, "official-groups", "official-funnel")

    @cached_property
    def differences(self) -> Finding | None:
        """The offences with more or fewer than similar areas."""
        rankings = {group: self.picture.rankings[group] for group in self.kinds if group in self.picture.rankings}
        if not rankings:
            return None
        return self._traced(
            describe_differences(self.place, rankings, self.labels), "official-kinds", "official-differences"
        )

    def moved(self, word: Direction) -> Finding | None:
        """The offences that clearly rose or fell, or None if no earlier year is held."""
        changes = {group: self.picture.changes[group] for group in self.kinds if group in self.picture.changes}
        if not changes:
            return None
        found = describe_moved(self.place, self.picture.year, self.picture.year_before, changes, self.labels, word)
        return self._traced(found, "official-kinds", "official-years")

    @cached_property
    def common(self) -> Finding | None:
        """Whether the change was shared by similar areas and the country, or None if no earlier year is held."""
        change = self.picture.changes.get(TOTAL)
        if change is None or TOTAL not in self.picture.common.index:
            return None
        shared = {str(name): float(value) for name, value in self.picture.common.T[TOTAL].items()}
        if math.isnan(shared["similar"]) or math.isnan(shared["country"]):
            return None
        found = describe_common_change(self.place, self.picture.year, self.picture.year_before, change, shared)
        return self._traced(found, "official-groups", "official-years")

    @cached_property
    def harmful(self) -> Finding:
        """Which offences cause half of the harm."""
        return self._traced(describe_harm_shares(self.place, self.harm), "official-harm-data", "official-harm")

    @cached_property
    def similar(self) -> Finding:
        """The similar areas."""
        picture = self.picture
        return describe_similar(
            [item.label for item in picture.similar],
            [item.name for item in picture.similar if item.counted_in],
            picture.left_out,
            picture.listed_by,
        )

    def two_counts(self, street: int, months: str) -> Finding:
        """The official count compared with that of street-level files."""
        return describe_two_counts(self.place, self.picture.year, self.picture.total, street, months)

    @cached_property
    def everything(self) -> tuple[Finding, ...]:
        """Every finding that another edition can be compared with."""
        found = (
            self.level,
            self.rate,
            self.differences,
            self.moved("rising"),
            self.moved("falling"),
            self.common,
            self.harmful,
        )
        return tuple(item for item in found if item is not None)

    def _traced(self, finding: Finding, table: str, chart: str) -> Finding:
        links: dict[LinkKind, str] = {"chart": f"#{chart}", "table": f"#{table}"} if self.linked else {}
        span = Span(self.picture.year_end - 11, self.picture.year_end)
        return with_measure(replace(finding, simulated=False), self.place, span).traced((official_source(),), links)


def counts_by_year_end(picture: OfficialPicture) -> pd.Series:
    """The two official totals by the last month of their year, for findings.json."""
    values = {picture.year_end: picture.total}
    change = picture.changes.get(TOTAL)
    if change is not None and picture.before is not None:
        values = {picture.before: change.before} | values
    return pd.Series(values, dtype="Int64")


def official_source() -> FindingSource:
    """The official figures that come with the package, with their checksum."""
    file = resources.files("hcsp_assess") / "definitions" / "recorded_crime" / "recorded_crime.csv.gz"
    with resources.as_file(file) as path:
        return FindingSource(OFFICIAL_NAME, path.name, sha256_of(path))
