"""Season and years: what is named holds in planted truth and in plain counts, and charts draw no more than is held."""

import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from conftest import ROOT

from hcsp_assess.assessment.wording.seasons import note_changes, say_highest, say_parts, say_season, say_years
from hcsp_assess.assessment.wording.unusual import say_unusual
from hcsp_assess.assessment.wording.words import is_many
from hcsp_assess.chapters.shared import one_series, own_series
from hcsp_assess.edition.series import Series, Verdicts
from hcsp_assess.errors import InputError
from hcsp_assess.periods import parse_span
from hcsp_assess.report.charts import Chart, Heading
from hcsp_assess.report.monthly_charts import chart_decomposition, chart_months, month_name, month_ticks
from hcsp_assess.report.season_charts import chart_months_by_years, chart_years_over_each_other
from hcsp_assess.simulation.archive import PlantedChange
from hcsp_assess.trends import assess_trend, find_season, xmr_chart
from hcsp_assess.trends.decomposition import Decomposition
from hcsp_assess.trends.monthly import periods_per_year
from hcsp_assess.trends.year_grid import compare_latest, year_grid

HEADING = Heading(key="k", title="Burglary is highest in July", subtitle="Offences a month", source="data.police.uk")


def plant(years, level, *, peak=0.0, at=7, slope=0.0, year_sd=0.0, frequency="M", seed=1, first="2012-01"):
    """Counts whose mean per day is a trend times a season with its highest month known; 1.5 times chance's variation."""
    numbers = np.random.default_rng(seed)
    number = 12 if frequency == "M" else 4
    index = pd.period_range(first, periods=years * number, freq=frequency)
    days = (index.end_time.normalize() - index.start_time.normalize()).days.to_numpy() + 1
    t = np.arange(len(index)) / number
    middle = pd.PeriodIndex(index.asfreq("M", "start")).month + (0 if number == 12 else 1)
    log_mean = slope * t + peak * np.cos(2 * np.pi * (middle - at) / 12)
    log_mean = log_mean + np.repeat(numbers.normal(0, year_sd, years), number)
    mean = level * days / 30.4 * np.exp(log_mean)
    return pd.Series(numbers.poisson(numbers.gamma(mean / 0.5, 0.5)), index, dtype="Int64")


def exact(months, counts):
    return pd.Series(counts, index=pd.period_range(months, periods=len(counts), freq="M"), dtype="Int64")


def titled(counts, name="Shoplifting"):
    return say_season(find_season(counts), name, year_grid(counts))


def years_said(counts, name="Shoplifting"):
    grid = year_grid(counts)
    return say_years(compare_latest(grid), name, grid)


def texts(svg):
    return [text.get_text() for text in BeautifulSoup(svg, "html.parser").find_all("text")]


# The layout by year


def test_a_grid_has_every_count_at_its_year_and_month_and_knows_what_is_missing():
    counts = exact("2023-11", [5, 7, pd.NA, 9])
    grid = year_grid(counts)
    assert grid.counts.loc["2023", "November"] == 5
    assert grid.counts.loc["2024", "February"] == 9
    assert grid.held.sum() == counts.sum()
    assert int(grid.not_held.to_numpy().sum()) == 1  # January 2024; months outside the series are not missing
    assert grid.days.loc["2024", "February"] == 29
    assert grid.whole_years.empty


def test_a_series_that_ends_in_march_is_laid_out_by_financial_years():
    grid = year_grid(exact("2023-04", list(range(24))))
    assert list(grid.counts.index) == ["2023-24", "2024-25"]
    assert list(grid.counts.columns[[0, -1]]) == ["April", "March"]
    assert grid.counts.loc["2024-25", "March"] == 23


