"""Chapters on partners' returns: published figures are shown as published, small counts are not, gaps are in one table."""

import re
from dataclasses import replace

import pandas as pd
import pytest

from hcsp_assess.assessment.gaps import gaps_frame
from hcsp_assess.chapters import (
    alcohol,
    domestic_abuse,
    education,
    equality,
    feeling_safe,
    intake,
    offending,
    performance_overview,
    road_safety,
)
from hcsp_assess.chapters.shared import marked_offences, partner_series
from hcsp_assess.edition.chapter_sources import chapter_sources
from hcsp_assess.edition.counts import no_counts
from hcsp_assess.edition.gaps import edition_gaps
from hcsp_assess.edition.opened import OpenEdition, open_edition
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
def opened(built):
    return {key: open_edition(key, built) for key in ("2013-14", "2025")}


@pytest.fixture(scope="module")
def came(opened):
    return {key: each.returns for key, each in opened.items()}


@pytest.fixture
def demonstration(came):
    return came["2013-14"]


def label(quarter):
    """The heading of a quarter's column: "Q1 12/13" is "Apr–Jun 2012"."""
    first, years = {"1": "Apr–Jun", "2": "Jul–Sep", "3": "Oct–Dec", "4": "Jan–Mar"}, quarter[3:].split("/")
    return f"{first[quarter[1]]} 20{years[quarter[1] == '4']}"


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
    row = row_of(
        partner_series.table_series(demonstration, "domestic_abuse").public,
        "Repeat cases at the conference (MARAC), as published",
    )
    published = read_cells()
    marac = [cell for cell in published if "marac" in cell.indicator]
    told = {str(cell.quarter): f"{cell.value:.0f}%" for cell in marac if cell.value is not None}
    assert told
    assert {quarter: row[label(quarter)] for quarter in told} == told


def test_casualties_by_quarter_are_those_that_the_strategy_published(demonstration):
    row = row_of(
        partner_series.table_series(demonstration, "road_safety").public,
        "People killed or seriously injured on the roads, as published",
    )
    quarters = ("Q1 11/12", "Q2 11/12", "Q3 11/12", "Q4 11/12", "Q1 12/13", "Q2 12/13")
    assert list(row[[label(quarter) for quarter in quarters]]) == ["26", "18", "18", "33", "14", "10"]


def test_a_measure_that_the_strategy_published_is_one_figure_and_one_label_in_every_chapter(opened):
    demonstration = opened["2013-14"]
    overview = {item.key: item for item in performance_overview.findings_indicators(demonstration).items}
    pairs = {
        "marac_repeats": ("domestic_abuse", "performance_marac_repeats"),
        "treatment_drug_free": ("alcohol", "performance_ocu_exits"),
        "road_ksi": ("road_safety", "performance_killed_or_seriously_injured"),
    }
    for key, (chapter, indicator) in pairs.items():
        shown = {item.key: item for item in partner_series.findings_series(demonstration.returns, chapter).items}[key]
        assert (shown.sentence, shown.certainty) == (overview[indicator].sentence, overview[indicator].certainty)
        assert not shown.simulated
    assert overview["performance_killed_or_seriously_injured"].sentence.startswith(
        "24 people were killed or seriously injured on the roads between April and September 2012, 20 fewer than a year "
        "earlier (44)."
    )
    local = feeling_safe.findings_safety(demonstration.returns).items[-1]
    assert local.sentence == overview["performance_feel_safe"].sentence


def test_a_clear_change_is_said_as_one_with_its_size_and_the_rest_are_not(demonstration):
    said = {item.key: item for item in partner_series.findings_series(demonstration, "domestic_abuse").items}
    children = said["marac_children"]
    clear = children.evidence["adjusted_p_value"] <= 0.05
    assert (children.direction == "rising") == clear
    assert children.sentence.endswith(": a clear rise." if clear else ": no clear change.")
    assert "between April and December 2012" in children.sentence
    assert said["marac_cases"].sentence.endswith("than a year earlier: no clear change.")
    for item in said.values():
        text = f"{item.sentence} {item.certainty}"
        assert not re.search(r"Q[1-4] \d|95%|interval|p = |E-test|Poisson|Wilson", text), text
    assert "95% interval" in children.method and "p = " in children.method


