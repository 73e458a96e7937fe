"""Outcomes: files beside the street files accounted for, joined to crimes, judged by month, compared with intervals."""

import gzip
import shutil
import zipfile
from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from conftest import call, write_street_file

from hcsp_assess.assessment.outcomes import (
    compare_as,
    earlier_spell,
    judge_months,
    share_of,
    shares_by_group,
)
from hcsp_assess.assessment.wording.outcomes import describe_change, describe_held_back, describe_outcomes, say_period
from hcsp_assess.chapters import outcomes
from hcsp_assess.edition.counts import read_counts
from hcsp_assess.edition.opened import OpenEdition, prepare
from hcsp_assess.edition.outcome_findings import find_outcomes, finding_outcomes
from hcsp_assess.edition.outcomes import count_outcomes, read_outcomes, write_outcomes
from hcsp_assess.errors import InputError
from hcsp_assess.periods import Span
from hcsp_assess.project import Project
from hcsp_assess.report.dictionary import output_files
from hcsp_assess.sources.police_uk import clean_archive
from hcsp_assess.sources.police_uk.beside import clean_beside, read_accounts_beside, scan_beside
from hcsp_assess.subject.areas import herefordshire
from hcsp_assess.subject.crime_types import ANTI_SOCIAL_BEHAVIOUR, recorded_crime_types
from hcsp_assess.subject.editions import edition
from hcsp_assess.subject.outcomes import compared_groups, group_of_wording, outcome_groups

BUNDLED = Path(__file__).parents[1] / "data" / "raw" / "herefordshire_2025"
HEADER = "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Outcome type"
PLACE = "West Mercia Police,West Mercia Police,-2.716,52.056,On or near High Town,E01014005,Herefordshire 012C"
#: Every wording in street files of all forces as two public repositories list them, and the outcomes files' own one.
PUBLISHED = """
Action to be taken by another organisation|Awaiting court outcome|Court case unable to proceed|Court result unavailable
Defendant found not guilty|Defendant sent to Crown Court|Formal action is not in the public interest
Further action is not in the public interest|Further investigation is not in the public interest
Investigation complete; no suspect identified|Local resolution|Offender deprived of property|Offender fined
Offender given a caution|Offender given a drugs possession warning|Offender given absolute discharge
Offender given community sentence|Offender given conditional discharge|Offender given penalty notice
Offender given suspended prison sentence|Offender ordered to pay compensation|Offender otherwise dealt with
Offender sent to prison|Status update unavailable|Suspect charged as part of another case|Unable to prosecute suspect
Under investigation|Suspect charged
"""


def crime(number: int) -> str:
    return f"{'a' * 63}{number}"


def row(month: str, number: int, outcome: str = "Suspect charged") -> str:
    return f"{crime(number)},{month},{PLACE},{outcome}"


def write_outcomes_file(folder: Path, month: str, *rows: str, header: str = HEADER) -> Path:
    path = folder / month / f"{month}-west-mercia-outcomes.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def street_row(month: str, number: int, outcome: str) -> str:
    return f"{crime(number)},{month},{PLACE},Burglary,{outcome},"


def counted(folder: Path, out: Path) -> dict[str, int]:
    """Outcomes of the area's crimes of a folder, by group."""
    clean_archive(folder, out)
    clean_beside(folder, out, "outcomes")
    table = count_outcomes(out, herefordshire())
    return table.cells.groupby("outcome")["count"].sum().to_dict()


def test_every_published_wording_has_one_group():
    wordings = [wording for line in PUBLISHED.split("\n") for wording in line.split("|") if wording]
    assert len(wordings) == 28
    assert [wording for wording in wordings if wording.lower() not in group_of_wording()] == []
    every = [wording.lower() for group in outcome_groups() for wording in group.wordings]
    assert len(every) == len(set(every))
    keys = {group.key for group in outcome_groups()}
    assert {group.compared_as for group in outcome_groups()} == {group.key for group in compared_groups()} <= keys


