"""A partnership's own indicators: their figures, planted here, are in its findings by plain arithmetic, and on its page."""

import csv
import json
import re
from dataclasses import replace

import pandas as pd
import pytest
from conftest import call, said
from openpyxl import Workbook, load_workbook

from hcsp_assess.chapters import performance_overview
from hcsp_assess.edition.findings import edition_findings
from hcsp_assess.edition.opened import open_edition, prepare
from hcsp_assess.edition.own_problems import own_problems
from hcsp_assess.edition.published import published_performances, quarters_of
from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.files import sha256_of
from hcsp_assess.periods import parse_quarter
from hcsp_assess.project import Project, find_project
from hcsp_assess.run.build import run_edition
from hcsp_assess.setup.all_partnerships import new_partnerships
from hcsp_assess.setup.open_data import new_open_data_partnership
from hcsp_assess.setup.own_indicator import add_indicator
from hcsp_assess.subject.areas import area
from hcsp_assess.subject.editions import edition

#: Made up for this test: fly-tipping by quarter of the financial year, and people who feel safe among those asked.
TIPPED = {"Q1 23/24": 410, "Q2 23/24": 455, "Q3 23/24": 430, "Q4 23/24": 402,
          "Q1 24/25": 371, "Q2 24/25": 388, "Q3 24/25": 350, "Q4 24/25": 344, "Q1 25/26": 293, "Q2 25/26": 301}  # fmt: skip
SAFE = {"Q1 24/25": (61, 400), "Q1 25/26": (72, 410)}
EDITION = "shropshire-2025-06"  # July 2024 to June 2025: Q1 25/26 is the last quarter that it may use


@pytest.fixture
def project(tmp_path):
    """A project with Shropshire as it is set up, without an indicator."""
    (tmp_path / "data" / "raw").mkdir(parents=True)
    new_open_data_partnership("E06000051", tmp_path)
    return find_project(tmp_path)


def with_both(project):
    add_indicator(project, "shropshire", "Fly-tipping", "count", "lower", TIPPED, ("2025-26", 1400))
    return add_indicator(project, "shropshire", "Residents who feel safe", "percent", "higher", SAFE)


def performances(project, key=EDITION):
    chosen = edition(key, project.root)
    return {item.indicator.key: item for item in published_performances(chosen, area(chosen.area, project.root))}


def folder(project):
    return project.root / "areas" / "shropshire"


def test_planted_quarters_are_in_the_findings_with_the_year_to_date_of_plain_arithmetic(project):
    sheet = with_both(project)
    opened = prepare(edition(EDITION, project.root), project)
    found = edition_findings(opened)
    tipped, safe = (found.by_key[f"performance_{key}"] for key in ("fly_tipping", "residents_who_feel_safe"))
    now, before = TIPPED["Q1 25/26"], TIPPED["Q1 24/25"]
    assert (tipped.evidence["value"], tipped.evidence["value_before"]) == (now, before)
    assert tipped.evidence["headroom"] == 1400 - now
    assert f"{now} between April and June 2025, {round(100 * (before - now) / before)}% fewer" in tipped.sentence
    assert f"({before})" in tipped.sentence
    assert "72% between April and June 2025, 11 percentage points higher than a year earlier (61%)" in safe.sentence
    rest = sum(TIPPED[quarter] for quarter in ("Q2 24/25", "Q3 24/25", "Q4 24/25"))
    assert f"the same months a year earlier had {rest:,}" in tipped.sentence
    assert {item.indicator.key: item.rated.rating for item in found.performances}["fly_tipping"] == "on track"
    (source,) = tipped.sources
    assert source.where == "performance.xlsx"
    assert source.sha256 == sha256_of(sheet)
    assert list(found.data["performance_fly_tipping"]) == [
        value for name, value in TIPPED.items() if name != "Q2 25/26"
    ]


