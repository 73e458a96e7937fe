"""A partnership's own definitions, `areas/KEY/`: they win, they name its own bodies, and a mistake in them is named."""

import datetime as dt
import re
import tomllib

import pandas as pd
import pytest
from openpyxl import load_workbook

from hcsp_assess.assessment.plan import parse_plan
from hcsp_assess.edition.intake_register import intake_register
from hcsp_assess.edition.opened import prepare
from hcsp_assess.edition.own_problems import own_problems
from hcsp_assess.errors import InputError
from hcsp_assess.periods import parse_span
from hcsp_assess.project import Project
from hcsp_assess.setup.open_data import new_open_data_partnership, whole_area
from hcsp_assess.setup.own_files import write_own_files
from hcsp_assess.setup.scaffold import new_edition
from hcsp_assess.sources.indicators import PRIORITIES, WORK_PLAN
from hcsp_assess.sources.peers import read_named_peers
from hcsp_assess.sources.recorded_crime import partnership_of, partnerships
from hcsp_assess.sources.returns.definitions import return_names
from hcsp_assess.sources.returns.templates import write_template
from hcsp_assess.sources.texts import TextFolder
from hcsp_assess.subject.areas import area, parse_area
from hcsp_assess.subject.bodies import bodies_of
from hcsp_assess.subject.editions import edition
from hcsp_assess.subject.holders import holder_in, roles
from hcsp_assess.subject.own_definitions import FILES
from hcsp_assess.subject.own_governance import own_governance
from hcsp_assess.subject.own_returns import returns_asked_for
from hcsp_assess.subject.recording_changes import own_changes, recording_changes

SHROPSHIRE, CARMARTHENSHIRE, HACKNEY = "E06000051", "W06000010", "E09000012"
IN_2025, IN_2012 = pd.Period("2025-06"), pd.Period("2012-12")


@pytest.fixture
def project(tmp_path):
    """A project with Shropshire as `hcsp-assess new partnership` sets it up."""
    (tmp_path / "data" / "raw").mkdir(parents=True)
    new_open_data_partnership(SHROPSHIRE, tmp_path)
    return Project(tmp_path)


def own(project, name, text):
    (project.root / "areas" / "shropshire" / name).write_text(text, encoding="utf-8")
    return area("shropshire", project.root)


@pytest.mark.parametrize(
    ("code", "never"),
    [
        (SHROPSHIRE, r"Hereford(?!shire\.csv)"),  # its own force is West Mercia too
        (CARMARTHENSHIRE, r"Hereford|West Mercia|Wye Valley"),
        (HACKNEY, r"Hereford|West Mercia|Wye Valley"),
    ],
)
def test_no_name_of_another_area_is_in_what_is_written_for_a_partnership_or_in_its_register(code, never, tmp_path):
    made = new_open_data_partnership(code, tmp_path)
    assert {path.name for path in made.files} >= {"holders.toml", "returns.toml", "governance.toml", "indicators.toml"}
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert not re.search(never, path.read_text(encoding="utf-8")), path.name
    here = area(made.area, tmp_path)
    for year in ("2012", "2025"):
        span = parse_span(year)
        register = intake_register(
            tmp_path / "none", as_of=dt.date(int(year) + 1, 5, 1), span=span, root=tmp_path, area=here
        )
        said = " ".join([*register["message"], *register["holder"]])
        assert len(register) > 20
        assert not re.search(never, said)


