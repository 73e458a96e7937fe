import re

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from hcsp_assess.errors import InputError
from hcsp_assess.report.charts import Heading
from hcsp_assess.report.monthly_charts import chart_decomposition, chart_months, chart_small_multiples, describe_months
from hcsp_assess.report.trend_charts import chart_control, chart_forecast, chart_verdict
from hcsp_assess.simulation.archive import PlantedChange
from hcsp_assess.trends import Intervention, assess_trend, decompose, forecast_year, xmr_chart


def heading(key, title):
    return Heading(key=key, title=title, subtitle="Offences a month, Herefordshire", source="data.police.uk")


@pytest.fixture(scope="module")
def counts():
    index = pd.period_range("2014-01", periods=108, freq="M")
    season = np.exp(0.3 * np.cos(2 * np.pi * np.arange(108) / 12))
    series = pd.Series(np.random.default_rng(3).poisson(80 * season), index=index, dtype="Int64")
    series.iloc[30:33] = pd.NA
    series.iloc[60] = 700
    return series


def _table(chart):
    return BeautifulSoup(chart._repr_html_(), "html.parser").table


def test_months_in_words_name_the_lowest_the_highest_and_the_gaps(counts):
    said = describe_months(counts)
    assert "highest 700 in January 2019" in said
    assert said.endswith("3 months are not held and are shaded.")


def test_the_data_under_a_chart_are_the_published_months(counts):
    chart = chart_months(counts, heading("m", "Burglary"))
    assert len(chart.table.frame) == 105
    assert chart.table.frame["Records"].sum() == counts.sum()


def test_a_verdict_chart_marks_what_was_set_aside_and_each_known_change(counts):
    change = PlantedChange("new-rule", pd.Period("2017-04", "M"), "a new rule", "Burglary")
    closed = Intervention(pd.Period("2020-03", "M"), pd.Period("2020-05", "M"), "lockdown")
    trend = assess_trend(counts, recording_changes=[change], interventions=[closed])
    chart = chart_verdict(trend, heading("v", "Burglary: stable"), sentence="Stable.")
    assert "Set aside" in chart.wide
    assert "Known changes marked: 1, new-rule (April 2017); 2, lockdown (March 2020)." in chart.alt
    frame = chart.table.frame
    assert frame.loc[frame["Month"] == "January 2019", "Used for the trend"].item() == "no"
    assert (frame["Used for the trend"] == "no").sum() == len(trend.months_set_aside) + 3
    assert len(frame) == 108


def test_a_decomposition_chart_marks_months_that_were_only_filled_to_draw(counts):
    parts = decompose(counts, scale="log")
    chart = chart_decomposition(parts, heading("d", "Burglary"))
    assert "Filled to draw" in chart.wide
    assert re.search(
        "the drawn season is highest in (December|January|February) and lowest in (June|July|August)", chart.alt
    )
    shown = chart.table.frame
    product = shown["Trend"] * shown["Season (times)"].astype(float) * shown["Remainder (times)"].astype(float)
    known = shown["As recorded"].notna()
    assert np.allclose(product[known], shown["As recorded"][known].astype(float), rtol=0.03)


def test_a_control_chart_names_the_months_outside_its_limits(counts):
    chart = chart_control(xmr_chart(counts), heading("c", "Burglary"))
    assert "January 2019" in chart.alt.split("Months outside the limits: ")[1].split(".")[0]
    unusual = chart.table.frame.set_index("Month")["Unusual"]
    assert unusual["January 2019"].startswith("outside the limits")
    latest = chart_control(xmr_chart(counts), heading("c", "Burglary"), last=24).table.frame
    assert list(latest["Month"][[0, 23]]) == ["January 2021", "December 2022"]


def test_small_multiples_have_a_panel_and_a_column_for_each_series(counts):
    chart = chart_small_multiples(
        {"Burglary": counts, "Robbery": counts}, heading("s", "Two"), words={"Robbery": "stable"}
    )
    assert "Robbery: stable" in chart.wide
    assert list(chart.table.frame) == ["Month", "Burglary", "Robbery"]
    with pytest.raises(InputError, match="^chart 's' has no series to draw$"):
        chart_small_multiples({}, heading("s", "None"))


def test_a_forecast_chart_shows_the_coming_months_with_their_interval():
    t = np.arange(120)
    mean = 300 * 1.08 ** (t / 12) * np.exp(0.3 * np.cos(2 * np.pi * t / 12))
    index = pd.period_range("2012-01", periods=120, freq="M")
    series = pd.Series(np.random.default_rng(2).poisson(mean), index=index, dtype="Int64")
    forecast = forecast_year(series)
    assert forecast.usable, forecast.reason
    frame = chart_forecast(series, forecast, heading("f", "Burglary")).table.frame
    assert frame["Month"].iloc[0] == "January 2022"
    assert ((frame["Low"] <= frame["To be expected"]) & (frame["To be expected"] <= frame["High"])).all()
