"""A partnership of several districts: each record in one of them, and each district told by itself."""

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from conftest import call, said

from hcsp_assess.edition.districts import counts_by_district, district_levels
from hcsp_assess.edition.opened import prepare
from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.project import Project
from hcsp_assess.report.html import parse_html
from hcsp_assess.setup.new_partnership import new_partnership
from hcsp_assess.subject.areas import parse_area
from hcsp_assess.subject.crime_types import comparable_series
from hcsp_assess.subject.editions import edition

RAW = "data/data.police.uk/west-mercia-street-raw"
LOOKUPS = (
    "data/geography/ons-lookups/lsoa11_wd21_lad21.csv.gz",
    "data/geography/ons-lookups/194_lad19_csp19_pfa19.csv.gz",
    "data/rural-urban/composite_ruc.csv.gz",
    "cases/areas/cheltenham/LSOA11_LSOA21_LAD22_EW_LU.csv.gz",
)
EDITION = """
title = "South Worcestershire in 2025"
area = "south-worcester"
period = "2025"
sources = [{ key = "police_uk", name = "Street-level crime", kind = "street-level archive", folder = "data/raw/police_uk" }]
chapters = [{ notebook = "levels_and_changes" }]
"""
DISTRICTS = ("Malvern Hills", "Worcester", "Wychavon")