@pytest.mark.parametrize(
    ("code", "role", "month", "name"),
    [
        (SHROPSHIRE, "Council", IN_2025, "Shropshire Council"),
        (SHROPSHIRE, "Police", IN_2025, "West Mercia Police"),
        (SHROPSHIRE, "Fire and rescue service", IN_2025, "Shropshire Fire and Rescue Service"),
        (SHROPSHIRE, "Health commissioner", IN_2025, "the integrated care board"),
        (SHROPSHIRE, "Health commissioner", IN_2012, "the primary care trust"),
        (SHROPSHIRE, "Public health", IN_2025, "Shropshire Council's public health team"),
        (SHROPSHIRE, "Public health", IN_2012, "the primary care trust"),
        (CARMARTHENSHIRE, "Police", IN_2025, "Dyfed-Powys Police"),
        (CARMARTHENSHIRE, "Fire and rescue service", IN_2025, "Mid and West Wales Fire and Rescue Service"),
        (CARMARTHENSHIRE, "Health commissioner", IN_2012, "the local health board"),
        (CARMARTHENSHIRE, "Public health", IN_2012, "Public Health Wales"),
        (HACKNEY, "Police", IN_2025, "the Metropolitan Police Service"),
        (HACKNEY, "Fire and rescue service", IN_2025, "London Fire Brigade"),
        ("South Worcester", "Council", IN_2025, "the councils of Malvern Hills, Worcester and Wychavon"),
        ("South Worcester", "Council (roads)", IN_2025, "Worcestershire County Council"),
        ("Somerset", "Council", IN_2025, "Somerset Council"),
        ("Somerset", "Council", IN_2012, "the council"),  # Somerset Council began in April 2023
        ("Leeds", "Domestic abuse service", IN_2025, "the domestic abuse service"),
    ],
)
def test_bodies_are_looked_up_and_what_cannot_be_looked_up_is_said_in_words(code, role, month, name, tmp_path):
    made = new_open_data_partnership(code, tmp_path)
    (tmp_path / "areas" / made.area / "holders.toml").unlink()
    assert holder_in(role, area(made.area, tmp_path), month) == name


def test_herefordshire_keeps_the_bodies_of_its_definition(tmp_path):
    write_own_files(area("herefordshire"), tmp_path, IN_2025)
    mine = area("herefordshire", tmp_path)
    assert mine.own is not None
    for role in roles():
        for month in pd.period_range("2010-04", "2026-03", freq="M"):
            assert holder_in(role, mine, month) == holder_in(role, area("herefordshire"), month)


def test_every_partnership_has_a_police_force_and_every_district_in_two_tiers_its_county(shared):
    table = partnerships()
    upper = pd.read_csv(shared / "data/geography/ons-lookups/195_lsoa11_utla19.csv.gz", dtype=str)
    lower = pd.read_csv(shared / "data/geography/ons-lookups/lsoa11_wd21_lad21.csv.gz", dtype=str, encoding="utf-8-sig")
    county = lower.merge(upper, on="LSOA11CD").drop_duplicates("LAD21CD").set_index("LAD21CD")["UTLA19NM"]
    districts = table[table["district_code"].str.startswith("E07")]
    assert len(districts) > 150
    for code in table["partnership_code"].unique():
        here = parse_area("x", whole_area(partnership_of(code), "x")[".toml"].decode(), "")
        found = bodies_of(here, IN_2025)
        assert found["force"], code
        assert found["council"], code
        if here.district_code.startswith("E07"):
            assert found["upper"] == f"{county[here.district_code]} County Council"


def test_the_projects_own_body_wins_in_its_months_and_another_is_used_in_the_others(project):
    here = own(
        project,
        "holders.toml",
        '[[holder]]\nrole = "Health commissioner"\nname = "NHS Marches Board"\nfrom = "2022-07"\nuntil = "2026-03"\n',
    )
    assert holder_in("Health commissioner", here, pd.Period("2025-12")) == "NHS Marches Board"
    assert holder_in("Health commissioner", here, pd.Period("2022-06")) == "the clinical commissioning group"
    assert holder_in("Health commissioner", here, pd.Period("2026-04")) == "the integrated care board"


def test_a_return_that_is_not_asked_for_is_neither_overdue_nor_missing(project):
    here = own(project, "returns.toml", 'asked_for = ["marac", "hate_crime"]\n[since]\nhate_crime = "2025-04"\n')
    span = parse_span("2024-07 to 2025-06")
    register = intake_register(
        project.raw / "returns", as_of=dt.date(2025, 11, 1), span=span, root=project.root, area=here
    )
    assert set(register["dataset"]) == {"marac", "hate_crime"}
    due = register.set_index("dataset")["period"].to_dict()
    assert due == {"marac": "Q2 24/25 to Q1 25/26", "hate_crime": "Q1 25/26"}
    asked = returns_asked_for(area("herefordshire"))
    assert asked.asks("iom_cohort", span.first, span.last)


