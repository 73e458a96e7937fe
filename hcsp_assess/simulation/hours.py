"""When and where simulated events happen: days of the week and hours as often as a county's week has them."""

import tomllib
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from hcsp_assess.periods import Span
from hcsp_assess.simulation.truth import read_truth
from hcsp_assess.subject.crime_types import ANTI_SOCIAL_BEHAVIOUR

Shares = npt.NDArray[np.float64]
SATURDAY = 5


@lru_cache(maxsize=1)
def stated_returns() -> dict[str, Any]:
    """What the simulated returns are drawn from: definitions/simulation_returns.toml."""
    file = resources.files("hcsp_assess") / "definitions" / "simulation_returns.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def draw_moment(rng: np.random.Generator, span: Span, shape: str) -> tuple[str, str]:
    """Draw a day within a span and a time, as they are written in a return.

    Parameters
    ----------
    shape : str
        Name of a table of `hours` in definitions/simulation_returns.toml: shares of a week by day, of a day by hour.

    Examples
    --------
    >>> from hcsp_assess.periods import parse_span
    >>> draw_moment(np.random.default_rng(1), parse_span("2012-04 to 2012-06"), "roads")
    ('17/05/2012', '20:02')
    """
    days, by_day, week, weekend = _week(span, shape)
    day, is_weekend = days[int(np.searchsorted(by_day, rng.random(), side="right"))]
    hour = int(np.searchsorted(weekend if is_weekend else week, rng.random(), side="right"))
    return day, f"{hour:02d}:{int(rng.integers(60)):02d}"


def draw_incident_place(rng: np.random.Generator) -> str:
    """Draw a small area, as often as the simulated street-level files have anti-social behaviour in it."""
    codes, shares = _incident_places()
    return codes[int(np.searchsorted(shares, rng.random(), side="right"))]


@lru_cache(maxsize=64)
def _week(span: Span, shape: str) -> tuple[list[tuple[str, bool]], Shares, Shares, Shares]:
    """Days as written, whether each is of a weekend; cumulative shares of days, and of hours on both kinds of day."""
    stated = stated_returns()["hours"][shape]
    dates = pd.date_range(span.first.start_time, span.last.end_time, freq="D")
    days = [(f"{day:%d/%m/%Y}", day.day_of_week >= SATURDAY) for day in dates]
    by_day = _cumulative([stated["days"][day] for day in dates.day_of_week])
    return days, by_day, _cumulative(stated["week"]), _cumulative(stated["weekend"])


@lru_cache(maxsize=1)
def _incident_places() -> tuple[list[str], Shares]:
    weights = read_truth().places[ANTI_SOCIAL_BEHAVIOUR]
    return [str(code) for code in weights.index], _cumulative(weights.to_list())


def _cumulative(weights: Sequence[float]) -> Shares:
    """Cumulative shares, rounded so that they are the same on every machine; the last is 1."""
    shares = np.round(np.cumsum(weights) / np.sum(weights), 9)
    shares[-1] = 1.0
    return np.asarray(shares, dtype=np.float64)