def test_a_quarter_after_the_period_is_left_out_and_said_and_a_briefing_of_it_has_it(project):
    with_both(project)
    chosen, here = edition(EDITION, project.root), area("shropshire", project.root)
    assert str(performances(project)["fly_tipping"].latest.quarter) == "Q1 25/26"
    assert quarters_of(chosen, here)["fly_tipping"][parse_quarter("Q2 25/26")].value == TIPPED["Q2 25/26"]
    (problem,) = own_problems(chosen, project)
    assert problem.what == "figures of quarters that end after June 2025 are not in this report"
    assert not problem.stops
    opened = prepare(chosen, project)
    notes = performance_overview.table_overview(opened).notes
    assert "Figures after June 2025 are not part of this assessment." in notes


def test_the_same_figures_as_csv_long_and_wide_and_as_a_workbook_are_the_same(project):
    sheet = with_both(project)
    first = performances(project)
    sheet.unlink()
    names = {"fly_tipping": "Fly-tipping", "residents_who_feel_safe": "Residents who feel safe"}
    with (folder(project) / "performance.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Indicator", "Quarter", "Figure", "Out of"])
        writer.writerows(["fly_tipping", quarter, f"{value:,}", ""] for quarter, value in TIPPED.items())
        writer.writerows([names["residents_who_feel_safe"], q, f"{p}%", n] for q, (p, n) in SAFE.items())
    assert {key: item.year_to_date for key, item in performances(project).items()} == {
        key: item.year_to_date for key, item in first.items()
    }
    (folder(project) / "performance.csv").unlink()
    wide = pd.DataFrame({"Quarter": list(TIPPED), "Fly-tipping": list(TIPPED.values())})
    wide["Residents who feel safe"] = [SAFE.get(quarter, ("n/a", ""))[0] for quarter in TIPPED]
    wide["Residents who feel safe: out of"] = [SAFE.get(quarter, ("", ""))[1] for quarter in TIPPED]
    wide.to_csv(folder(project) / "performance.csv", index=False)
    again = performances(project)
    assert {key: item.year_to_date for key, item in again.items()} == {
        key: item.year_to_date for key, item in first.items()
    }


@pytest.mark.parametrize(
    ("cell", "value", "message"),
    [
        ("C3", "many", "C3: 'many' is not a number."),
        ("C3", 12.5, "C3: '12.5' is not a whole number from 0."),
        ("C3", -4, "C3: '-4' is not a whole number from 0."),
        ("D3", 120, "D3: '120' is not between 0% and 100%."),
        ("D3", 0.38, "D3: '0.38' may be a share or a percentage: write 38%, not 0.38."),
        ("D3", "*", "D3: '*' is a hidden figure: leave the cell blank."),
        ("A3", "Q5 24/25", "A3: 'Q5 24/25' is not a quarter: write Q1 25/26 (April to June)."),
        ("A3", "Q1 23/24", "both give Fly-tipping in Q1 23/24: keep one."),
        ("C1", "Fly tiping", "C1: there is no indicator 'Fly tiping'. Did you mean Fly-tipping?"),
    ],
)
def test_a_cell_that_cannot_be_used_is_named_by_column_and_row(cell, value, message, project):
    sheet = with_both(project)
    book = load_workbook(sheet)
    book["Figures"][cell] = value
    book.save(sheet)
    with pytest.raises(InputError, match=r"^areas/shropshire/performance.xlsx cannot be used\. ") as error:
        performances(project)
    assert message in str(error.value)


def test_every_faulty_cell_is_named_at_once(project):
    sheet = with_both(project)
    book = load_workbook(sheet)
    book["Figures"]["C4"], book["Figures"]["C6"] = "x1", "y2"
    book.save(sheet)
    with pytest.raises(InputError, match=r"C4: 'x1' .*C6: 'y2'"):
        performances(project)