def test_the_shares_of_violence_with_a_marker_are_those_that_the_strategy_names(demonstration):
    for marker, percent in (("alcohol", 45), ("domestic_abuse", 30)):
        finding = marked_offences.finding_marker(demonstration, marker)
        assert finding.sentence.startswith(f"{percent}% of violence against the person was marked by officers as ")
        assert finding.evidence["low"] < percent < finding.evidence["high"]


def test_the_audit_reoffending_and_the_helpline_are_as_the_strategy_says(demonstration):
    audit = domestic_abuse.table_audit(demonstration).public.frame
    assert list(audit["With domestic abuse"]) == ["53%", "39%", "64%"]
    assert offending.finding_reoffending(demonstration).sentence.startswith("12.4% of ")
    # the strategy says 47%; of published counts, which are multiples of 5, it is 46%
    assert "Of those, 46% were aged 18 to 30" in offending.finding_reoffending(demonstration).sentence
    assert domestic_abuse.finding_helpline_years(demonstration).evidence["percent"] == pytest.approx(5, abs=0.5)


def test_surveys_of_different_words_are_told_apart(demonstration):
    said = feeling_safe.findings_safety(demonstration).items
    assert len({item.measure for item in said}) == len(said) == 3
    assert not any(item.simulated for item in said)  # the strategy published all three
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
            if name in ("Per cent", "Likely range"):
                continue
            for cell in item.public.frame[name]:
                if CELL.fullmatch(str(cell)):
                    number = int(str(cell).replace(",", ""))
                    assert number == 0 or (number >= 5 and number % 5 == 0), (key, name, cell)
        suppressed += len(item.log)
    assert suppressed > 20


def test_the_restricted_version_holds_the_counts_as_they_came(demonstration):
    rows = demonstration.combined("marac").rows
    row = row_of(
        partner_series.table_series(demonstration, "domestic_abuse").restricted,
        "Cases discussed at the conference (MARAC)",
    )
    assert [int(row[label(quarter)]) for quarter in rows["quarter"]] == rows["cases"].to_list()


def test_sums_by_sex_age_and_ethnic_group_are_of_the_same_offences(demonstration):
    totals = {
        row_of(equality.table_victims(demonstration, column).public, "Total")["Offences"] for column in equality.COLUMNS
    }
    assert len(totals) == 1


def test_rates_by_group_need_residents_and_are_of_them(demonstration, tmp_path, monkeypatch):
    assert equality.table_rates(demonstration, "sex").items == ()  # the table of gaps says so
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


def test_what_is_missing_is_in_one_table_with_who_held_it_then(opened):
    lines = gaps_frame(edition_gaps(opened["2013-14"])).set_index("Not covered")
    calls = lines.loc["ambulance calls to crime and disorder"]
    assert calls["Subject"] == "Alcohol and drugs"
    assert (calls["Period"], calls["Who holds it"]) == ("January to December 2012", "West Midlands Ambulance Service")
    assert lines.loc["reoffending by age band", "Who holds it"] == "West Mercia Probation Trust"
    assert lines.loc["road casualties by quarter", "Period"] == "October to December 2012"
    assert any(subject == "Equality" for subject in lines["Subject"])  # no residents by group: no rates


def test_an_edition_without_returns_leaves_out_every_chapter_that_rests_on_them(opened):
    real = opened["2025"]
    assert {*CHAPTERS, "equality", "consultation"} <= set(real.edition.left_out)
    assert not set(real.edition.left_out) & set(real.edition.chapters)
    subjects = {gap.subject for gap in edition_gaps(real)}
    assert {chapter_sources()[name].subject for name in real.edition.left_out} <= subjects
    for name in CHAPTERS:
        shown = (
            *partner_series.findings_series(real.returns, name).items,
            *partner_series.table_series(real.returns, name).items,
            *partner_series.chart_series(real.returns, name).items,
        )
        assert shown == ()
    assert intake.finding_intake(real.returns).sentence == "We did not ask partners for returns for this edition."
    assert intake.table_register(real.returns).items == ()


#: Bodies of Herefordshire, and bodies that ended before 2025: no report on another area, or of 2025, names them.
PLANTED = (
    *("Herefordshire", "Hereford and Worcester", "Wye Valley", "West Mercia", "West Midlands Ambulance"),
    *("Probation Trust", "Primary Care Trust", "Clinical Commissioning Group", "Youth Offending Service"),
)


