"""Open data of an edition: read for its area, shown in the chapter of their subject, labelled, and never a return."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from hcsp_assess.chapters.shared import open_data
from hcsp_assess.edition.open_data import EditionOpenData, open_open_data
from hcsp_assess.edition.quality import check_open_data
from hcsp_assess.edition.returns import EditionReturns, open_returns
from hcsp_assess.project import Project
from hcsp_assess.report.tables import Table
from hcsp_assess.sources.open_data.definitions import suppliers
from hcsp_assess.subject.areas import herefordshire
from hcsp_assess.subject.editions import edition

ROADS = "data/raw/open_data/road_safety"


def put_roads(root: Path, killed_or_serious: dict[int, int]) -> None:
    """National files in which each year has so many seriously injured pedestrians of Herefordshire, in December."""
    folder = root / ROADS
    folder.mkdir(parents=True, exist_ok=True)
    for year, number in killed_or_serious.items():
        collisions = [f"{year}X,31/12/{year},E06000019"]
        casualties = [f"{year}X,1,{n},0,40,2,1" for n in range(number)]
        heads = {
            "collision": ("collision_index,date,local_authority_ons_district", collisions),
            "casualty": (
                "collision_index,vehicle_reference,casualty_reference,casualty_type,age_of_casualty,casualty_severity,"
                "casualty_adjusted_severity_serious",
                casualties,
            ),
        }
        for kind, (head, lines) in heads.items():
            text = "\n".join([head, *lines]) + "\n"
            (folder / f"dft-road-casualty-statistics-{kind}-{year}.csv").write_text(text, encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "data" / "raw" / "returns").mkdir(parents=True)
    return Project(tmp_path)


def opened(project: Project) -> tuple[EditionReturns, EditionOpenData]:
    chosen = replace(edition("2025"), register_day=None)
    return open_returns(chosen, herefordshire(), project), open_open_data(chosen, herefordshire(), project)


def test_road_casualties_are_in_their_chapter_where_no_return_is_held_and_are_labelled(project: Project) -> None:
    put_roads(project.root, {2020: 50, 2021: 46, 2022: 55, 2023: 48, 2024: 52})
    returns, held = opened(project)
    found = open_data.findings_chapter(returns, held, "road_safety").items
    title = "People killed or seriously injured, adjusted for how injuries are graded"
    assert found[0].sentence.startswith(f"{title}: 52 in 2024. That is 4 more than in 2023. Numbers this small swing")
    assert not [item for item in found if item.key == "open_road_ksi"]  # the adjusted number says it, once
    assert all("open data" in item.sources[0].name for item in found)
    assert not returns.names_received  # nothing of it is a return
    latest = open_data.table_latest(held, "road_safety")
    assert isinstance(latest, Table)
    first = latest.frame.iloc[0]
    assert (first["Period"], first["Herefordshire"], first["Country"]) == ("2024", "52", "52")
    assert "Department for Transport, open data" in latest.notes[0]
    years = open_data.table_years(held, "road_safety")
    assert isinstance(years, Table)
    assert years.frame.iloc[0].tolist()[1:] == ["50", "46", "55", "48", "52"]
    assert not held.of("alcohol")


def test_a_chapter_that_has_neither_shows_nothing(project: Project) -> None:
    returns, held = opened(project)
    found = open_data.findings_chapter(returns, held, "education").items
    assert found == ()  # it is a line of the table of what the edition does not cover
    assert open_data.table_latest(held, "education")._repr_html_() == ""
    [check] = check_open_data(held)
    assert (check.check, check.result) == ("Open data", "none held")


def test_a_file_that_cannot_be_read_is_named_and_stops_no_other(project: Project) -> None:
    put_roads(project.root, {2024: 5})
    folder = project.root / "data/raw/open_data/fingertips"
    folder.mkdir()
    (folder / "11201_county.csv").write_bytes(b"")
    _, held = opened(project)
    assert [data.supplier for data in held.held] == ["road_safety"]
    roads, fingertips = check_open_data(held)
    assert roads.result == "5 rows = 5 of the area + 0 to compare + 0 not needed + 0 set aside"
    assert fingertips.result == "cannot be read"
    assert fingertips.meaning == "11201_county.csv is empty: fetch or download it again from Fingertips."
    said = [item.sentence for item in held.findings_of("alcohol")]
    assert said == ["Open data could not be read: Fingertips public health data."]


def test_one_kind_of_road_file_alone_is_a_problem_and_not_silence(project: Project) -> None:
    put_roads(project.root, {2024: 5})
    next((project.root / ROADS).glob("*collision-*")).unlink()
    _, held = opened(project)
    assert held.problems[0][0] == "road_safety"
    assert "need both files for each year, and a collision file is missing" in held.problems[0][1]


def test_definitions_say_who_publishes_under_which_licence_and_how_sure_each_measure_is() -> None:
    chapters = {"road_safety", "alcohol", "offending", "education", "about_area", "rural_crime", "feeling_safe"}
    keys = [measure.key for each in suppliers().values() for measure in each.measures]
    assert len(set(keys)) == len(keys)
    for each in suppliers().values():
        assert each.licence.startswith("Open Government Licence")
        assert each.layout_known_from
        assert {measure.chapter for measure in each.measures} <= chapters
        assert all(measure.sure in ("published", "in use", "general") for measure in each.measures)
        assert all(measure.known_from for measure in each.measures)
    numbered = [item for item in suppliers()["fingertips"].measures if item.id]
    assert all(item.sure == "in use" for item in numbered)


def test_the_period_of_the_edition_ends_what_is_shown(project: Project) -> None:
    put_roads(project.root, {2024: 5, 2026: 50})
    _, held = opened(project)
    assert {str(item.latest["ends"]) for item in held.figures} == {str(pd.Period("2024-12"))}
