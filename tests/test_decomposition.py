import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from several_series import draw_table

from hcsp_assess.errors import InputError
from hcsp_assess.trends.decomposition import decompose, decompose_frame
from hcsp_assess.trends.gaps import fill_gaps
from hcsp_assess.trends.textbook.several_seasons import decompose_multiple

SEASON = 12 * np.cos(2 * np.pi * np.arange(12) / 12)


def series(values, start="2015-01"):
    return pd.Series(values, index=pd.period_range(start, periods=len(values), freq="M"), name="burglary")


def planted(years=8, slope=0.5, noise=2.0, seed=3):
    rng = np.random.default_rng(seed)
    months = np.arange(12 * years)
    values = 100 + slope * months + np.tile(SEASON, years) + rng.normal(0, noise, len(months))
    return series(np.round(values).astype(int))


@pytest.mark.parametrize("robust", [True, False])
@pytest.mark.parametrize("window", [7, 11, "periodic"])
def test_the_parts_add_up_to_the_counts(robust, window):
    counts = planted()
    parts = decompose(counts, robust=robust, seasonal_window=window)
    np.testing.assert_allclose(parts.trend + parts.season + parts.remainder, counts, atol=1e-9)
    np.testing.assert_allclose(parts.seasonally_adjusted, counts - parts.season, atol=1e-9)


def test_on_the_log_scale_the_parts_multiply_to_the_counts_and_zeros_are_shifted_by_half_a_crime():
    counts = planted()
    counts.iloc[[5, 40]] = 0
    parts = decompose(counts, scale="log")
    assert parts.added_to_counts == 0.5
    product = (parts.trend + 0.5) * parts.season * parts.remainder
    np.testing.assert_allclose(product, counts + 0.5, rtol=1e-9)
    assert decompose(planted(), scale="log").added_to_counts == 0


def test_planted_trend_and_season_are_recovered():
    parts = decompose(planted(), seasonal_window="periodic")
    np.testing.assert_allclose(parts.trend, 100 + 0.5 * np.arange(96), atol=3)
    np.testing.assert_allclose(parts.season.head(12), SEASON, atol=2)
    assert parts.strength_of_trend > 0.95
    assert parts.strength_of_season > 0.9


def test_noise_alone_has_little_season_and_little_trend():
    rng = np.random.default_rng(1)
    parts = decompose(series(rng.poisson(40, 120)), seasonal_window="periodic")
    assert parts.strength_of_season < 0.4
    assert parts.strength_of_trend < 0.3


def test_one_freak_month_stays_in_the_remainder_when_robust():
    counts = planted()
    counts.iloc[50] += 150
    parts = decompose(counts)
    assert parts.remainder.idxmax() == counts.index[50]
    assert parts.remainder.iloc[50] > 130


def test_an_unpublished_month_is_filled_for_the_drawing_only_and_marked():
    whole = planted()
    counts = whole.astype("Int64")
    gone = [0, 20, 33, 34, 35, 95]
    counts.iloc[gone] = pd.NA
    parts = decompose(counts)
    assert list(parts.months_filled) == list(counts.index[gone])
    assert parts.observed.isna().to_numpy().nonzero()[0].tolist() == gone
    assert parts.seasonally_adjusted.isna().to_numpy().nonzero()[0].tolist() == gone
    assert parts.trend.notna().all()
    np.testing.assert_allclose(parts.filled.iloc[gone], whole.iloc[gone], atol=12)
    assert "6 unpublished months filled for the drawing only" in parts.method


def test_a_month_absent_from_the_index_is_not_published_rather_than_zero():
    counts = planted().drop(pd.Period("2017-05"))
    parts = decompose(counts)
    assert list(parts.months_filled) == [pd.Period("2017-05")]


def test_filling_leaves_published_months_alone_and_follows_the_season():
    whole = planted(noise=0.0).astype(float)
    gappy = whole.copy()
    gappy.iloc[[30, 31, 61]] = np.nan
    filled = fill_gaps(gappy)
    np.testing.assert_array_equal(filled.drop(gappy.index[[30, 31, 61]]), gappy.dropna())
    np.testing.assert_allclose(filled, whole, atol=1.5)


def test_adding_a_constant_moves_the_trend_alone():
    first, second = decompose(planted()), decompose(planted() + 500)
    np.testing.assert_allclose(second.trend, first.trend + 500, atol=1e-6)
    np.testing.assert_allclose(second.season, first.season, atol=1e-6)


