"""Chapters on partners' returns: what the strategy published comes out, small counts do not, and gaps are told."""

import re
from dataclasses import replace

import pandas as pd
import pytest

from hcsp_assess.chapters import (
    alcohol,
    domestic_abuse,
    education,
    equality,
    feeling_safe,
    intake,
    offending,
    road_safety,
)
from hcsp_assess.chapters.shared import marked_offences, partner_series
from hcsp_assess.edition.opened import open_edition
from hcsp_assess.edition.returns import keep_account, open_returns
from hcsp_assess.errors import InputError
from hcsp_assess.project import Project
from hcsp_assess.report.two_audiences import Disclosed
from hcsp_assess.sources.indicators import read_cells
from hcsp_assess.sources.residents import RESIDENTS
from hcsp_assess.sources.returns import return_definition
from hcsp_assess.subject.areas import area
from hcsp_assess.subject.editions import parse_edition

CHAPTERS = {
    "domestic_abuse": domestic_abuse,
    "alcohol": alcohol,
    "offending": offending,
    "feeling_safe": feeling_safe,
    "road_safety": road_safety,
    "education": education,
}
CELL = re.compile(r"\d[\d,]*")


@pytest.fixture(scope="module")
def came(built):
    return {key: open_edition(key, built).returns for key in ("2013-14", "2025")}


@pytest.fixture
def demonstration(came):
    return came["2013-14"]


def gated_tables(came):
    """Every table of the demonstration that has passed the gate, by key."""
    made = [partner_series.table_series(came, name) for name in CHAPTERS]
    made += [marked_offences.table_marker(came, marker) for marker in ("alcohol", "domestic_abuse")]
    made += [alcohol.table_assault_places(came), alcohol.table_admissions(came), domestic_abuse.table_audit(came)]
    made += [offending.table_pathways(came), offending.table_reoffending(came), education.table_exclusions(came)]
    made += [equality.table_victims(came, column) for column in equality.COLUMNS]
    return {item.public.key: item for item in made if isinstance(item, Disclosed)}


def row_of(table, first):
    frame = table.frame
    return frame[frame.iloc[:, 0] == first].iloc[0]


def test_repeat_cases_at_marac_are_those_that_the_strategy_published(demonstration):
    row = row_of(partner_series.table_series(demonstration, "domestic_abuse").public, "Repeat cases at MARAC")
    published = read_cells()
    marac = [cell for cell in published if "marac" in cell.indicator]
    told = {str(cell.quarter): f"{cell.value:.0f}%" for cell in marac if cell.value is not None}
    assert told
    assert {quarter: row[quarter] for quarter in told} == told


def test_casualties_by_quarter_are_those_that_the_strategy_published(demonstration):
    row = row_of(
        partner_series.table_series(demonstration, "road_safety").public,
        "People killed or seriously injured on the roads",
    )
    assert list(row[["Q1 11/12", "Q2 11/12", "Q3 11/12", "Q4 11/12", "Q1 12/13", "Q2 12/13"]]) == [
        "26", "18", "18", "33", "14", "10",
    ]  # fmt: skip
    finding = partner_series.findings_series(demonstration, "road_safety").items[0]
    assert finding.evidence["change"] == pytest.approx(-45.5, abs=0.05)


def test_the_shares_of_violence_with_a_marker_are_those_that_the_strategy_names(demonstration):
    for marker, percent in (("alcohol", 45), ("domestic_abuse", 30)):
        finding = marked_offences.finding_marker(demonstration, marker)
        assert finding.sentence.startswith(f"{percent}% of violence against the person had ")
        assert finding.evidence["low"] < percent < finding.evidence["high"]


def test_the_audit_reoffending_and_the_helpline_are_as_the_strategy_says(demonstration):
    audit = domestic_abuse.table_audit(demonstration).public.frame
    assert list(audit["With domestic abuse"]) == ["53%", "39%", "64%"]
    assert offending.finding_reoffending(demonstration).sentence.startswith("12.4% of ")
    assert "47% of those were aged 18 to 30" in offending.finding_reoffending(demonstration).sentence
    assert domestic_abuse.finding_helpline_years(demonstration).evidence["percent"] == pytest.approx(5, abs=0.5)


def test_surveys_of_different_words_are_told_apart(demonstration):
    said = feeling_safe.findings_safety(demonstration).items
    assert len({item.certainty for item in said}) == len(said) == 3
    shown = {re.match(r"\d+%", item.sentence)[0] for item in said}
    assert shown == {"96%", "74%", "61%"}


