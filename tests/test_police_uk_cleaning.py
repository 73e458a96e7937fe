"""Reading and cleaning one street file: real rows, every quirk, and a slow second opinion written from the rules."""

import io
import json
import re
from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slow_cleaning import slow_clean

from hcsp_assess.errors import InputError
from hcsp_assess.sources.police_uk import (
    CleanedStreet,
    StreetFile,
    clean_street,
    find_street_files,
    read_api_json,
    read_street,
)
from hcsp_assess.sources.police_uk.layouts import COLUMNS
from hcsp_assess.sources.police_uk.reading import parse_street

DATA = Path(__file__).parent / "data" / "police_uk"
HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context"
)
ASB = ",2024-03,West Mercia Police,West Mercia Police,-2.719121,52.056671,On or near Bewell Street,E01014010,Herefordshire 012C,Anti-social behaviour,,"
OPEN, CLOSED = "Under investigation", "Unable to prosecute suspect"


def an_id(number: int) -> str:
    return f"{number:064x}"


def a_row(
    number: int = 1,
    *,
    crime_type: str = "Burglary",
    outcome: str = OPEN,
    longitude: str = "-2.719121",
    latitude: str = "52.056671",
    lsoa: str = "E01014010",
    month: str = "2024-03",
    location: str = "On or near Bewell Street",
) -> str:
    return (
        f"{an_id(number)},{month},West Mercia Police,West Mercia Police,{longitude},{latitude},{location},{lsoa},"
        f"Herefordshire 012C,{crime_type},{outcome},"
    )


def a_file(folder: Path, *rows: str, header: str = HEADER, ending: str = "\n", bom: bool = False) -> StreetFile:
    path = folder / "2024-03" / "2024-03-west-mercia-street.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes((b"\xef\xbb\xbf" if bom else b"") + "".join(f"{row}{ending}" for row in (header, *rows)).encode())
    (found,) = find_street_files(folder)
    return found


def cleaned(folder: Path, *rows: str, **shape: object) -> CleanedStreet:
    file = a_file(folder, *rows, **shape)  # type: ignore[arg-type]
    return clean_street(read_street(file), file=file)


def reasons(result: CleanedStreet) -> dict[int, str]:
    return dict(zip(result.quarantine["line"], result.quarantine["reason"], strict=True))


# One crime, one row


def test_identical_rows_of_anti_social_behaviour_are_separate_incidents(tmp_path: Path) -> None:
    result = cleaned(tmp_path, ASB, ASB, ASB)
    assert result.account.kept == 3
    assert result.account.anti_social_behaviour == 3
    assert result.account.duplicates == 0


def test_of_two_rows_with_one_crime_id_the_one_with_a_location_stays(tmp_path: Path) -> None:
    nowhere = a_row(1, outcome=CLOSED, longitude="", latitude="", lsoa="", location="No Location")
    result = cleaned(tmp_path, nowhere, a_row(1, outcome=OPEN))
    assert result.records["line"].tolist() == [3]
    assert result.account.duplicates_without_location == 1


def test_then_the_one_whose_case_is_closed_stays(tmp_path: Path) -> None:
    result = cleaned(tmp_path, a_row(1, outcome="Status update unavailable"), a_row(1, outcome=CLOSED))
    assert result.records["line"].tolist() == [3]


def test_then_the_first_in_the_file_stays_and_the_other_is_listed_with_the_line_it_repeats(tmp_path: Path) -> None:
    result = cleaned(tmp_path, a_row(1), a_row(2), a_row(1, lsoa="E01014011"))
    assert result.records["line"].tolist() == [2, 3]
    name = "2024-03-west-mercia-street.csv"
    assert result.duplicates.to_dict("records") == [
        {"file": name, "line": 4, "kept": f"{name} line 2", "original": a_row(1, lsoa="E01014011")}
    ]


