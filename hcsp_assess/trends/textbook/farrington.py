"""Is one count high for its season? The threshold of Farrington et al. (1996)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from hcsp_assess.errors import InputError
from hcsp_assess.trends.exceedance import Baseline, Threshold, fit_reweighted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def original_threshold(
    values: Floats,
    at: int,
    baseline: Baseline,
    *,
    false_alarm_rate: float,
) -> Threshold:
    """Return the threshold of Farrington et al. (1996) at one point, as ``surveillance::farrington``.

    Only points within ``half_window`` of the same season in earlier years are used; the trend is kept where it is
    significant at 5% and does not predict more than was ever seen; the threshold is normal on the 2/3-power scale with
    half the false alarm rate in each tail. Without blocks it needs a wide window and so suits weeks, not months; it is
    here to compare `hcsp_assess.trends.exceedance.flexible_threshold` with.

    Examples
    --------
    >>> weekly = Baseline(frequency=52, years_back=4, half_window=3)
    >>> threshold = original_threshold(np.full(260, 10.0), 259, weekly, false_alarm_rate=0.05)
    >>> round(threshold.expected, 6), threshold.trend_used, round(threshold.upper)
    (10.0, False, 17)
    """
    from scipy.stats import norm, t

    window = range(-baseline.half_window, baseline.half_window + 1)
    points = [at - baseline.frequency * year + w for year in range(baseline.years_back, 0, -1) for w in window]
    used = np.array([p for p in points if p >= 0 and not np.isnan(values[p])])
    if len(used) < 3:
        raise InputError(f"only {len(used)} known points are before point {at + 1}: a threshold needs a longer history")
    y, time = values[used], (used - at) / baseline.frequency
    fit, dispersion = fit_reweighted(y, np.column_stack([np.ones(len(used)), time]), np.zeros(len(used)), 1.0)
    error = math.sqrt(fit.normalized_cov_params[-1, -1] * fit.pearson_chi2 / fit.df_resid)
    significant = 2 * t.sf(abs(fit.params[-1]) / error, fit.df_resid) < 0.05 if error > 0 else False
    trend = bool(significant and baseline.years_back >= 3 and math.exp(min(700.0, fit.params[0])) <= y.max())
    if not trend:
        fit, dispersion = fit_reweighted(y, np.ones((len(used), 1)), np.zeros(len(used)), 1.0)
    expected = math.exp(min(700.0, fit.params[0]))
    of_expected = dispersion * fit.normalized_cov_params[0, 0] * expected**2
    sigma = math.sqrt(4 / 9 * expected ** (1 / 3) * (dispersion + of_expected / expected))
    upper = (expected ** (2 / 3) + norm.ppf(1 - false_alarm_rate / 2) * sigma) ** 1.5
    p_value = float(norm.sf((values[at] ** (2 / 3) - expected ** (2 / 3)) / sigma))
    return Threshold(expected, float(upper), p_value, dispersion, trend)