def test_no_published_cell_of_a_partner_is_small_or_finer_than_its_rule(demonstration):
    tables = gated_tables(demonstration)
    assert len(tables) >= 14
    suppressed = 0
    for key, item in tables.items():
        if key in ("road-safety-quarters", "childrens-audit"):  # open data; percentages of bases that are large
            continue
        for name in item.public.frame.columns[1:]:
            if name in ("Per cent", "Lower", "Upper"):
                continue
            for cell in item.public.frame[name]:
                if CELL.fullmatch(str(cell)):
                    number = int(str(cell).replace(",", ""))
                    assert number == 0 or (number >= 5 and number % 5 == 0), (key, name, cell)
        suppressed += len(item.log)
    assert suppressed > 20


def test_the_restricted_version_holds_the_counts_as_they_came(demonstration):
    rows = demonstration.combined("marac").rows
    row = row_of(partner_series.table_series(demonstration, "domestic_abuse").restricted, "Cases heard at MARAC")
    assert [int(row[quarter]) for quarter in rows["quarter"]] == rows["cases"].to_list()


def test_sums_by_sex_age_and_ethnic_group_are_of_the_same_offences(demonstration):
    totals = {
        row_of(equality.table_victims(demonstration, column).public, "Total")["Offences"] for column in equality.COLUMNS
    }
    assert len(totals) == 1


def test_rates_by_group_need_residents_and_are_of_them(demonstration, tmp_path, monkeypatch):
    assert equality.table_rates(demonstration, "sex").sentence == (
        "Rates of violence by sex cannot be told: put residents by sex in data/raw/residents/groups.csv."
    )
    file = tmp_path / RESIDENTS
    file.parent.mkdir(parents=True)
    file.write_text(
        'column,group,residents,source\nsex,Female,"1,000",made up\nsex,Male,2000,made up\n', encoding="utf-8"
    )
    own = replace(demonstration, project=Project(tmp_path))
    frame = equality.table_rates(own, "sex").restricted.frame.set_index("Group")
    counts = frame["Offences"].str.replace(",", "").astype(int)
    assert float(frame.loc["Female", "Rate per 1,000"]) == pytest.approx(counts["Female"], abs=0.05)
    assert float(frame.loc["Male", "Rate per 1,000"]) == pytest.approx(counts["Male"] / 2, abs=0.05)
    file.write_text("column,group,residents,source\nsex,Female,none,made up\n", encoding="utf-8")
    with pytest.raises(
        InputError, match=r"data/raw/residents/groups.csv, line 2: residents must be a number above zero"
    ):
        equality.table_rates(own, "sex")


def test_health_data_are_shown_by_outward_postcode_and_never_by_small_area(demonstration):
    table = alcohol.table_admissions(demonstration).public
    assert all(re.fullmatch(r"HR\d+|Total", name) for name in table.frame.iloc[:, 0])
    for name in ("health_admissions", "ambulance_calls", "ae_assaults", "alcohol_admissions"):
        assert "lsoa" not in {column.name for column in return_definition(name).columns}


def test_what_did_not_come_is_named_with_who_was_to_send_it_and_since_when(demonstration):
    said = [item.sentence for item in partner_series.say_missing(demonstration, *alcohol.RETURNS).items]
    assert said[0] == (
        "Ambulance calls to crime and disorder: nothing came for Q4 11/12 to Q3 12/13. It was to come from "
        "West Midlands Ambulance Service by 30 June 2012."
    )


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_of_which_nothing_came_names_every_sender_and_shows_no_figure(came, name):
    real = came["2025"]
    missing = " ".join(item.sentence for item in partner_series.say_missing(real, *CHAPTERS[name].RETURNS).items)
    for source in CHAPTERS[name].RETURNS:
        assert return_definition(source).holder in missing
    assert [item.sentence for item in partner_series.findings_series(real, name).items] == [
        "We did not ask partners for returns for this edition."
    ]
    assert not isinstance(partner_series.table_series(real, name), Disclosed)


def test_the_register_has_a_line_for_every_return_and_its_rows_balance(came):
    for key, opened in came.items():
        register = opened.register
        assert set(register["dataset"]) == set(intake_names())
        rows = opened.rows
        assert rows["in"] == rows["kept"] + rows["set aside"]
        assert len(intake.table_register(opened).frame) == len(register), key
    assert intake.finding_intake(came["2013-14"]).sentence == (
        "Of 23 returns that partners were to send by 30 April 2013, 17 came in full, 4 came in part, and of 2 nothing came."
    )
    assert intake.finding_intake(came["2025"]).evidence["nothing"] == 23


