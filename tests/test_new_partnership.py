"""Another partnership from national files: every LSOA of the lookup, and every one that the police have recorded there."""

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from conftest import call
from hypothesis import given
from hypothesis import strategies as st

from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.report.html import parse_html
from hcsp_assess.setup.area_definition import match_by_lookup
from hcsp_assess.setup.new_partnership import new_partnership
from hcsp_assess.setup.rural_urban import classify
from hcsp_assess.subject.areas import area
from tests.test_partner_chapters import PLANTED

SHROPSHIRE = "E06000051"
RAW = "data/data.police.uk/west-mercia-street-raw"


def read_lsoas(shared: Path, pattern: str) -> "pd.Series[str]":
    """Names by code of the LSOAs of Shropshire in real street files."""
    files = sorted((shared / RAW).glob(pattern))
    rows = pd.concat([pd.read_csv(path, dtype="str", usecols=["LSOA code", "LSOA name"]) for path in files])
    rows = rows[rows["LSOA name"].fillna("").str.startswith("Shropshire ")].drop_duplicates()
    return rows.set_index("LSOA code")["LSOA name"].sort_index()


@pytest.fixture(scope="module")
def downloads(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The national lookups, and one from 2011 to 2021 LSOAs as the police's own files tell it for Shropshire.

    The national table of that kind is not among the shared files. Codes in use both before and after June 2023 stand
    for themselves; a new code stands for the codes of its MSOA that are no longer in use (names begin with the MSOA).
    """
    folder = tmp_path_factory.mktemp("national")
    for name in ("geography/ons-lookups/lsoa11_wd21_lad21.csv.gz", "geography/ons-lookups/194_lad19_csp19_pfa19.csv.gz",
                 "rural-urban/composite_ruc.csv.gz"):  # fmt: skip
        shutil.copy(shared / "data" / name, folder)
    lookup = pd.read_csv(folder / "lsoa11_wd21_lad21.csv.gz", dtype="str", encoding="utf-8-sig")
    old = lookup[lookup["LAD21CD"] == SHROPSHIRE].set_index("LSOA11CD")["LSOA11NM"]
    new = read_lsoas(shared, "202[45]*.csv.gz")
    pairs = [(code, code) for code in old.index.intersection(new.index)]
    gone = old.drop(old.index.intersection(new.index))
    for code, name in new.drop(old.index.intersection(new.index)).items():
        pairs += [(was, str(code)) for was in gone.index[gone.str[:-1] == name[:-1]]]
    pairs += [(code, "") for code in gone.index if code not in {was for was, _ in pairs}]
    table = pd.DataFrame(pairs, columns=["LSOA11CD", "LSOA21CD"])
    table["LSOA21NM"] = table["LSOA21CD"].map(new).fillna("")
    table.to_csv(folder / "vintages.csv", index=False)
    return folder


def test_shropshire_has_every_lsoa_of_the_lookup_and_every_one_that_the_police_recorded_there(
    shared: Path, downloads: Path, tmp_path: Path
) -> None:
    made = new_partnership(SHROPSHIRE, tmp_path, downloads, boundaries=False)
    assert made.lsoas == 193
    here = area("shropshire", tmp_path)
    assert here == made.area
    assert (here.name, here.full_name, here.partnership_code) == ("Shropshire", "Shropshire", "E22000360")
    assert (here.force, here.force_name) == ("west-mercia", "West Mercia")
    recorded = read_lsoas(shared, "20*.csv.gz")
    assert len(recorded) > 193
    assert [code for code in recorded.index if code not in here] == []
    named = here.lsoa_names()
    assert all(named[code] == name for code, name in recorded.items() if code in named)


def test_rural_and_urban_are_those_of_the_classification(downloads: Path, tmp_path: Path) -> None:
    made = new_partnership(SHROPSHIRE, tmp_path, downloads, boundaries=False)
    classes = pd.read_csv(downloads / "composite_ruc.csv.gz", dtype="str").set_index("lsoa")
    simple = {small.code for small in made.area.small_areas} - {unit for unit, _ in made.area.splits}
    for small in made.area.small_areas:
        if small.code in simple:
            assert small.rural == (classes.loc[small.code, "ukruc-2"] == "1")
            assert small.more_rural == (classes.loc[small.code, "ukruc-3"] == "2")


def test_with_boundaries_the_packaged_herefordshire_is_built_again(shared: Path, tmp_path: Path) -> None:
    made = new_partnership("E06000019", tmp_path, shared / "data", key="hereford-again")
    packaged = area("herefordshire")
    assert (made.lsoas, made.area.splits, made.area.lsoas("2021")) == (116, packaged.splits, packaged.lsoas("2021"))
    assert {small.code: small.rural for small in made.area.small_areas} == {
        small.code: small.rural for small in packaged.small_areas
    }
    definition = [path for path in made.files if path.parent != tmp_path / "areas" / made.area.key]
    assert sorted(path.relative_to(tmp_path).parts[0] for path in definition) == ["areas"] * 2 + ["geography"] * 4
    assert made.to_do[0].startswith("review areas/hereford-again.toml: names, police force (west-mercia)")
    assert not list(tmp_path.glob(".new-*"))


def test_boundaries_of_another_district_leave_nothing_behind(shared: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\) lack 193 of the 193 of the district, such as E01028826: "):
        new_partnership(SHROPSHIRE, tmp_path, shared / "data")
    assert not list(tmp_path.iterdir())


def test_without_the_lookup_between_vintages_nothing_is_written(downloads: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(downloads, tmp_path / "national"))
    (folder / "vintages.csv").unlink()
    message = (
        "the lookup from 2011 LSOAs to 2021 LSOAs is not in national/: download it from geoportal.statistics.gov.uk as "
        "CSV (any file name; it is recognised by LSOA11CD, LSOA21CD, LSOA21NM)"
    )
    root = tmp_path / "project"
    root.mkdir()
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        new_partnership(SHROPSHIRE, root, folder, boundaries=False)
    assert not list(root.iterdir())


def test_a_lookup_that_lacks_an_lsoa_is_refused(downloads: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(downloads, tmp_path / "national"))
    table = pd.read_csv(folder / "vintages.csv", dtype="str").iloc[1:]
    table.to_csv(folder / "vintages.csv", index=False)
    root = tmp_path / "project"
    root.mkdir()
    with pytest.raises(
        InputError, match=r"2021 LSOAs lacks 1 of the district's 193 LSOAs, such as E010\d{5}: download it again$"
    ):
        new_partnership(SHROPSHIRE, root, folder, boundaries=False)


def test_what_was_reviewed_by_hand_is_not_replaced(downloads: Path, tmp_path: Path) -> None:
    new_partnership(SHROPSHIRE, tmp_path, downloads, boundaries=False)
    with pytest.raises(UsageError, match=r"^areas/shropshire\.csv already exists: choose another key, or move it away"):
        new_partnership(SHROPSHIRE, tmp_path, downloads, boundaries=False)


def test_a_district_that_is_not_there_and_a_key_that_is_no_name_are_refused(downloads: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r" has no district 'E06099999': give its ONS code, such as E06000019$"):
        new_partnership("E06099999", tmp_path, downloads)
    with pytest.raises(
        UsageError, match=r"^'../x' cannot be a key: use small letters, figures and hyphens, such as east-devon$"
    ):
        new_partnership(SHROPSHIRE, tmp_path, downloads, key="../x")


@pytest.mark.parametrize(
    ("code", "name", "force"),
    [
        ("E07000041", "Exeter", "devon-and-cornwall"),
        ("E09000002", "Barking and Dagenham", "metropolitan"),
        ("E09000001", "City of London", "city-of-london"),
    ],
)
def test_the_police_force_is_named_as_its_files_are(
    shared: Path, downloads: Path, tmp_path: Path, code: str, name: str, force: str
) -> None:
    lookup = pd.read_csv(downloads / "lsoa11_wd21_lad21.csv.gz", dtype="str", encoding="utf-8-sig")
    codes = lookup[lookup["LAD21CD"] == code]["LSOA11CD"]
    folder = Path(shutil.copytree(downloads, tmp_path / "national"))
    pd.DataFrame({"LSOA11CD": codes, "LSOA21CD": codes, "LSOA21NM": codes}).to_csv(folder / "vintages.csv", index=False)
    made = new_partnership(code, tmp_path, folder, key="here", boundaries=False)
    assert made.area.force == force
    assert made.lsoas == len(codes) == len(made.area.small_areas)


def test_a_small_area_is_rural_where_more_than_half_of_its_people_live_in_rural_lsoas() -> None:
    units = pd.Series({"A": "A", "B": "B", "C": "B", "D": "B", "E": "E", "F": "E"})
    classes = pd.DataFrame({"rural": [True, True, True, False, True, False]}, index=units.index)
    people = pd.Series({"A": 900, "B": 400, "C": 500, "D": 2000, "E": 1000, "F": 1000})
    assert classify(units, classes, people)["rural"].to_dict() == {"A": True, "B": False, "E": False}
    each_the_same = {"A": True, "B": True, "E": False}
    assert classify(units, classes)["rural"].to_dict() == each_the_same
    assert classify(units, classes, people.drop("B"))["rural"].to_dict() == each_the_same


def test_the_population_decides_where_lsoas_became_one(downloads: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(downloads, tmp_path / "national"))
    classes = pd.read_csv(folder / "composite_ruc.csv.gz", dtype="str", index_col="lsoa")
    made = new_partnership(SHROPSHIRE, tmp_path, folder, boundaries=False).area
    unit, members = next((old, [code for code, _ in parts]) for old, parts in made.joined)
    classes.loc[[unit, *members], ["ukruc-2", "ukruc-3", "pop"]] = ["0", "0", "1000"]
    classes.loc[unit, ["ukruc-2", "ukruc-3", "pop"]] = ["1", "2", "9000"]
    classes.to_csv(folder / "composite_ruc.csv.gz")
    small = {
        small.code: small
        for small in new_partnership(SHROPSHIRE, tmp_path, folder, key="again", boundaries=False).area.small_areas
    }[unit]
    assert (small.rural, small.more_rural) == (True, True)


def test_splits_merges_and_unchanged_lsoas_each_become_one_small_area() -> None:
    pairs = [
        ("A1", "A1"),
        ("B1", "B8"),
        ("B1", "B9"),
        ("C1", "C9"),
        ("C2", "C9"),
        ("D1", "D8"),
        ("D2", "D8"),
        ("D2", "D9"),
    ]
    assert match_by_lookup(pairs) == {
        "A1": ["A1"],
        "B1": ["B1", "B8", "B9"],
        "C1": ["C1", "C2", "C9"],
        "D1": ["D1", "D2", "D8", "D9"],
    }


@given(st.lists(st.tuples(st.sampled_from("ABCDEF"), st.sampled_from("uvwxyz")), min_size=1))
def test_each_code_is_in_exactly_one_small_area_and_pairs_stay_together(pairs: list[tuple[str, str]]) -> None:
    units = match_by_lookup(pairs)
    members = [code for unit in units.values() for code in unit]
    assert sorted(members) == sorted({code for pair in pairs for code in pair})
    assert all(any(old in unit and new in unit for unit in units.values()) for old, new in pairs)


def test_without_a_download_a_partnership_gets_an_area_and_an_edition_that_can_be_read(tmp_path: Path) -> None:
    from hcsp_assess.assessment.statute import parse_statements
    from hcsp_assess.project import Project
    from hcsp_assess.setup.edition_texts import text_files, texts_problems
    from hcsp_assess.setup.open_data import new_open_data_partnership
    from hcsp_assess.sources.texts import find_texts
    from hcsp_assess.subject.editions import edition

    made = new_open_data_partnership("W06000023", tmp_path)
    here = area("powys", tmp_path)
    assert (made.name, here.force, here.small_areas) == ("Powys", "dyfed-powys", ())
    chosen = edition(made.edition, tmp_path)
    assert str(chosen.span.last) == "2025-06"
    assert chosen.chapters == ("summary", "comparison", "serious_violence")
    statements = parse_statements(find_texts(made.edition, tmp_path))
    assert [item.letter for item in statements] == ["c", "d", "e", "f"]  # in Wales there is no letter (g)
    assert statements[0].because.startswith("official figures give no reasons")
    started = {(item.kind, item.theme): item.state for item in text_files(made.edition, tmp_path)}
    assert (started["nothing-to-report", "c"], started["so-what", "shoplifting"]) == ("reviewed", "not written yet")
    assert texts_problems(chosen, Project(tmp_path)) == ()
    with pytest.raises(UsageError, match="already exists"):
        new_open_data_partnership("Powys", tmp_path)
    with pytest.raises(UsageError, match="Shropshire"):
        new_open_data_partnership("Shropshir", tmp_path)


def test_one_command_without_a_download_publishes_a_report_with_levels_comparison_and_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HCSP_ASSESS_BROWSER", "none")
    (tmp_path / "data" / "raw").mkdir(parents=True)
    result = call("new", "partnership", "--code", "E06000051", "--project", tmp_path)
    assert result.exit_code == 0, result.output
    page = (tmp_path / "reports" / "shropshire-2025-06" / "index.html").read_text(encoding="utf-8")
    assert "Police recorded 16,404 crimes in Shropshire in the year to June 2025" in page  # ONS table C2
    # of the same table: homicide 3, violence with injury 1,931, robbery 96, possession of weapons 190
    assert "2,220 serious violent offences" in page
    plain = " ".join(parse_html(page).soup.get_text(" ").split()).lower()
    bodies = [body for body in PLANTED if body not in ("Herefordshire", "West Mercia")]  # a similar area, its own force
    assert not [body for body in bodies if body.lower() in plain]
    texts = tmp_path / "editions" / "shropshire-2025-06"
    reason = (texts / "reasons" / "official_rising.md").read_text(encoding="utf-8")  # started after the run
    assert 'title: "Offences that rose"' in reason
    assert "bicycle theft (from 110 to 189)" in reason  # ONS table C2, years to December 2023 and June 2025
    assert "Police recorded 16,404 crimes" in (texts / "summaries" / "crime_trends.md").read_text(encoding="utf-8")
    for anchor in ("official-groups", "official-differences", "official-funnel", "official-years", "official-harm"):
        assert f'id="{anchor}"' in page
