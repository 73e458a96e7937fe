"""Financial years, quarters and spans are read and printed in one place, and agree with the strategy's own labels."""

import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hcsp_assess.errors import InputError
from hcsp_assess.periods import (
    FinancialYear,
    Quarter,
    Span,
    months_of,
    parse_financial_year,
    parse_month,
    parse_quarter,
    parse_span,
)

years = st.integers(1980, 2079).map(FinancialYear)
quarters = st.builds(Quarter, years, st.integers(1, 4))
months = st.integers(1980 * 12 + 3, 2079 * 12 + 11).map(lambda n: pd.Period(year=n // 12, month=n % 12 + 1, freq="M"))


@given(years)
def test_a_financial_year_reads_back_as_printed_in_either_form(year):
    assert parse_financial_year(str(year)) == parse_financial_year(year.short) == year
    assert parse_financial_year(f"{year.start}/{year.start + 1}") == year


@given(quarters)
def test_a_quarter_reads_back_as_printed(quarter):
    assert parse_quarter(str(quarter)) == quarter
    assert parse_quarter(f"{quarter.year} Q{quarter.number}") == quarter


@given(months, st.integers(0, 30))
def test_a_span_reads_back_as_printed(first, length):
    span = Span(first, min(first + length, pd.Period("2079-12", freq="M")))
    assert parse_span(str(span)) == span
    if re.match(r"\d|Q", span.name):
        assert parse_span(span.name) == span


@given(months)
def test_every_month_lies_in_the_quarter_and_year_found_for_it(month):
    quarter = Quarter.of(month)
    assert month in quarter.months
    assert month in FinancialYear.of(month).months
    assert quarter.year == FinancialYear.of(month)


@given(quarters, st.integers(-20, 20))
def test_adding_quarters_moves_by_three_months_each(quarter, step):
    try:
        moved = quarter + step
    except InputError:
        return
    assert moved.span.first == quarter.span.first + 3 * step


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused_with_what_is_accepted(text):
    for parse in (parse_financial_year, parse_quarter, parse_span, parse_month):
        try:
            parse(text)
        except InputError as error:
            assert repr(text.strip()) in str(error) or repr(text) in str(error)


def test_the_strategys_quarter_4_11_12_is_january_to_march_2012():
    quarter = parse_quarter("Q4 11/12")
    assert quarter == Quarter(FinancialYear(2011), 4)
    assert [str(month) for month in quarter.months] == ["2012-01", "2012-02", "2012-03"]
    assert quarter.span.words == "January 2012 to March 2012"
    assert quarter.year_before == parse_quarter("Q4 10/11")


def test_financial_years_print_and_order_as_expected():
    year = parse_financial_year("2011/12")
    assert (str(year), year.short, year.span.words) == ("2011-12", "11/12", "April 2011 to March 2012")
    assert year.previous < year
    assert [str(quarter) for quarter in year.quarters] == ["Q1 11/12", "Q2 11/12", "Q3 11/12", "Q4 11/12"]
    assert str(parse_financial_year("1999-2000")) == "1999-00"


@pytest.mark.parametrize(
    ("text", "first", "last", "name"),
    [
        ("2025", "2025-01", "2025-12", "2025"),
        ("2011-12", "2011-04", "2012-03", "2011-12"),
        ("2011\u201312", "2011-04", "2012-03", "2011-12"),
        ("Q3 2012/13", "2012-10", "2012-12", "Q3 12/13"),
        ("2011-07 to 2012-06", "2011-07", "2012-06", "July 2011 to June 2012"),
        ("2011-12 to 2011-12", "2011-12", "2011-12", "December 2011"),
    ],
)
def test_every_way_of_writing_a_period_gives_its_months(text, first, last, name):
    span = parse_span(text)
    assert (str(span.first), str(span.last), span.name) == (first, last, name)
    assert span.year_before.months.equals(span.months - 12)


@pytest.mark.parametrize(
    ("parse", "text", "message"),
    [
        (parse_financial_year, "2011", "'2011' is not a financial year: write 2011-12, 2011/12 or 11/12"),
        (parse_financial_year, "2011-13", "'2011-13' is not a financial year: 13 does not follow 2011"),
        (
            parse_quarter,
            "Q5 11/12",
            "'Q5 11/12' is not a quarter of a financial year: write Q4 11/12 or Q4 2011-12, from Q1 to Q4",
        ),
        (parse_month, "2012-13", "'2012-13' is not a month: write 2012-04, from 1980-04 to 2079-12"),
        (
            parse_span,
            "last year",
            "'last year' is not a period: write a financial year (2011-12), a calendar year (2025), a quarter "
            "(Q4 11/12) or two months (2011-07 to 2012-06)",
        ),
        (parse_span, "2012-06 to 2011-07", "the months end before they begin: 2012-06 to 2011-07"),
    ],
)
def test_errors_say_what_is_accepted(parse, text, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        parse(text)


@pytest.mark.parametrize("texts", [["2012-04", "2012-05", "2012-04"], ["2012-04", None], [None, None], []])
def test_months_of_texts_are_those_that_pandas_reads_one_by_one(texts):
    one_by_one = pd.PeriodIndex([pd.Period(text, "M") if text else pd.NaT for text in texts], freq="M")
    pd.testing.assert_index_equal(months_of(pd.Series(texts, dtype="str")), one_by_one)


def test_a_text_that_is_no_month_is_refused():
    with pytest.raises(ValueError, match="(?i)spring"):
        months_of(pd.Series(["2012-04", "spring"]))
