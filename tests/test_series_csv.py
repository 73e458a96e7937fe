import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hcsp_assess.errors import InputError
from hcsp_assess.sources.series_csv import MONTH_FORMATS, read_series


def _read(tmp_path, text, name="mine.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return read_series(path)


def test_two_columns_are_one_series_named_after_the_file(tmp_path):
    counts = _read(tmp_path, "month,count\n2020-03,7\n2020-01,5\n", "burglary.csv")
    assert list(counts) == ["burglary"]
    assert counts["burglary"].tolist() == [5, pd.NA, 7]
    assert counts.index[0] == pd.Period("2020-01", "M")


def test_headings_say_which_column_is_which(tmp_path):
    counts = _read(
        tmp_path, 'Offences,Month,Crime type\n"1,234",Jan 2020,Burglary\n..,Feb 2020,Burglary\n3,Feb 2020,Robbery\n'
    )
    assert counts["Burglary"].tolist() == [1234, pd.NA]
    assert counts["Robbery"].tolist() == [pd.NA, 3]


@pytest.mark.parametrize("form", MONTH_FORMATS)
def test_months_are_read_as_people_write_them(tmp_path, form):
    month = pd.Timestamp("2019-11-01")
    assert _read(tmp_path, f"month,count\n{month.strftime(form)},4\n").index[0] == pd.Period("2019-11", "M")


def test_excel_text_with_its_mark_and_old_windows_text_are_read(tmp_path):
    assert _read(tmp_path, "\ufeffmonth,count\n2020-01,5\n").iloc[0, 0] == 5
    assert list(_read(tmp_path, "month,series,count\n2020-01,Café,5\n", encoding="cp1252")) == ["Café"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("month,count\n2020-01,many\n", r"^mine\.csv line 2: 'many' is not a whole count of zero or more$"),
        ("month,count\n2020-01,-3\n", r"^mine\.csv line 2: '-3' is not a whole count of zero or more$"),
        ("month,count\n2020-01,2.5\n", r"^mine\.csv line 2: '2\.5' is not a whole count of zero or more$"),
        ("month,count\nsoon,3\n", r"^mine\.csv line 2: 'soon' is not a month; write 2018-01 or January 2018$"),
        (
            "month,count\n2020-01,3\n2020-01,4\n",
            r"^mine\.csv line 3: 2020-01 of 'mine' is there twice; add the two up, or remove one$",
        ),
        ("month,count\n2020-01,3,4\n", r"^mine\.csv line 2 has 3 columns; the heading has 2$"),
        ("month,count\n", r"^mine\.csv has a heading and no data$"),
        ("", r"^mine\.csv needs a heading line and two or three columns: month, \(series,\) count$"),
        ("a\0b", r"^mine\.csv is not a text file: save the table as CSV$"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        _read(tmp_path, text)


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=60))
def test_what_is_written_is_what_is_read(tmp_path_factory, values):
    months = pd.period_range("2015-01", periods=len(values), freq="M")
    text = "month,count\n" + "\n".join(f"{month},{value}" for month, value in zip(months, values, strict=True))
    assert _read(tmp_path_factory.mktemp("csv"), text).iloc[:, 0].tolist() == values