def test_two_files_of_figures_or_figures_without_a_definition_are_refused(project):
    sheet = with_both(project)
    (folder(project) / "performance.csv").write_text("Quarter,Fly-tipping\n", encoding="utf-8")
    both = "areas/shropshire/performance.csv and areas/shropshire/performance.xlsx"
    with pytest.raises(InputError, match=both):
        performances(project)
    sheet.unlink()
    (folder(project) / "indicators.toml").unlink()
    with pytest.raises(
        InputError, match=r"performance.csv has figures, and areas/shropshire/indicators.toml defines no"
    ):
        performances(project)


def test_an_area_without_indicators_of_its_own_has_none_of_herefordshires(project):
    chosen, here = edition(EDITION, project.root), area("shropshire", project.root)
    assert published_performances(chosen, here) == ()
    assert "performance_overview" not in chosen.chapters
    claimed = replace(chosen, sources=(replace(edition("2013-14").source("strategy"), folder=""),))
    assert published_performances(claimed, here) == ()


def test_herefordshires_demonstration_keeps_its_seven_indicators_whatever_the_project_adds(project):
    without = published_performances(edition("2013-14"), area("herefordshire"))
    add_indicator(project, "herefordshire", "Fly-tipping", "count", "lower", TIPPED)
    kept = performances(project, "2013-14")
    assert len(kept) == 7
    assert tuple(kept.values()) == without
    assert list(performances(project, "2025")) == ["fly_tipping"]
    assert edition("2013-14", project.root) == edition("2013-14")


def test_an_edition_of_all_areas_reads_the_indicators_of_each_areas_own(tmp_path):
    (tmp_path / "data" / "raw").mkdir(parents=True)
    project, made = Project(tmp_path), new_partnerships(tmp_path)
    add_indicator(project, "hackney", "Fly-tipping", "count", "lower", TIPPED)
    add_indicator(project, "leeds", "Noise complaints", "count", "lower", {"Q1 24/25": 9, "Q1 25/26": 12})
    shown = {place: performances(project, f"{made.edition}@{place}") for place in ("hackney", "leeds", "shropshire")}
    assert {place: list(found) for place, found in shown.items()} == {
        "hackney": ["fly_tipping"], "leeds": ["noise_complaints"], "shropshire": [],
    }  # fmt: skip
    assert shown["leeds"]["noise_complaints"].year_to_date.value == 12
    assert "performance_overview" in edition(f"{made.edition}@leeds", tmp_path).chapters
    assert "performance_overview" not in edition(f"{made.edition}@shropshire", tmp_path).chapters


def test_an_edition_before_the_first_figure_has_no_chapter_on_performance(project):
    with_both(project)
    text = (project.root / "editions" / f"{EDITION}.toml").read_text(encoding="utf-8")
    earlier = text.replace("2024-07 to 2025-06", "2018-07 to 2019-06")
    (project.root / "editions" / "early.toml").write_text(earlier, encoding="utf-8")
    opened = prepare(edition("early", project.root), project)
    assert "performance_overview" not in opened.edition.chapters
    assert "performance_overview" in opened.edition.left_out
    assert "no figure up to June 2019" in own_problems(edition("early", project.root), project)[0].what


def test_an_indicator_added_later_leaves_the_sheet_as_it_was_and_gets_a_column(project):
    sheet = with_both(project)
    book = load_workbook(sheet)
    book["Figures"]["F1"], book["Figures"]["H30"] = None, None
    book["Notes"]["A9"] = "our own note"
    book.save(sheet)
    held = [[cell.value for cell in row] for row in load_workbook(sheet)["Figures"].iter_rows(max_col=5)]
    add_indicator(project, "shropshire", "Noise complaints", "count", "lower")
    after = load_workbook(sheet)
    assert [[cell.value for cell in row] for row in after["Figures"].iter_rows(max_col=5)] == held
    assert after["Figures"].cell(1, after["Figures"].max_column).value == "Noise complaints"
    assert after["Notes"]["A9"].value == "our own note"
    assert len(after["Figures"].data_validations.dataValidation) == 4  # a check for each column of figures
    assert len(performances(project)) == 3


