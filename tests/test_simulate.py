"""The simulated archive: real in form, equal to the published totals, true to its stated truth, and marked."""

import hashlib
import re
import tomllib

import numpy as np
import pandas as pd
import pytest

from hcsp_assess.edition.counts import count_records, monthly_counts
from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.periods import FinancialYear, Quarter, parse_month, parse_quarter
from hcsp_assess.simulation.archive import (
    COLUMNS,
    VIOLENT_CRIMES,
    draw_records,
    read_violent_crimes,
    simulate_archive,
    violence_with_injury,
)
from hcsp_assess.simulation.truth import planted, read_truth
from hcsp_assess.sources.police_uk import clean_archive
from hcsp_assess.sources.simulated import MARK, is_simulated
from hcsp_assess.subject.areas import herefordshire
from hcsp_assess.subject.crime_types import vocabulary
from hcsp_assess.trends.verdicts import assess_trends

# Page 10 of the strategy, typed in here a second time on purpose.
PUBLISHED = ["Q1 11/12", "Q2 11/12", "Q3 11/12", "Q4 11/12", "Q1 12/13", "Q2 12/13", "Q3 12/13"]
RECORDED_CRIME = [2522, 2553, 2238, 2188, 2278, 2372, 2350]
VIOLENCE_WITH_INJURY = [281, 281, 253, 240, 257, 254, 245]


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data") / "simulated"
    return simulate_archive(folder)


@pytest.fixture(scope="module")
def rows(archive):
    files = sorted(archive.folder.glob("*/*-street.csv"))
    return pd.concat([pd.read_csv(file, dtype=str, keep_default_na=False) for file in files], ignore_index=True)


@pytest.fixture(scope="module")
def crimes(rows):
    """What cleaning keeps: crimes in the area, one row for each Crime ID."""
    crime = rows[(rows["Crime type"] != "Anti-social behaviour") & rows["LSOA name"].str.startswith("Herefordshire")]
    return crime.drop_duplicates("Crime ID")


def by_quarter(months):
    return pd.Series([Quarter.of(parse_month(month)) for month in months]).value_counts()


def test_there_is_one_file_a_month_with_the_columns_of_data_police_uk(archive):
    names = [f"{file.parent.name}/{file.name}" for file in sorted(archive.folder.glob("*/*-street.csv"))]
    assert names == [f"{m}/{m}-west-mercia-street.csv" for m in pd.period_range("2008-04", "2012-12", freq="M")]
    for file in archive.folder.glob("*/*-street.csv"):
        text = file.read_bytes()
        assert text.startswith(",".join(COLUMNS).encode() + b"\n")
        assert b"\r" not in text


def test_quarterly_totals_of_recorded_crime_equal_the_published_table(crimes):
    counts = by_quarter(crimes["Month"])
    assert [counts[parse_quarter(quarter)] for quarter in PUBLISHED] == RECORDED_CRIME


def test_quarterly_totals_of_violence_with_injury_equal_the_published_table(archive):
    monthly = violence_with_injury(archive.folder)
    assert [monthly[parse_quarter(quarter).months].sum() for quarter in PUBLISHED] == VIOLENCE_WITH_INJURY
    assert len(monthly) == 57 and monthly.dtype == "Int64"


def test_the_toolkits_own_cleaning_and_counting_arrive_at_the_published_totals(archive, tmp_path):
    account = clean_archive(archive.folder, tmp_path)
    assert account.mark["simulated"] is True and account.mark["seed"] == 2013
    here = herefordshire()
    monthly = monthly_counts(count_records(tmp_path, here), here, by="series")["recorded_crime"]
    assert [monthly[parse_quarter(quarter).months].sum() for quarter in PUBLISHED] == RECORDED_CRIME


def test_earlier_years_agree_with_what_the_strategy_says_of_them(crimes):
    years = pd.Series([FinancialYear.of(parse_month(month)) for month in crimes["Month"]]).value_counts()
    assert years[FinancialYear(2010)] == 9695
    assert round(9501 / years[FinancialYear(2010)] - 1, 2) == -0.02
    assert [years[FinancialYear(year)] for year in (2008, 2009)] == [10640, 10157]
    three_year_plan = (years[FinancialYear(2010)] / years[FinancialYear(2008)]) ** (3 / 2) - 1  # from 2007-08
    assert round(three_year_plan, 2) == -0.13


