"""One cell at a time: what partners write, and what it means."""

import datetime as dt

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hcsp_assess.sources.returns.dates import to_date, to_month, to_quarter, to_time
from hcsp_assess.sources.returns.definitions import Column
from hcsp_assess.sources.returns.values import read_value

COUNT = Column("n", "N", "count", "")
PERCENT = Column("p", "P", "percent", "")


@pytest.mark.parametrize(
    ("written", "value"),
    [("1,234", 1234), (" 12 ", 12), (12.0, 12), ("0", 0), ("1 234", 1234), ("201 [p]", 201), ("1,234,567", 1_234_567)],
)
def test_counts_are_read_with_their_spaces_commas_and_marks(written: object, value: int) -> None:
    reading = read_value(written, COUNT)
    assert (reading.value, reading.status) == (value, "given")


@pytest.mark.parametrize(
    ("written", "below"),
    [("<5", 5), ("< 10", 10), ("less than 5", 5), ("≤4", 5), ("1-4", 5), ("0 to 4", 5), ("*", None), ("[c]", None)],
)
def test_suppressed_figures_keep_what_they_are_below(written: str, below: int | None) -> None:
    reading = read_value(written, COUNT)
    assert (reading.value, reading.status, reading.below) == (None, "suppressed", below)


@pytest.mark.parametrize("written", ["", None, "-", "–", "..", "n/a", "N/A", "[x]", "not known", "tbc", "#N/A"])
def test_gaps_are_gaps(written: str | None) -> None:
    reading = read_value(written, COUNT)
    assert (reading.value, reading.status, reading.problem) == (None, "missing", "")


@pytest.mark.parametrize(
    "written",
    [
        "twelve",
        "12.5",
        "-3",
        "1,23",
        "5%",
        True,
        "#REF!",
        "3/4",
        "1e9x",
        float("nan"),
        "<" + "5" * 5001,
        "9" * 5001,
        "5" * 5001 + " or fewer",
    ],
)
def test_what_is_no_count_is_a_problem_and_not_a_guess(written: object) -> None:
    reading = read_value(written, COUNT)
    assert reading.problem and reading.value is None


@pytest.mark.parametrize(
    ("written", "value"), [("35.1%", 35.1), ("38", 38.0), (38, 38.0), ("0", 0.0), ("100 per cent", 100.0)]
)
def test_percentages_are_per_cent(written: object, value: float) -> None:
    assert read_value(written, PERCENT).value == value


@pytest.mark.parametrize("written", ["0.38", 0.38, "101%", "-1%"])
def test_a_share_is_not_taken_for_a_percentage(written: object) -> None:
    assert read_value(written, PERCENT).problem


@pytest.mark.parametrize(
    "written",
    [
        "01/04/2011", "1/4/11", "01.04.2011", "1 April 2011", "Friday 1 April 2011", "1st Apr 2011", "01-Apr-11",
        "2011-04-01", "2011-04-01T09:30:00", "01/04/2011 09:30", 40634, "40634", dt.date(2011, 4, 1),
        dt.datetime(2011, 4, 1, 9, 30),  # noqa: DTZ001 - as openpyxl gives them
    ],
)  # fmt: skip
def test_the_first_of_april_is_read_however_it_is_written(written: object) -> None:
    assert to_date(written) == dt.date(2011, 4, 1)


def test_serial_numbers_of_old_macintosh_workbooks_count_from_1904() -> None:
    assert to_date(39172, starts_1904=True) == dt.date(2011, 4, 1)


@pytest.mark.parametrize("written", ["31/04/2011", "13/13/2011", "April", "2011", 5, "99999", "01/04/1899", True, ""])
def test_what_is_no_date_is_not_one(written: object) -> None:
    assert to_date(written) is None


@pytest.mark.parametrize(
    "written",
    [
        "April 2011",
        "Apr-11",
        "Apr 2011",
        "2011-04",
        "04/2011",
        "01/04/2011",
        40634,
        "APRIL 2011",
        "2011 APR",
        "Aprl 2011",
    ],
)
def test_months_are_read_however_they_are_written(written: object) -> None:
    assert to_month(written) == pd.Period("2011-04", freq="M")


@pytest.mark.parametrize(
    "written",
    [
        "Q1 11/12", "Q1 2011-12", "2011/12 Q1", "q1 2011/2012", "Quarter 1 2011/12", "Qtr 1 (Apr-Jun) 2011-12", "Apr-Jun 2011",
        "April to June 2011", "Apr – Jun 11", "Apr 2011 - Jun 2011", "01/04/2011", "30/06/2011", dt.date(2011, 4, 1),
    ],
)  # fmt: skip
def test_quarters_are_read_however_they_are_written(written: object) -> None:
    assert str(to_quarter(written)) == "Q1 11/12"


def test_january_to_march_is_the_fourth_quarter_of_the_year_before() -> None:
    assert str(to_quarter("Jan-Mar 2012")) == "Q4 11/12"


@pytest.mark.parametrize(
    "written", ["Q1 2011", "Q5 11/12", "May-Jul 2011", "Apr-Sep 2011", "June 2011", "15/05/2011", "2011-12"]
)
def test_what_may_be_another_period_is_not_a_quarter(written: str) -> None:
    assert to_quarter(written) is None


@pytest.mark.parametrize(
    ("written", "time"),
    [("9:05", "09:05"), ("21.30", "21:30"), ("2130", "21:30"), ("9.05pm", "21:05"), ("12:00 am", "00:00"), (0.5, "12:00"),
     (dt.time(8, 20), "08:20"), ("25:00", None), ("noon", None)],
)  # fmt: skip
def test_times_of_day(written: object, time: str | None) -> None:
    assert to_time(written) == time


@given(st.integers(0, 10**9))
def test_every_count_survives_being_printed_with_commas(number: int) -> None:
    assert read_value(f"{number:,}", COUNT).value == number


@given(st.dates(dt.date(1980, 4, 1), dt.date(2079, 12, 31)))
def test_every_day_is_read_back_from_text_and_from_its_serial_number(day: dt.date) -> None:
    assert to_date(day.strftime("%d/%m/%Y")) == day
    assert to_date((day - dt.date(1899, 12, 30)).days) == day


@example(29_221)  # 1 January 1980 as a serial number: before the first financial year
@given(st.one_of(st.text(max_size=20), st.floats(), st.integers(), st.booleans(), st.none()))
def test_no_cell_whatever_makes_the_reader_fail(value: object) -> None:
    for kind in (
        "count",
        "percent",
        "number",
        "date",
        "month",
        "quarter",
        "financial_year",
        "time",
        "text",
        "yes_no",
        "lsoa",
    ):
        reading = read_value(value, Column("c", "C", kind, ""))
        assert (reading.value is not None) == (reading.status == "given" and not reading.problem)
