"""Matters for the county in a district's edition, and a county's page from what its partnerships published."""

import copy
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import call, said

from hcsp_assess.assessment.county import common_themes
from hcsp_assess.assessment.county_matters import check_matters, parse_matters, with_matters
from hcsp_assess.assessment.findings import Findings
from hcsp_assess.assessment.priorities import parse_issues, scoring_scheme
from hcsp_assess.assessment.statute import check_statute, letters_of, parse_statements
from hcsp_assess.assessment.wording.county import describe_held, describe_sum
from hcsp_assess.chapters import county_agreement
from hcsp_assess.edition.county import County, open_county, say_missing
from hcsp_assess.edition.opened import prepare
from hcsp_assess.errors import InputError
from hcsp_assess.places.differences import differences_between
from hcsp_assess.project import Project
from hcsp_assess.report.dictionary import unexplained
from hcsp_assess.report.html import parse_html
from hcsp_assess.report.workbook import read_tables
from hcsp_assess.run.fingerprint import input_files
from hcsp_assess.sources.findings_file import read_published
from hcsp_assess.sources.texts import TextFolder
from hcsp_assess.subject.county_themes import county_themes
from hcsp_assess.subject.editions import edition, parse_edition

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "hcsp_assess" / "definitions" / "recorded_crime" / "recorded_crime.csv.gz"
NORTH, SOUTH = "E22000368", "E22000332"
PERIOD = "July 2024 to June 2025"
SIGNED = {"role": "Community safety manager", "date": "2025-10-14", "origin": "written for this edition", "source": ""}
MATTER = "One service for victims <b>everywhere</b>, “from” April 2027 & after."
COUNTY = """
title = "Worcestershire: evidence for the county agreement"
area = "worcestershire"
period = "2024-07 to 2025-06"
sources = []
districts = [
  { name = "North Worcestershire", code = "E22000368", folder = "data/raw/districts/north" },
  { name = "South Worcestershire", code = "E22000332", folder = "data/raw/districts/south" },
]
chapters = [{ notebook = "county_agreement" }]
"""
AREA = """
name = "Worcestershire"
full_name = "Worcestershire"
district_code = "E07000234"
partnership_code = ""
force = "west-mercia"
force_name = "West Mercia"
classification = ""
small_areas = "none"
"""


def matter(theme: str, text: str = MATTER) -> dict[str, Any]:
    entry = {"key": f"m_{theme}", "theme": theme, "text": text, "because": "Contracts end in different months."}
    return {**entry, "findings": ["level"], "signed": SIGNED}


def priority(theme: str, place: int, name: str) -> dict[str, Any]:
    return {"key": f"p{place}", "name": name, "theme": theme, "place": place, "signed": SIGNED}


def document(area: str, code: str, matters: list[Any], priorities: list[Any] = [], **more: Any) -> dict[str, Any]:  # noqa: B006
    """A published findings.json, written by hand as docs/findings-schema.md has it."""
    finding = {
        "key": "level", "sentence": f"Police recorded 19,210 crimes in {area}.", "direction": "", "certainty": "",
        "caveats": [], "simulated": False, "evidence": {"count": 19210}, "sources": [], "links": {},
    }  # fmt: skip
    return {
        "schema": "1.2", "edition": f"{area}-2025", "title": f"{area} assessment", "area": area, "period": PERIOD,
        "simulated": False, "software": "0.1.0", "partnership_code": code, "findings": [finding], "data": [],
        "recommendations": [], "priorities": priorities, "matters": matters,
        "decisions": [{"key": "for_2026", "text": "Shop theft comes first in 2026/27.", "signed": SIGNED}],
    } | more  # fmt: skip


