"""What does exponential smoothing forecast, as in R's ``ets``?"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError

PARAMETERS = 15  # two smoothing constants, a level, eleven months and the variance, as R's ets counts them


def ets_forecast(values: Sequence[float], horizon: int, *, confidence: float = 0.95) -> pd.DataFrame:
    """Forecast plain monthly numbers by exponential smoothing with additive error, level and season, as R's ``ets``.

    Source: Hyndman et al. (2008), by ``statsmodels``; variance by degrees of freedom, as ``forecast::ets``. Nothing
    keeps its interval above zero: `hcsp_assess.trends.forecast.forecast_year` is the one for counts.

    Returns
    -------
    pd.DataFrame
        Columns expected, low, high, one row per step.

    Examples
    --------
    >>> year = [100.0, 104, 98, 120, 130, 140, 150, 145, 130, 120, 110, 101]
    >>> ets_forecast(year * 4, 12)["expected"].round(1).tolist() == year  # what repeats is repeated
    True
    """
    y = pd.Series(np.asarray(values, dtype=float))
    if y.isna().any() or len(y) < 36:
        raise InputError("exponential smoothing needs at least 36 known values without gaps")
    fit = _fit_season(y)
    frame = fit.get_prediction(len(y), len(y) + horizon - 1).summary_frame(alpha=1 - confidence)
    widen = np.sqrt(len(y) / (len(y) - PARAMETERS))
    middle = frame["mean"].to_numpy()
    low, high = (middle + widen * (frame[side].to_numpy() - middle) for side in ("pi_lower", "pi_upper"))
    return pd.DataFrame({"expected": middle, "low": low, "high": high})


def _fit_season(values: pd.Series) -> Any:
    """Fit by maximum likelihood from two starts, because the likelihood has more than one peak."""
    from statsmodels.tools.sm_exceptions import ConvergenceWarning
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    model = ETSModel(values, error="add", seasonal="add", seasonal_periods=12, initialization_method="estimated")
    fits = []
    for smoothing_of_level in (0.1, 0.8):
        start = np.array(model.start_params, dtype=float)
        start[:2] = smoothing_of_level, 0.001
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # at a bound; the better of the two is taken
            fits.append(model.fit(start_params=start, disp=False, maxiter=2000))
    return max(fits, key=lambda fit: float(fit.llf))