def test_a_placeholder_instead_of_a_crime_id_makes_no_duplicates(tmp_path: Path) -> None:
    rows = [re.sub("^0{63}1", text, a_row(1)) for text in ("n/a", "n/a", "", "")]
    result = cleaned(tmp_path, *rows)
    assert result.account.kept == 4
    assert result.account.without_id == 2


# What files do to rows


@pytest.mark.parametrize(("ending", "bom"), [("\n", False), ("\r\n", False), ("\n", True), ("\r\n", True)])
def test_line_endings_and_a_byte_order_mark_change_nothing(tmp_path: Path, ending: str, bom: bool) -> None:
    result = cleaned(tmp_path, a_row(1), ASB, a_row(2, crime_type="wrong"), ending=ending, bom=bom)
    assert result.records["crime_type"].tolist() == ["Burglary", "Anti-social behaviour"]
    assert result.quarantine.to_dict("records") == [
        {
            "reason": "unknown crime type",
            "file": "2024-03-west-mercia-street.csv",
            "line": 4,
            "original": a_row(2, crime_type="wrong"),
        }
    ]


def test_a_comma_inside_quotation_marks_belongs_to_the_field(tmp_path: Path) -> None:
    result = cleaned(tmp_path, a_row(1).replace("Herefordshire 012C", '"Herefordshire, County of 012C"'), a_row(2))
    assert result.records["lsoa_name"].tolist() == ["Herefordshire, County of 012C", "Herefordshire 012C"]


def test_texts_lose_their_outer_spaces_and_an_unnamed_street_is_missing(tmp_path: Path) -> None:
    result = cleaned(tmp_path, a_row(1, location="On or near ", crime_type=" burglary "))
    assert result.records["location"].isna().all()
    assert result.records["crime_type"].tolist() == ["Burglary"]


def test_a_row_without_a_location_is_kept_and_counted(tmp_path: Path) -> None:
    result = cleaned(tmp_path, a_row(1, longitude="", latitude="", lsoa="", location="No Location"), a_row(2))
    assert (result.account.kept, result.account.no_location, result.account.without_lsoa) == (2, 1, 0)
    assert result.records["location"].isna().tolist() == [True, False]


def test_outcomes_stay_as_received(tmp_path: Path) -> None:
    result = cleaned(tmp_path, a_row(1, outcome="Offender given penalty notice"), ASB)
    assert result.records["last_outcome_category"].tolist()[0] == "Offender given penalty notice"
    assert result.records["last_outcome_category"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (a_row(longitude="n/a"), "coordinate is not a number"),
        (a_row(latitude="nan"), "coordinate is not a number"),
        (a_row(longitude="0.0", latitude="0.0"), "coordinates outside the United Kingdom"),
        (a_row(longitude="52.056671", latitude="-2.719121"), "coordinates outside the United Kingdom"),
        (a_row(longitude=""), "one coordinate of two"),
        (a_row(crime_type="Piracy"), "unknown crime type"),
        (a_row(crime_type=""), "no crime type"),
        (a_row(month="2024-04"), "month is not that of the file"),
        (a_row(month="March"), "month is not a month"),
        (a_row(lsoa="n/a"), "LSOA code is not a code"),
        (a_row()[:110], "cut short: fewer than 12 fields"),
        (a_row() + ",extra", "more than 12 fields"),
        (a_row(location='"On or near The Green'), "unbalanced quotation mark"),
        (HEADER, "the header again"),
        (",,,,,,,,,,,", "month is not a month"),
    ],
)
def test_a_row_that_cannot_be_used_is_set_aside_with_its_reason_and_its_line(
    tmp_path: Path, row: str, reason: str
) -> None:
    result = cleaned(tmp_path, a_row(7), row, a_row(8))
    assert result.quarantine[["reason", "line", "original"]].to_dict("records") == [
        {"reason": reason, "line": 3, "original": row}
    ]
    assert (result.account.rows_in, result.account.kept, result.account.quarantined) == (3, 2, 1)


