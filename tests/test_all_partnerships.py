"""Every partnership at once: each small area in one of them, what is there kept, and one edition for all."""

import os
import shutil
import time
import tomllib
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from conftest import call, said

from hcsp_assess.assessment.consistency import numbers_without_evidence
from hcsp_assess.assessment.statute import check_statute, letters_of, parse_statements
from hcsp_assess.edition.counts import no_counts
from hcsp_assess.edition.findings import edition_findings
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.project import Project
from hcsp_assess.setup.all_partnerships import AllPartnerships, distinct_keys, new_partnerships, partnership_keys
from hcsp_assess.setup.new_partnership import new_partnership
from hcsp_assess.setup.open_data import new_open_data_partnership
from hcsp_assess.sources.texts import find_texts
from hcsp_assess.subject.areas import area, own_areas
from hcsp_assess.subject.editions import edition

LOOKUPS = (
    "data/geography/ons-lookups/lsoa11_wd21_lad21.csv.gz",
    "data/geography/ons-lookups/094_lsoa11_wd17_lad17.csv.gz",
    "data/geography/ons-lookups/194_lad19_csp19_pfa19.csv.gz",
    "data/rural-urban/composite_ruc.csv.gz",
    "cases/areas/cheltenham/LSOA11_LSOA21_LAD22_EW_LU.csv.gz",
)
#: Partnerships that cover a part of a district, by the lookup of December 2024 in the package.
NAME = "official-2025-06"


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """The bundled lookup of December 2024, read with pandas alone."""
    path = Path(__file__).parents[1] / "hcsp_assess" / "definitions" / "recorded_crime" / "partnerships.csv"
    return pd.read_csv(path, dtype="str")


@pytest.fixture(scope="module")
def national(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("national")
    for name in LOOKUPS:
        (folder / Path(name).name).symlink_to(shared / name)
    return folder


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, AllPartnerships]:
    """A project with every partnership, from the official tables alone."""
    root = tmp_path_factory.mktemp("official")
    (root / "data" / "raw").mkdir(parents=True)
    return root, new_partnerships(root)


@pytest.fixture(scope="module")
def placed(national: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, AllPartnerships, float]:
    """A project with every partnership and its small areas, and the processor time that it took."""
    root = tmp_path_factory.mktemp("placed")
    began = time.process_time()
    made = new_partnerships(root, national_files=national, street=True)
    return root, made, time.process_time() - began