def test_each_row_is_kept_or_set_aside_with_its_reason_and_equal_rows_are_kept(tmp_path):
    write_outcomes_file(
        tmp_path / "in",
        "2024-03",
        row("2024-03", 1),
        row("2024-03", 1),  # a second suspect with the same outcome
        row("2024-03", 2, "Something new"),
        row("2024-02", 3),
        row("2024-03", 4, ""),
        f",2024-03,{PLACE},Suspect charged",
        f"{crime(5)},2024-03,West Mercia Police,West Mercia Police,,,No location,,,Suspect charged",
        row("2024-03", 6).replace("52.056", ""),
        row("2024-03", 7).replace("E01014005", "x"),
        f'"{crime(8)},2024-03',
        HEADER,
    )
    (account,) = clean_beside(tmp_path / "in", tmp_path / "out", "outcomes")
    assert account.rows_in == 11 == account.kept + account.quarantined
    assert (account.kept, account.duplicates, account.no_location, account.without_id) == (5, 1, 1, 1)
    aside = pl.read_csv(tmp_path / "out" / "outcomes" / "quarantine" / "2024-03-west-mercia.csv")
    assert dict(zip(aside["line"], aside["reason"], strict=True)) == {
        5: "month is not that of the file",
        6: "no outcome type",
        9: "one coordinate of two",
        10: "LSOA code is not a code",
        11: "unbalanced quotation mark",
        12: "the header again",
    }
    kept = scan_beside(tmp_path / "out", "outcomes").collect()
    assert kept["location"].to_list()[-1] is None


def test_files_are_found_by_the_rules_of_street_files_and_the_newest_snapshot_wins(tmp_path):
    folder = tmp_path / "in"
    write_outcomes_file(folder / "2024-04", "2024-03", row("2024-03", 1, "Under investigation"))
    path = write_outcomes_file(tmp_path / "new", "2024-03", row("2024-03", 1), row("2024-03", 2))
    with zipfile.ZipFile(folder / "2024-06.zip", "w") as archive:
        archive.write(path, f"2024-03/{path.name}")
    (folder / "more").mkdir()
    (folder / "more" / "2024-02-west-mercia-outcomes.csv.gz").write_bytes(gzip.compress(f"{HEADER}\n".encode()))
    empty, account = clean_beside(folder, tmp_path / "out", "outcomes")
    assert (empty.month, empty.rows_in) == ("2024-02", 0)
    assert (account.snapshot, account.snapshot_from, account.rows_in) == ("2024-06", "name", 2)
    assert account.superseded == "2024-04/2024-03/2024-03-west-mercia-outcomes.csv (2024-04)"


def test_only_a_changed_file_is_cleaned_again_and_one_taken_out_goes(tmp_path):
    folder, out = tmp_path / "in", tmp_path / "out"
    write_outcomes_file(folder, "2024-02", row("2024-02", 1))
    write_outcomes_file(folder, "2024-03", row("2024-03", 2))
    before = clean_beside(folder, out, "outcomes")
    first = out / "outcomes" / "records" / "2024-02-west-mercia.parquet"
    touched = first.stat().st_mtime_ns
    write_outcomes_file(folder, "2024-03", row("2024-03", 2), row("2024-03", 3))
    after = clean_beside(folder, out, "outcomes")
    assert first.stat().st_mtime_ns == touched
    assert [account.rows_in for account in before + after] == [1, 1, 1, 2]
    assert read_accounts_beside(out, "outcomes") == after
    shutil.rmtree(folder / "2024-02")
    assert len(clean_beside(folder, out, "outcomes")) == 1
    assert not first.exists()
    shutil.rmtree(folder / "2024-03")
    assert clean_beside(folder, out, "outcomes") == ()
    assert scan_beside(out, "outcomes") is None


@pytest.mark.parametrize(
    ("header", "rows", "message"),
    [
        ("a,b,c", ["1,2,3"], "does not start with the header of an outcomes file"),
        (HEADER.replace(",Outcome type", ""), [row("2024-03", 1).rpartition(",")[0]], "has no column Outcome type"),
        (HEADER, [row("2023-03", 1)], "none of its 1 rows can be used; the first for this reason: month is not that"),
    ],
)
def test_a_file_that_is_not_one_stops_the_run_and_is_named(tmp_path, header, rows, message):
    write_outcomes_file(tmp_path / "in", "2024-03", *rows, header=header)
    with pytest.raises(InputError, match=f"^2024-03/2024-03-west-mercia-outcomes.csv.* ?{message}"):
        clean_beside(tmp_path / "in", tmp_path / "out", "outcomes")


def test_the_newest_outcome_of_a_file_counts_where_the_street_file_has_none_yet(tmp_path):
    folder = tmp_path / "2024-03"
    month = "2024-03"
    words = ["Under investigation", "Status update unavailable", "", "Local resolution", "Under investigation"]
    write_street_file(folder, month, [street_row(month, number, word) for number, word in enumerate(words)])
    write_outcomes_file(folder, "2024-04", row("2024-04", 0, "Investigation complete; no suspect identified"))
    write_outcomes_file(folder, "2024-02", row("2024-02", 0), row("2024-02", 1).upper().replace("SUSPECT", "Suspect"))
    found = counted(folder, tmp_path / "out")
    assert found == {
        "no_suspect": 1,  # the newest of two
        "charged": 1,  # joined whatever the case of the ID, and a wording whatever its case
        "unavailable": 1,
        "out_of_court": 1,
        "under_investigation": 1,
    }


