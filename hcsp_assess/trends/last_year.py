"""How far is the last year from the earlier level? Allows for monthly noise and year effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hcsp_assess.trends.calibration import LATEST
from hcsp_assess.trends.model import Answers, LinearisedModels, MeanFits
from hcsp_assess.trends.year_effects import (
    SIZES,
    SeriesWithYears,
    YearEffects,
    YearModels,
    likeliest_noises,
    pooled_weights,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Integers = NDArray[np.int64]


@dataclass(frozen=True)
class LastYear:
    """Answers of some series about their last year, for every size of the year's effect.

    ``log_likelihoods`` has a row for each series long enough to say how large its effects of the year are: in a model
    that also holds slope and turn, since a bend would count as such effects.
    """

    effects: YearEffects
    log_likelihoods: Floats
    months: Integers

    @classmethod
    def of(cls, fits: MeanFits, models: LinearisedModels, *, turn: bool, long_enough: Flags) -> LastYear:
        """Work it out for a chunk of series; ``turn``: whether the model can hold one."""
        tables = fits.tables
        changes = tables.changes if turn else tables.changes[:, :, [0, 2]]
        noises = likeliest_noises(models.change("latest").weights)
        series = SeriesWithYears(
            fits.response, fits.variances, fits.kept, tables.season, tables.length, changes, tables.shifts
        )
        years = YearModels(series, SIZES, tables.grid, noises)
        last, nothing = changes.shape[2] - 1, np.zeros((changes.shape[2], 0))
        log_likelihoods = years.effects(nothing).log_likelihood_of_sizes()[long_enough]
        return cls(years.effects(np.ones((1, 1)), beside=[last]), log_likelihoods, tables.length_in_months)

    def answers(self, weights_of_sizes: Floats) -> Answers:
        """The calibrated answers; ``weights_of_sizes``: ``PRIOR``, or pooled over a family."""
        return self.effects.answers(0, weights_of_sizes).calibrated(LATEST, self.months)


def weights_over(parts: Sequence[LastYear]) -> Floats:
    """How common each size of the year's effect is among the series of a family.

    Examples
    --------
    Without a series long enough to say, the prior remains:

    >>> weights_over([LastYear(None, np.zeros((0, 7)), np.array([24]))]).round(2).tolist()  # type: ignore[arg-type]
    [0.7, 0.06, 0.06, 0.09, 0.07, 0.01, 0.01]
    """
    return pooled_weights(np.concatenate([part.log_likelihoods for part in parts]))