def test_crime_types_are_the_eleven_throughout(rows):
    for _, month in rows.groupby("Month"):
        assert set(month["Crime type"]) == set(vocabulary("eleven").types)


def test_every_lsoa_of_the_area_occurs_with_its_own_name_and_points(rows):
    here = herefordshire()
    located = rows[rows["LSOA name"].str.startswith("Herefordshire")]
    names = dict(zip(located["LSOA code"], located["LSOA name"], strict=True))
    assert names == {small.code: small.name for small in here.small_areas}
    points = located.groupby(["Longitude", "Latitude"])["LSOA code"].nunique()
    assert points.max() == 1
    assert located["Longitude"].astype(float).between(-3.2, -2.3).all()
    assert located["Latitude"].astype(float).between(51.8, 52.4).all()


def test_real_quirks_are_there(rows):
    behaviour = rows["Crime type"] == "Anti-social behaviour"
    assert (rows["Crime ID"] == "").eq(behaviour).all()
    assert rows[behaviour].duplicated().mean() > 0.1
    crime = rows[~behaviour]
    repeated = crime[crime["Crime ID"].duplicated(keep=False)]
    assert repeated["Crime ID"].nunique() == round(1.5 * 57)
    assert repeated.groupby("Crime ID")["Month"].nunique().max() == 1
    assert repeated.groupby("Crime ID")["LSOA code"].nunique().max() == 1
    assert not repeated.duplicated().all()
    nowhere = rows[rows["Location"] == "No Location"]
    assert len(nowhere) > 57
    assert (nowhere[["Longitude", "Latitude", "LSOA code", "LSOA name"]] == "").all(axis=None)
    away = rows[~rows["LSOA name"].str.startswith("Herefordshire") & (rows["LSOA code"] != "")]
    assert set(away["LSOA name"]) == {"Worcester 007F", "Shropshire 001D", "Malvern Hills 004C"}


def test_every_row_can_be_told_from_a_real_one(rows):
    assert (rows["Context"] == "Simulated").all()
    identifiers = rows.loc[rows["Crime ID"] != "", "Crime ID"]
    assert identifiers.str.fullmatch("0{8}[0-9a-f]{56}").all()


def test_the_file_of_violent_crimes_holds_each_violent_crime_of_the_area_once(archive, crimes):
    violent_crimes = read_violent_crimes(archive.folder)
    violent = crimes[crimes["Crime type"] == "Violent crime"]
    assert sorted(violent_crimes["Crime ID"]) == sorted(violent["Crime ID"])
    assert set(violent_crimes["With injury"]) == {"yes", "no"}
    # 45% and 30% of the strategy, within four standard errors
    for marker, share in {"Alcohol marker": 0.45, "Domestic abuse marker": 0.30}.items():
        error = np.sqrt(share * (1 - share) / len(violent_crimes))
        assert abs((violent_crimes[marker] == "yes").mean() - share) < 4 * error


def test_the_archive_states_its_truth(archive):
    mark = tomllib.loads((archive.folder / MARK).read_text(encoding="utf-8"))
    assert mark["simulated"] is True
    assert (mark["seed"], mark["first"], mark["last"]) == (2013, "2008-04", "2012-12")
    directions = {item["key"]: item["direction"] for item in mark["planted"]}
    assert directions == {item.key: item.direction for item in archive.planted}
    assert is_simulated(archive.folder)


def test_the_planted_directions_are_in_the_expected_counts():
    changes = {item.key: item.annual_percent for item in planted(read_truth())}
    assert changes["rural_crime"] > 4
    assert changes["shoplifting"] > 7
    assert changes["violence_with_injury"] < -4