def test_all_zeros_have_no_strength_and_do_not_crash():
    parts = decompose(series([0] * 36))
    assert (parts.strength_of_trend, parts.strength_of_season) == (0.0, 0.0)
    assert decompose(series([0] * 36), scale="log").strength_of_season == 0.0


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        (
            series([5] * 23),
            {},
            "the series has 23 published months and this method needs at least 24: "
            "use a longer history or a method for short series",
        ),
        (series([5] * 30), {"scale": "root"}, 'scale must be "counts" or "log", not \'root\''),
        (
            series([5] * 30),
            {"seasonal_window": 8},
            'seasonal_window must be "periodic" or an odd number of at least 7, not 8',
        ),
        (
            series([5] * 29 + [-1]),
            {"scale": "log"},
            '2017-06 is negative, so it has no logarithm: use scale="counts"',
        ),
        (
            pd.Series([1.0] * 30),
            {},
            "the index must be a PeriodIndex of months or quarters: make one with "
            'series.index = pd.PeriodIndex(series.index, freq="M"), or freq="Q" for quarters, '
            "after adding up daily records by month or quarter",
        ),
        (
            pd.Series([1.0, 2.0], index=pd.PeriodIndex(["2020-01", "2020-01"], freq="M")),
            {},
            "the month 2020-01 occurs more than once: add up or remove the repeats",
        ),
        (series([1.0] * 29 + [np.inf]), {}, "the value of 2017-06 is infinite"),
        ([1, 2, 3], {}, "expected a pandas Series of one value a month or quarter, got list"),
    ],
)
def test_what_cannot_be_decomposed_is_refused_with_what_to_do(values, options, message):
    with pytest.raises(InputError) as error:
        decompose(values, **options)
    assert str(error.value) == message


def test_text_in_the_series_is_refused():
    with pytest.raises(InputError, match="^the series must be numbers, with NA for months not held: "):
        decompose(series(["many"] * 30))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.integers(0, 10**9)), min_size=20, max_size=80),
    st.sampled_from(["counts", "log"]),
)
def test_any_counts_give_finite_parts_or_a_clear_error(values, scale):
    counts = series(pd.array(values, dtype="Int64"))
    try:
        parts = decompose(counts, scale=scale)
    except InputError as error:
        assert "at least" in str(error)
        return
    assert np.isfinite(parts.trend).all()
    assert np.isfinite(parts.season).all()
    assert 0 <= parts.strength_of_trend <= 1
    assert 0 <= parts.strength_of_season <= 1
    assert parts.seasonally_adjusted.isna().equals(parts.observed.isna())


@pytest.mark.parametrize("months", [26, 61, 110])
@pytest.mark.parametrize(
    "options",
    [{}, {"scale": "log"}, {"seasonal_window": 7}, {"seasonal_window": "periodic"}, {"robust": False, "scale": "log"}],
)
def test_a_table_gives_what_its_columns_give_one_by_one(options, months):
    """One by one the loess is that of statsmodels; in a table it is our own."""
    counts = draw_table(months=months, seed=months)
    found = decompose_frame(counts, **options)
    assert found.table.loc["short", "note"] == "20 published months, and a decomposition needs at least 24"
    for name in counts:
        if found.table.loc[name, "note"]:
            assert found.trend[name].isna().all()
            with pytest.raises(InputError):
                decompose(counts[name], **options)
            continue
        alone = decompose(counts[name], **options)
        scale = 1 + float(counts[name].max())
        for part in ("observed", "trend", "season", "remainder", "seasonally_adjusted", "filled"):
            np.testing.assert_allclose(
                getattr(found, part)[name], getattr(alone, part), rtol=0, atol=1e-10 * scale, err_msg=f"{name} {part}"
            )
        row = found.table.loc[name]
        assert row["strength_of_trend"] == pytest.approx(alone.strength_of_trend, abs=1e-10)
        assert row["strength_of_season"] == pytest.approx(alone.strength_of_season, abs=1e-10)
        assert (row["added_to_counts"], row["months_filled"]) == (alone.added_to_counts, len(alone.months_filled))
    assert found.method == decompose(counts["constant"], **options).method


def test_a_table_that_cannot_be_decomposed_is_refused_with_what_to_do():
    counts = pd.DataFrame({"a": series([5] * 30), "b": series([5] * 29 + [-1])})
    with pytest.raises(
        InputError, match=r"^series 'b': 2017-06 is negative, so it has no logarithm: use scale=.counts.$"
    ):
        decompose_frame(counts, scale="log")
    with pytest.raises(InputError, match=r'^scale must be "counts" or "log", not \'root\'$'):
        decompose_frame(counts, scale="root")
    with pytest.raises(InputError, match=r"^the table has 20 months and this method needs at least 24$"):
        decompose_frame(counts.head(20))
    with pytest.raises(InputError, match=r'^seasonal_window must be "periodic" or an odd number of at least 7, not 8$'):
        decompose_frame(counts, seasonal_window=8)
    assert decompose_frame(counts.mask(counts > 0).head(28)).trend.isna().all(axis=None)