#: Two other partnerships: one in two tiers with another police force, one of the same force.
PLACES = {
    "gloucester": {"district_code": "E07000081", "force": "gloucestershire", "force_name": "Gloucestershire"},
    "shropshire": {"district_code": "E06000051"},
}


@pytest.mark.parametrize("key", PLACES)
def test_a_report_on_another_area_names_no_body_of_herefordshire_and_none_that_has_ended(key, tmp_path):
    name = key.capitalize()
    place = replace(area("herefordshire"), key=key, name=name, full_name=name, **PLACES[key])
    text = """
title = "T"
area = "herefordshire"
period = "2025"
sources = [{ key = "returns", name = "Returns", kind = "partners' returns", folder = "data/raw/returns" }]
chapters = [{ notebook = "domestic_abuse" }, { notebook = "offending" }, { notebook = "alcohol" },
            { notebook = "feeling_safe" }, { notebook = "road_safety" }, { notebook = "education" },
            { notebook = "equality" }, { notebook = "intake" }]
"""
    edition = replace(parse_edition("t", text), area=place.key)
    returns = open_returns(edition, place, Project(tmp_path))
    own = OpenEdition(edition, place, Project(tmp_path), no_counts(place))
    texts = [str(cell) for row in gaps_frame(edition_gaps(own)).to_numpy() for cell in row]
    texts += [*returns.register["message"].astype(str), *returns.register["holder"].astype(str)]
    texts += [intake.finding_intake(returns).sentence]
    texts += [item.sentence for name in CHAPTERS for item in partner_series.findings_series(returns, name).items]
    allowed = "West Mercia" if place.force == "west-mercia" else "nothing"
    named = [(word, text) for text in texts for word in PLANTED if word.lower() in text.lower() and word != allowed]
    assert named == []
    assert any("Gloucestershire County Council" in text for text in texts) == (key == "gloucester")


def test_the_register_has_a_line_for_every_return_and_its_rows_balance(came):
    for key, opened in came.items():
        register = opened.register
        assert set(register["dataset"]) == set(intake_names(opened.span.last))
        rows = opened.rows
        assert rows["in"] == rows["kept"] + rows["set aside"]
        if opened.names_received:
            assert len(intake.table_register(opened).public.frame) == len(register), key
    found = intake.finding_intake(came["2013-14"])
    counts = [found.evidence[name] for name in ("returns", "in_full", "in_part", "nothing")]
    assert counts[0] == sum(counts[1:]) == len(intake_names(came["2013-14"].edition.span.last))
    assert found.sentence == (
        f"By 30 April 2013 we had {counts[1]} of the {counts[0]} returns in full and {counts[2]} in part. The other "
        f"{counts[3]} were not received."
    )
    assert intake.finding_intake(came["2025"]).evidence["nothing"] == len(intake_names(came["2025"].edition.span.last))


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
    cells = frame.set_index("Concern")
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
    own.__dict__["published"] = {}  # an edition without published figures
    (told,) = feeling_safe.findings_safety(own).items
    assert told.sentence.startswith("52% feel safe in their local area (Survey, June 2011)")
    groups = equality.table_survey_groups(own).frame.set_index("Group")["Per cent"].to_dict()
    assert groups == {"Women": "[c]", "Men": "[x]"}
    results = feeling_safe.table_safety(own).frame
    assert sorted(results["Per cent"]) == ["52%", "[c]", "[x]", "[x]"]


def test_a_year_without_a_call_ends_in_a_sentence(tmp_path, demonstration):
    quarters = [f"Q{number} {year},{calls}" for year, calls in (("10/11", 0), ("11/12", 50)) for number in (1, 2, 3, 4)]
    own = sent(tmp_path, demonstration, "helpline_calls", [headings("helpline_calls", "quarter", "calls"), *quarters])
    assert domestic_abuse.finding_helpline_years(own).sentence == (
        "Calls to the helpline: numbers too small to publish in at least one of two years."
    )


def intake_names(last):
    from hcsp_assess.sources.returns import return_definition, return_names

    return [name for name in return_names() if return_definition(name).asked_for(last)]