def test_an_outcome_after_the_street_files_snapshot_replaces_a_decision_and_an_earlier_one_does_not(tmp_path):
    folder = tmp_path / "2024-03"
    write_street_file(folder, "2024-03", [street_row("2024-03", n, "Local resolution") for n in range(2)])
    write_outcomes_file(folder, "2024-03", row("2024-03", 0))
    write_outcomes_file(tmp_path / "2024-05", "2024-05", row("2024-05", 1))
    shutil.copytree(tmp_path / "2024-05", folder / "2024-05")
    assert counted(folder, tmp_path / "out") == {"out_of_court": 1, "charged": 1}


def test_a_wording_that_is_not_in_the_list_is_counted_and_named(tmp_path):
    write_street_file(tmp_path / "in", "2024-03", [street_row("2024-03", n, "Sent to the moon") for n in range(2)])
    clean_archive(tmp_path / "in", tmp_path / "out")
    table = count_outcomes(tmp_path / "out", herefordshire())
    assert table.source["other_wordings"] == "Sent to the moon (2)"
    assert table.cells["outcome"].to_list() == ["other_wording"]
    write_outcomes(table, tmp_path / "kept")
    assert read_outcomes(tmp_path / "kept").cells.equals(table.cells)
    (tmp_path / "kept" / "outcomes_account.csv").write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match=r"^the account in .* differ from the checksum in OUTCOMES.toml"):
        read_outcomes(tmp_path / "kept")


def test_an_area_without_crimes_in_the_files_has_an_empty_table_that_can_be_kept(tmp_path):
    elsewhere = street_row("2024-03", 1, "Suspect charged").replace("E01014005", "E01000001")
    write_street_file(tmp_path / "in", "2024-03", [elsewhere])
    clean_archive(tmp_path / "in", tmp_path / "out")
    write_outcomes(count_outcomes(tmp_path / "out", herefordshire()), tmp_path / "kept")
    table = read_outcomes(tmp_path / "kept")
    counts = table.by_month(recorded_crime_types(), "west-mercia")
    assert counts.sum(axis=None) == 0
    assert [len(months) for months in judge_months(counts)] == [0, 0]