@pytest.mark.parametrize(
    ("frequency", "first", "years", "parts"),
    [("Q-DEC", "2023Q1", ["2023", "2024"], ["January to March", "October to December"]),
     ("Q-MAR", "2024Q1", ["2023-24", "2024-25"], ["April to June", "January to March"]),
     ("Q-JAN", "2024Q1", ["2023-24", "2024-25"], ["February to April", "November to January"])],
)  # fmt: skip
def test_quarters_have_four_columns_named_by_their_months(frequency, first, years, parts):
    index = pd.period_range(first, periods=8, freq=frequency)
    grid = year_grid(pd.Series(range(8), index=index))
    assert periods_per_year(index) == 4
    assert list(grid.counts.index) == years
    assert list(grid.counts.columns[[0, -1]]) == parts
    assert grid.counts.to_numpy().tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert grid.days.to_numpy().sum(axis=1).tolist() in ([365, 366], [366, 365])


def test_what_is_not_monthly_or_quarterly_is_refused():
    with pytest.raises(InputError, match="must be a PeriodIndex of months or quarters"):
        year_grid(pd.Series([1], index=pd.period_range("2024", periods=1, freq="Y")))
    with pytest.raises(InputError, match="or one of them twice"):
        year_grid(pd.Series([1, 2], index=pd.PeriodIndex(["2024-01", "2024-01"], freq="M")))
    with pytest.raises(InputError, match="would cut a quarter in two"):
        year_grid(pd.Series([1], index=pd.PeriodIndex(["2024Q1"], freq="Q")), first_month=2)


# The season


def test_series_without_a_season_have_none_whatever_their_trend_and_years():
    """Constant a day: a February of 28 days is no season. At 1%, 60 series give more than 4 by chance once in 3,000."""
    kinds = [{"slope": 0.2}, {"slope": -0.15, "year_sd": 0.1}, {"year_sd": 0.2}]
    found = [find_season(plant(8, 120, seed=seed, **kinds[seed % 3])) for seed in range(60)]
    assert all(season.tested for season in found)
    assert sum(season.clear for season in found) <= 4


def test_a_planted_season_is_found_and_what_is_named_holds_the_planted_month():
    named = 0
    for seed, at in enumerate([7, 12, 1, 4, 10, 7, 12, 2, 6, 9]):
        season = find_season(plant(8, 150, peak=0.3, at=at, slope=0.1, year_sd=0.05, seed=seed))
        assert season.clear
        seasons = {"winter": (12, 1, 2), "spring": (3, 4, 5), "summer": (6, 7, 8), "autumn": (9, 10, 11)}
        for names, truth in ((season.highest, at), (season.lowest, (at + 5) % 12 + 1)):
            months = [m for name in names for m in seasons.get(name) or [pd.Period(f"2001 {name}", "M").month]]
            near = {(truth - 1 + step) % 12 + 1 for step in (-1, 0, 1)}
            assert not months or near & set(months), (seed, names, truth)
            named += bool(months)
    assert named >= 12  # of 20


def test_quarters_have_a_season_too():
    season = find_season(plant(10, 400, peak=0.25, at=8, frequency="Q-DEC"))
    assert (season.clear, season.highest, season.part) == (True, ("July to September",), "quarter")
    assert titled(plant(10, 400, peak=0.25, at=8, frequency="Q-DEC")).startswith(
        "Shoplifting is highest from July to Sep"
    )
    assert not find_season(plant(10, 400, frequency="Q-MAR", year_sd=0.1, seed=4)).clear


def test_a_title_names_months_only_where_plain_totals_say_the_same():
    july = exact("2020-01", ([100] * 6 + [200] + [100] * 5) * 4)
    assert titled(july) == "Shoplifting is highest in July"
    assert titled(july, "Drug offences") == "Drug offences are highest in July"
    low = exact("2020-01", ([100, 40] + [100] * 9 + [180]) * 4)
    assert titled(low) == "Shoplifting is highest in December and lowest in February"
    # The same months, but in the two whole years held April is the highest by count.
    gappy = low.astype("Float64")
    gappy.loc["2021-11":"2022-01"] = pd.NA
    gappy.loc["2020-04"] = gappy.loc["2023-04"] = 400
    assert "December" not in titled(gappy)