def put(folder: Path, found: dict[str, Any], **record: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    about = {"edition": found["edition"], "period": found["period"], "published": "14 October 2025, 09:00 UTC"}
    (folder / "findings.json").write_text(json.dumps(found), encoding="utf-8")
    (folder / "run.json").write_text(json.dumps(about | record), encoding="utf-8")
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Project:
    for name, text in (("areas/worcestershire.toml", AREA), ("editions/county.toml", COUNTY)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "data" / "raw").mkdir(parents=True)
    return Project(tmp_path)


def opened(project: Project) -> County:
    return open_county(prepare(edition("county", project.root), project))


def north(project: Project, **more: Any) -> Path:
    shared = [priority("shoplifting", 1, "Shop theft"), priority("", 2, "Parking")]
    found = document("North Worcestershire", NORTH, [matter("domestic_abuse"), matter("other")], shared, **more)
    return put(project.raw / "districts" / "north", found)


def south(project: Project, **more: Any) -> Path:
    found = document("South Worcestershire", SOUTH, [matter("domestic_abuse"), matter("shoplifting")], **more)
    return put(project.raw / "districts" / "south", found)


def shown(thing: Any) -> str:
    return parse_html(f"<main>{thing._repr_html_()}</main>").soup.get_text(" ")


# The county's figures


def test_the_countys_offences_are_the_sums_that_plain_pandas_finds_in_the_official_table(project: Project) -> None:
    found = opened(project)
    assert found.figures is not None
    plain = pd.read_csv(TABLE)
    mine = plain[plain["code"].isin([NORTH, SOUTH]) & (plain["year_end"] == "2025-06")].set_index("code")
    assert len(mine) == 2
    for group, total in found.figures.sums.items():
        assert total.count == int(mine[group].sum()), group
        assert total.whole
        assert int(found.figures.counts.loc[group, "North Worcestershire"]) == int(mine.loc[NORTH, group])
    assert found.figures.total.count == 39835 == 19210 + 20625
    text = shown(county_agreement.finding_recorded(found))
    assert "Police recorded 39,835 crimes in Worcestershire in the year to June 2025." in text
    assert "Of these, 20,625 were in South Worcestershire and 19,210 in North Worcestershire." in text


def test_every_county_of_two_to_six_partnerships_adds_up(project: Project) -> None:
    """Partnerships of one force each stand for a county, whatever they are: sums know nothing of borders."""
    plain = pd.read_csv(TABLE)
    plain = plain[(plain["level"] == "partnership") & (plain["year_end"] == "2025-06")]
    plain = plain[plain["code"].str.startswith("E")]
    for force, mine in list(plain.groupby("force"))[::6]:
        mine = mine.head(6)
        if len(mine) < 2:
            continue
        tables = ", ".join(
            f"{{ name = {json.dumps(name)}, code = {json.dumps(code)}, folder = 'data/raw/districts/{code}' }}"
            for name, code in zip(mine["name"], mine["code"], strict=True)
        )
        text = COUNTY[: COUNTY.index("districts = ")] + f"districts = [{tables}]\nchapters = [{{ notebook = 'x' }}]\n"
        (project.root / "editions" / "county.toml").write_text(text, encoding="utf-8")
        found = opened(project)
        assert found.figures is not None
        groups = list(found.figures.sums)
        expected = {group: int(mine[group].sum()) for group in groups if mine[group].notna().all()}
        assert len(expected) > 10
        assert {g: s.count for g, s in found.figures.sums.items() if s.whole} == expected, force


def test_a_total_without_every_partnership_says_of_how_many_it_is(project: Project) -> None:
    found = opened(project)
    assert found.figures is not None
    found.figures.counts.loc["robbery", "South Worcestershire"] = pd.NA
    table = county_agreement.table_recorded(found)
    row = table.frame.set_index("Kind of offence").loc["Robbery"]
    assert row["Worcestershire"] == f"{int(row['North Worcestershire']):,} (1 of 2)"
    assert pd.isna(row["South Worcestershire"])
    part = describe_sum("Kent", "2025", found.figures.sums["robbery"], {"North": 180})
    assert part.sentence.startswith("Police recorded 180 crimes in 1 of the 2 partnerships of Kent in 2025.")
    assert part.caveats == ("The county's total is not given, because figures of a partnership are missing.",)


def test_partnerships_that_differ_by_chance_alone_are_seldom_called_different() -> None:
    """60 counties of six alike, ten kinds each: at most one in twenty may have any difference called clear."""
    draw = np.random.default_rng(1)
    people = pd.Series({f"P{n}": 60_000 + 20_000 * n for n in range(6)})
    wrong = 0
    for _ in range(60):
        counts = pd.DataFrame(draw.poisson(people.to_numpy() * 0.004, size=(10, 6)), columns=people.index)
        wrong += bool(len(differences_between(counts.rename(index=str), people).clear))
    assert wrong <= 6  # 3 expected at most; 6 is under two standard errors above


def test_a_planted_difference_is_found_and_named_and_two_places_are_compared_once() -> None:
    people = pd.Series({"A": 50_000, "B": 100_000})
    counts = pd.DataFrame({"A": [400, 200, 3], "B": [400, 400, 4]}, index=["theft", "damage", "robbery"])
    found = differences_between(counts, people)
    assert found.tested == 2  # seven robberies are too few to compare
    (row,) = found.clear.itertuples()
    assert (row.kind, row.place, row.rate, row.rest_rate, row.ratio) == ("theft", "A", 8.0, 4.0, 2.0)
    assert row.low < 2 < row.high
    assert not len(
        differences_between(counts, people, {"theft": 0.5}).clear
    )  # if places move by half from year to year
    with pytest.raises(InputError, match="^B has no number of residents: give one above zero$"):
        differences_between(counts, pd.Series({"A": 1, "B": 0}))


# What partnerships publish, on the county's page


def test_words_are_shown_word_for_word_with_who_signed_them_and_markup_stays_text(project: Project) -> None:
    north(project), south(project)
    text = shown(county_agreement.words_of_districts(opened(project)))
    assert text.count(MATTER) == 4
    assert text.count("Shop theft comes first in 2026/27.") == 2
    assert "Priorities, by score: 1. Shop theft; 2. Parking." in " ".join(text.split())
    assert "What it rests on: Police recorded 19,210 crimes in North Worcestershire." in text
    assert text.count("Community safety manager, 14 October 2025") == 1 + 2 + 4
    assert "Its assessment has no scored priorities." in text  # of the south
    assert not parse_html(county_agreement.words_of_districts(opened(project))._repr_html_()).soup.find_all("b")


def test_common_subjects_are_counted_once_a_partnership_by_hand() -> None:
    documents = {
        "A": document("A", "", [matter("domestic_abuse"), matter("rural_crime")], [priority("shoplifting", 1, "x")]),
        "B": document("B", "", [matter("domestic_abuse")], [priority("domestic_abuse", 1, "x")]),
        "C": document("C", "", [matter("other")], [priority("domestic_abuse", 1, "x"), priority("", 2, "y")]),
        "D": document("D", "", [matter("other"), matter("shoplifting")], [priority("shoplifting", 1, "x")]),
    }
    found = {item.theme: item for item in common_themes(documents, 6)}
    assert list(found) == ["domestic_abuse", "shoplifting"]  # three, then two; rural crime one; "other" never
    assert found["domestic_abuse"].named_by == ("A", "B", "C")
    assert found["domestic_abuse"].matter_of == ("A", "B")
    assert found["domestic_abuse"].priority_of == ("B", "C")
    assert found["shoplifting"].named_by == ("D", "A")
    assert {item.of for item in found.values()} == {6}


def test_what_is_in_common_is_said_of_all_partnerships_also_those_that_are_missing(project: Project) -> None:
    north(project)
    assert county_agreement.table_common(opened(project)) == Findings(())
    south(project)
    found = opened(project)
    sentence = shown(county_agreement.finding_common(found))
    assert "Two or more partnerships name domestic abuse (both) and shoplifting (both)." in sentence
    table = county_agreement.table_common(found).frame.set_index("Subject")
    assert table.loc["Shoplifting"].tolist() == ["2 of 2", "South Worcestershire", "North Worcestershire"]


def test_a_missing_assessment_and_one_of_another_period_are_said(project: Project) -> None:
    north(project, period="April 2023 to March 2024")
    found = opened(project)
    text = " ".join(shown(county_agreement.finding_held(found)).split())
    assert (
        "We hold the assessments of 1 of the 2 partnerships in Worcestershire. South Worcestershire is missing." in text
    )
    assert "The assessment of North Worcestershire is of another period, April 2023 to March 2024." in text
    rows = county_agreement.table_held(found).frame.to_numpy().tolist()
    assert rows[0][2:] == ["April 2023 to March 2024", "14 October 2025, 09:00 UTC", "of another period"]
    assert rows[1] == ["South Worcestershire", "none", "none", "none", "not received"]
    assert say_missing(found) == (
        "the assessment of South Worcestershire is missing: put its findings.json and run.json in "
        "data/raw/districts/south/",
    )
    south(project)
    note = county_agreement.table_common(opened(project)).notes[-1]
    assert note == "Counted with them, though of another period: North Worcestershire."
    both = describe_held("Kent", ["A", "B", "C"], [], {})
    assert both.sentence == "We hold the assessments of all 3 partnerships in Kent."


# Files that are refused


def _cut(folder: Path) -> None:
    path = folder / "findings.json"
    path.write_bytes(path.read_bytes()[:100])


def _change(**fields: Any) -> Any:
    def change(folder: Path) -> None:
        path = folder / "findings.json"
        path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | fields), encoding="utf-8")

    return change