def test_what_would_be_lost_or_is_there_already_is_refused_and_nothing_is_written(project):
    sheet = with_both(project)
    before = (folder(project) / "indicators.toml").read_bytes()
    with pytest.raises(UsageError, match="has an indicator 'Fly-tipping' already"):
        add_indicator(project, "shropshire", "fly-tipping", "count", "lower")
    with pytest.raises(
        UsageError, match=r"the unit of an indicator is count or percent, not 'counts'. Did you mean count"
    ):
        add_indicator(project, "shropshire", "Noise", "counts", "lower")
    with pytest.raises(UsageError, match="not a quarter"):
        add_indicator(project, "shropshire", "Noise", "count", "lower", {"spring": 3})
    book = load_workbook(sheet)
    book["Notes"]["B2"] = "=1+1"
    book.save(sheet)
    with pytest.raises(InputError, match=r"performance.xlsx has formulas \(Notes B2\), whose results would be lost"):
        add_indicator(project, "shropshire", "Noise", "count", "lower")
    assert (folder(project) / "indicators.toml").read_bytes() == before


def test_a_sheet_below_a_title_and_beside_other_sheets_is_read(project):
    with_both(project).unlink()
    book = Workbook()
    book.worksheets[0].title = "Read me"
    book.worksheets[0]["A1"] = "Figures of the partnership"
    sheet = book.create_sheet("2025")
    for row in (
        ["Fly-tipping, all districts"],
        [],
        ["Quarter", "Fly-tipping"],
        ["Apr-Jun 2024", 371],
        ["Q1 2025-26", 293],
    ):
        sheet.append(row)
    book.save(folder(project) / "performance.xlsx")
    change = performances(project)["fly_tipping"].year_to_date
    assert (change.value, change.value_before) == (293, 371)


def test_a_share_that_the_workbook_shows_as_a_percentage_is_read_as_it_is_shown(project):
    sheet = with_both(project)
    book = load_workbook(sheet)
    column = [cell.value for cell in book["Figures"][1]].index("Residents who feel safe") + 1
    row = next(row[0].row for row in book["Figures"].iter_rows(min_row=2) if row[0].value == "Q1 25/26")
    cell = book["Figures"].cell(row, column, 0.735)
    cell.number_format = "0.0%"
    book.save(sheet)
    assert performances(project)["residents_who_feel_safe"].latest.printed == "73.5%"


def test_a_second_partnership_gets_an_indicator_of_its_own_on_its_published_page(project, monkeypatch):
    monkeypatch.chdir(project.root)
    result = call("new", "indicator", "Fly-tipping", "--better", "lower", "--target", "1400", "--year", "2025-26")
    assert "areas/shropshire/performance.xlsx" in said(result)
    sheet = folder(project) / "performance.xlsx"
    book = load_workbook(sheet)
    rows = {row[0].value: row[2] for row in book["Figures"].iter_rows(min_row=2)}
    for quarter in ("Q1 24/25", "Q1 25/26"):
        rows[quarter].value = TIPPED[quarter]
    book.save(sheet)
    file = project.root / "editions" / f"{EDITION}.toml"
    text = file.read_text(encoding="utf-8").split("[[chapters]]", 1)[0]
    file.write_text(text + '[[chapters]]\nnotebook = "comparison"\n', encoding="utf-8")
    made = run_edition(edition(EDITION, project.root), project)
    page = made.page.read_text(encoding="utf-8")
    assert "Fly-tipping: 293 between April and June 2025, 21% fewer than a year earlier (371)." in re.sub(
        r"\s+", " ", page
    )
    findings = json.loads((made.page.parent / "findings.json").read_text(encoding="utf-8"))["findings"]
    (mine,) = [item for item in findings if item["key"] == "performance_fly_tipping"]
    assert mine["sources"][0]["sha256"] == sha256_of(sheet)
    assert mine["measure"] == "fly-tipping"
    assert open_edition(EDITION, project).edition.chapters == ("performance_overview", "comparison")