def test_too_few_months_give_a_plain_fact_and_no_season():
    short = exact("2023-03", [5, 9, 7, 6] * 5)
    assert not find_season(short).tested
    assert titled(short) == "Shoplifting was never above 9 a month"
    short.iloc[3] = 30
    assert titled(short) == "Shoplifting was highest in June 2023: 30"
    assert titled(exact("2023-03", [0] * 30)) == "No shoplifting was recorded in the months that we hold"
    financial = exact("2023-04", [5] * 9 + [8] + [5] * 2)
    assert say_highest(year_grid(financial), "Robbery") == "Robbery was highest in January 2024: 8"
    gaps = plant(8, 60, seed=3)
    gaps.iloc[10:60] = pd.NA
    assert titled(gaps) == "Shoplifting has no clear season in the 46 months that we hold"


@pytest.mark.parametrize(
    ("name", "many"),
    [("Drugs", True), ("Violence and sexual offences", True), ("Recorded crime in rural areas", False),
     ("Possession of weapons", False), ("Drug offences in towns", True), ("Trespass", False)],
)  # fmt: skip
def test_names_take_is_or_are(name, many):
    assert is_many(name) is many


# One year against another


@pytest.mark.parametrize(
    ("before", "latest", "title"),
    [([10] * 12, [11] * 9 + [9] * 3, "Shoplifting in 2025 was above 2024 in 9 of 12 months"),
     ([10] * 12, [9] * 12, "Shoplifting in 2025 was below 2024 in all 12 months"),
     ([10] * 12, [11] * 7 + [2] * 5, "Shoplifting in 2025 was above 2024 in 7 of 12 months, though the total was lower (87 and 120)"),
     ([10] * 12, [11] * 6 + [9] * 6, "Shoplifting in 2025 was above 2024 in 6 of 12 months, and below it in 6"),
     ([10] * 12, [10] * 12, "Shoplifting in 2025 was level with 2024 in all 12 months"),
     ([10] * 4 + [pd.NA] * 8, [12] * 3 + [8] * 9, "Shoplifting in 2025 was above 2024 in 3 of the 4 months held in both years"),
     ([10] * 12, [12] + [pd.NA] * 11, "Shoplifting in 2025 was above 2024 in the one month held in both years"),
     ([pd.NA] * 12, [12, 14] + [10] * 10, "Shoplifting was highest in February 2025: 14")],
)  # fmt: skip
def test_a_year_is_compared_with_the_one_before_over_the_months_of_both(before, latest, title):
    assert years_said(exact("2024-01", before + latest)) == title


def test_a_leap_day_makes_no_february_higher_or_lower():
    found = compare_latest(year_grid(exact("2023-01", [100] * 12 + [100, 101] + [100] * 10)))
    assert (found.above, found.below, found.shared) == (0, 0, 12)
    assert compare_latest(year_grid(exact("2023-01", [100] * 13 + [110] + [100] * 10))).above == 1


def test_where_the_year_before_is_not_held_the_latest_earlier_one_is_named():
    counts = exact("2021-01", [10] * 12 + [pd.NA] * 34 + [10] * 2 + [9] * 12)
    assert years_said(counts) == "Shoplifting in 2025 was below 2021 in all 12 months"


def test_years_of_quarters_are_compared_by_quarters():
    counts = pd.Series([5, 6, 7, 8, 6, 7, 8, 9], index=pd.period_range("2024Q1", periods=8, freq="Q-MAR"))
    assert years_said(counts) == "Shoplifting in 2024-25 was above 2023-24 in all 4 quarters"


# Trend and season together


def said_of_parts(yearly, verdict, season=(1.0,) * 12):
    level = np.interp(np.arange(12 * len(yearly)), 12 * np.arange(len(yearly)) + 5.5, yearly) / 12
    counts = exact("2008-01", np.round(level * np.tile(season, len(yearly))).astype(int).tolist())
    return say_parts(find_season(counts), year_grid(counts), "Shoplifting", verdict)