def test_an_own_change_of_recording_joins_the_known_ones_and_takes_the_place_of_one_with_its_key(project):
    entry = (
        '[[change]]\nkey = "{}"\nmonth = "2024-11"\nkind = "recording"\ndirection = "up"\nwhat = "A new system."\n'
        'brief = "a new system was used"\nsource = "letter"\n'
    )
    mine = own_changes(own(project, "recording_changes.toml", entry.format("ours") + entry.format("stalking-separate")))
    first, last = pd.Period("2013-01"), pd.Period("2025-06")
    before = recording_changes("all", first, last, force="west-mercia")
    after = recording_changes("all", first, last, force="west-mercia", own=mine)
    assert {change.key for change in after} == {change.key for change in before} | {"ours"}
    assert {str(change.month) for change in after if change.key == "stalking-separate"} == {"2024-11"}
    assert own_changes(area("herefordshire")) == ()


def test_own_place_names_win_and_a_code_of_no_small_area_is_named_with_its_line(tmp_path):
    folder = tmp_path / "areas" / "herefordshire"
    folder.mkdir(parents=True)
    table = folder / "place_names.csv"
    table.write_text("lsoa11_code,place_name\nE01014005,The old market\n", encoding="utf-8")
    named = {small.code: small.place_name for small in area("herefordshire", tmp_path).small_areas}
    usual = {small.code: small.place_name for small in area("herefordshire").small_areas}
    assert named == usual | {"E01014005": "The old market"}
    table.write_text("lsoa11_code,place_name\nE01099999,Nowhere\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"^areas/herefordshire/place_names.csv, line 2: 'E01099999' is no small area"):
        area("herefordshire", tmp_path)


def test_peers_may_be_beside_the_other_definitions_or_with_the_data_and_not_in_both(project):
    listed = 'name = "Ours"\nsource = "us"\npeers = ["Wiltshire"]\n'
    here = own(project, "peers.toml", listed)
    assert read_named_peers(project.raw / "peers", "shropshire", here.own).peers == ("Wiltshire",)
    (project.raw / "peers").mkdir()
    (project.raw / "peers" / "shropshire.toml").write_text(listed, encoding="utf-8")
    with pytest.raises(
        InputError, match=r"areas/shropshire/peers.toml and in data/raw/peers/shropshire.toml: keep one"
    ):
        read_named_peers(project.raw / "peers", "shropshire", here.own)


def test_own_governance_serves_a_plan_that_says_nothing_of_it(project):
    text = (
        'year = "2026-27"\nprevious_year = "2025-26"\n[signed]\nauthor_role = "Analyst"\ndate = 2026-03-01\n'
        'origin = "written for this edition"\n'
    )
    empty = pd.DataFrame(columns=list(PRIORITIES)), pd.DataFrame(columns=list(WORK_PLAN))
    here = area("shropshire", project.root)
    plan = parse_plan(TextFolder("mine", {"plan.toml": text.encode()}), *empty, own_governance(here))
    assert plan.governance["body"] == "Shropshire Community Safety Partnership"
    assert "West Mercia Police" in plan.governance["responsible_authorities"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("holders.toml", '[[holders]]\nrole = "Police"', "there is no field 'holders'. Did you mean holder?"),
        ("holders.toml", '[[holder]]\nrole = "Polise"\nname = "x"', "there is no role 'Polise'. Did you mean Police?"),
        ("holders.toml", '[[holder]]\nrole = "Police"\nnames = "x"', "no field 'names'. Did you mean name?"),
        ("holders.toml", '[[holder]]\nrole = "Police"\nname = ""', "name is ''; write a text"),
        ("holders.toml", '[[holder]]\nrole = "Police"\nname = "x"\nfrom = "May"', "from is 'May'; write a month"),
        ("returns.toml", 'asked_for = ["marack"]', "there is no return 'marack'. Did you mean marac?"),
        ("returns.toml", 'asked = ["marac"]', "there is no field 'asked'. Did you mean asked_for?"),
        ("recording_changes.toml", '[[change]]\nkeys = "x"', "there is no field 'keys'. Did you mean key?"),
        ("governance.toml", 'bodies = "x"', "there is no field 'bodies'. Did you mean body?"),
        ("peers.toml", 'name = "x"\npeer = ["x"]', "there is no field 'peer'. Did you mean peers?"),
        ("indicators.toml", '[[indicator]]\nkey = "x"\nname = "X"\nunit = "count"\npolarity = "lower"\nsay = "x"',
         "unknown field 'say'"),
        ("holder.toml", "", "holder.toml is not read: a file of that name means nothing. Did you mean holders.toml?"),
        ("returns.toml", "asked_for = [", "cannot be read as TOML"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_file_and_the_nearest_word(name, text, message, project):
    chosen = edition("shropshire-2025-06", project.root)
    (project.root / "areas" / "shropshire" / name).write_text(text, encoding="utf-8")
    if name == "indicators.toml":
        (project.root / "areas" / "shropshire" / "performance.csv").write_text("Quarter,X\n", encoding="utf-8")
        chosen = edition("shropshire-2025-06", project.root)
    found = own_problems(chosen, project)
    assert len(found) == 1
    assert message in found[0].what
    assert "areas/shropshire/" in found[0].where + found[0].what


def test_every_mistake_is_found_at_once(project):
    own(project, "holders.toml", '[[holder]]\nrole = "Polise"\nname = "x"\n')
    own(project, "returns.toml", 'asked_for = ["marack"]\n')
    found = own_problems(edition("shropshire-2025-06", project.root), project)
    assert [problem.where for problem in found] == ["areas/shropshire/holders.toml", "areas/shropshire/returns.toml"]
    assert all(problem.stops for problem in found)
    with pytest.raises(InputError, match=r"Did you mean Police\?.*Did you mean marac\?"):
        prepare(edition("shropshire-2025-06", project.root), project)


def test_a_folder_that_is_named_after_no_area_is_worth_knowing_and_stops_nothing(project):
    (project.root / "areas" / "shropshir").mkdir()
    (found,) = own_problems(edition("shropshire-2025-06", project.root), project)
    assert found.what.endswith("Did you mean shropshire?")
    assert not found.stops


def test_what_is_written_can_be_read_and_a_second_call_changes_nothing(project):
    folder = project.root / "areas" / "shropshire"
    assert own_problems(edition("shropshire-2025-06", project.root), project) == ()
    assert {path.name for path in folder.iterdir()} <= set(FILES)
    (folder / "holders.toml").write_text("# ours\n", encoding="utf-8")
    (folder / "returns.toml").unlink()
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert [path.name for path in write_own_files(area("shropshire", project.root), project.root, IN_2025)] == [
        "returns.toml"
    ]
    assert {path: path.read_bytes() for path in before} == before


def test_a_new_edition_is_based_on_its_own_area_and_never_on_another(project):
    new_edition("2026-27", project, area="herefordshire")
    new_edition("2026-27-shropshire", project, period="2026-27", area="shropshire")
    texts = project.root / "editions" / "2026-27-shropshire" / "texts.toml"
    assert tomllib.loads(texts.read_text(encoding="utf-8"))["previous"] == "shropshire-2025-06"
    new_open_data_partnership(CARMARTHENSHIRE, project.root)
    (project.root / "editions" / "carmarthenshire-2025-06.toml").unlink()
    new_edition("2027", project, area="carmarthenshire")
    texts = tomllib.loads((project.root / "editions" / "2027" / "texts.toml").read_text(encoding="utf-8"))
    assert texts == {"edition": "2027"}
    made = edition("2027", project.root)
    assert made.letters == {}
    assert made.source("returns").folder == "data/raw/returns@carmarthenshire"


def test_a_new_edition_is_of_the_projects_own_area_where_none_is_named(project):
    new_edition("2026-27", project)
    assert edition("2026-27", project.root).area == "shropshire"


def test_no_blank_template_names_an_area_or_its_bodies(tmp_path):
    for name in return_names():
        book = load_workbook(write_template(name, tmp_path / f"{name}.xlsx"))
        cells = [str(cell.value) for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
        assert not re.search(r"Hereford|West Mercia|Wye Valley|Shropshire", " ".join(cells)), name