@pytest.fixture(scope="module")
def national(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("national")
    for name in LOOKUPS:
        (folder / Path(name).name).symlink_to(shared / name)
    return folder


@pytest.fixture(scope="module")
def worcestershire(shared: Path, national: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of South Worcestershire with the real files of 2025 and of the beginning of 2024."""
    root = tmp_path_factory.mktemp("worcestershire")
    (root / "data" / "raw" / "police_uk").mkdir(parents=True)
    for path in (shared / RAW).glob("202[45]-*.csv.gz"):
        (root / "data" / "raw" / "police_uk" / path.name).symlink_to(path)
    new_partnership("South Worcester", root, national, boundaries=False)
    (root / "editions").mkdir()
    (root / "editions" / "sw.toml").write_text(EDITION, encoding="utf-8")
    return root


def count_plainly(paths: list[Path], year: str) -> pd.DataFrame:
    """Records by month, district and crime type, counted by the names of LSOAs with pandas alone."""
    rows = pd.concat([pd.read_csv(path, dtype="str") for path in sorted(paths)], ignore_index=True)
    open_case = rows["Last outcome category"].isin(["Under investigation", "Status update unavailable"])
    best = rows.assign(nowhere=rows["LSOA code"].isna(), open_case=open_case, order=rows.index)
    best = best.sort_values(["Month", "nowhere", "open_case", "order"])  # as docs/cleaning.md says which row is kept
    rows = best[~(best["Crime ID"].notna() & best.duplicated("Crime ID"))]
    rows = rows[rows["Month"].str.startswith(year)]
    rows = rows.assign(district=rows["LSOA name"].str.replace(r" \d+[A-Z]$", "", regex=True))
    return rows.groupby(["Month", "district", "Crime type"]).size().rename("count").reset_index()


@pytest.fixture(scope="module")
def counted(shared: Path) -> pd.DataFrame:
    """The real records of West Mercia in 2025."""
    return count_plainly(list((shared / RAW).glob("202[45]-*.csv.gz")), "2025")


def cells_that_differ(ours: pd.DataFrame, plain: pd.DataFrame, district: str) -> tuple[int, int]:
    """How many cells of counts by month and comparable series differ from plain counts, and how many there are."""
    differ, cells = 0, 0
    for item in comparable_series():
        rows = plain[plain["Crime type"].isin(item.parts) & (plain["district"] == district)]
        expected = rows.groupby("Month")["count"].sum().reindex(ours.index.astype(str)).fillna(0).astype(int)
        differ += int((ours[item.key].to_numpy() != expected.to_numpy()).sum())
        cells += len(expected)
    return differ, cells


def test_every_record_is_in_its_district_as_plain_counts_have_it(worcestershire: Path, counted: pd.DataFrame) -> None:
    opened = prepare(edition("sw", worcestershire), Project(worcestershire))
    series = {item.key: counts_by_district(opened, item.key).loc["2025-01":"2025-12"] for item in comparable_series()}
    for name in DISTRICTS:
        ours = pd.DataFrame({key: counts[name] for key, counts in series.items()})
        assert cells_that_differ(ours, counted, name) == (0, len(series) * 12)


def test_a_single_district_is_counted_as_plain_counts_have_it(
    shared: Path, national: Path, counted: pd.DataFrame, tmp_path: Path
) -> None:
    for path in (shared / RAW).glob("202[45]-*.csv.gz"):
        (tmp_path / "data" / "raw" / "police_uk").mkdir(parents=True, exist_ok=True)
        (tmp_path / "data" / "raw" / "police_uk" / path.name).symlink_to(path)
    new_partnership("E06000051", tmp_path, national, boundaries=False)
    (tmp_path / "editions").mkdir()
    (tmp_path / "editions" / "sw.toml").write_text(EDITION.replace("south-worcester", "shropshire"), encoding="utf-8")
    opened = prepare(edition("sw", tmp_path), Project(tmp_path))
    ours = opened.counts("series").loc["2025-01":"2025-12"]
    assert cells_that_differ(ours, counted, "Shropshire") == (0, len(comparable_series()) * 12)


def test_a_welsh_district_is_counted_as_plain_counts_have_it(shared: Path, national: Path, tmp_path: Path) -> None:
    """The real files of Dyfed-Powys of 2024 hold a tenth of a month each, so that only the three of 2025 count."""
    raw = Path(shutil.copytree(shared / "cases/police/partial_month_dyfed_powys/data", tmp_path / "data"))
    new_partnership("W06000010", tmp_path, national, boundaries=False)
    (tmp_path / "editions").mkdir()
    welsh = EDITION.replace("south-worcester", "carmarthenshire")
    (tmp_path / "editions" / "sw.toml").write_text(welsh, encoding="utf-8")
    opened = prepare(edition("sw", tmp_path), Project(tmp_path))
    plain = count_plainly(list(raw.rglob("*-street.csv")), "2025")
    ours = opened.counts("series").loc["2025-02":"2025-04"]
    assert not ours.isna().any(axis=None)
    assert cells_that_differ(ours, plain, "Carmarthenshire") == (0, len(comparable_series()) * 3)


def test_the_districts_add_up_to_the_partnership(worcestershire: Path) -> None:
    opened = prepare(edition("sw", worcestershire), Project(worcestershire))
    for key in ("recorded_crime", "anti_social_behaviour", "violence", "shoplifting"):
        parts, whole = counts_by_district(opened, key), opened.counts("series")[key]
        assert parts.sum(axis="columns", min_count=3).dropna().eq(whole.reindex(parts.index).dropna()).all()
    assert [found.name for found in district_levels(opened)] == list(DISTRICTS)
    people = {found.name: found.residents.people for found in district_levels(opened)}
    assert people == {"Malvern Hills": 81_822, "Worcester": 105_143, "Wychavon": 136_229}  # mid-2023, rebased


def test_a_report_has_a_table_and_a_short_section_for_each_district(
    worcestershire: Path, counted: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HCSP_ASSESS_BROWSER", "none")
    result = call("run", "sw", "--quiet", "--project", worcestershire)
    assert result.exit_code == 0, result.output
    page = parse_html((worcestershire / "reports" / "sw" / "index.html").read_text(encoding="utf-8")).soup
    text = " ".join(page.get_text(" ").split())
    crimes = counted[counted["Crime type"] != "Anti-social behaviour"].groupby("district")["count"].sum()
    violence = counted[counted["Crime type"] == "Violence and sexual offences"].groupby("district")["count"].sum()
    for name in DISTRICTS:
        assert f"In {name}, police recorded {crimes[name]:,} crimes in 2025." in text
        assert re.search(f"Most recorded were violence and sexual offences \\({violence[name]:,}\\)", text)
        assert name in {heading.get_text() for heading in page.find_all(["h3", "h4"])}


def test_an_area_of_one_district_has_no_section_on_districts(tiny_project: Path) -> None:
    from conftest import write_street_file

    from hcsp_assess.chapters.levels_and_changes import sections_by_district

    write_street_file(tiny_project / "data" / "raw" / "police_uk", "2024-01")
    assert sections_by_district(prepare(edition("tiny", tiny_project), Project(tiny_project)))._repr_html_() == ""


@pytest.mark.parametrize(
    ("given", "name", "sizes"),
    [
        ("E22000332", "South Worcester", (45, 63, 78)),
        ("North Worcestershire", "North Worcestershire", (58, 55, 65)),
        ("Cwm Taf", "Cwm Taf", (154, 36)),
    ],
)
def test_a_partnership_is_named_by_its_code_or_name_and_has_all_lsoas_of_its_districts(
    national: Path, tmp_path: Path, given: str, name: str, sizes: tuple[int, ...]
) -> None:
    made = new_partnership(given, tmp_path, national, boundaries=False)
    assert made.area.name == name
    homes = {small.code: small.district for small in made.area.small_areas}
    lookup = pd.read_csv(national / "lsoa11_wd21_lad21.csv.gz", dtype="str", encoding="utf-8-sig")
    lookup = lookup.drop_duplicates("LSOA11CD")
    for (code, district), size in zip(made.area.districts, sizes, strict=True):
        wanted = set(lookup.loc[lookup["LAD21CD"] == code, "LSOA11CD"])
        assert len(wanted) == size
        assert {homes[made.area.folds[old]] for old in wanted} == {district}
    assert made.lsoas == sum(sizes)


def test_a_partnership_that_is_part_of_a_district_is_refused(national: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^Aylesbury Vale is a part of Buckinghamshire, and no lookup says which"):
        new_partnership("Aylesbury Vale", tmp_path, national, boundaries=False)
    (tmp_path / "data" / "raw").mkdir(parents=True)
    result = call("new", "partnership", "--code", "Nowhere", "--from", national, "--project", tmp_path)
    assert result.exit_code == 2
    assert "there is no community safety partnership 'Nowhere'" in said(result)


def test_a_small_area_without_a_district_is_refused(worcestershire: Path) -> None:
    settings = (worcestershire / "areas" / "south-worcester.toml").read_text(encoding="utf-8")
    table = (worcestershire / "areas" / "south-worcester.csv").read_text(encoding="utf-8")
    with pytest.raises(
        InputError, match=r"63 small areas, such as E01032\d+, have no district .* in the column district"
    ):
        parse_area("sw", settings, table.replace(",Worcester\n", ",Worcestor\n"))