def contents(root: Path) -> dict[str, tuple[bytes, int]]:
    """Content and time of change of every file of a project."""
    files = [path for path in root.rglob("*") if path.is_file()]
    return {path.relative_to(root).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def test_every_partnership_of_the_lookup_has_an_area_of_its_own(official, table: pd.DataFrame) -> None:
    root, made = official
    codes = [
        tomllib.loads(path.read_text(encoding="utf-8"))["partnership_code"] for path in (root / "areas").glob("*.toml")
    ]
    assert sorted(codes) == sorted(set(table["partnership_code"]))
    assert (len(codes), made.number("set up"), made.failed, made.problems) == (314, 314, (), ())
    assert own_areas(root) == tuple(sorted(each.area for each in made.partnerships))
    welsh = set(table.loc[table["region"] == "Wales", "partnership_code"])
    assert {each.code for each in made.partnerships if area(each.area, root).country == "Wales"} == welsh
    assert len(welsh) == 21


def test_there_is_one_edition_and_no_area_is_named_in_it(official) -> None:
    root, made = official
    assert [path.name for path in (root / "editions").glob("*.toml")] == [f"{NAME}.toml"]
    chosen = edition(NAME, root)
    assert (made.edition, made.edition_is_new, str(chosen.span)) == (NAME, True, "2024-07 to 2025-06")
    assert (chosen.sources, chosen.chapters) == ((), ("summary", "comparison", "serious_violence"))
    first = next(each for each in made.partnerships if each.area == chosen.area)
    assert first.name not in chosen.title + chosen.about


def test_every_letter_of_the_law_is_answered_for_every_area(official) -> None:
    """And for the edition by its plain name, which is that of its own area."""
    root, made = official
    for key in (*(f"{NAME}@{each.area}" for each in made.partnerships), NAME):
        chosen = edition(key, root)
        statements = parse_statements(find_texts(key, root))
        country = area(chosen.area, root).country
        assert check_statute(letters_of(chosen.chapters), statements, country=country) == []
        assert ("g" in {item.letter for item in statements}) == (country == "England")


def test_an_areas_own_texts_win_and_are_of_no_other_area(tmp_path: Path) -> None:
    made = new_partnerships(tmp_path)
    first = edition(NAME, tmp_path).area
    other = next(each.area for each in made.partnerships if each.area != first)
    for key in (first, other):
        (tmp_path / "editions" / f"{NAME}@{key}" / "drivers.toml").write_text(f'of = "{key}"\n', encoding="utf-8")
    assert find_texts(f"{NAME}@{first}", tmp_path).read("drivers.toml") == {"of": first}
    assert find_texts(NAME, tmp_path).read("drivers.toml") == {"of": first}
    assert find_texts(f"{NAME}@{other}", tmp_path).read("drivers.toml") == {"of": other}
    third = next(each.area for each in made.partnerships if each.area not in (first, other))
    assert find_texts(f"{NAME}@{third}", tmp_path).read("drivers.toml") == {}
    (tmp_path / "editions" / NAME).mkdir()
    (tmp_path / "editions" / NAME / "drivers.toml").write_text('of = "the edition"\n', encoding="utf-8")
    assert find_texts(NAME, tmp_path).read("drivers.toml") == {"of": "the edition"}
    shutil.rmtree(tmp_path / "editions" / f"{NAME}@{third}")
    assert find_texts(f"{NAME}@{third}", tmp_path).files == {}


@pytest.mark.parametrize("code", ["E22000332", "W14000023", "E22000002", "E22000367", "E22000063", "E22000326"])
def test_an_area_set_up_alone_has_the_same_area_and_statements(official, tmp_path: Path, code: str) -> None:
    root, _ = official
    made = new_open_data_partnership(code, tmp_path)
    for path in (tmp_path / "areas").glob("*.*"):  # the folder of its own definitions is for one set up alone
        assert path.read_bytes() == (root / "areas" / path.name).read_bytes()
    alone, of_all = find_texts(made.edition, tmp_path), find_texts(f"{NAME}@{made.area}", root)
    assert parse_statements(alone) == parse_statements(of_all)  # Markdown alone, one small TOML file for each of all
    assert parse_statements(alone)
    assert not list((tmp_path / "editions").rglob("nothing_to_report.toml"))


def test_the_reviewed_area_in_the_package_is_not_hidden_by_one_without_small_areas(official) -> None:
    root, _ = official
    assert area("herefordshire", root) == area("herefordshire")


def test_figures_are_those_of_the_partnership_where_a_district_is_more_or_less_than_it(official) -> None:
    root, _ = official
    for key, code in {"bournemouth": "E22000063", "south-worcester": "E22000332", "shropshire": "E06000051"}.items():
        assert area(key, root).figures_code == code


def test_a_second_call_changes_nothing_and_adds_what_is_missing(official, tmp_path: Path) -> None:
    root = Path(shutil.copytree(official[0], tmp_path / "project"))
    before = contents(root)
    again = new_partnerships(root)
    assert contents(root) == before
    assert (again.number("already there"), again.edition_is_new) == (314, False)
    reviewed = root / "areas" / "bristol.toml"
    reviewed.write_text(reviewed.read_text(encoding="utf-8") + 'contact = "safer@bristol.example"\n', encoding="utf-8")
    (root / "areas" / "leeds.toml").unlink()
    shutil.rmtree(root / "editions" / f"{NAME}@york") if (root / "editions" / f"{NAME}@york").exists() else None
    (root / "editions" / f"{NAME}@powys" / "nothing_to_report.toml").unlink()
    kept = reviewed.read_bytes()
    third = new_partnerships(root)
    assert [each.area for each in third.partnerships if each.outcome == "set up"] == ["leeds"]
    assert reviewed.read_bytes() == kept
    assert (root / "areas" / "leeds.toml").read_bytes() == before["areas/leeds.toml"][0]
    powys = f"editions/{NAME}@powys/nothing_to_report.toml"
    assert (root / powys).read_bytes() == before[powys][0]


def test_an_area_that_was_set_up_under_another_key_is_not_set_up_twice(tmp_path: Path) -> None:
    new_open_data_partnership("E06000051", tmp_path, key="salop")
    made = new_partnerships(tmp_path)
    salop = next(each for each in made.partnerships if each.code == "E22000360")
    assert (salop.area, salop.outcome) == ("salop", "already there")
    assert not (tmp_path / "areas" / "shropshire.toml").exists()
    assert find_texts(f"{NAME}@salop", tmp_path).files


def test_what_fails_is_named_and_stops_no_other(tmp_path: Path) -> None:
    (tmp_path / "data" / "raw").mkdir(parents=True)
    (tmp_path / "areas").mkdir()
    (tmp_path / "areas" / "leeds.toml").write_text("name = ", encoding="utf-8")
    (tmp_path / "areas" / "swindon.toml").write_text(
        'name = "S"\nfull_name = "S"\ndistrict_code = "E06000099"\npartnership_code = "E22009999"\nforce = "x"\n'
        'force_name = "X"\nclassification = ""\nsmall_areas = "none"\n',
        encoding="utf-8",
    )
    (tmp_path / "areas" / "powys.toml").mkdir()
    before = (tmp_path / "areas" / "leeds.toml").read_bytes()
    result = call("new", "partnership", "--all", "--project", tmp_path)
    assert result.exit_code == 1
    told = " ".join(said(result).split())
    assert "311 set up" in told
    assert "5 failed" in told  # Leeds, Swindon and Powys, and two definitions that cannot be read
    for key in ("leeds", "swindon", "powys"):
        assert f"areas/{key}.toml" in told
    assert "Check:" not in told
    assert "Traceback" not in told
    assert (tmp_path / "areas" / "leeds.toml").read_bytes() == before
    assert len(list((tmp_path / "editions").glob("*@*"))) == 311


def test_options_that_do_not_go_together_are_refused(tmp_path: Path) -> None:
    (tmp_path / "data" / "raw").mkdir(parents=True)
    for given, message in {
        (): "say which partnership",
        ("--all", "--code", "E06000051"): "leave --code and --key out",
        ("--code", "E06000051", "--street"): "go with --all",
        ("--all", "--street"): "need small areas",
        ("--all", "--boundaries"): "need small areas",
        ("--all", "--edition", "2025"): "comes with the software",
        ("--all", "--edition", "a@b"): "cannot be called",
        ("--all", "--from", "nowhere"): "no folder nowhere",
    }.items():
        result = call("new", "partnership", *given, "--project", tmp_path)
        assert result.exit_code == 2, given
        assert message in " ".join(said(result).split())
    assert not (tmp_path / "areas").exists()


def test_keys_are_distinct_and_do_not_depend_on_the_order() -> None:
    names = {"E22000001": "Newport", "W15000009": "Newport, City of", "E22000003": "Ynys Môn"}
    keys = distinct_keys(names)
    assert keys == {"E22000001": "newport-e22000001", "W15000009": "newport-w15000009", "E22000003": "ynys-mon"}
    assert distinct_keys(dict(reversed(names.items()))) == keys
    real = partnership_keys()
    assert len(set(real.values())) == len(real) == 314
    assert {"city-of-london", "bristol", "isle-of-anglesey", "herefordshire"} <= set(real.values())


def test_own_areas_are_those_of_the_project_alone(tmp_path: Path) -> None:
    assert own_areas(tmp_path) == ()
    new_open_data_partnership("Powys", tmp_path)
    new_open_data_partnership("Leeds", tmp_path)
    (tmp_path / "areas" / ".leeds.toml").write_text("", encoding="utf-8")
    (tmp_path / "areas" / "notes.txt").write_text("", encoding="utf-8")
    assert own_areas(tmp_path) == ("leeds", "powys")


@pytest.mark.slow
def test_every_lsoa_of_the_national_lookups_is_in_exactly_one_area(placed, national: Path, table: pd.DataFrame) -> None:
    root, made, seconds = placed
    assert (made.number("set up"), made.failed, made.problems) == (314, (), ())
    homes: dict[str, list[str]] = {}
    for each in made.partnerships:
        for code in area(each.area, root).folds:
            homes.setdefault(code, []).append(each.code)
    assert Counter(map(len, homes.values())).keys() == {1}
    newest = pd.read_csv(national / Path(LOOKUPS[0]).name, dtype="str", encoding="utf-8-sig")
    older = pd.read_csv(national / Path(LOOKUPS[1]).name, dtype="str", encoding="utf-8-sig")
    links = pd.read_csv(national / Path(LOOKUPS[-1]).name, dtype="str")
    of_2011 = set(newest["LSOA11CD"])
    of_2021 = set(links["LSOA21CD"].dropna())
    assert (len(of_2011), len(of_2021)) == (34753, 35672)  # as the censuses of 2011 and 2021 have in England and Wales
    assert of_2011 | of_2021 == set(homes)
    # the partnership is that of the district in December 2024, where the district has one
    one = table[table["district_is"] == "whole"].set_index("district_code")["partnership_code"]
    by_district = newest[newest["LAD21CD"].isin(one.index)]
    assert len(by_district) > 30000
    assert [
        c for c, d in zip(by_district["LSOA11CD"], by_district["LAD21CD"], strict=True) if homes[c] != [one[d]]
    ] == []
    # in a district with several partnerships it is that of the former district of the same name
    column = next(name for name in older if name.endswith("NM") and name.startswith("LAD"))
    former = older.set_index("LSOA11CD")[column]
    names = {"Aylesbury Vale": "E22000303", "Poole": "E22000067", "Christchurch": "E22000367", "Corby": "E22000233"}
    for name, code in names.items():
        assert {homes[lsoa][0] for lsoa in former.index[former == name]} == {code}
    assert seconds < 60


@pytest.mark.slow
def test_small_areas_are_those_of_single_set_ups_and_are_added_where_nothing_was_reviewed(
    placed, official, national: Path, tmp_path: Path
) -> None:
    root, _, _ = placed
    for code, key in {"E22000332": "south-worcester", "W14000023": "cwm-taf", "E22000067": "poole"}.items():
        new_partnership(code, tmp_path, national, key=key, boundaries=False)
        for ending in (".toml", ".csv"):
            assert (tmp_path / f"areas/{key}{ending}").read_bytes() == (root / f"areas/{key}{ending}").read_bytes()
    project = Path(shutil.copytree(official[0], tmp_path / "project"))
    for path in sorted((project / "areas").glob("*.toml"))[4:]:
        path.unlink()  # four are there; the others are set up anew
    reviewed = sorted((project / "areas").glob("*.toml"))[0]
    reviewed.write_text(reviewed.read_text(encoding="utf-8") + "# reviewed\n", encoding="utf-8")
    made = new_partnerships(project, national_files=national)
    assert (made.number("small areas added"), made.number("already there")) == (3, 1)
    kept = next(each for each in made.partnerships if each.outcome == "already there")
    assert "was changed by hand" in kept.reason
    assert any(problem.endswith("are in no area") for problem in made.problems)
    with pytest.raises(UsageError, match="was written or changed by hand"):
        new_partnership(kept.code, project, national, key=kept.area, boundaries=False)


@pytest.mark.slow
def test_without_a_lookup_of_the_former_districts_their_partnerships_fail_and_their_small_areas_are_named(
    national: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "national"
    folder.mkdir()
    for path in national.iterdir():
        if not path.name.startswith("094"):
            (folder / path.name).symlink_to(os.path.realpath(path))
    made = new_partnerships(tmp_path, national_files=folder)
    failed = {each.name for each in made.failed}
    assert {"Wycombe", "Poole", "Kettering", "Waveney"} <= failed
    assert "Carlisle" not in failed  # the newest lookup has the districts of Cumbria
    assert all("no lookup says which" in each.reason for each in made.failed)
    assert f"{sum_of_lsoas(national, 'Buckinghamshire')} LSOAs of Buckinghamshire are in no area" in made.problems


def sum_of_lsoas(national: Path, district: str) -> int:
    """LSOAs of 2011 and 2021 of a district, by the two lookups."""
    newest = pd.read_csv(national / Path(LOOKUPS[0]).name, dtype="str", encoding="utf-8-sig")
    links = pd.read_csv(national / Path(LOOKUPS[-1]).name, dtype="str")
    mine = links[links["LAD22NM"] == district]
    return len({*newest.loc[newest["LAD21NM"] == district, "LSOA11CD"], *mine["LSOA11CD"], *mine["LSOA21CD"].dropna()})


def test_an_edition_with_street_files_says_what_to_do_where_there_are_none(shared: Path, tmp_path: Path) -> None:
    from hcsp_assess.edition.opened import prepare
    from hcsp_assess.project import Project
    from hcsp_assess.setup.shared_edition import write_edition

    (tmp_path / "data" / "raw").mkdir(parents=True)
    new_open_data_partnership("Powys", tmp_path)
    write_edition("all", "powys", tmp_path, street=True)
    with pytest.raises(InputError, match="put archives from data.police.uk .* in data/raw/police_uk"):
        prepare(edition("all", tmp_path), Project(tmp_path))


def test_chapters_that_need_boundaries_are_left_out_where_an_area_has_none_and_a_gap_says_so(tmp_path: Path) -> None:
    from hcsp_assess.edition.gaps import edition_gaps
    from hcsp_assess.edition.opened import prepare
    from hcsp_assess.project import Project

    (tmp_path / "data" / "raw").mkdir(parents=True)
    new_open_data_partnership("Powys", tmp_path)
    file = tmp_path / "editions" / "powys-2025-06.toml"
    more = "".join(f'\n[[chapters]]\nnotebook = "{name}"\n' for name in ("where", "about_area", "stop_and_search"))
    file.write_text(file.read_text(encoding="utf-8") + more, encoding="utf-8")
    opened = prepare(edition("powys-2025-06", tmp_path), Project(tmp_path))
    assert opened.edition.chapters == ("summary", "comparison", "serious_violence")
    assert opened.edition.left_out == ("where", "about_area", "stop_and_search")
    assert [gap.subject for gap in edition_gaps(opened)].count("Places") == 1


@pytest.mark.slow
def test_what_official_figures_say_of_every_partnership_passes_the_gate_before_publishing(tmp_path):
    """Croydon has exactly as many crimes in both years, and in others a change is under 0.1%."""
    made, said = new_partnerships(tmp_path), {}
    for key in own_areas(tmp_path):
        chosen, here = edition(f"{made.edition}@{key}", tmp_path), area(key, tmp_path)
        known = edition_findings(OpenEdition(chosen, here, Project(tmp_path), no_counts(here)))
        assert {
            item.key: numbers_without_evidence(item) for item in known.everything if numbers_without_evidence(item)
        } == {}, key
        said[key] = {item.key: item.sentence for item in known.everything}
    assert len(said) == 314
    assert said["croydon"]["official_level"] == (
        "Police recorded 34,560 crimes in Croydon in the year to June 2025. That is the same number as in the year to "
        "December 2023."
    )
    assert said["croydon"]["official_common_change"].startswith(
        "Recorded crime did not change in Croydon between the year to December 2023 and the year to June 2025. It fell by"
    )
