"""Is a monthly series rising or falling, and how sure is that? One question, one module."""

from hcsp_assess.trends.decomposition import Decomposition, Decompositions, decompose, decompose_frame
from hcsp_assess.trends.exceedance import Exceedances, find_exceedances
from hcsp_assess.trends.forecast import Forecast, forecast_year
from hcsp_assess.trends.kendall import SeasonalKendall, seasonal_kendall
from hcsp_assess.trends.level_shifts import LevelShift, find_level_shift
from hcsp_assess.trends.multiplicity import adjust_p_values
from hcsp_assess.trends.rates import (
    CountComparison,
    Interval,
    compare_counts,
    count_interval,
    dispersion,
    e_test,
    rate,
    wilson_interval,
)
from hcsp_assess.trends.regression import (
    SeasonalRegression,
    SeasonalRegressions,
    fit_seasonal_regression,
    fit_seasonal_regression_frame,
)
from hcsp_assess.trends.seasonal_ranks import SeasonalRanks, seasonal_kendall_frame
from hcsp_assess.trends.seasons import Season, find_season
from hcsp_assess.trends.spc import ControlChart, Rebase, xmr_chart
from hcsp_assess.trends.textbook.changepoints import (
    MeanShift,
    PettittTest,
    Segments,
    mean_shift,
    pettitt_test,
    poisson_segments,
)
from hcsp_assess.trends.textbook.control_charts import c_chart, g_chart, t_chart, u_chart
from hcsp_assess.trends.textbook.rank_tests import (
    MannKendall,
    SenSlope,
    mann_kendall,
    mann_kendall_hamed_rao,
    mann_kendall_prewhitened,
    seasonal_sen_slope,
    sen_slope,
)
from hcsp_assess.trends.textbook.several_seasons import MultipleDecomposition, decompose_multiple
from hcsp_assess.trends.textbook.small_counts import SmallSampleTest, scan_probability, small_sample_test
from hcsp_assess.trends.textbook.standardised_rates import directly_standardised_rate
from hcsp_assess.trends.then_and_now import Spell, ThenAndNow, compare_spells, compare_spells_of
from hcsp_assess.trends.verdicts import (
    Intervention,
    MonthSetAside,
    Question,
    Shift,
    Trend,
    assess_trend,
    assess_trends,
)

__all__ = [
    "ControlChart",
    "CountComparison",
    "Decomposition",
    "Decompositions",
    "Exceedances",
    "Forecast",
    "Interval",
    "Intervention",
    "LevelShift",
    "MannKendall",
    "MeanShift",
    "MonthSetAside",
    "MultipleDecomposition",
    "PettittTest",
    "Question",
    "Rebase",
    "Season",
    "SeasonalKendall",
    "SeasonalRanks",
    "SeasonalRegression",
    "SeasonalRegressions",
    "Segments",
    "SenSlope",
    "Shift",
    "SmallSampleTest",
    "Spell",
    "ThenAndNow",
    "Trend",
    "adjust_p_values",
    "assess_trend",
    "assess_trends",
    "c_chart",
    "compare_counts",
    "compare_spells",
    "compare_spells_of",
    "count_interval",
    "decompose",
    "decompose_frame",
    "decompose_multiple",
    "directly_standardised_rate",
    "dispersion",
    "e_test",
    "find_exceedances",
    "find_level_shift",
    "find_season",
    "fit_seasonal_regression",
    "fit_seasonal_regression_frame",
    "forecast_year",
    "g_chart",
    "mann_kendall",
    "mann_kendall_hamed_rao",
    "mann_kendall_prewhitened",
    "mean_shift",
    "pettitt_test",
    "poisson_segments",
    "rate",
    "scan_probability",
    "seasonal_kendall",
    "seasonal_kendall_frame",
    "seasonal_sen_slope",
    "sen_slope",
    "small_sample_test",
    "t_chart",
    "u_chart",
    "wilson_interval",
    "xmr_chart",
]