def test_a_row_that_is_set_aside_is_kept_with_its_cell_and_told(tmp_path, monkeypatch):
    folder = tmp_path / "data" / "raw" / "returns" / "helpline_calls"
    folder.mkdir(parents=True)
    (folder / "q1.csv").write_text("Quarter,Calls\nQ1 12/13,200\nQ2 12/13,about 90\n", encoding="utf-8")
    (folder.parent / "marac").mkdir()
    (folder.parent / "marac" / "q1.csv").write_text(
        "Quarter,MARAC cases,Repeat cases,Victim name\nQ1 12/13,50,20,Jane Example\n", encoding="utf-8"
    )
    text = """
title = "T"
area = "herefordshire"
period = "2012"
sources = [{ key = "returns", name = "Returns", kind = "partners' returns", folder = "data/raw/returns" }]
chapters = []
"""
    partners = open_returns(parse_edition("t", text), area("herefordshire"), Project(tmp_path))
    keep_account(partners, tmp_path / "data" / "processed" / "t" / "returns")
    kept = pd.read_csv(tmp_path / "data" / "processed" / "t" / "returns" / "set_aside.csv")
    assert kept[["dataset", "cell", "original"]].to_numpy().tolist() == [["helpline_calls", "B3", "about 90"]]
    assert partners.rows == {"in": 2, "kept": 1, "set aside": 1}
    told = partners.problems()
    assert "helpline_calls/q1.csv: 1 rows set aside" in told
    assert any("marac/q1.csv" in text or "q1.csv" in text for text in told if "Victim name" in text)
    written = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "data" / "processed").rglob("*.csv"))
    assert "Jane" not in written


def sent(tmp_path, demonstration, name, lines):
    """The demonstration with one return alone, as a partner sent it."""
    folder = tmp_path / "sent" / name
    folder.mkdir(parents=True)
    (folder / "sent.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return replace(demonstration, folder=folder.parent, _read={})


def headings(name, *columns):
    return ",".join(return_definition(name).column(column).heading for column in columns)


def test_a_concern_whose_count_was_suppressed_is_not_told_as_none(tmp_path, demonstration):
    names = headings("community_concerns", "month", "source", "parish", "theme", "times_raised")
    lines = [names, "2012-04,Event,A,Parking,<5", "2012-04,Parish plan,A,Parking,7", "2012-05,Event,A,Noise,3"]
    frame = feeling_safe.table_concerns(sent(tmp_path, demonstration, "community_concerns", lines)).public.frame
    cells = frame.set_index("Theme")
    assert (cells.loc["Parking", "Event"], cells.loc["Parking", "Total"]) == ("[c]", "[c]")
    assert (cells.loc["Noise", "Event"], cells.loc["Noise", "Parish plan"]) == ("3", "0")


def test_a_survey_result_that_is_not_known_or_of_few_people_is_neither_told_nor_taken_for_none(tmp_path, demonstration):
    columns = ("month", "survey", "measure", "wording", "characteristic", "group", "percent", "base")
    start = "Survey,feel_safe_local_area,How safe?"
    lines = [
        headings("survey_results", *columns),
        f"2011-06,{start},everyone,Everyone,52%,400",
        f"2012-06,{start},everyone,Everyone,..,400",
        f"2012-06,{start},sex,Women,50%,12",
        f"2012-06,{start},sex,Men,..,200",
    ]
    own = sent(tmp_path, demonstration, "survey_results", lines)
    (told,) = feeling_safe.findings_safety(own).items
    assert told.sentence.startswith("52% feel safe in their local area (June 2011")
    groups = equality.table_survey_groups(own).frame.set_index("Group")["Per cent"].to_dict()
    assert groups == {"Women": "[c]", "Men": "[x]"}
    results = feeling_safe.table_safety(own).frame
    assert sorted(results["Per cent"]) == ["52%", "[c]", "[x]", "[x]"]


def test_a_year_without_a_call_ends_in_a_sentence(tmp_path, demonstration):
    quarters = [f"Q{number} {year},{calls}" for year, calls in (("10/11", 0), ("11/12", 50)) for number in (1, 2, 3, 4)]
    own = sent(tmp_path, demonstration, "helpline_calls", [headings("helpline_calls", "quarter", "calls"), *quarters])
    assert domestic_abuse.finding_helpline_years(own).sentence == (
        "Calls to the helpline were too few to publish, or there were none, in one of two years."
    )


def intake_names():
    from hcsp_assess.sources.returns import return_names

    return return_names()
