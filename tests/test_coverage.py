"""Coverage by force and month: planted losses, a planted lockdown, real files, and the two real cases."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hcsp_assess.edition.counts import CountTable, read_counts
from hcsp_assess.edition.coverage import find_coverage
from hcsp_assess.edition.incomplete import CUT, FEW, QUIET, UNUSABLE, judge_files
from hcsp_assess.edition.no_location import no_location_by_month, note_on_no_location
from hcsp_assess.edition.opened import OpenEdition, open_edition
from hcsp_assess.edition.quality import check_data, check_forces, rows_by_fate
from hcsp_assess.edition.series import headline_levels
from hcsp_assess.periods import Span
from hcsp_assess.project import Project
from hcsp_assess.sources.police_uk import clean_archive
from hcsp_assess.subject.areas import herefordshire
from hcsp_assess.subject.never_published import never_published, publication_gaps

COMMITTED = Path(__file__).parents[1] / "data" / "raw" / "herefordshire_2025"
HERE, HOME, PLACE = herefordshire(), "west-mercia", "E01014010"
YEAR = Span(pd.Period("2025-01", "M"), pd.Period("2025-12", "M"))
#: A month of a force: violence, theft, shoplifting, criminal damage, drugs, anti-social behaviour.
TYPES = {
    "Violence and sexual offences": 400,
    "Other theft": 150,
    "Shoplifting": 120,
    "Criminal damage and arson": 110,
    "Drugs": 70,
    "Anti-social behaviour": 250,
}
CRIMES = [name for name in TYPES if name != "Anti-social behaviour"]


def a_table(months: dict[tuple[str, str], dict[str, int]]) -> CountTable:
    """Counts by type of each force and month, all in one place of Herefordshire, and the account of their files."""
    cells = [
        (month, force, PLACE, kind, count) for (force, month), types in months.items() for kind, count in types.items()
    ]
    account = [
        (month, force, sum(types.values()), types.get("Anti-social behaviour", 0), sum(types.values()), "fourteen", 0, 0, 0)
        for (force, month), types in months.items()
    ]  # fmt: skip
    names = ["month", "force", "rows_in", "anti_social_behaviour", "in_area", "vocabulary", "quarantined"]
    frame = pd.DataFrame(cells, columns=["month", "force", "lsoa_code", "crime_type", "count"])
    files = pd.DataFrame(account, columns=[*names, "no_location", "without_lsoa"])
    files["kept"] = files["rows_in"]
    frame, files = (part.assign(month=pd.PeriodIndex(part["month"], freq="M")) for part in (frame, files))
    return CountTable(frame.astype({"count": "Int64"}), files, {})


def ordinary(first: str, last: str, force: str = HOME, size: float = 1.0, seed: int = 1, trend: float = 1.01) -> dict:
    """Months with chance, a season of a fifth each way, and a trend, by default 1% a month."""
    random = np.random.default_rng(seed)
    found = {}
    for place, month in enumerate(pd.period_range(first, last, freq="M")):
        level = size * (1 + 0.2 * np.sin(2 * np.pi * month.month / 12)) * trend**place
        found[force, str(month)] = {name: int(random.poisson(level * mean)) for name, mean in TYPES.items()}
    return found


def thinned(types: dict[str, int], share: float) -> dict[str, int]:
    return {name: round(share * count) for name, count in types.items()}


def reasons(months: dict) -> dict[str, str]:
    table = a_table(months)
    judged = judge_files(table.account, table.cells)
    return {str(row.month): row.reason for row in judged.itertuples() if row.reason}


@pytest.mark.parametrize("share", [0.4, 0.2, 0.05])
@pytest.mark.parametrize("month", ["2024-01", "2024-07", "2025-06", "2025-12"])
def test_a_month_with_a_part_of_its_rows_is_incomplete_and_no_other_is(month: str, share: float) -> None:
    months = ordinary("2024-01", "2025-12")
    months[HOME, month] = thinned(months[HOME, month], share)
    assert reasons(months) == {month: FEW}


@pytest.mark.parametrize("size", [1.0, 0.1, 0.01])
def test_season_trend_and_chance_make_no_month_incomplete_however_small_the_force(size: float) -> None:
    for seed, trend in enumerate((0.98, 1.0, 1.02)):
        assert reasons(ordinary("2023-01", "2025-12", size=size, seed=seed, trend=trend)) == {}


@pytest.mark.parametrize("held", [["2024-02", "2024-03", "2025-02"], ["2014-05", "2018-03", "2025-01", "2025-02"]])
def test_few_months_with_gaps_are_enough_to_see_a_loss(held: list[str]) -> None:
    months = {key: types for key, types in ordinary("2014-01", "2025-12", trend=1).items() if key[1] in held}
    assert reasons(months) == {}
    months[HOME, held[0]] = thinned(months[HOME, held[0]], 0.3)
    assert reasons(months) == {held[0]: FEW}


def test_most_months_may_be_incomplete() -> None:
    months = ordinary("2025-01", "2025-12")
    lost = [f"2025-{number:02d}" for number in range(1, 9)]
    for month in lost:
        months[HOME, month] = thinned(months[HOME, month], 0.1)
    assert reasons(months) == dict.fromkeys(lost, FEW)


def test_a_drop_that_spares_a_common_type_is_an_event_that_is_kept_and_shown() -> None:
    months = ordinary("2019-04", "2021-03")
    drop = {"Violence and sexual offences": 0.4, "Other theft": 0.15, "Shoplifting": 0.15, "Criminal damage and arson": 0.3,
            "Drugs": 1.2, "Anti-social behaviour": 0.6}  # fmt: skip
    spring = months[HOME, "2020-04"]
    months[HOME, "2020-04"] = {name: round(drop[name] * count) for name, count in spring.items()}
    assert reasons(months) == {"2020-04": QUIET}
    months[HOME, "2020-04"] = thinned(spring, 0.4)
    assert reasons(months) == {"2020-04": FEW}  # every type falls alike: lockdown or not, a loss


def test_a_file_that_keeps_its_first_rows_alone_is_incomplete() -> None:
    months = ordinary("2024-01", "2025-12")
    whole = months[HOME, "2025-05"]
    months[HOME, "2025-05"] = thinned(whole, 0.35) | {"Anti-social behaviour": whole["Anti-social behaviour"]}
    assert reasons(months) == {"2025-05": FEW}


def test_a_last_line_cut_short_and_the_malformed_file_of_the_list_are_incomplete() -> None:
    table = a_table(ordinary("2022-01", "2022-12", force="greater-manchester"))
    account = table.account.assign(last_line=["", "cut short", *[""] * 10])
    judged = judge_files(account, table.cells).set_index("month")["reason"]
    assert judged[judged != ""].to_dict() == {pd.Period("2022-02", "M"): CUT, pd.Period("2022-08", "M"): UNUSABLE}


def test_rows_set_aside_are_not_rows_held() -> None:
    table = a_table(ordinary("2025-01", "2025-12"))
    account = table.account
    account.loc[3, "quarantined"] = round(0.98 * account.loc[3, "rows_in"])
    account.loc[3, "anti_social_behaviour"] = 0
    judged = judge_files(account)
    assert judged.loc[judged["reason"] != "", ["month", "reason"]].to_numpy().tolist() == [
        [pd.Period("2025-04", "M"), FEW]
    ]


def test_the_46_real_months_of_west_mercia_are_all_complete() -> None:
    table = read_counts(COMMITTED)
    assert set(judge_files(table.account, table.cells)["reason"]) == {""}


@pytest.mark.parametrize("month", ["2014-03", "2018-03", "2021-12", "2024-02", "2025-10"])
def test_a_real_month_at_40_per_cent_is_incomplete(month: str) -> None:
    table, random = read_counts(COMMITTED), np.random.default_rng(3)
    account, cells = table.account.copy(), table.cells.copy()
    there, in_month = account["month"] == month, cells["month"] == month
    for name in ("rows_in", "anti_social_behaviour"):
        account.loc[there, name] = round(0.4 * int(account.loc[there, name].iloc[0]))
    cells.loc[in_month, "count"] = random.binomial(cells.loc[in_month, "count"].astype(int), 0.4)
    judged = judge_files(account, cells)
    flagged = judged[judged["reason"] != ""]
    assert flagged[["month", "reason"]].to_numpy().tolist() == [[pd.Period(month, "M"), FEW]]


#: Judged one by one in docs/coverage.md: each holds too little of every common type of crime.
TRULY_INCOMPLETE = {
    ("British Transport Police", "2025-01"), ("Dyfed-Powys Police", "2024-01"), ("Dyfed-Powys Police", "2024-02"),
    ("Dyfed-Powys Police", "2024-03"), ("Dyfed-Powys Police", "2024-04"), ("Kent Police", "2018-12"),
}  # fmt: skip


def test_national_counts_have_no_false_flag(shared: Path) -> None:
    files = (shared / "data" / "data.police.uk").glob("**/national_month_force_lad_type_counts*.csv.gz")
    cells = pd.concat([pd.read_csv(path, keep_default_na=False) for path in files]).rename(
        columns={"falls_within": "force"}
    )
    cells["month"] = pd.PeriodIndex(cells["month"], freq="M")
    cells = cells.groupby(["force", "month", "crime_type"], as_index=False)["count"].sum()
    asb = cells[cells["crime_type"] == "Anti-social behaviour"].set_index(["force", "month"])["count"]
    account = cells.groupby(["force", "month"])["count"].sum().to_frame("rows_in")
    account["anti_social_behaviour"] = asb.reindex(account.index, fill_value=0)
    judged = judge_files(account.reset_index(), cells)
    assert len(judged) == 1_865
    flagged = judged[judged["reason"] == FEW]
    assert {(row.force, str(row.month)) for row in flagged.itertuples()} == TRULY_INCOMPLETE
    low = judged[judged["reason"] == QUIET]
    assert [(row.force, str(row.month)) for row in low.itertuples()] == [
        ("City of London Police", "2021-03"), ("City of London Police", "2021-04")
    ]  # fmt: skip


def test_never_published_is_said_of_the_reviewed_list_alone() -> None:
    month = pd.Period("2025-03", "M")
    assert never_published("btp", month) and not never_published("btp", pd.Period("2025-01", "M"))
    assert not never_published(HOME, month) and never_published(HOME, pd.Period("2010-11", "M"))
    assert never_published("greater-manchester", pd.Period("2026-01", "M"))
    assert not never_published("greater-manchester", pd.Period("2022-08", "M"))
    assert len(publication_gaps()) == 6
    assert all(gap.source for gap in publication_gaps())


def test_a_force_held_in_one_of_the_two_years_is_left_out_of_both_and_one_held_in_both_is_counted() -> None:
    home = ordinary("2024-01", "2025-12")
    transport = {("btp", f"2024-{n:02d}"): {"Other theft": 200} for n in range(1, 13)}
    coverage = find_coverage(a_table(home | transport), HERE, YEAR)
    (left_out,) = coverage.left_out
    assert (left_out.name, left_out.records, len(left_out.missing)) == ("Transport police", 2_400, 12)
    assert set(coverage.limit(a_table(home | transport)).cells["force"]) == {HOME}
    by_year = coverage.by_year().set_index(["Force", "Year"])
    assert by_year.loc[("Transport police", "2025")].tolist() == [0, 0, 1, 11]
    assert by_year.loc[("West Mercia", "2025")].tolist() == [12, 0, 0, 0]
    both = transport | {("btp", f"2025-{n:02d}"): {"Other theft": 200} for n in range(1, 13)}
    coverage = find_coverage(a_table(home | both), HERE, YEAR)
    assert coverage.left_out == ()
    assert set(coverage.limit(a_table(home | both)).cells["force"]) == {HOME, "btp"}


def test_an_incomplete_month_takes_the_records_of_every_force_with_it() -> None:
    months = ordinary("2024-01", "2025-12") | ordinary("2024-01", "2025-12", force="gwent", size=0.02)
    months[HOME, "2024-06"] = thinned(months[HOME, "2024-06"], 0.3)
    table = a_table(months)
    coverage = find_coverage(table, HERE, YEAR)
    assert coverage.status.loc["2024-06", HOME] == "incomplete"
    limited = coverage.limit(table)
    assert pd.Period("2024-06", "M") not in set(limited.cells["month"])
    assert len(coverage.counted) == 23
    assert limited.account["in_area"].sum() < table.account["in_area"].sum()


def opened_case(shared: Path, name: str, root: Path) -> OpenEdition:
    for path in sorted((shared / "cases" / "police" / name).rglob("*")):
        if path.is_file():
            target = root / path.relative_to(shared / "cases" / "police" / name)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    (root / "notebooks").mkdir(exist_ok=True)
    return open_edition("t", Project(root))


def test_months_that_hold_a_tenth_of_their_rows_are_not_compared(shared: Path, tmp_path: Path) -> None:
    opened = opened_case(shared, "partial_month_dyfed_powys", tmp_path)
    crime = headline_levels(opened)[0]
    assert crime.sentence == (
        "Police recorded 3,516 crimes in the 3 months of 2025 that we hold in full. We hold none of the same months of the "
        "year before, so the two years cannot be compared. The Dyfed-Powys files for February to April 2024 are incomplete (5% to 8% of "
        "the usual records), so those months are not counted or compared."
    )
    assert crime.caveats
    checks = {check.check: check for check in check_data(opened)}
    assert "Dyfed-Powys February 2024 (105 rows, 8% of the usual rows)" in checks["Incomplete files"].result
    account = opened.table.account
    duplicates = account.loc[account["month"].dt.year == 2024, "duplicates"]
    rows = rows_by_fate(opened).set_index("Rows")["Number"]
    assert rows.filter(like="Kept: ").sum() == rows["Kept"]
    assert rows.filter(like="left out").sum() == 105 + 69 + 111 - duplicates.sum()


def test_transport_police_files_of_one_year_alone_are_compared_with_nothing(shared: Path, tmp_path: Path) -> None:
    opened = opened_case(shared, "btp_missing_city", tmp_path)
    crime = headline_levels(opened)[0]
    assert (
        "recorded 1,880 crimes" in crime.sentence
        and ": 162 fewer (7.9%) than in the same months of 2024 (2,042)" in crime.sentence
    )  # the City force's own rows, counted in its files
    assert crime.sentence.endswith(
        "Transport police files are missing for February to April 2025, so their records are left out on both sides."
    )
    checks = {check.check: check for check in check_data(opened)}
    assert "Transport police: 502 records" in checks["Forces counted"].meaning
    forces = {check.check: check.result for check in check_forces(opened)}
    assert forces["Files of Transport police"] == "2024: 3 held, 9 not held; 2025: 1 not held, 11 never published"


def test_a_file_cut_in_half_is_flagged_by_its_last_line(tmp_path: Path) -> None:
    source = Path(__file__).parent / "data" / "police_uk"
    path = next(path for path in sorted(source.rglob("*-west-mercia-street.csv")))
    content = path.read_bytes().rstrip(b"\r\n")
    (tmp_path / "in").mkdir()
    for cut, expected in ((len(content), ""), (content.rfind(b",", 0, -20) - 4, "cut short")):
        (tmp_path / "in" / path.name).write_bytes(content[:cut])
        (account,) = clean_archive(tmp_path / "in", tmp_path / "out").files
        assert account.last_line == expected


def test_records_without_a_location_are_bounds_and_said_where_they_could_turn_a_change(tmp_path: Path) -> None:
    months = ordinary("2024-01", "2025-12")
    opened = opened_with(a_table(months), tmp_path)
    assert note_on_no_location(opened) == ""
    table = a_table(months)
    year = table.account["month"].dt.year == 2025
    lost = (table.account["kept"] * 0.2).round().astype(int)
    table.account.loc[year, "no_location"] = lost[year]
    table.account.loc[year, "in_area"] -= lost[year]
    opened = opened_with(table, tmp_path)
    found = no_location_by_month(opened)
    assert (found["lowest"] <= found["likely"]).all() and (found["likely"] <= found["highest"]).all()
    assert found.loc["2025-03", "highest"] == table.account.set_index("month").loc["2025-03", "kept"]
    assert note_on_no_location(opened).startswith(
        "Records without a location rose from 0% to 20% of all the force recorded"
    )


def opened_with(table: CountTable, root: Path) -> OpenEdition:
    from hcsp_assess.subject.editions import edition

    return OpenEdition(edition("2025", root), HERE, Project(root), table)