def test_a_line_cut_off_at_the_end_of_the_file_is_set_aside(tmp_path: Path) -> None:
    file = a_file(tmp_path, a_row(1), a_row(2))
    file.path.write_bytes(file.path.read_bytes()[:-60])
    result = clean_street(read_street(file), file=file)
    assert reasons(result) == {3: "cut short: fewer than 12 fields"}


def test_a_short_and_a_long_line_whose_commas_make_up_for_each_other_are_both_set_aside(tmp_path: Path) -> None:
    result = cleaned(tmp_path, a_row(1)[:-1], a_row(2), a_row(3) + ",")
    assert reasons(result) == {2: "cut short: fewer than 12 fields", 4: "more than 12 fields"}


def test_blank_lines_are_not_rows_and_keep_line_numbers_right(tmp_path: Path) -> None:
    result = cleaned(tmp_path, a_row(1), "", "  ", a_row(2), "")
    assert result.records["line"].tolist() == [2, 5]
    assert result.account.rows_in == 2


def test_bytes_that_are_not_utf8_set_aside_their_line_alone(tmp_path: Path) -> None:
    file = a_file(tmp_path, a_row(1), a_row(2, location="On or near Caff\N{LATIN SMALL LETTER E WITH ACUTE}"), a_row(3))
    file.path.write_bytes(file.path.read_bytes().decode().encode("cp1252"))
    result = clean_street(read_street(file), file=file)
    assert reasons(result) == {3: "characters that are not UTF-8"}
    assert r"Caff\xe9" in result.quarantine["original"][0]


def test_extra_columns_in_any_order_are_passed_over(tmp_path: Path) -> None:
    result = cleaned(tmp_path, f"x,{a_row(1)},y", f"x,{ASB},y", header=f"Row,{HEADER},Note")
    assert result.account.kept == 2
    assert result.records["crime_id"].tolist()[0] == an_id(1)


def test_a_column_that_is_there_twice_with_the_same_content_is_read_once(tmp_path: Path) -> None:
    result = cleaned(tmp_path, f"{a_row(1)},2024-03", header=f"{HEADER},Month")
    assert result.account.kept == 1


def test_a_column_that_is_there_twice_with_different_content_is_an_error(tmp_path: Path) -> None:
    file = a_file(tmp_path, f"{a_row(1)},2024-04", header=f"{HEADER},Month")
    message = (
        "2024-03/2024-03-west-mercia-street.csv has two columns 'Month' that differ (columns 2 and 13): remove one"
    )
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        read_street(file)


def test_missing_columns_are_named(tmp_path: Path) -> None:
    header = HEADER.replace("LSOA code,", "").replace("Crime type,", "")
    message = (
        "2024-03/2024-03-west-mercia-street.csv has no column LSOA code, Crime type; its columns are Crime ID, Month, "
        "Reported by, Falls within, Longitude, Latitude, Location, LSOA name, Last outcome category, Context"
    )
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        read_street(a_file(tmp_path, header=header))


def test_a_page_saved_as_csv_is_told_from_a_street_file(tmp_path: Path) -> None:
    message = (
        "2024-03/2024-03-west-mercia-street.csv does not start with the header of a street file: its first line is "
        "['<!DOCTYPE html>'] ..."
    )
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        read_street(a_file(tmp_path, "<p>Not found</p>", header="<!DOCTYPE html>"))


@pytest.mark.parametrize("content", [b"PK\x03\x04\x14\x00\x06\x00", b"\x00\x01" + HEADER.encode()])
def test_a_binary_file_called_csv_is_an_error(tmp_path: Path, content: bytes) -> None:
    file = a_file(tmp_path)
    file.path.write_bytes(content)
    message = "2024-03/2024-03-west-mercia-street.csv is not a text file: it contains control characters, as spreadsheets and zips do. A street file is CSV text; download it again"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        read_street(file)


def test_an_empty_file_is_an_error(tmp_path: Path) -> None:
    file = a_file(tmp_path)
    file.path.write_bytes(b"\n")
    with pytest.raises(InputError, match=r"^2024-03/2024-03-west-mercia-street.csv is empty: download it again$"):
        read_street(file)


