"""Personal data in a return: each kind stops the file, is never repeated, and nothing is written."""

import csv
import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from returns_files import Grid, write_ods, write_xlsx

from hcsp_assess.sources.returns import PersonalDataError, read_return, return_definition, return_names
from hcsp_assess.sources.returns.personal import find_personal_data, is_nhs_number
from hcsp_assess.sources.returns.sheets import Sheet

HEADINGS = ["Date", "Time", "Category", "Detail", "Location", "LSOA"]
GOOD = ["01/04/2012", "21:30", "ASB", "Rowdy behaviour", "High Town", "E01013986"]

# Invented; the NHS number is the example of the NHS Data Dictionary.
BY_VALUE = {
    "a name of a person": [
        "Mr Example",
        "Mrs J. Example",
        "SMITH, John",
        "Sarah Example",
        "Neighbour is Mr Example of no. 4",
        "Cllr Example",
    ],
    "a full postcode": ["HR1 2AB", "hr12ab", "SW1A 1AA", "near HR9 5QX, by the bridge"],
    "an NHS number": ["943 476 5919", "9434765919", "943-476-5919"],
    "a custody or police number": ["22CP/1234/11", "01/123456Q", "A1234BC", "QQ123456C".replace("QQ", "AB")],
    "an e-mail address": ["someone@example.org"],
    "a telephone number": ["01432 260000", "07700 900123", "+44 7700 900123", "(01432) 260 000", "020 7946 0018"],
    "an address": ["12 Example Street", "Flat 3, 12 Example Road", "4a Example Lane", "7 Example Close", "Flat 2"],
    "a date of birth": ["born 12/03/1974", "12/03/1974"],
}
BY_HEADING = {
    "a name of a person": [
        "Name",
        "Surname",
        "Victim name",
        "Offender's name",
        "First name",
        "Initials",
        "Name of victim",
    ],
    "a date of birth": ["DOB", "D.O.B.", "Date of birth", "Victim DOB", "Birthdate"],
    "an address": ["Address", "Home address", "House number", "Victim address", "Address line 1", "Full postcode"],
    "an NHS number": ["NHS number", "NHS No.", "Patient NHS No"],
    "a custody or police number": ["Custody number", "Custody record no", "PNC ID", "National Insurance number"],
    "an e-mail address": ["E-mail", "Email address"],
    "a telephone number": ["Telephone", "Mobile number", "Contact details", "Phone no"],
}
IN_A_ROW = [(kind, text) for kind, texts in BY_VALUE.items() for text in texts]
IN_A_HEADING = [(kind, text) for kind, texts in BY_HEADING.items() for text in texts]


def write_csv(folder: Path, rows: list[list[str]], name: str = "incidents.csv") -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


@pytest.mark.parametrize(("kind", "text"), IN_A_ROW)
def test_each_kind_of_personal_data_in_a_cell_stops_the_file(kind: str, text: str, tmp_path: Path) -> None:
    bad = [*GOOD[:4], text, GOOD[5]]
    path = write_csv(tmp_path, [["Incidents"], HEADINGS, GOOD, bad])
    with pytest.raises(PersonalDataError) as error:
        read_return(path, "police_incidents")
    assert str(error.value) == (
        f"incidents.csv: column 'Location' (cell E4) looks like {kind}. Returns must not contain personal data, so the file "
        "was not read and no copy was kept. Delete it, and ask the sender for a file without it."
    )
    assert text not in str(error.value)


@pytest.mark.parametrize(("kind", "heading"), IN_A_HEADING)
def test_a_heading_that_asks_for_personal_data_stops_the_file(kind: str, heading: str, tmp_path: Path) -> None:
    path = write_csv(tmp_path, [[*HEADINGS, heading], [*GOOD, ""], [*GOOD, "xyz"]])
    with pytest.raises(PersonalDataError) as error:
        read_return(path, "police_incidents")
    assert str(error.value).startswith(f"incidents.csv: column {heading!r} (cell G3) looks like {kind}.")
    assert "xyz" not in str(error.value)


@pytest.mark.parametrize("suffix", ["xlsx", "ods"])
def test_personal_data_on_a_second_sheet_or_in_a_note_stop_the_file(suffix: str, tmp_path: Path) -> None:
    data: Grid = [list(HEADINGS), list(GOOD)]
    other: Grid = [["Contacts"], [None, "someone@example.org"]]
    write = write_xlsx if suffix == "xlsx" else write_ods
    path = write(tmp_path / f"f.{suffix}", {"Data": data, "About": other})
    with pytest.raises(PersonalDataError, match=r"column B \(cell B2 of sheet 'About'\) looks like an e-mail address"):
        read_return(path, "police_incidents")
    noted: Grid = [*data, [None], ["Prepared by Mrs Example"]]
    with pytest.raises(PersonalDataError, match=r"\(cell A4 of sheet 'Data'\) looks like a name of a person"):
        read_return(write(tmp_path / f"g.{suffix}", {"Data": noted}), "police_incidents")


def test_dates_of_birth_as_real_dates_in_a_column_of_their_own_stop_the_file(tmp_path: Path) -> None:
    rows: Grid = [[*HEADINGS, "Info"], [dt.date(2012, 4, 1), *GOOD[1:], dt.date(1974, 3, 12)]]
    with pytest.raises(
        PersonalDataError, match=r"column 'Info' \(cell G2 of sheet 'Data'\) looks like a date of birth"
    ):
        read_return(write_xlsx(tmp_path / "f.xlsx", {"Data": rows}), "police_incidents")
    recent: Grid = [[*HEADINGS, "Info"], [dt.date(2012, 4, 1), *GOOD[1:], dt.date(2011, 3, 12)]]
    with pytest.raises(PersonalDataError, match="looks like a date of birth"):
        read_return(write_xlsx(tmp_path / "g.xlsx", {"Data": recent}), "police_incidents")