@pytest.mark.parametrize("seed", range(3))
def test_any_seed_meets_the_totals_and_shows_the_planted_changes_on_average(seed):
    truth = read_truth()
    records, violent = draw_records(truth, seed)
    located = records[records["LSOA code"].isin(truth.places.index) & (records["Crime ID"] != "")]
    crimes = located.drop_duplicates("Crime ID")
    counts = by_quarter(crimes["Month"])
    assert [counts[parse_quarter(quarter)] for quarter in PUBLISHED] == RECORDED_CRIME
    injured = by_quarter(violent.loc[violent["With injury"] == "yes", "Month"])
    assert [injured[parse_quarter(quarter)] for quarter in PUBLISHED] == VIOLENCE_WITH_INJURY
    rural = crimes["LSOA code"].map(truth.places["rural"])
    first, last = crimes["Month"].between("2008-04", "2009-03"), crimes["Month"].between("2012-01", "2012-12")
    assert (rural & last).sum() > 1.1 * (rural & first).sum()
    shops = crimes["Crime type"] == "Shoplifting"
    assert (shops & last).sum() > 1.15 * (shops & first).sum()
    disorder = crimes.loc[crimes["Crime type"] == "Public disorder and weapons", "Month"]
    before, after = disorder.between("2009-04", "2010-03").sum(), disorder.between("2010-04", "2011-03").sum()
    assert after > 1.15 * before


def test_the_trend_verdicts_find_what_is_planted_and_nothing_where_nothing_is(archive, crimes):
    rural = crimes["LSOA code"].isin(herefordshire().lsoas_in("rural"))
    kinds = {
        "rural crime": rural,
        "shoplifting": crimes["Crime type"] == "Shoplifting",
        "drugs": crimes["Crime type"] == "Drugs",  # planted without a trend
        "violent crime": crimes["Crime type"] == "Violent crime",  # the same
    }
    months = read_truth().months
    monthly = pd.DataFrame(
        {
            name: pd.Series(pd.PeriodIndex(crimes.loc[chosen, "Month"], freq="M")).value_counts().reindex(months)
            for name, chosen in kinds.items()
        }
    ).astype("Int64")
    monthly["violence with injury"] = violence_with_injury(archive.folder)
    verdicts = {name: trend.verdict for name, trend in assess_trends(monthly).items()}
    assert (verdicts["rural crime"], verdicts["shoplifting"]) == ("rising", "rising")
    assert verdicts["violence with injury"] == "falling"
    assert {verdicts["drugs"], verdicts["violent crime"]} <= {"stable", "unclear"}


def digest(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(archive, tmp_path):
    again = simulate_archive(tmp_path / "again", seed=archive.seed)
    other = simulate_archive(tmp_path / "other", seed=1)
    assert digest(again.folder) == digest(archive.folder)
    assert not {file: same for file, same in digest(other.folder).items() if same == digest(archive.folder)[file]}


def test_fewer_months_are_the_same_months(archive, tmp_path):
    seen = []
    short = simulate_archive(
        tmp_path / "short", first="2012-11", last="2012-12", progress=lambda *told: seen.append(told)
    )
    assert seen == [("simulating", 1, 2), ("simulating", 2, 2)]
    name = "2012-12/2012-12-west-mercia-street.csv"
    assert (short.folder / name).read_bytes() == (archive.folder / name).read_bytes()
    assert list(violence_with_injury(short.folder).index.astype(str)) == ["2012-11", "2012-12"]
    renewed = simulate_archive(short.folder, first="2012-12", last="2012-12")
    assert sorted(path.name for path in renewed.folder.iterdir()) == ["2012-12", MARK, VIOLENT_CRIMES]


def test_real_files_are_never_written_over(tmp_path):
    (tmp_path / "2014-01-west-mercia-street.csv").write_text("real", encoding="utf-8")
    message = f"{tmp_path} holds files that are not a simulated archive: choose a new or an empty folder"
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        simulate_archive(tmp_path)


def test_a_failed_run_leaves_the_earlier_archive_and_nothing_half_written(archive, tmp_path):
    folder = tmp_path / "kept"
    simulate_archive(folder, first="2012-12", last="2012-12")
    before = digest(folder)

    def fail(*told):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate_archive(folder, progress=fail)
    assert digest(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_months_outside_the_truth_are_refused(tmp_path):
    message = "months 2008-01 to 2012-12 are not all simulated: choose from 2008-04 to 2012-12"
    with pytest.raises(UsageError, match=f"^{message}$"):
        simulate_archive(tmp_path / "new", first="2008-01")


def test_a_folder_without_violent_crimes_says_what_to_do(tmp_path):
    message = (
        f"{tmp_path} has no simulated-force-extract.csv: it is not a simulated archive; run `hcsp-assess simulate`"
    )
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        read_violent_crimes(tmp_path)
