"""What the number of a finding is of: its measure, whom it counts, and which months, so that two can be compared."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Literal

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.errors import InputError
from hcsp_assess.periods import Quarter, Span

#: Prefix of the findings on indicators that a strategy published.
INDICATOR = "performance_"


@dataclass(frozen=True)
class Measure:
    """One thing that is measured, whichever chapters show it.

    Attributes
    ----------
    key, title : str
        Name, and words for readers.
    findings : tuple of str
        Keys of the findings on it.
    unit : str
        "count" or "percent".
    population : str
        Of whom or what; "" for the whole area.
    rows : tuple of str
        How tables name it, beside its title.
    """

    key: str
    title: str
    findings: tuple[str, ...]
    unit: Literal["count", "percent"] = "count"
    population: str = ""
    rows: tuple[str, ...] = ()

    @property
    def indicator(self) -> str:
        """Key of the indicator that a strategy published of it; "" where there is none."""
        keys = [key.removeprefix(INDICATOR) for key in self.findings if key.startswith(INDICATOR)]
        return keys[0] if keys else ""


@cache
def read_measures() -> tuple[Measure, ...]:
    """Every measure of `definitions/measures.toml`, in its order.

    Raises
    ------
    InputError
        If a finding belongs to two measures.
    """
    text = (resources.files("hcsp_assess") / "definitions" / "measures.toml").read_text(encoding="utf-8")
    measures = tuple(
        Measure(**entry | {name: tuple(entry.get(name, ())) for name in ("findings", "rows")})
        for entry in tomllib.loads(text)["measure"]
    )
    keys = [key for measure in measures for key in measure.findings]
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        raise InputError(f"measures.toml: {', '.join(twice)} belongs to two measures: name it under one")
    return measures


def measure_of(key: str) -> Measure:
    """The measure that a finding is on; one of its own where no other finding is on it.

    Examples
    --------
    >>> measure_of("road_ksi").key
    'killed_or_seriously_injured'
    >>> measure_of("deliberate_fires").title
    'deliberate fires'
    """
    found = [measure for measure in read_measures() if key in measure.findings]
    return found[0] if found else Measure(key, key.replace("_", " "), (key,))


def with_measure(finding: Finding, area_name: str, span: Span | None, title: str = "") -> Finding:
    """Return a finding that says what its number is of, of whom, and of which months.

    Parameters
    ----------
    title : str
        What is measured, where the measure is in no list.
    """
    measure = measure_of(finding.key)
    listed = any(finding.key in each.findings for each in read_measures())
    population = f"{measure.population} of {area_name}" if measure.population else area_name
    named = measure.title if listed else title or measure.title
    return replace(finding, measure=named, population=population, period=span.words if span else "")


def span_of_quarters(quarters: Sequence[Quarter]) -> Span | None:
    """From the first month of the first quarter to the last of the last; None without a quarter."""
    return Span(quarters[0].span.first, quarters[-1].span.last) if quarters else None
