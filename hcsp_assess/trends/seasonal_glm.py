"""What does statsmodels report on the seasonal regression of a series? For its full table of results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.trends.monthly import check_monthly
from hcsp_assess.trends.regression import MONTHS_NEEDED

if TYPE_CHECKING:
    from statsmodels.genmod.generalized_linear_model import GLMResultsWrapper

SLOPE = "years"


def fit_seasonal_glm(counts: pd.Series) -> GLMResultsWrapper:
    """Fit the quasi-Poisson regression of ``fit_seasonal_regression`` by ``statsmodels.GLM``.

    The same numbers; this one has ``summary()``, residuals and everything else that statsmodels offers.

    Parameters
    ----------
    counts : pd.Series
        Monthly counts on a PeriodIndex, NA = not held.

    Returns
    -------
    GLMResultsWrapper
        Coefficients named "January" to "December" (log of crimes a day) and "years" (slope a year on the log scale).

    Raises
    ------
    InputError
        Not monthly counts, or fewer than 24 months that belong to a calendar month with any crime.

    Notes
    -----
    It misleads as ``fit_seasonal_regression`` does: months are not independent, and a nominal 5% test flags 15% of
    series without a trend. Use ``assess_trend`` for a trend.

    Examples
    --------
    >>> months = pd.period_range("2022-01", periods=36, freq="M")
    >>> doubling = pd.Series(8 * 2 ** (months.year - 2022), index=months)
    >>> round(float(np.exp(fit_seasonal_glm(doubling).params["years"])), 2)
    2.0
    """
    from statsmodels.genmod.families import Poisson
    from statsmodels.genmod.generalized_linear_model import GLM

    series = check_monthly(counts, at_least=MONTHS_NEEDED).dropna()
    with_crime = series.groupby(pd.PeriodIndex(series.index).month).transform("sum") > 0
    used = series[with_crime]
    if len(used) < MONTHS_NEEDED:
        raise InputError(
            f"only {len(used)} months held belong to a calendar month with any crime, and a slope needs {MONTHS_NEEDED}"
        )
    index = pd.PeriodIndex(used.index)
    design: Any = pd.get_dummies(index.strftime("%B")).astype(float).set_axis(used.index)
    in_order = dict.fromkeys(index[np.argsort(index.month, kind="stable")].strftime("%B"))
    design = design[list(in_order)].assign(**{SLOPE: index.year + index.month / 12 - index.year.to_numpy().min()})
    model = GLM(used, design, family=Poisson(), offset=np.log(index.days_in_month.to_numpy(dtype=float)))
    return model.fit(scale="X2", tol=1e-12, maxiter=200)