def test_a_decomposition_says_a_direction_only_with_the_trend_and_the_totals():
    december = tuple(1.5 if month == 11 else 1.0 for month in range(12))
    up, hill = [1200, 1500, 1800, 2100, 2400], [1200, 1800, 2400, 3000, 2400, 1500]
    assert said_of_parts(up, "rising", december) == "Shoplifting rose from 2008 to 2012 and is highest in December"
    assert (
        said_of_parts(hill, "falling", december) == "Shoplifting rose until 2011, then fell, and is highest in December"
    )
    assert said_of_parts(up, "rising") == "Shoplifting rose from 2008 to 2012, with no clear season"
    for yearly, verdict in ((up, "falling"), (up, "unclear"), (up, "stable"), ([1200, 1210, 1230, 1220], "rising")):
        assert said_of_parts(yearly, verdict, december) == "Shoplifting is highest in December"


# Drawings


def _cells_of(svg):
    """Colours of the counts and of the cells that they are written in, in the order of the drawing."""
    page = BeautifulSoup(svg, "html.parser")
    written = [text for text in page.find_all("text") if re.fullmatch(r"[\d,]{1,3}", text.get_text())]
    cells = [path for path in page.find_all("path") if re.search(r"fill: #\w+; stroke: #ffffff", path.get("style", ""))]
    return tuple([re.search(r"fill: (#\w{6})", each["style"])[1] for each in found] for found in (written, cells))


def _contrast(one, other):
    """Contrast ratio of two colours by WCAG 2.2."""

    def luminance(colour):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.fixture(scope="module")
def gappy():
    counts = plant(4, 80, first="2021-04")
    counts.iloc[5:8] = pd.NA
    return counts.iloc[:44]  # to November 2024


def test_a_heat_map_writes_every_count_held_hatches_gaps_and_leaves_the_outside_blank(gappy):
    grid = year_grid(gappy)
    chart = chart_months_by_years(grid, HEADING)
    written = [int(text.replace(",", "")) for text in texts(chart.wide) if re.fullmatch(r"[\d,]{1,3}", text)]
    assert sorted(written) == sorted(int(count) for count in gappy.dropna())
    for text, cell in zip(*_cells_of(chart.wide), strict=True):
        assert _contrast(text, cell) >= 4.5
    assert not [text for text in texts(chart.narrow) if re.fullmatch(r"[\d,]{1,3}", text)]
    assert chart.wide.count("url(#") == chart.narrow.count("url(#") > 0
    for drawing in (chart.wide, chart.narrow):
        hatched = re.findall(r'<path d="([^"]+)"[^>]*stroke-width: 0\.3', drawing)
        assert [path.count("M") for path in hatched] == [3, 1]  # three months not held in one path, and the legend
        assert "not held" in texts(drawing)
    assert "3 months are not held and are hatched" in chart.alt
    shown = chart.table.frame.set_index("Year")
    assert shown.loc["2021", "January"] == "" == shown.loc["2024", "December"]
    assert shown.loc["2021", "September"] is pd.NA
    assert shown.loc["2023", "Whole year"] == gappy.loc["2023"].sum()
    whole = chart_months_by_years(year_grid(gappy.iloc[9:33]), HEADING)
    assert "not held" not in texts(whole.wide)


def test_years_over_each_other_have_no_line_across_a_gap_and_name_two_years(gappy):
    gappy = gappy.copy()
    gappy.loc["2022-05"] = gappy.loc["2022-07"] = pd.NA  # June stands alone
    chart = chart_years_over_each_other(year_grid(gappy), HEADING)
    lines = BeautifulSoup(chart.wide, "html.parser").find_all(
        "path", style=re.compile("stroke-width: 0.8;|stroke-width: 0.8$")
    )
    grey = [len(re.findall("[ML]", line["d"])) for line in lines if "chart-quiet" in line["style"]]
    assert {5, 1, 4} <= set(grey)  # April to August 2021; December 2021 alone; January to April 2022
    assert max(grey) < 12
    assert "Dashed: 2023; grey: 2021 to 2022" in texts(chart.wide)
    assert {"2024", "2023"} <= set(texts(chart.narrow))
    bold = [text for text in BeautifulSoup(chart.wide, "html.parser").find_all("text") if text.get_text() == "2024"]
    assert "chart-main" in bold[0]["style"]
    assert "bold" in bold[0]["style"] or "700" in bold[0]["style"]