def test_a_header_without_rows_gives_an_empty_result_that_balances(tmp_path: Path) -> None:
    result = cleaned(tmp_path)
    assert result.account.rows_in == 0
    assert result.records.empty


# What stops a run


def test_a_new_crime_type_stops_the_run_for_setting_it_aside_would_look_like_a_fall(tmp_path: Path) -> None:
    rows = [a_row(number, crime_type="Violence") for number in range(10)] + [ASB] * 100
    message = (
        "2024-03/2024-03-west-mercia-street.csv: 10 of 110 rows have an unknown crime type 'Violence': did you mean "
        "'Violent crime'? A new type belongs in definitions/crime_types.toml."
    )
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        cleaned(tmp_path, *rows)


def test_a_file_of_another_month_stops_the_run_for_its_month_would_look_empty(tmp_path: Path) -> None:
    message = (
        "2024-03/2024-03-west-mercia-street.csv: none of its 2 rows can be used; 2 for this reason: month is not that of "
        "the file (line 2 is the first). Check that the file is what its name says"
    )
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        cleaned(tmp_path, a_row(1, month="2024-02"), a_row(2, month="2024-02"))


# The analyst's ways in


def test_read_street_shows_the_file_as_received(tmp_path: Path) -> None:
    frame = read_street(a_file(tmp_path, a_row(1, longitude="n/a", location="On or near "), ASB))
    assert frame["Longitude"].tolist() == ["n/a", "-2.719121"]
    assert frame["Location"].tolist()[0] == "On or near "
    assert frame["Crime ID"].tolist() == [an_id(1), ""]
    assert frame["line"].tolist() == [2, 3]
    assert frame["original"].tolist()[1] == ASB


def test_a_frame_with_the_published_columns_alone_will_do(tmp_path: Path) -> None:
    frame = pd.read_csv(io.StringIO("\n".join([HEADER, a_row(1), a_row(1), ASB])), dtype="str")
    result = clean_street(frame)
    assert (result.account.kept, result.account.duplicates) == (2, 1)
    assert result.records["month"].tolist() == [pd.Period("2024-03", "M")] * 2


def test_rows_of_several_months_are_not_cleaned_as_one() -> None:
    frame = pd.read_csv(io.StringIO("\n".join([HEADER, a_row(1), a_row(2, month="2024-04")])), dtype="str")
    message = "the rows are of 2 months (2024-03, 2024-04): clean one month at a time"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        clean_street(frame)


def test_an_answer_of_the_api_is_cleaned_by_the_same_rules(tmp_path: Path) -> None:
    place = {"latitude": "52.056671", "longitude": "-2.719121", "street": {"id": 1, "name": "On or near Bewell Street"}}
    common = {"location_type": "Force", "context": "", "location_subtype": "", "month": "2024-03"}
    closed = {"category": CLOSED, "date": "2024-04"}
    crimes = [
        {"category": "anti-social-behaviour", "location": place, "outcome_status": None, "persistent_id": "", "id": 1},
        {"category": "burglary", "location": place, "outcome_status": None, "persistent_id": an_id(5), "id": 2},
        {"category": "burglary", "location": place, "outcome_status": closed, "persistent_id": an_id(5), "id": 3},
        {
            "category": "criminal-damage-arson",
            "location": None,
            "outcome_status": closed,
            "persistent_id": an_id(6),
            "id": 4,
        },
        {"category": "teleporting", "location": place, "outcome_status": closed, "persistent_id": an_id(7), "id": 5},
    ]
    path = tmp_path / "answer.json"
    path.write_text(json.dumps([crime | common for crime in crimes]), encoding="utf-8")
    result = clean_street(read_api_json(path))
    assert result.records["crime_type"].tolist() == ["Anti-social behaviour", "Burglary", "Criminal damage and arson"]
    assert result.records["longitude"].tolist()[0] == -2.719121
    assert result.records["last_outcome_category"].tolist()[1] == CLOSED
    assert reasons(result) == {5: "unknown crime type"}
    assert (result.account.rows_in, result.account.kept, result.account.duplicates) == (5, 3, 1)