def test_dates_of_events_are_no_dates_of_birth(tmp_path: Path) -> None:
    rows: Grid = [[*HEADINGS, "Date closed"], [dt.date(2012, 4, 1), *GOOD[1:], dt.date(2012, 5, 12)]]
    result = read_return(write_xlsx(tmp_path / "f.xlsx", {"Data": rows}), "police_incidents")
    assert result.account.kept == 1


def test_a_name_of_a_sheet_or_file_is_looked_at_and_not_repeated(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "f.xlsx", {"John Example": [list(HEADINGS), list(GOOD)]})
    with pytest.raises(PersonalDataError) as error:
        read_return(path, "police_incidents")
    assert "Example" not in str(error.value) and "sheet 1" in str(error.value)
    named = write_csv(tmp_path, [HEADINGS, GOOD], "John_Example.csv")
    with pytest.raises(PersonalDataError) as error:
        read_return(named, "police_incidents")
    assert str(error.value) == (
        "the name of a file from the sender looks like personal data, so the file was not read. Rename it, and "
        "check its contents."
    )


def test_nothing_is_written_when_a_file_is_refused(tmp_path: Path) -> None:
    path = write_csv(tmp_path, [HEADINGS, [*GOOD[:4], "12 Example Street", GOOD[5]]])
    before = {item: item.read_bytes() for item in tmp_path.rglob("*")}
    with pytest.raises(PersonalDataError):
        read_return(path, "police_incidents")
    assert {item: item.read_bytes() for item in tmp_path.rglob("*")} == before


@pytest.mark.parametrize(
    "text",
    [
        "On or near Commercial Street", "High Street, Leominster", "A49", "B4348 at Much Dewchurch", "Victoria Street",
        "50 metres from Castle Street", "20 mph in Mill Lane", "3 complaints about Hereford Road", "Junction of A438 and A4103",
        "Herefordshire 012C", "Q4 2011/12", "01-04-2011 12:30", "2011/12", "HR1", "HR1 and HR2", "E01013986", "X85-Y09",
        "Charlotte Street", "Ross-on-Wye", "St Martin's Avenue", "12 to 18", "7 pathways", "10 year view", "SO 510 399",
        "-2.7151234567", "1234567890", "St. John's Walk", "Wye Valley NHS Trust", "NHS", "Christian", "White British",
        "52.0564", "Jan-Mar 2012", "Mr", "1 January 2012", "Crime 2012", "A&E", "5 A Day campaign",
    ],
)  # fmt: skip
def test_places_periods_and_codes_are_not_taken_for_personal_data(text: str, tmp_path: Path) -> None:
    path = write_csv(tmp_path, [HEADINGS, [*GOOD[:4], text, GOOD[5]]])
    assert read_return(path, "police_incidents").account.kept == 1


@pytest.mark.parametrize(
    "heading",
    [
        "Ward name",
        "LSOA name",
        "School name",
        "Street name",
        "Place of birth region",
        "Number of calls",
        "Contact channel",
        "Age band",
    ],
)
def test_headings_of_places_and_counts_are_not_taken_for_personal_data(heading: str, tmp_path: Path) -> None:
    path = write_csv(tmp_path, [[*HEADINGS, heading], [*GOOD, "12"]])
    assert read_return(path, "police_incidents").account.kept == 1


def test_no_return_asks_for_personal_data_itself() -> None:
    for name in return_names():
        definition = return_definition(name)
        texts = [text for column in definition.columns for text in (column.heading, *column.aliases)]
        rows: list[list[object]] = [list(texts), ["1"] * len(texts)]
        assert find_personal_data((Sheet("", rows),), {}) is None, name  # type: ignore[arg-type]


def test_the_check_digit_of_nhs_numbers() -> None:
    assert is_nhs_number("9434765919")  # NHS Data Model and Dictionary
    assert not is_nhs_number("9434765918")
    assert not is_nhs_number("943476591")
    assert not is_nhs_number("1111111111")


@given(st.integers(0, 999_999_999))
def test_one_check_digit_at_most_makes_nine_digits_an_nhs_number(number: int) -> None:
    valid = [digit for digit in range(10) if is_nhs_number(f"{number:09d}{digit}")]
    total = sum(int(d) * w for d, w in zip(f"{number:09d}", range(10, 1, -1), strict=True))
    expected = (11 - total % 11) % 11
    assert valid == ([] if expected == 10 or len(set(f"{number:09d}{expected}")) == 1 else [expected])


def test_ten_digit_references_that_rarely_pass_the_check_are_no_nhs_numbers(tmp_path: Path) -> None:
    """By chance one ten-digit number in eleven passes: a column of incident numbers must not be refused for it."""
    rows = [[*GOOD[:3], f"{2_012_000_000 + 7 * i}", *GOOD[4:]] for i in range(60)]
    assert sum(is_nhs_number(row[3]) for row in rows) > 0
    assert read_return(write_csv(tmp_path, [HEADINGS, *rows]), "police_incidents").account.kept == 60


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(IN_A_ROW), st.integers(0, 30), st.integers(0, 7))
def test_personal_data_are_found_wherever_they_stand(bad: tuple[str, str], row: int, column: int) -> None:
    rows: list[list[str | None]] = [[None] * 8 for _ in range(31)]
    rows[row][column] = bad[1]
    if bad[0] == "a date of birth":
        rows[30 if row < 30 else 0][column] = "01/05/2012"
    finding = find_personal_data((Sheet("", rows),), {})  # type: ignore[arg-type]
    assert finding is not None and (finding.kind, finding.row, finding.column) == (bad[0], row, column)