def test_quarters_few_counts_and_many_years_are_drawn_too():
    quarters = year_grid(plant(3, 300, frequency="Q-MAR", first="2013Q1"))
    chart = chart_months_by_years(quarters, HEADING)
    assert "Apr–Jun" in texts(chart.wide)
    assert "Offences a quarter" in texts(chart.wide)
    assert list(chart.table.frame)[:2] == ["Year", "April to June"]
    assert chart_years_over_each_other(quarters, HEADING).alt.startswith("Line chart with a line for each of 3 years.")
    rare = year_grid(exact("1995-01", [0, 1, 0] * 120))
    drawn = chart_months_by_years(rare, HEADING)
    assert {"0", "1 or more", "1995", "2024"} <= set(texts(drawn.wide))
    for draw in (chart_months_by_years, chart_years_over_each_other):
        with pytest.raises(InputError, match="^the series has no month with a count: there is nothing to draw$"):
            draw(year_grid(exact("2024-01", [pd.NA] * 12)), HEADING)


def test_seaborn_is_imported_by_a_drawing_alone():
    """At the top of a module it would slow every command; the warm process of a run imports it once for all chapters."""
    at_top = {
        path.name
        for path in (ROOT / "hcsp_assess").rglob("*.py")
        if re.search(r"^(import|from) seaborn", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    }
    assert at_top == {"warm_imports.py"}


def test_monthly_charts_draw_quarters():
    index = pd.period_range("2019Q1", periods=24, freq="Q-DEC")
    values = pd.Series(np.arange(24) + 10, index=index, dtype="Int64")
    values.iloc[3] = pd.NA
    assert month_name(index[0]) == "January to March 2019"
    assert month_name(pd.Period("2025Q1", "Q-FEB")) == "March to May 2024"
    assert month_ticks(index, narrow=False)[1] == ["2019", "2020", "2021", "2022", "2023", "2024"]
    assert month_ticks(index[:4], narrow=True)[1] == ["Jan\n2019", "Apr", "Jul", "Oct"]
    chart = chart_months(values, HEADING)
    assert chart.table.frame["Quarter"].iloc[-1] == "October to December 2024"
    assert "1 quarter is not held and is shaded." in chart.alt
    whole, season = values.astype(float).interpolate(), pd.Series([0.9, 1.0, 1.2, 0.9] * 6, index=index)
    parts = Decomposition(whole, whole, season, season * 0 + 1, whole, whole * np.nan, 0.9, 0.8, "log", 0.0, "by hand")
    drawn = chart_decomposition(parts, HEADING)
    assert "highest in July to September" in drawn.alt
    assert drawn.table.frame["Quarter"].iloc[0] == "January to March 2019"


# Control charts


def points_of(counts, **changes):
    points = xmr_chart(exact("2014-01", counts), seasonally_adjust=False).points.iloc[-24:].copy()
    for month, value in changes.items():
        points.loc[month.replace("m", "").replace("_", "-"), "value"] = value
    return points


def test_a_control_chart_names_at_most_three_unusual_months_and_counts_no_rules():
    calm = [10, 12, 11, 9] * 15
    assert say_unusual(points_of(calm), "Burglary") == "No month of the last 24 was unusual for burglary"
    high = list(calm)
    high[58] = 60
    assert say_unusual(points_of(high), "Burglary") == "Burglary was unusually high in November 2018"
    high[55] = 0
    assert say_unusual(points_of(high), "Drugs") == "Drugs were unusually high in November 2018 and low in August 2018"
    for at, value in ((40, 50), (44, 55), (48, 45)):
        high[at] = value
    said = say_unusual(points_of(high), "Burglary")
    assert said == "Burglary was unusually high in May 2017, September 2017 and November 2018, among other months"
    run = [*calm[:40], 9, 10, 9, 10, 9, 10, 9, 10, *calm[:12]]
    said = say_unusual(points_of(run), "Burglary")
    assert said == "Burglary stayed below average from April 2017 to January 2018"


def verdicts_of(counts, changes=()):
    area = SimpleNamespace(name="Herefordshire")
    source, edition = SimpleNamespace(name="data.police.uk"), SimpleNamespace(span=parse_span("2019"))
    opened = SimpleNamespace(simulated=False, area=area, source=source, edition=edition)
    series = Series("burglary", "Burglary", "burglary", counts, tuple(changes))
    trend = assess_trend(counts, recording_changes=list(changes))
    return Verdicts(opened, {"burglary": series}, {"burglary": trend})


def test_a_series_that_moves_has_no_control_chart_and_the_reader_is_told_where_to_look():
    rising = verdicts_of(plant(6, 100, slope=0.3, first="2014-01"))
    said = one_series.show_control_chart(rising, "burglary").sentence
    assert said == (
        "Burglary rose over these years, so limits round one average would mark most months as unusual. "
        "We compare the latest months with their own season instead."
    )
    parts = one_series.show_decomposition(rising, "burglary")
    assert parts.title == "Burglary rose from 2014 to 2019, with no clear season"
    assert "What to look for." in parts._repr_html_()


def test_a_steady_series_shows_two_years_with_the_unusual_month_in_the_title():
    counts = plant(6, 100, first="2014-01", seed=5)
    counts.loc["2019-05"] = 260
    steady = verdicts_of(counts)
    chart = one_series.show_control_chart(steady, "burglary")
    assert chart.title == "Burglary was unusually high in May 2019"
    assert len(chart.table.frame) == 24
    assert "The limits assume that the series has no trend" in chart.note
    change = PlantedChange("new-rule", pd.Period("2019-03", "M"), "a new rule", "Burglary")
    short = one_series.show_control_chart(verdicts_of(counts, [change]), "burglary")
    assert "no limits of usual variation" in getattr(short, "sentence", "") or isinstance(short, Chart)


def test_chapters_show_years_from_two_years_on_and_name_changes_of_recording():
    months = verdicts_of(plant(6, 100, peak=0.4, first="2014-01"))
    heat = one_series.show_months_by_years(months, "burglary")
    assert heat.title.startswith("Burglary is highest from June to August")
    assert heat.subtitle == "Offences a month, Herefordshire, 2014 to 2019"
    assert one_series.show_years(months, "burglary").title.startswith("Burglary in 2019 was ")
    one = verdicts_of(exact("2019-01", [5] * 12))
    assert one_series.show_months_by_years(one, "burglary").sentence == (
        "We hold 12 months of burglary, too few to compare one year with another."
    )
    assert one_series.show_years(one, "burglary") is None
    assert note_changes([pd.Period("2017-11", "M"), pd.Period("2014-11", "M")]) == (
        "How crime is recorded changed in November 2014 and November 2017. Years before and after do not compare exactly."
    )
    assert note_changes([]) == ""


def test_a_page_of_ones_own_series_has_charts_by_year_for_the_first_of_them_and_says_so(monkeypatch):
    monkeypatch.setattr(own_series, "SEASONS_SHOWN", 1)
    counts = pd.DataFrame({name: exact("2023-01", [5, 6, 7] * 8) for name in ("theft", "arson", "robbery")})
    trends = {name: assess_trend(counts[name]) for name in counts}
    page = own_series.draw_page(counts, trends, "my.csv")
    assert re.findall(r'<figure class="chart" id="((?:months-by-years|years)-\d)"', page) == [
        "months-by-years-1",
        "years-1",
    ]
    assert page.count("Charts by year are drawn for the first 1 series of a file.") == 1
    assert "Theft in 2024 was level with 2023 in all 12 months" in page