QUARTERS = np.array([8.0, -3.0, -9.0, 4.0])


def quarterly(years=10, freq="Q-MAR", noise=1.0, seed=2):
    rng = np.random.default_rng(seed)
    n = 4 * years
    values = 80 + 0.8 * np.arange(n) + np.tile(QUARTERS, years) + rng.normal(0, noise, n)
    return pd.Series(values, index=pd.period_range("2012Q1", periods=n, freq=freq), name="casualties")


@pytest.mark.parametrize("robust", [True, False])
@pytest.mark.parametrize(("window", "trend"), [(7, 9), (11, 7)])
def test_quarters_are_what_statsmodels_gives_with_the_windows_of_r(window, trend, robust):
    """R's stl of a quarterly series: trend window nextodd(1.5 * 4 / (1 - 1.5 / s.window)), low-pass window 5."""
    from statsmodels.tsa.seasonal import STL

    counts = quarterly()
    rounds = {"inner_iter": 1, "outer_iter": 15} if robust else {"inner_iter": 2, "outer_iter": 0}
    options = {"seasonal": window, "trend": trend, "low_pass": 5, "seasonal_deg": 0, "robust": robust}
    theirs = STL(counts.to_numpy(), period=4, seasonal_jump=-(-window // 10), **options).fit(**rounds)
    ours = decompose(counts, seasonal_window=window, robust=robust)
    for part, expected in ((ours.trend, theirs.trend), (ours.season, theirs.seasonal), (ours.remainder, theirs.resid)):
        np.testing.assert_allclose(part, expected, atol=1e-12)
        assert part.index.equals(counts.index)


UK_GAS = (  # the data set UKgas of R: millions of therms by quarter, 1960 to 1986
    "160.1 129.7 84.8 120.1 160.1 124.9 84.8 116.9 169.7 140.9 89.7 123.3 187.3 144.1 92.9 120.1 "
    "176.1 147.3 89.7 123.3 185.7 155.3 99.3 131.3 200.1 161.7 102.5 136.1 204.9 176.1 112.1 140.9 "
    "227.3 195.3 115.3 142.5 244.9 214.5 118.5 153.7 244.9 216.1 188.9 142.5 301.0 196.9 136.1 267.3 "
    "317.0 230.5 152.1 336.2 371.4 240.1 158.5 355.4 449.9 286.6 179.3 403.4 491.5 321.8 177.7 409.8 "
    "593.9 329.8 176.1 483.5 584.3 395.4 187.3 485.1 669.2 421.0 216.1 509.1 827.7 467.5 209.7 542.7 "
    "840.5 414.6 217.7 670.8 848.5 437.0 209.7 701.2 925.3 443.4 214.5 683.6 917.3 515.5 224.1 694.8 "
    "989.4 477.1 233.7 730.0 1087.0 534.7 281.8 787.6 1163.9 613.1 347.4 782.8 "
)


def test_quarters_of_uk_gas_are_as_r_prints_them():
    """Figures that R prints in two tutorials: stl(log(UKgas), s.window = 13), and "periodic" with its strengths."""
    therms = [float(each) for each in UK_GAS.split()]
    gas = pd.Series(therms, index=pd.period_range("1960Q1", periods=108, freq="Q"))
    season = np.log(decompose(gas, scale="log", seasonal_window=13, robust=False).season)
    assert (round(season["1960Q1"], 3), round(season["1986Q1"], 3)) == (0.316, 0.594)
    fixed = decompose(gas, scale="log", seasonal_window="periodic", robust=False)
    adjusted = fixed.seasonally_adjusted.groupby(gas.index.quarter).mean().round()
    assert adjusted.tolist() == [325, 297, 288, 346]
    assert (round(fixed.strength_of_trend, 3), round(fixed.strength_of_season, 3)) == (0.935, 0.845)


def test_the_planted_trend_and_season_of_quarters_are_recovered_and_a_gap_is_filled_for_the_drawing_only():
    whole = quarterly()
    gappy = whole.drop(whole.index[[17, 18, 30]])
    parts = decompose(gappy, seasonal_window="periodic")
    np.testing.assert_allclose(parts.trend, 80 + 0.8 * np.arange(40), atol=2)
    np.testing.assert_allclose(parts.season.head(4), QUARTERS, atol=1)
    assert list(parts.months_filled) == list(whole.index[[17, 18, 30]])
    np.testing.assert_allclose(parts.filled.dropna(), whole.iloc[[17, 18, 30]], atol=4)
    assert parts.strength_of_trend > 0.95
    assert parts.strength_of_season > 0.9
    assert "3 unpublished quarters filled for the drawing only" in parts.method
    assert '<th scope="row">Quarters</th><td>2012Q1 to 2021Q4</td>' in parts._repr_html_()


@pytest.mark.parametrize("freq", ["Q", "Q-MAR", "Q-NOV"])
@pytest.mark.parametrize("options", [{}, {"scale": "log"}, {"seasonal_window": "periodic", "robust": False}])
def test_a_table_of_quarters_gives_what_its_columns_give_one_by_one(options, freq):
    counts = pd.DataFrame({f"series {seed}": quarterly(freq=freq, noise=4, seed=seed).round() for seed in range(4)})
    counts.iloc[[3, 20, 21], 1] = np.nan
    counts.iloc[:33, 2] = np.nan
    counts.iloc[:30, 3] = np.nan
    counts.iloc[35, 3] = 0
    found = decompose_frame(counts, **options)
    assert found.table.loc["series 2", "note"] == "7 published quarters, and a decomposition needs at least 8"
    for name in counts.drop(columns="series 2"):
        alone = decompose(counts[name].dropna() if name == "series 3" else counts[name], **options)
        if name == "series 3":  # its first years are filled in the table, and are not there alone
            assert found.trend[name].notna().all()
            continue
        for part in ("trend", "season", "remainder", "seasonally_adjusted", "filled"):
            np.testing.assert_allclose(getattr(found, part)[name], getattr(alone, part), rtol=0, atol=1e-8)
    with pytest.raises(InputError, match=r"^the table has 7 quarters and this method needs at least 8$"):
        decompose_frame(counts.head(7))


def test_quarters_of_less_than_two_years_are_refused():
    with pytest.raises(InputError, match=r"^the series has 7 published quarters and this method needs at least 8: "):
        decompose(quarterly().head(7))
    assert len(decompose(quarterly().head(8)).trend) == 8


def hourly(weeks=6, seed=5):
    hours = np.arange(24 * 7 * weeks)
    day, week = np.cos(2 * np.pi * hours / 24), np.where(hours % 168 < 48, 3.0, -1.2)
    noise = np.random.default_rng(seed).normal(0, 0.3, len(hours))
    values = pd.Series(50 + 10 * day + week + noise, index=pd.period_range("2024-01-06", periods=len(hours), freq="h"))
    return values, day, week


def test_several_seasons_are_told_apart_and_add_up():
    values, day, week = hourly()
    parts = decompose_multiple(values, (24, 168))
    np.testing.assert_allclose(parts.trend + parts.seasons.sum(axis=1) + parts.remainder, values, atol=1e-8)
    assert np.corrcoef(parts.seasons.sum(axis=1), 10 * day + week)[0, 1] > 0.99
    assert parts.strength_of_seasons[24] > 0.9
    assert list(parts.seasons) == ["every 24", "every 168"]
    assert "MSTL with seasons of 24 and 168 steps" in parts._repr_html_()


@pytest.mark.parametrize(
    ("change", "periods", "message"),
    [
        (
            lambda v: v.mask(v.index == v.index[7]),
            (24,),
            "the series has gaps: a day or hour without incidents is a 0; cut out spans that were not recorded",
        ),
        (lambda v: v.iloc[::-1], (24,), "the series must be sorted by time with each step once"),
        (
            lambda v: v.head(200),
            (24, 168),
            "200 steps are too few for seasons of (24, 168): each must fit more than twice, and be 2 or more",
        ),
        (lambda v: v, (), "1008 steps are too few for seasons of (): each must fit more than twice, and be 2 or more"),
    ],
)
def test_a_series_that_cannot_show_several_seasons_is_refused(change, periods, message):
    with pytest.raises(InputError) as error:
        decompose_multiple(change(hourly()[0]), periods)
    assert str(error.value) == message


def test_the_table_for_jupyter_has_headers_and_escapes_text():
    from hcsp_assess.trends.small_tables import facts_table, rows_table

    html = decompose(planted())._repr_html_()
    assert html.startswith("<table><caption>Trend, season and remainder</caption>")
    assert '<th scope="row">Months</th><td>2015-01 to 2022-12</td>' in html
    assert "<script>" not in facts_table("<script>", {"<b>": "<i>"})
    assert rows_table("c", ["A & B"], [("<1>", True, None, float("nan"))]) == (
        '<table><caption>c</caption><thead><tr><th scope="col">A &amp; B</th></tr></thead><tbody>'
        '<tr><th scope="row">&lt;1&gt;</th><td>yes</td><td>not known</td><td>not known</td></tr></tbody></table>'
    )


def test_several_seasons_can_be_the_first_thing_that_is_asked_for():
    import subprocess
    import sys

    code = (
        "import pandas as pd; from hcsp_assess.trends import decompose_multiple; "
        "decompose_multiple(pd.Series(range(60), index=pd.period_range('2020-01-01', periods=60, freq='D')), (7,))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