def test_what_is_not_an_answer_of_the_api_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "answer.json"
    path.write_text('{"error": "too many"}', encoding="utf-8")
    with pytest.raises(
        InputError,
        match=r"^answer.json is not an answer from the API's crimes-street method \(.*\): save the answer unchanged$",
    ):
        read_api_json(path)


# A second opinion


def agree(result: CleanedStreet, text: str, month: str) -> None:
    kept, repeats, aside = slow_clean(text, month)
    assert result.records["line"].tolist() == kept
    assert result.duplicates["line"].tolist() == repeats
    assert reasons(result) == aside
    assert result.account.rows_in == len(kept) + len(repeats) + len(aside)


@pytest.mark.parametrize("path", sorted(DATA.rglob("*.csv")), ids=lambda path: path.name)
def test_real_rows_are_cleaned_as_the_slow_way_cleans_them(path: Path) -> None:
    (file,) = find_street_files(path)
    agree(clean_street(read_street(file), file=file), path.read_text(encoding="utf-8"), str(file.month))


MESSY_ROWS = st.builds(
    a_row,
    st.integers(min_value=1, max_value=4),
    crime_type=st.sampled_from(["Burglary", "burglary ", "Shoplifting", "Piracy", "", "Crime type", "Violent crime"]),
    outcome=st.sampled_from(["", OPEN, CLOSED, "Status update unavailable"]),
    longitude=st.sampled_from(["-2.719121", "", "n/a", "NaN", "1e400", " -2.7", "-99", "2.5", "\u0661"]),
    latitude=st.sampled_from(["52.056671", "", "NA", "inf", "0", "61.5", "49"]),
    lsoa=st.sampled_from(["E01014010", "", "W01001958", "n/a", "E0101401", " E01035055"]),
    month=st.sampled_from(["2024-03", "2024-03 ", "2024-04", "Mar-24", "", "Month"]),
    location=st.sampled_from(["On or near ", "No Location", '"On, or near"', 'odd"quote', '"open', "a,b", "\u00e9"]),
)
LINES = st.lists(
    st.one_of(MESSY_ROWS, st.just(ASB), st.just(""), st.just(HEADER), st.text("abc,\" \t'\r\u00e9", max_size=30))
)


@settings(max_examples=80, deadline=None)
@given(LINES)
def test_messy_files_are_cleaned_as_the_slow_way_cleans_them(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    file = a_file(tmp_path_factory.mktemp("messy"), *lines, a_row(99))
    agree(clean_street(read_street(file), file=file), file.path.read_bytes().decode(), "2024-03")


FIELDS = st.text("ab \t'\r\u00e9\u00a0-0.#\\;|", max_size=6)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.lists(FIELDS, min_size=12, max_size=12), min_size=1, max_size=6),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([None, b'"', b"\xe9", b"", b",,,"]),
)
def test_lines_read_in_bulk_are_what_they_are_split_one_by_one(
    rows: list[list[str]], ending: str, odd: bytes | None
) -> None:
    lines = [",".join(row).encode() for row in rows]
    if odd is not None:
        lines.insert(len(lines) // 2, odd)
    content = ending.encode().join([HEADER.encode(), *lines])
    texts = [pl.col(name).fill_null("").str.strip_chars() for name in COLUMNS.values()]
    bulk = parse_street(content, "a file").filter(pl.col("problem").is_null()).select("line", *texts)
    kept = [(number, line) for number, line in enumerate(lines, start=2) if line != odd]
    by_line = pl.DataFrame(
        [[number, *line.decode().split(",")] for number, line in kept], schema=["line", *COLUMNS.values()], orient="row"
    )
    assert bulk.rows() == by_line.select("line", *texts).rows()