@pytest.fixture(scope="module")
def real(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The 14 street files and 13 outcomes files of 2018 to 2022, cleaned."""
    out = tmp_path_factory.mktemp("real")
    folder = shared / "data" / "data.police.uk" / "more-months"
    clean_archive(folder, out)
    clean_beside(folder, out, "outcomes")
    return out


def test_the_real_files_give_the_counts_made_elsewhere(real: Path, shared: Path):
    accounts = read_accounts_beside(real, "outcomes")
    assert all(account.rows_in == account.kept + account.quarantined for account in accounts)
    assert (len(accounts), sum(account.rows_in for account in accounts)) == (13, 89_169)
    rows = scan_beside(real, "outcomes").collect()
    in_area = rows.filter(pl.col("lsoa_name").str.starts_with("Herefordshire"))
    assert in_area.height == 12_097
    golden = pd.read_csv(shared / "data/data.police.uk/more-months/herefordshire_month_outcome_counts.csv")
    found = in_area.group_by(pl.col("month").dt.strftime("%Y-%m"), "outcome").len("count").to_pandas()
    keys = ["Month", "Outcome type"]
    found = found.set_axis([*keys, "count"], axis="columns").sort_values(keys, ignore_index=True)
    pd.testing.assert_frame_equal(found, golden.sort_values(keys, ignore_index=True), check_dtype=False)


def test_the_crimes_of_2021_22_are_those_published_and_their_quarters(real: Path):
    table = count_outcomes(real, herefordshire())
    year = table.by_month(recorded_crime_types(), "west-mercia").sum(axis="columns")["2021-04":"2022-03"]
    assert year.groupby(pd.PeriodIndex(year.index).asfreq("Q")).sum().to_list() == [2_887, 3_062, 3_095, 3_042]
    assert year.sum() == 12_086
    outcomes = table.account[table.account["kind"] == "outcomes"]
    assert (outcomes["rows_in"].sum(), outcomes["in_area"].sum()) == (89_169, 12_097)
    assert table.source["other_wordings"] == ""


def test_the_two_kinds_of_file_agree_on_nearly_every_crime(real: Path):
    """The last outcome in a street file and the newest row of the outcomes files, of the same snapshot."""
    street = pl.scan_parquet(real / "records" / "*" / "street.parquet", hive_partitioning=False)
    street = street.select(pl.col("crime_id", "last_outcome_category").cast(pl.String)).drop_nulls("crime_id")
    last = scan_beside(real, "outcomes").sort("month", "line").group_by("crime_id").agg(pl.col("outcome").last())
    both = street.join(last, on="crime_id").collect()
    groups = {key: group.compared_as for group in outcome_groups() for key in map(str.lower, group.wordings)}
    same = [groups[one.lower()] == groups[two.lower()] for _, one, two in both.iter_rows()]
    assert len(same) > 75_000
    assert sum(same) / len(same) > 0.98


def test_what_comes_with_the_edition_balances_and_agrees_with_its_counts():
    table = read_outcomes(BUNDLED)
    known = {item.name: {field.name for field in item.fields} for item in output_files()}
    assert (set(table.cells), set(table.account)) == (known["outcomes.csv.gz"], known["outcomes_account.csv"])
    months = table.months("west-mercia")
    assert len(months) == 46
    account = table.account
    street, beside = (account[account["kind"] == kind] for kind in ("street", "outcomes"))
    assert (street["rows_in"] == street["kept"] + street["duplicates"] + street["quarantined"]).all()
    assert (beside["rows_in"] == beside["kept"] + beside["quarantined"]).all()
    assert (beside["rows_in"].sum(), beside["in_area"].sum()) == (89_169, 12_097)
    by_month = table.cells.groupby("month")["count"].sum()
    assert by_month.to_dict() == street.set_index("month")["in_area"].to_dict()
    counts = read_counts(BUNDLED)
    crimes = counts.cells[
        counts.cells["crime_type"].ne(ANTI_SOCIAL_BEHAVIOUR) & counts.cells["lsoa_code"].isin(herefordshire().folds)
    ]
    for month, count in crimes.groupby("month")["count"].sum().items():
        assert by_month[month] == count


def test_months_are_held_back_by_the_stated_rule_and_the_edition_says_which():
    """April 2024 has 63% under investigation in the newest month, March 2018 a third without an update."""
    table = read_outcomes(BUNDLED)
    judged, held = judge_months(table.by_month(recorded_crime_types(), "west-mercia"))
    why = {str(month.month): month.why for month in held}
    assert {month: why[month] for month in ("2024-01", "2024-04", "2018-03", "2022-03")} == {
        "2024-01": "too recent",
        "2024-04": "too recent",
        "2018-03": "too little known",
        "2022-03": "too recent",
    }
    newest = next(month for month in held if str(month.month) == "2024-04")
    assert (round(newest.under_investigation), round(newest.open)) == (63, 63)
    assert set(pd.period_range("2025-01", "2025-12", freq="M")) <= set(judged)
    spell = earlier_spell(judged, pd.Period("2025-01"))
    assert (str(spell[0]), str(spell[-1])) == ("2021-03", "2021-12")
    said = describe_held_back(held, judged[judged >= "2025-01"], Span(pd.Period("2025-01"), pd.Period("2025-12")))
    assert said.sentence == "All 12 months of 2025 are old enough to judge."
    assert "January to April 2024 were too recent" in said.caveats[0]
    assert "March 2018 has too few published outcomes" in said.caveats[0]


def test_a_months_share_under_investigation_decides_at_exactly_the_limit():
    months = pd.period_range("2025-01", periods=4, freq="M")
    frame = pd.DataFrame(0, index=months, columns=[group.key for group in outcome_groups()])
    frame["charged"] = [91, 90, 81, 0]
    frame["under_investigation"] = [9, 10, 0, 0]
    frame["unavailable"] = [0, 0, 19, 0]
    judged, held = judge_months(frame)
    assert list(judged) == [months[0], months[2]]
    assert [(month.month, month.why) for month in held] == [(months[1], "too recent")]


def test_a_result_of_court_counts_with_the_charge_it_followed_and_shares_add_up():
    months = pd.period_range("2025-01", periods=2, freq="M")
    frame = pd.DataFrame(0, index=months, columns=[group.key for group in outcome_groups()])
    frame["charged"], frame["court"], frame["no_suspect"], frame["other_wording"] = [5, 6], [5, 4], [80, 80], [10, 10]
    assert compare_as(frame)["charged"].to_list() == [10, 10]
    shares = shares_by_group(frame, months)
    assert sum(share.part for share in shares.values()) == 200 == shares["charged"].whole
    assert (shares["charged"].part, shares["not_known"].part) == (20, 20)


def test_an_interval_is_wider_where_months_differ_more_than_chance():
    months = pd.period_range("2025-01", periods=6, freq="M")
    whole = pd.Series(100, months)
    calm, wild = (share_of(pd.Series(values, months), whole) for values in ([20] * 6, [2, 38, 2, 38, 2, 38]))
    assert calm.dispersion == 1
    assert wild.dispersion > 10
    assert wild.interval.high - wild.interval.low > 3 * (calm.interval.high - calm.interval.low)


def test_sentences_say_the_shares_and_reconcile_the_change():
    months = pd.period_range("2025-01", periods=12, freq="M")
    frame = pd.DataFrame(0, index=months, columns=[group.key for group in outcome_groups()])
    frame["charged"], frame["out_of_court"], frame["no_suspect"], frame["evidential"] = 10, 5, 45, 40
    shares = shares_by_group(frame, months)
    span = Span(months[0], months[-1])
    said = describe_outcomes(shares, months, span)
    assert said.sentence == (
        "Of 1,200 crimes recorded in 2025, 10% led to a charge or summons and 5% were dealt with out of court. "
        "45% were closed with no suspect identified, and 40% ended because evidence was lacking or the victim did not "
        "support action."
    )
    part = describe_outcomes(shares_by_group(frame, months[:9]), months[:9], span)
    assert part.sentence.startswith("Of 900 crimes recorded in January to September 2025, 10% led")
    gaps = say_period(months[[0, 1, 4]], span)
    assert gaps == "January to February 2025 and May 2025"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory):
    """The 2025 edition in a project of its own, with the counts that come with it."""
    root = tmp_path_factory.mktemp("project")
    shutil.copytree(BUNDLED, root / "data" / "raw" / "herefordshire_2025")
    return prepare(edition("2025", root), Project(root))


def test_the_2025_edition_says_what_happened_and_links_to_it(opened):
    finding = finding_outcomes(opened)
    assert finding.sentence.startswith("Of 9,978 crimes recorded in 2025, 10% led to a charge or summons")
    assert finding.links["chart"] == "#outcomes-by-type"
    found = find_outcomes(opened)
    change = found.changes["charged"]
    assert change.clear
    assert describe_change(found.changes, found.spell).sentence.startswith("A larger share of crimes led to a charge")
    assert found.counts.loc["recorded_crime"].sum() == 9_978


def test_the_chapter_shows_every_crime_type_once_and_shares_of_each_add_up(opened):
    chart, table = outcomes.chart_by_type(opened), outcomes.table_by_type(opened)
    drawn = chart.table.frame.set_index("Crime type")
    assert drawn.sum(axis="columns").between(99.6, 100.4).all()
    assert len(drawn) == len(table.frame) == 14
    assert int(table.frame["Crimes"].str.replace(",", "").astype(int).iloc[1:].sum()) == 9_978
    changes = outcomes.table_change(opened).frame
    assert list(changes.columns[:3]) == ["Outcome", "March to December 2021", "2025"]
    assert changes["March to December 2021"].iloc[-1] == "9,883"


def test_an_edition_without_outcomes_says_so_and_draws_nothing(opened):
    bare = OpenEdition(opened.edition, opened.area, Project(opened.project.root / "bare"), opened.table)
    assert finding_outcomes(bare).sentence == "This edition does not include what happened after crimes were recorded."
    assert outcomes.chart_by_type(bare).items == ()


def test_the_command_counts_a_folder_and_clean_shows_the_account(tiny_project):
    folder = tiny_project / "data" / "raw" / "police_uk"
    write_street_file(folder, "2024-03")
    write_outcomes_file(folder, "2024-03", row("2024-03", 0), row("2024-04", 1))
    assert call("count-outcomes", folder, "--area", "herefordshire", "--out", tiny_project / "kept").exit_code == 0
    table = read_outcomes(tiny_project / "kept")
    assert table.cells.set_index("crime_type")["outcome"].to_dict() == {
        "Burglary": "charged",
        "Shoplifting": "under_investigation",
    }
    result = call("clean", "tiny")
    assert "Files of outcomes: 1 file, 2 rows in, 1 kept, 1 set aside" in result.output + result.stderr
