"""Hotspots and maps from the command line: what is listed, what is written, what is refused."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from conftest import call, said
from typer.testing import Result

from hcsp_assess.sources.action_log import read_action_log

ROOT = Path(__file__).parents[1]
CENTRE = "Hereford city centre (Central ward)"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("cli")
    (root / "notebooks").mkdir()
    shutil.copytree(ROOT / "data" / "raw" / "herefordshire_2025", root / "data" / "raw" / "herefordshire_2025")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "200")
        yield root


@pytest.fixture(scope="module")
def listed(project: Path) -> tuple[Result, Path, Path]:
    csv, log = project / "out" / "hotspots.csv", project / "data" / "raw" / "actions" / "2026.csv"
    return call("hotspots", "2025", "--project", project, "--json", "--csv", csv, "--actions", log), csv, log


def test_hotspots_are_listed_as_json_and_csv_alike_with_how_they_were_found(listed: tuple[Result, Path, Path]) -> None:
    result, csv, _ = listed
    document = json.loads(result.stdout)
    assert (document["edition"], document["simulated"]) == ("2025", False)
    assert document["tests"] == 116 * 2 * 6  # two tests of each LSOA and measure
    assert "Benjamini-Hochberg" in document["method"]
    table = pd.read_csv(csv)
    assert table["place"].tolist() == [row["place"] for row in document["hotspots"]]
    assert table["place"].iloc[0] == CENTRE
    assert set(table["certainty"]) <= {"high", "fair"}
    assert table["beyond_expected"].is_monotonic_decreasing
    assert set(table["when"]) == {"not known: the records are dated by month only"}


def test_each_hotspot_gets_one_row_to_fill_in_however_often_the_list_is_made(
    listed: tuple[Result, Path, Path], project: Path
) -> None:
    _, csv, log = listed
    places = pd.read_csv(csv)["place_code"].tolist()
    assert read_action_log(log)["place_code"].tolist() == places
    again = call("hotspots", "2025", "--project", project, "--actions", log)
    assert said(again).startswith("0 rows added to")
    assert read_action_log(log)["place_code"].tolist() == places
    assert CENTRE in again.stdout
    assert "\x1b" not in again.stdout  # no colours where no person looks
    assert f"{len(places)} of 116 LSOAs, January 2025 to December 2025; 1,392 tests." in again.stdout


def test_a_map_is_a_readable_svg_with_its_data_beside_it(project: Path) -> None:
    out = project / "maps" / "violence.svg"
    result = call("map", "2025", "-m", "Violence and sexual offences", "-o", out, "--project", project, "--json")
    assert json.loads(result.stdout)["map"] == str(out)
    svg = ElementTree.parse(out).getroot()
    space = "{http://www.w3.org/2000/svg}"
    assert [child.tag.removeprefix(space) for child in svg][:2] == ["title", "desc"]
    assert svg[0].text == f"Violence and sexual offences: highest in {CENTRE}"
    assert "Map of 116 small areas of Herefordshire." in (svg[1].text or "")
    text = out.read_text(encoding="utf-8")
    assert "Open Government Licence v3.0" in text
    assert "var(" not in text
    assert "Simulated" not in text
    table = pd.read_csv(out.with_suffix(".csv"))
    assert table["Code"].is_unique
    assert len(table) == 116
    assert (table["Low"] <= table["Rate"]).all()
    assert (table["Rate"] <= table["High"]).all()
    assert sorted(path.name for path in out.parent.iterdir()) == ["violence.csv", "violence.svg"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--measure", "burglry"],
            "hcsp-assess: there is no measure 'burglry'; choose one of anti_social_behaviour, bicycle_theft, burglary, "
            "criminal_damage_and_arson, disorder_and_weapons, drugs, hotspots, other_crime, other_theft, "
            "possession_of_weapons, public_order, recorded_crime, robbery, shoplifting, theft_from_the_person, "
            "theft_remainder, vehicle_crime, violence. Did you mean burglary?",
        ),
        (
            ["--out", "map.pdf"],
            "hcsp-assess: maps are written as SVG: give a name that ends in .svg, not map.pdf",
        ),
    ],
)
def test_a_map_that_cannot_be_drawn_is_refused_before_any_work(
    project: Path, arguments: list[str], message: str
) -> None:
    result = call("map", "2025", "--project", project, *arguments)
    assert (result.exit_code, said(result)) == (2, message)


def test_an_unknown_edition_is_refused(project: Path) -> None:
    result = call("hotspots", "2052", "--project", project)
    message = "hcsp-assess: there is no edition '2052'; there are 2013-14, 2025. Did you mean 2025?"
    assert (result.exit_code, said(result)) == (2, message)


def test_no_action_log_is_written_for_hotspots_that_are_simulated(project: Path, tmp_path: Path) -> None:
    result = call("hotspots", "2013-14", "--project", project, "--actions", tmp_path / "log.csv")
    message = "hcsp-assess: the records of edition 2013-14 are simulated and cannot support an action: choose one with real records"
    assert (result.exit_code, said(result)) == (2, message)
    assert list(tmp_path.iterdir()) == []


def test_help_has_an_example() -> None:
    for command in ("hotspots", "map", "points", "count-districts"):
        assert "Example:" in call(command, "--help").output


def test_a_force_extract_tells_where_crimes_repeat_and_when_with_every_row_accounted_for(tmp_path: Path) -> None:
    generator = np.random.default_rng(5)
    east, north = generator.uniform(350_000, 356_000, 150), generator.uniform(240_000, 246_000, 150)
    days = generator.integers(0, 300, 150)
    rows = [(e, n, day) for e, n, day in zip(east, north, days, strict=True)]
    rows += [(e + 20, n, day + 3) for e, n, day in rows[:40]]  # planted: forty are repeated 20 m away after three days
    start = pd.Timestamp("2025-01-01 22:30")
    lines = [f"{e:.0f},{n:.0f},{start + pd.Timedelta(days=int(day))}," for e, n, day in rows]
    lines += ["0,0,2025-01-01 10:00,", "351000,241000,yesterday,", "351000,241000,2025-01-02,2025-01-01"]
    file = tmp_path / "extract.csv"
    file.write_text("easting,northing,first,last\n" + "\n".join(lines) + "\n", encoding="utf-8")
    result = call("points", file, "--out", tmp_path / "out", "--json")
    findings, written = (json.loads(result.stdout)[key] for key in ("findings", "files"))
    assert findings[0] == (
        "Rows: 193 in, 190 kept; set aside: 1 no point on the British National Grid, 1 no readable first or last time, "
        "1 last time before the first."
    )
    assert "22:00-23:00" in findings[3]
    assert sorted(Path(path).name for path in written) == [
        "density.csv", "density.svg", "hours_of_the_week.csv", "near_repeats.csv"
    ]  # fmt: skip
    repeats = pd.read_csv(tmp_path / "out" / "near_repeats.csv").set_index(["figure", "metres"])["[0, 8)"]
    assert repeats["observed", "[1, 101)"] >= 40
    assert repeats["p_value", "[1, 101)"] <= 0.002
    assert pd.read_csv(tmp_path / "out" / "hours_of_the_week.csv", index_col="day").sum().sum() == pytest.approx(190)
    ElementTree.parse(tmp_path / "out" / "density.svg")


def test_open_data_are_refused_for_points_with_the_reason(tmp_path: Path) -> None:
    file = tmp_path / "2025-01-west-mercia-street.csv"
    file.write_text("Crime ID,Month,Longitude,Latitude,Crime type\n", encoding="utf-8")
    result = call("points", file, "--out", tmp_path / "out")
    assert (result.exit_code, said(result)) == (
        1,
        "hcsp-assess: 2025-01-west-mercia-street.csv is a street-level file of data.police.uk: data.police.uk moves each "
        "record to the nearest of a fixed list of map points, in the countryside up to some kilometres away, so that the "
        "pattern would be that of the list; and these records are dated by month only, as data.police.uk publishes "
        "them. Use small areas (hcsp-assess hotspots), or an extract from the force with exact points and times",
    )
    assert not (tmp_path / "out").exists()
