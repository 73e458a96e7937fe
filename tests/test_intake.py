"""The intake register: what came, what is late, what never came, and what was refused, on a given day."""

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from hcsp_assess.edition.intake_register import due_date, expected_quarters, intake_register
from hcsp_assess.errors import InputError
from hcsp_assess.periods import parse_quarter, parse_span
from hcsp_assess.sources.returns import return_definition, return_names
from hcsp_assess.sources.returns.combining import combine_return

HEAD = "Quarter,Cases heard,Repeat cases\n"


def put(folder: Path, name: str, file: str, text: str) -> None:
    (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / name / file).write_text(text, encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """MARAC: two quarters in time, one late, one missing; a refused, a broken and a stray file."""
    put(tmp_path, "marac", "q1q2.csv", HEAD + "Q1 12/13,48,20\nQ2 12/13,50,21\nQ9 12/13,1,1\n")
    put(tmp_path, "marac", "q4.csv", HEAD + "Q3 12/13,..,..\nQ4 12/13,<5,<5\n")
    put(tmp_path, "helpline_calls", "calls.csv", "Quarter,Calls,Name\nQ1 12/13,200,Mr Example\n")
    put(tmp_path, "iom_cohort", "cohort.csv", "Quarter,Size\nQ1 12/13,60\n")
    put(tmp_path, "fire_incidents", "fires.csv", "Date,Kind of incident\n03/04/2012,Hoax call\n20/03/2013,Hoax call\n")
    put(tmp_path, "rumours", "rumours.csv", "a,b\n1,2\n")
    (tmp_path / "received.csv").write_text(
        "file,received\nmarac/q1q2.csv,2012-11-05\nmarac/q4.csv,2013-08-01\nfire_incidents/fires.csv,2013-04-09\n",
        encoding="utf-8",
    )
    return tmp_path


def lines(register: pd.DataFrame, name: str) -> pd.DataFrame:
    return register[register["dataset"] == name].reset_index(drop=True)


def register_of(folder: Path, day: str = "2013-08-15") -> pd.DataFrame:
    return intake_register(folder, as_of=dt.date.fromisoformat(day), span=parse_span("2012-13"))


def test_data_are_due_at_the_end_of_the_following_quarter() -> None:
    assert due_date(parse_quarter("Q1 12/13")) == dt.date(2012, 9, 30)
    assert due_date(parse_quarter("Q4 12/13")) == dt.date(2013, 6, 30)


def test_a_quarter_without_figures_is_missing_and_a_suppressed_one_is_not(folder: Path) -> None:
    marac = lines(register_of(folder), "marac")
    assert marac["status"].tolist() == ["received", "received late", "overdue"]
    assert marac["period"].tolist() == ["Q1 12/13 to Q2 12/13", "Q4 12/13", "Q3 12/13"]
    assert marac["due"].tolist() == [dt.date(2012, 12, 31), dt.date(2013, 6, 30), dt.date(2013, 3, 31)]
    assert marac.loc[2, "message"] == (
        "MARAC cases and repeats, October to December 2012: not received. Due from the police force by 31 March 2013."
    )


def test_rows_kept_and_set_aside_and_the_checksum_are_on_the_register(folder: Path) -> None:
    import hashlib

    marac = lines(register_of(folder), "marac")
    assert marac.loc[0, ["rows_in", "kept", "set_aside"]].tolist() == [3, 2, 1]
    assert marac.loc[0, "message"] == "Set aside: 1 Quarter: is not a quarter: write Q1 11/12."
    assert marac.loc[0, "sha256"] == hashlib.sha256((folder / "marac" / "q1q2.csv").read_bytes()).hexdigest()
    assert marac.loc[0, "coverage"] == "2012-04 to 2012-09"


def test_a_refused_file_is_shown_with_its_cell_and_nothing_from_it(folder: Path) -> None:
    line = lines(register_of(folder), "helpline_calls").iloc[0]
    assert line["status"] == "refused"
    assert "column 'Name' (cell C2) looks like a name of a person" in line["message"]
    assert "Example" not in " ".join(map(str, line))
    assert pd.isna(line["sha256"]) and pd.isna(line["kept"])


def test_a_file_that_cannot_be_read_and_a_stray_one_are_on_the_register(folder: Path) -> None:
    register = register_of(folder)
    cohort = lines(register, "iom_cohort")
    assert cohort["status"].tolist() == ["cannot be read", "never received"]
    assert cohort.loc[0, "message"].startswith("cohort.csv has no table of the return iom_cohort: there is no column")
    stray = register[register["status"] == "not expected"].iloc[0]
    assert stray["message"] == (
        "rumours/rumours.csv was not read: it is not in a folder named after a return. Move it into one, such as marac/"
    )


def test_quarters_without_events_between_records_are_not_missing(folder: Path) -> None:
    assert lines(register_of(folder), "fire_incidents")["status"].tolist() == ["received"]


def test_every_return_is_on_the_register_and_what_never_came_says_who_was_to_send_it(folder: Path) -> None:
    register = register_of(folder)
    expected = {name for name in return_names() if return_definition(name).asked_for(pd.Period("2013-03", "M"))}
    assert expected <= set(register["dataset"].dropna())
    later = set(register["dataset"].dropna()) - expected
    assert not later, "a return under a duty that began in 2014 or 2023 is not expected of 2012/13"
    assert lines(register, "ambulance_calls").loc[0, "message"] == (
        "Ambulance calls to crime and disorder, April 2012 to March 2013: not received. Due from the ambulance service a "
        "quarter at a time, the first by 30 September 2012."
    )
    audit = lines(register, "childrens_audit").iloc[0]
    assert audit["status"] == "never received" and pd.isna(audit["due"])


def test_the_register_depends_on_the_day_given_and_on_nothing_else(folder: Path) -> None:
    pd.testing.assert_frame_equal(register_of(folder), register_of(folder))
    early = lines(register_of(folder, "2012-11-01"), "marac")
    assert early["status"].tolist() == ["never received", "due"]
    assert early["period"].tolist() == ["Q1 12/13", "Q2 12/13"]
    later = lines(register_of(folder, "2013-05-01"), "marac")
    assert later["status"].tolist() == ["received", "overdue", "due"]
    assert later["period"].tolist() == ["Q1 12/13 to Q2 12/13", "Q3 12/13", "Q4 12/13"]


def test_without_a_span_the_last_four_quarters_are_expected() -> None:
    quarters = expected_quarters(dt.date(2013, 5, 1))
    assert [str(quarter) for quarter in quarters] == ["Q1 12/13", "Q2 12/13", "Q3 12/13", "Q4 12/13"]


def test_an_empty_folder_is_a_register_of_gaps(tmp_path: Path) -> None:
    register = intake_register(tmp_path / "none", as_of=dt.date(2025, 8, 15))
    assert set(register["status"]) == {"never received", "due"}
    assert register["dataset"].nunique() == len(return_names())


def test_a_later_file_replaces_what_an_earlier_one_said_and_nothing_is_lost(tmp_path: Path) -> None:
    put(tmp_path, "marac", "b_first.csv", HEAD + "Q1 12/13,48,20\nQ2 12/13,50,21\n")
    put(tmp_path, "marac", "a_revised.csv", HEAD + "Q2 12/13,51,22\n")
    received = "file,received\nmarac/b_first.csv,2012-11-05\nmarac/a_revised.csv,2013-02-01\n"
    (tmp_path / "received.csv").write_text(received, encoding="utf-8")
    gathered = combine_return(tmp_path, "marac")
    assert gathered.rows.set_index("quarter")["cases"].to_dict() == {"Q1 12/13": 48, "Q2 12/13": 51}
    assert gathered.superseded["cases"].tolist() == [50]
    assert sum(len(result.rows) for result in gathered.results) == len(gathered.rows) + len(gathered.superseded)


def test_of_records_a_later_file_replaces_whole_months(tmp_path: Path) -> None:
    head = "Date,Kind of incident\n"
    put(
        tmp_path, "fire_incidents", "1.csv", head + "01/04/2012,Hoax call\n02/05/2012,Hoax call\n02/05/2012,Hoax call\n"
    )
    put(tmp_path, "fire_incidents", "2.csv", head + "02/05/2012,Hoax call\n03/06/2012,Hoax call\n")
    gathered = combine_return(tmp_path, "fire_incidents")
    assert gathered.rows["date"].dt.month.tolist() == [4, 5, 6]
    assert len(gathered.superseded) == 2


def test_nothing_received_is_an_empty_table_with_its_columns(tmp_path: Path) -> None:
    gathered = combine_return(tmp_path, "marac")
    assert gathered.rows.empty and gathered.results == ()
    assert {column.name for column in return_definition("marac").columns} <= set(gathered.rows.columns)


def test_dates_of_receipt_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    (tmp_path / "received.csv").write_text("file,received\nmarac/a.csv,5/11/2012\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        intake_register(tmp_path, as_of=dt.date(2013, 1, 1))
    assert str(error.value) == (
        f"{tmp_path / 'received.csv'}: Invalid isoformat string: '5/11/2012'; write dates as 2012-07-20"
    )
    (tmp_path / "received.csv").write_text("name,day\nx,2012-01-01\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        intake_register(tmp_path, as_of=dt.date(2013, 1, 1))
    assert str(error.value) == f"{tmp_path / 'received.csv'} has the columns name, day; it needs file and received"


def test_a_file_that_cannot_be_used_stops_that_file_and_not_the_others(tmp_path: Path) -> None:
    put(tmp_path, "marac", "good.csv", HEAD + "Q1 12/13,48,20\n")
    put(tmp_path, "marac", "names.csv", "Quarter,Cases heard,Repeat cases,Victim name\nQ2 12/13,50,21,Mr Example\n")
    gathered = combine_return(tmp_path, "marac")
    assert gathered.rows["quarter"].tolist() == ["Q1 12/13"]
    assert len(gathered.problems) == 1 and "Example" not in gathered.problems[0]
    assert gathered.problems[0].startswith("names.csv: column 'Victim name' (cell D2) looks like a name of a person.")