@pytest.mark.parametrize(
    ("spoil", "cause", "remedy"),
    [
        (_cut, "findings.json is damaged or is not JSON", "Ask the partnership for findings.json and run.json"),
        (lambda f: (f / "findings.json").write_bytes(b"\xff\xfe\x00{"), "damaged or is not JSON", "Ask the partnership"),
        (lambda f: (f / "findings.json").write_text("[1]"), "not what a report publishes", "Ask the partnership"),
        (lambda f: (f / "findings.json").write_text("[" * 10**5), "damaged or is not JSON", "Ask the partnership"),
        (lambda f: (f / "findings.json").write_text("1" * 5000), "damaged or is not JSON", "Ask the partnership"),
        (lambda f: (f / "findings.json").write_text('{"a": 1}'), "is not a file of findings", "Ask the partnership"),
        (_change(schema="1.1"), "older version of the software (schema 1.1)", "build its report again"),
        (_change(schema="2.0"), "newer version of the software (schema 2.0", "update the software"),
        (_change(schema=1.2), "is not a file of findings", "Ask the partnership"),
        (_change(matters=[{"key": "x"}]), "does not fit the schema of findings at matters/0", "Ask the partnership"),
        (_change(partnership_code="E22000326"), "is of North Worcestershire (E22000326)", "put the files of North"),
        (_change(partnership_code=""), "(no partnership)", "or correct the definition"),
        (lambda f: (f / "run.json").unlink(), "has findings.json and no run.json", "ask for both files"),
        (lambda f: (f / "run.json").write_text("{}"), "run.json does not say when", "Ask the partnership"),
        (_change(edition="another"), "has files of two editions", "Put both files of one edition there"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_used_are_refused_with_file_cause_and_remedy(project, spoil, cause, remedy) -> None:
    spoil(north(project))
    with pytest.raises(InputError) as caught:
        opened(project)
    message = str(caught.value)
    assert "data/raw/districts/north" in message
    assert cause in message
    assert remedy in message
    assert str(project.root) not in message


def test_a_byte_order_mark_of_an_editor_does_no_harm(project: Project) -> None:
    path = north(project) / "findings.json"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert [item.name for item in opened(project).held] == ["North Worcestershire"]


def test_a_folder_without_findings_is_none(tmp_path: Path) -> None:
    assert read_published(tmp_path / "nothing", "x") is None


DISTRICT = '{ name = "North", code = "E22000368", folder = "data/raw/districts/north" }'


@pytest.mark.parametrize(
    ("districts", "message"),
    [
        ('[{ name = "North", code = "E22000368" }]', "needs either its edition here, or the folder of its files"),
        (f"[{DISTRICT}, {DISTRICT}]", "two of its districts have the code 'E22000368'; name each once"),
        ('[{ name = "N", code = "E1", folder = "../x" }]', "must be in the project, from its root"),
        ('[{ name = "N", code = "E1", folder = "C:\\\\x" }]', "must be in the project, from its root"),
        ('[{ name = "N", code = "E1", edition = "county" }]', "it names itself as one of its districts"),
        ('[{ name = "N", edition = "2025" }]', "the field 'code' is missing"),
        ('["North"]', "districts must be a list of tables"),
        ('[{ name = "N", code = "E1", edition = "a", place = "b" }]', "has place; it may have name, code, and edition"),
    ],
)
def test_a_definition_that_cannot_be_used_says_what_is_wrong(districts: str, message: str) -> None:
    text = COUNTY[: COUNTY.index("districts = ")] + f"districts = {districts}\nchapters = [{{ notebook = 'x' }}]\n"
    with pytest.raises(InputError) as caught:
        parse_edition("county", text)
    assert str(caught.value).startswith("definition of edition county")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("was", "now", "message"),
    [
        (
            "E22000368",
            "E22009999",
            "district North Worcestershire: there is no community safety partnership 'E22009999'",
        ),
        ("E22000368", "W22000001", "there is no community safety partnership"),
        ("E22000368", "W06000001", "North Worcestershire is in Wales, which has no county strategy groups"),
        ("E22000368", "E07000237", "two of its districts are the partnership E22000332"),
        ('folder = "data/raw/districts/north"', 'edition = "2o25"', "there is no edition '2o25'"),
    ],
)
def test_a_county_that_names_what_is_not_there_is_refused(project, was: str, now: str, message: str) -> None:
    (project.root / "editions" / "county.toml").write_text(COUNTY.replace(was, now), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        opened(project)
    assert message in str(caught.value)
    assert "editions/county.toml" in str(caught.value)


# The district's side


MATTERS = """
[signed]
author_role = "Analyst"
date = 2025-10-14
origin = "written for this edition"
[[matter]]
key = "a"
theme = "domestic_abuse"
text = "Commission one service."
because = "Contracts end in different months."
findings = ["official_level"]
"""
STATED = """
[[nothing]]
letter = "g"
because = "there is no county strategy group here, as far as we know"
author_role = "Analyst"
date = 2025-10-14
origin = "written for this edition"
"""


def texts(matters: str = MATTERS, statements: str = "") -> TextFolder:
    files = {"county_matters.toml": matters, "nothing_to_report.toml": statements}
    return TextFolder("editions/x", {name: text.encode() for name, text in files.items() if text})


@pytest.mark.parametrize(
    ("was", "now", "message"),
    [
        (
            '"domestic_abuse"',
            '"domestic_abus"',
            "definitions/county_themes.toml does not have. Did you mean domestic_abuse?",
        ),
        ('["official_level"]', '["oficial_level"]', "which this edition does not have. Did you mean official_level?"),
        ('["official_level"]', "[]", "rests on no finding"),
        ("because =", "reason =", "has no because"),
        ("author_role", "author", "has no author_role"),
        ("date = 2025-10-14", "", "has no date"),
        ("[[matter]]", "[matter]", "matter must be a list of tables"),
        ("[[matter]]", "[[matter", "cannot be read"),
    ],
)
def test_a_matter_with_a_fault_is_refused_with_its_place_and_the_nearest(was: str, now: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_matters(texts(MATTERS.replace(was, now)), ["official_level", "official_harm"])
    assert str(caught.value).startswith("editions/x/county_matters.toml")
    assert message in str(caught.value)


def test_letter_g_is_answered_by_matters_in_the_chapter_that_shows_them() -> None:
    chapters = ("summary", "comparison", "priorities", "plan")
    found = check_matters(texts(), chapters, ())
    assert "g" in check_statute(letters_of(chapters))
    assert "g" not in check_statute(with_matters(letters_of(chapters), found))
    assert with_matters(letters_of(chapters), found)["priorities"] == ("d", "g")
    assert with_matters(letters_of(("summary", "comparison")), found)["summary"] == ("g",)
    assert check_matters(texts(""), chapters, ()) == ()


def test_matters_beside_a_statement_in_wales_or_where_no_chapter_shows_them_are_refused() -> None:
    both = texts(statements=STATED)
    with pytest.raises(InputError, match=r"has matters for the county, and .* states that there are none \(letter g\)"):
        check_matters(both, ("summary",), parse_statements(both))
    with pytest.raises(InputError, match="an area in Wales has no county strategy group. Remove the matters"):
        check_matters(texts(), ("summary",), (), "Wales")
    with pytest.raises(InputError, match="add the chapter priorities or summary to its definition"):
        check_matters(texts(), ("comparison",), ())
    assert "g" not in check_statute(letters_of(("summary",)), country="Wales")


def test_the_subject_of_an_issue_is_of_the_shared_list_too() -> None:
    item = """
[[item]]
key = "a"
theme = "THEME"
name = "Shop theft"
confidence = 2
confidence_why = "police counts only"
author_role = "Panel"
date = 2025-10-14
origin = "written for this edition"
"""
    folder = TextFolder("editions/x", {"scores.toml": item.replace("THEME", "shoplifting").encode()})
    assert parse_issues(folder, scoring_scheme(), {})[0].theme == "shoplifting"
    folder = TextFolder("editions/x", {"scores.toml": item.replace("THEME", "shops").encode()})
    with pytest.raises(InputError, match="has the theme 'shops', which definitions/county_themes.toml does not have"):
        parse_issues(folder, scoring_scheme(), {})


def test_no_subject_of_the_list_is_there_twice() -> None:
    assert len(set(county_themes().values())) == len(county_themes())


# The commands


@pytest.fixture
def two_tier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with an edition of North Worcestershire from official figures, not yet built."""
    monkeypatch.setenv("HCSP_ASSESS_BROWSER", "none")
    monkeypatch.setenv("HCSP_ASSESS_WORD", "none")
    (tmp_path / "data" / "raw").mkdir(parents=True)
    made = call("new", "partnership", "--code", NORTH, "--no-run", "--project", tmp_path)
    assert made.exit_code == 0
    folder = tmp_path / "editions" / "north-worcestershire-2025-06"
    (folder / "nothing-to-report" / "g.md").unlink()
    (folder / "county_matters.toml").write_text(MATTERS, encoding="utf-8")
    return tmp_path


def test_from_a_districts_matter_to_the_countys_page(two_tier: Path) -> None:
    """The district's report shows the matter and answers letter g; its findings.json brings it to the county's page."""
    run = call("run", "north-worcestershire-2025-06", "--project", two_tier)
    assert run.exit_code == 0, run.output
    page = parse_html((two_tier / "reports/north-worcestershire-2025-06/index.html").read_text(encoding="utf-8")).soup
    assert "Domestic abuse: Commission one service." in " ".join(page.get_text(" ").split())
    (row,) = [row for row in page.find(id="statute-map").find_all("tr") if row.get_text().startswith("(g)")]
    assert row.find_all("td")[-1].get_text() == "Summary"
    published = json.loads((two_tier / "reports/north-worcestershire-2025-06/findings.json").read_text("utf-8"))
    assert [(item["theme"], item["text"]) for item in published["matters"]] == [
        ("domestic_abuse", "Commission one service.")
    ]
    made = call("new", "county", "Worcestershire", "--district", "north-worcestershire-2025-06",
                "--district", "South Worcester", "--project", two_tier)  # fmt: skip
    assert made.exit_code == 0, made.output
    assert "ask South Worcester for findings.json and run.json of its report" in said(made) + made.output
    run = call("run", "worcestershire-county-2025-06", "--project", two_tier)
    assert run.exit_code == 0, run.output
    assert "the assessment of South Worcester is missing" in said(run)
    page = parse_html((two_tier / "reports/worcestershire-county-2025-06/index.html").read_text("utf-8")).soup
    text = " ".join(page.get_text(" ").split())
    assert "We hold the assessments of 1 of the 2 partnerships in Worcestershire. South Worcester is missing." in text
    assert "Domestic abuse: Commission one service." in text
    assert "Police recorded 39,835 crimes in Worcestershire" in text
    assert "Community Safety Partnership" not in text  # a county is none
    assert page.find(id="statute-map") is None
    assert unexplained(read_tables(parse_html(str(page)))) == []
    again = call("new", "county", "Worcestershire", "--district", NORTH, "--district", SOUTH, "--period",
                 "2024-07 to 2025-06", "--project", two_tier)  # fmt: skip
    assert again.exit_code == 2
    assert "areas/worcestershire.toml already exists" in said(again)


def test_a_matter_that_rests_on_no_finding_of_the_edition_stops_the_run_before_a_chapter_runs(two_tier: Path) -> None:
    path = two_tier / "editions" / "north-worcestershire-2025-06" / "county_matters.toml"
    path.write_text(MATTERS.replace("official_level", "official_levle"), encoding="utf-8")
    run = call("run", "north-worcestershire-2025-06", "--project", two_tier)
    assert run.exit_code == 1 or run.exit_code == 2
    assert "Did you mean official_level?" in said(run)
    assert not (two_tier / "reports" / "north-worcestershire-2025-06").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["Kent", "--district", NORTH, "--period", "2025"], "a county has two partnerships or more"),
        (["Kent", "--district", NORTH, "--district", "Bromsgrove", "--period", "2025"], "name each once"),
        (["Kent", "--district", NORTH, "--district", SOUTH], "give the county's twelve months with --period"),
        (["Kent", "--district", NORTH, "--district", SOUTH, "--period", "2025-01 to 2025-06"], "is not twelve months"),
        (["Kent", "--district", NORTH, "--district", SOUTH, "--period", "soon"], "give twelve months with --period"),
        (
            ["Kent", "--district", NORTH, "--district", "Atlantis", "--period", "2025"],
            "neither an edition of this project",
        ),
        (["Gwent", "--district", NORTH, "--district", "Cardiff", "--period", "2025"], "Wales"),
        (["///", "--district", NORTH, "--district", SOUTH, "--period", "2025"], "cannot be a key"),
    ],
)
def test_new_county_says_what_is_wrong_and_writes_nothing(tmp_path: Path, arguments: list[str], message: str) -> None:
    (tmp_path / "data" / "raw").mkdir(parents=True)
    result = call("new", "county", *arguments, "--project", tmp_path)
    assert result.exit_code == 2
    assert message in said(result)
    assert not (tmp_path / "areas").exists()
    assert not (tmp_path / "editions").exists()


def test_help_has_an_example_and_an_edition_of_a_county_cannot_be_made_for_another_area(project: Project) -> None:
    assert "hcsp-assess new county Worcestershire" in re.sub(r"\s+", " ", call("new", "county", "--help").output)
    with pytest.raises(InputError, match="edition county cannot be made for herefordshire: it is of the county"):
        edition("county@herefordshire", project.root)


def test_the_chapter_in_an_edition_that_is_not_of_a_county_says_what_to_do(project: Project) -> None:
    text = copy.copy(COUNTY)
    text = text[: text.index("districts = ")] + text[text.index("chapters = ") :]
    text = text.replace('"worcestershire"', '"herefordshire"')
    (project.root / "editions" / "county.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="is not of a county: its definition has no"):
        opened(project)


def test_a_county_named_as_one_of_its_partnerships_has_a_column_for_each(project: Project) -> None:
    """Durham, the county, has a partnership of that name: the table needs both columns."""
    text = COUNTY.replace('"North Worcestershire"', '"Worcestershire"')
    (project.root / "editions" / "county.toml").write_text(text, encoding="utf-8")
    table = county_agreement.table_recorded(opened(project))
    assert len(set(table.frame.columns)) == 4
    assert table.frame.iloc[0].tolist()[1:] == ["39,835", 19210, 20625]


def test_a_county_is_built_again_when_a_district_of_the_project_has_published_again(tmp_path):
    text = COUNTY.replace('folder = "data/raw/districts/north"', 'edition = "north-2025"')
    chosen, project = parse_edition("worcestershire-2025", text), Project(tmp_path)
    for name in ("findings.json", "run.json"):
        path = tmp_path / "reports" / "north-2025" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}", encoding="utf-8")
    before = input_files(chosen, project)
    published = {"reports/north-2025/findings.json", "reports/north-2025/run.json"}
    assert {name for name, _ in before} == published | {"notebooks/county_agreement.ipynb"}  # the package's chapter
    path.write_text('{"published": "today"}', encoding="utf-8")
    assert input_files(chosen, project) != before
