"""The page over all areas: every area has its row, whatever its report is like, and questions are found and not made up.

What is planted is known; z-scores and false discovery rates are worked out again with plain numpy and statsmodels.
"""

import csv
import io
import json
import os
import re
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from recorded_crime_files import NEW, OFFENCES, rows_of_a_year, write_ods
from scipy import optimize, stats
from statsmodels.stats.multitest import multipletests

from hcsp_assess.assessment.anomalies import Listed, ReportFacts, report_anomalies
from hcsp_assess.assessment.wording.overview import OF_A_PARTNER, say_how_it_went, say_reason
from hcsp_assess.edition.national import national_picture, partnership_forces
from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.places.data_breaks import find_breaks_in_quarters, find_breaks_in_years, fold_by_force
from hcsp_assess.places.unusual_changes import find_unusual_changes
from hcsp_assess.project import Project
from hcsp_assess.report.html import parse_html
from hcsp_assess.report.pages import find_problems
from hcsp_assess.run.many_areas import AreaOutcome, AreaReport
from hcsp_assess.run.overview import write_overview
from hcsp_assess.sources.recorded_crime import TOTAL, offence_groups, official_crime, partnerships, parts_of

EDITION = "official-2025-06"
DAY = "3 June 2026, 09:30 UTC"


# ------------------------------------------------------------------------------------------- made-up reports and areas
def finding(sentence):
    none = {
        "direction": "",
        "certainty": "",
        "caveats": [],
        "simulated": False,
        "evidence": {},
        "sources": [],
        "links": {},
    }
    return {"key": "official_level", "sentence": sentence, **none}


def publish(root, area, *, name="", headline="Police recorded 100 crimes.", contents=None, rows=None, **record):
    """A report as a run publishes it, in its smallest form."""
    key = f"{EDITION}@{area}"
    folder = root / "reports" / key
    folder.mkdir(parents=True, exist_ok=True)
    about = {
        "edition": key,
        "title": f"{name}: recorded crime",
        "area": name or area,
        "period": "July 2024 to June 2025",
    }
    about |= {"simulated": False}
    sources = [{"key": "police_uk", "rows": rows or {}, "files": []}]
    run = {**about, "sources": sources, "chapters": [], "published": DAY, **record}
    if contents is not None:
        run["contents"] = contents
    found = {"schema": "1.1", **about, "findings": [finding(headline)], "data": [], "recommendations": []}
    (folder / "run.json").write_text(json.dumps(run), encoding="utf-8")
    (folder / "findings.json").write_text(json.dumps(found), encoding="utf-8")
    (folder / "index.html").write_text("<title>report</title>", encoding="utf-8")
    return folder


def define(root, area, code="", *, name="", force=""):
    fields = {"name": name or area, "full_name": name or area, "district_code": "E06000001", "partnership_code": code}
    fields |= {"force": "f", "force_name": force, "classification": "", "small_areas": "none"}
    (root / "areas").mkdir(exist_ok=True)
    text = "\n".join(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in fields.items())
    (root / "areas" / f"{area}.toml").write_text(text, encoding="utf-8")


def outcome(area, result="done", **fields):
    return AreaOutcome(AreaReport(area, EDITION), result, **fields)


@pytest.fixture
def home(tmp_path):
    (tmp_path / "data" / "raw").mkdir(parents=True)
    (tmp_path / "reports").mkdir()
    return Project(tmp_path)


def rows_of(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def shown(page):
    """Rows of the table of areas as a reader sees them: text of each cell."""
    soup = parse_html(page.read_text(encoding="utf-8")).soup
    return [[" ".join(cell.get_text(" ").split()) for cell in row.find_all(["th", "td"])]
            for row in soup.select("#areas-table tbody tr")]  # fmt: skip


# ------------------------------------------------------------------------------------------------- the table of areas
def test_every_area_has_its_row_failing_ones_first_and_then_by_name(home):
    for area in ("york", "Ynys Môn", "leeds", "bath"):
        publish(home.root, area, name=area.title())
    outcomes = [
        outcome("york", seconds=12.4),
        outcome("bath", "nothing new", seconds=0.4),
        outcome("leeds", "failed", tries=2, reason="chapter comparison failed in cell 3: no such column"),
        outcome("nowhere", "failed", tries=2, reason="there is no area 'nowhere'"),
        outcome("Ynys Môn"),
    ]
    page = write_overview(home, outcomes)
    assert page == home.reports / "all" / EDITION / "index.html"
    rows = shown(page)
    assert [row[0] for row in rows] == ["nowhere", "Leeds", "Bath", "Ynys Môn", "York"]
    assert [row[2].split()[0] for row in rows] == ["Failed", "Failed", "Unchanged", "Up", "Up"]
    assert "No report is published." in rows[0][2] and "Tried 2 times." in rows[0][2]
    assert "no such column. The earlier report of 3 June 2026 is still published." in rows[1][2]
    text = parse_html(page.read_text(encoding="utf-8")).soup.get_text(" ")
    assert "3 of 5 reports are up to date; 2 failed and are listed first. 1 of these has an earlier report" in text
    table = rows_of(page.with_name("areas.csv"))
    assert [line["area"] for line in table] == ["nowhere", "leeds", "bath", "Ynys Môn", "york"]
    assert [line["published"] for line in table] == ["", *["2026-06-03T09:30Z"] * 4]
    links = [link["href"] for link in parse_html(page.read_text(encoding="utf-8")).soup.select("#areas-table a")]
    assert links[2] == f"../../{EDITION}@Ynys%20M%C3%B4n/index.html"


def test_a_report_that_is_missing_or_damaged_is_named_and_stops_nothing(home):
    damage = {
        "half": ("run.json", b'{"edition": "x'),
        "other": ("run.json", b'{"edition": "another", "published": "3 June 2026, 09:30 UTC"}'),
        "list": ("run.json", b"[1, 2]"),
        "binary": ("run.json", b"\xff\xfe\x00" * 9),
        "deep": ("findings.json", b"[" * 200_000),
        "schema": ("findings.json", b'{"schema": "9"}'),
        "undated": ("run.json", json.dumps({"edition": f"{EDITION}@undated", "published": "soon"}).encode()),
    }
    for area, (name, content) in damage.items():
        (publish(home.root, area) / name).write_bytes(content)
    (publish(home.root, "no page") / "index.html").unlink()
    (publish(home.root, "no record") / "run.json").unlink()
    (publish(home.root, "folder") / "findings.json").unlink()
    (home.reports / f"{EDITION}@folder" / "findings.json").mkdir()
    publish(home.root, "whole")
    areas = [*damage, "no page", "no record", "folder", "gone", "../../etc", "whole"]
    page = write_overview(home, [outcome(area) for area in areas])
    rows = {row["area"]: row for row in rows_of(page.with_name("areas.csv"))}
    assert set(rows) == set(areas)
    assert {area for area, row in rows.items() if row["status"] != "Damaged"} == {"whole"}
    reasons = {area: row["reason"] for area, row in rows.items()}
    assert reasons["half"] == reasons["list"] == reasons["binary"] == "The record of its run is damaged."
    assert reasons["other"] == "The record of its run is of another edition or area."
    assert reasons["deep"] == reasons["schema"] == reasons["folder"] == "Its file of findings is damaged."
    assert reasons["no page"] == "Its page is missing."
    assert reasons["gone"] == "There is no report."
    assert reasons["../../etc"] == "Its name cannot be the name of a folder."
    assert "1 of 13 reports is up to date; 12 cannot be read whole and are listed first." in page.read_text("utf-8")


def test_what_a_record_of_any_shape_holds_ends_in_no_traceback(home):
    strange = [None, 5, [], {}, "x", [None], {"a": {}}, [{"check": 3, "look": "yes", "letter": None}], float("inf")]
    names = ("sources", "contents", "area", "period", "simulated", "software", "chapters")
    outcomes = []
    for name in names:
        for number, value in enumerate(strange):
            area = f"{name}-{number}"
            folder = publish(home.root, area)
            record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
            (folder / "run.json").write_text(json.dumps(record | {name: value}), encoding="utf-8")
            outcomes.append(outcome(area))
    for name in ("summary", "checks", "statements", "not_covered"):
        for number, value in enumerate(strange):
            publish(home.root, f"{name}-in-{number}", contents={name: value})
            outcomes.append(outcome(f"{name}-in-{number}"))
    assert len(shown(write_overview(home, outcomes))) == len(outcomes)


def test_everything_from_files_is_escaped_and_no_cell_runs_in_a_spreadsheet(home):
    nasty = '=HYPERLINK("x")<script>alert(1)</script>\u202e</title>'
    publish(
        home.root,
        "leeds",
        name=nasty,
        headline=nasty,
        contents={"summary": {"priorities": [nasty], "missing": [nasty]}},
    )
    page = write_overview(home, [outcome("leeds"), outcome("york", "failed", reason=nasty)])
    text = page.read_text(encoding="utf-8")
    assert "<script>alert" not in text
    assert "\u202e" not in text
    assert text.count("<script") == 1
    assert find_problems(parse_html(text)) == []
    cells = [cell for row in rows_of(page.with_name("areas.csv")) for cell in row.values()]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_the_page_is_fit_to_publish_and_fetches_nothing(home):
    for area in ("leeds", "york"):
        publish(home.root, area)
    page = write_overview(home, [outcome("leeds"), outcome("york", "nothing new")])
    text = page.read_text(encoding="utf-8")
    assert find_problems(parse_html(text)) == []
    assert not re.findall(r"https?://|fetch\(|import |XMLHttpRequest", text)


def test_a_reason_on_the_page_names_no_path_and_no_file_of_a_partner(home):
    assert (
        say_reason(f"the list {home.root}/areas/leeds.toml has no name", str(home.root))
        == "The list leeds.toml has no name."
    )
    assert say_reason("data/raw/returns@leeds/marac/Jane Doe.xlsx, row 3: no date") == OF_A_PARTNER
    assert say_reason("Jane Doe case.xlsx has no sheet") == OF_A_PARTNER
    kept = say_reason("/srv/data/raw/police_uk/2025-06-west-mercia-street.csv: 98% of its rows were set aside")
    assert kept == "2025-06-west-mercia-street.csv: 98% of its rows were set aside."
    assert say_reason("ZeroDivisionError: division by zero").startswith(
        "An unexpected error of the software (ZeroDivisionError)"
    )
    assert len(say_reason("word " * 500)) < 400


def test_nothing_restricted_is_read(home, monkeypatch):
    publish(home.root, "leeds")
    secret = home.restricted / f"{EDITION}@leeds"
    secret.mkdir(parents=True)
    (secret / "run.json").write_text('{"secret": "not for the public"}', encoding="utf-8")
    opened = []
    for name in ("read_bytes", "read_text"):
        real = getattr(Path, name)
        monkeypatch.setattr(
            Path, name, lambda path, *a, _real=real, **k: opened.append(str(path)) or _real(path, *a, **k)
        )
    page = write_overview(home, [outcome("leeds")])
    assert opened
    assert not [path for path in opened if home.restricted.name in path]
    assert "not for the public" not in page.read_text(encoding="utf-8")


def test_the_headline_is_the_first_sentence_of_the_summary_and_else_of_the_findings(home):
    summary = {"priorities": [], "changed": ["Police recorded 9 crimes.", "More."], "missing": ["No months."]}
    publish(
        home.root,
        "new",
        contents={"summary": {"priorities": ["Robbery does most harm."], "changed": summary["changed"]}},
    )
    publish(home.root, "quiet", contents={"summary": summary})
    publish(home.root, "old", headline="Police recorded 7 crimes.")
    page = write_overview(home, [outcome(area) for area in ("new", "quiet", "old")])
    rows = {row[0]: row for row in shown(page)}
    assert rows["new"][4] == "Robbery does most harm. Police recorded 9 crimes."
    assert rows["quiet"][4] == "Police recorded 9 crimes."
    assert (rows["old"][4], rows["old"][5]) == ("Police recorded 7 crimes.", "not in its record")
    assert rows["quiet"][6] == "No months."


def test_each_edition_has_its_page_and_the_list_of_reports_leads_to_them(home):
    publish(home.root, "leeds")
    outcomes = [outcome("leeds"), AreaOutcome(AreaReport("leeds", "second"), "failed", reason="x")]
    page = write_overview(home, outcomes)
    assert page.parent.name == EDITION
    index = parse_html((home.reports / "index.html").read_text(encoding="utf-8")).soup
    links = [link["href"] for link in index.find_all("a")]
    assert links == [f"all/{EDITION}/index.html", "all/second/index.html", f"{EDITION}@leeds/index.html"]
    with pytest.raises(UsageError, match="at least one"):
        write_overview(home, [])
    with pytest.raises(UsageError, match="name of a folder"):
        write_overview(home, [AreaOutcome(AreaReport("leeds", "../x"), "done")])


def test_a_full_disk_leaves_the_last_page_whole(home, monkeypatch):
    publish(home.root, "leeds")
    page = write_overview(home, [outcome("leeds")])
    before = page.read_bytes()

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_overview(home, [outcome("leeds", "failed", reason="x")])
    assert page.read_bytes() == before
    assert not list(page.parent.glob(".*.part"))


def test_a_project_of_all_partnerships_takes_seconds(home):
    members = partnerships().drop_duplicates("partnership_code")
    outcomes = []
    for number, row in enumerate(members.itertuples()):
        define(home.root, f"area-{number}", row.partnership_code, name=row.partnership_name, force=row.force_name)
        publish(home.root, f"area-{number}", name=row.partnership_name, rows={"in": 1000, "set aside": 1})
        outcomes.append(outcome(f"area-{number}"))
    began = time.process_time()
    page = write_overview(home, outcomes)
    assert time.process_time() - began < 12  # 3 s measured, the official tables and their method among them
    assert len(shown(page)) == len(members) == 314
    assert f"All {len(members)} reports are up to date." in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((1, 0, 0, 0), "The only report is up to date."),
        ((0, 1, 0, 0), "0 of 1 reports are up to date; 1 failed and is listed first."),
        ((319, 1, 0, 1), "319 of 320 reports are up to date; 1 failed and is listed first. It has an earlier report, still published."),
        ((5, 2, 3, 2), "5 of 10 reports are up to date; 2 failed and 3 cannot be read whole. These are listed first. 2 of these have earlier reports, still published."),
    ],
)  # fmt: skip
def test_one_sentence_says_how_it_went(counts, said):
    assert say_how_it_went(*counts) == said


# ---------------------------------------------------------------------------------------- questions on the reports
def test_what_the_reports_say_about_their_data_becomes_questions(home):
    same = [{"letter": letter, "because": "none"} for letter in "cd"]
    for number in range(10):
        area = f"area-{number}"
        define(home.root, area, name=f"Town {number}", force="Norfolk")
        look = [{"check": "Months held", "look": number == 3}, {"check": "Duplicates", "look": False}]
        statements = [] if number == 4 else same[:1] if number == 5 else same
        aside = {"in": 10_000, "set aside": 900 if number == 6 else 120 if number == 7 else 80}
        publish(home.root, area, contents={"checks": look, "statements": statements}, rows=aside)
    page = write_overview(home, [outcome(f"area-{number}") for number in range(10)])
    lines = [row for row in rows_of(page.with_name("anomalies.csv")) if row["part"] == "report"]
    assert [(row["area"], row["subject"], row["places"]) for row in lines] == [
        ("area-3", "Checks of the data", "1"),
        ("area-6", "Rows set aside, per cent", "1"),  # 9.0%; 1.2% is not three times the middle area's 0.8%
        ("", "Nothing to report", "8"),
        ("area-5", "Nothing to report", "1"),
    ]
    assert "8 of 10 reports have this." in lines[2]["unusual"]
    assert "To look at: Months held." in lines[0]["unusual"]


def test_the_same_check_in_most_areas_is_one_line(home):
    for number in range(10):
        look = [{"check": "Months held", "look": number != 4}, {"check": "Files that look wrong", "look": number == 4}]
        publish(home.root, f"area-{number}", contents={"checks": look})
    page = write_overview(home, [outcome(f"area-{number}") for number in range(10)])
    lines = [row for row in rows_of(page.with_name("anomalies.csv")) if row["part"] == "report"]
    assert [(row["area"], row["where"], row["places"]) for row in lines] == [
        ("", "Most areas", "9"),
        ("area-4", "area-4", "1"),
    ]


# ------------------------------------------------------------------------------------------------ planted changes
@pytest.fixture(scope="module")
def nation():
    """Counts of a year, of every partnership and every offence group without parts, and the force of each."""
    table = official_crime().table
    chosen = table[(table["level"] == "partnership") & (table["year_end"] == pd.Period("2023-12", "M"))]
    wide = chosen.pivot_table(index="code", columns="group", values="count").astype(float)
    leaves = [group.key for group in offence_groups() if not parts_of(group.key) and group.key != TOTAL]
    return wide[leaves], partnership_forces().reindex(wide.index)


def simulate(nation, seed, *, shared=0.4, spread=(0.08, 0.2)):
    """Two years of a nation without planted changes: chance, a spread between places, part of it shared by forces."""
    base, forces = nation
    rng = np.random.default_rng(seed)
    sizes = np.linspace(*spread, base.shape[1])
    force = pd.factorize(forces)[0]
    common = rng.normal(0, 0.1, base.shape[1])
    of_force = rng.normal(size=(force.max() + 1, base.shape[1]))[force] * sizes * np.sqrt(shared)
    own = rng.normal(size=base.shape) * sizes * np.sqrt(1 - shared)
    return base.to_numpy(), np.exp(common + of_force + own), rng


def two_years(nation, parts, *, planted=1.0):
    base, factor, rng = parts
    frame = {"index": nation[0].index, "columns": nation[0].columns}
    return pd.DataFrame(rng.poisson(base * factor * planted), **frame), pd.DataFrame(rng.poisson(base), **frame)


def false_lines(nation, nations, **noise):
    """How many of some nations without planted changes have a line about a place, or about a force."""
    places = forces = 0
    for seed in range(nations):
        found = find_unusual_changes(*two_years(nation, simulate(nation, seed, **noise)), nation[1])
        places += bool(found.table["unusual"].any())
        forces += bool(found.forces["unusual"].any())
    return places, forces


def allowed(nations):
    """Most nations with a false line that a rate of 5% allows, at 99.5%."""
    return int(stats.binom.ppf(0.995, nations, 0.05))


@pytest.mark.slow
@pytest.mark.parametrize("shared", [0.0, 0.4, 0.8])
def test_fifty_nations_without_planted_changes_keep_the_stated_rate(nation, shared):
    places, forces = false_lines(nation, 50, shared=shared)
    assert places <= allowed(50) == 7
    assert forces <= allowed(50)


def test_five_nations_without_planted_changes_have_hardly_a_line(nation):
    places, forces = false_lines(nation, 5)
    assert places <= allowed(5)
    assert forces <= allowed(5)


def plant(nation, seed, size, least, cells):
    """Twenty changes of one size in places with enough offences, in a nation with noise; what is found of them."""
    base, forces = nation
    rng = np.random.default_rng(1000 + seed)
    fits = [(i, j) for i, j in zip(*np.nonzero((base >= least).to_numpy()), strict=True) if j in cells]
    chosen = [fits[k] for k in rng.choice(len(fits), 20, replace=False)]
    planted = np.ones(base.shape)
    for place in chosen:
        planted[place] = size
    found = find_unusual_changes(*two_years(nation, simulate(nation, seed), planted=planted), forces).table
    unusual = {(row.place, row.subject) for row in found[found["unusual"]].itertuples()}
    truth = {(base.index[i], base.columns[j]) for i, j in chosen}
    return len(truth & unusual), len(unusual - truth), len(unusual)


def test_planted_changes_are_found_and_hardly_any_other(nation):
    """Where places differ by 8 to 14%, a doubling; everywhere, four times or a quarter, from 300 offences."""
    steady = range(nation[0].shape[1] // 2)
    found = [plant(nation, seed, 2.0, 300, steady) for seed in range(3)]
    assert sum(hits for hits, _, _ in found) >= 0.9 * 60
    for size in (4.0, 0.25):
        found += (more := [plant(nation, seed, size, 300, range(nation[0].shape[1])) for seed in range(3, 6)])
        assert sum(hits for hits, _, _ in more) >= 0.95 * 60
    false, listed = (sum(each[k] for each in found) for k in (1, 2))
    assert false <= stats.binom.ppf(0.995, listed, 0.05)


def test_a_whole_force_is_one_line_and_none_for_each_of_its_partnerships(nation):
    base, forces = nation
    cases = [
        ("Kent", "shoplifting", 2.5),
        ("West Yorkshire", "public_order_offences", 0.4),
        ("Gwent", "drug_offences", 3),
    ]
    others = 0
    for seed, (force, subject, size) in enumerate(cases):
        planted = pd.DataFrame(1.0, base.index, base.columns)
        planted.loc[forces == force, subject] = size
        parts = simulate(nation, 50 + seed)
        found = find_unusual_changes(*two_years(nation, parts, planted=planted.to_numpy()), forces)
        lines = [(row.force, row.subject) for row in found.forces[found.forces["unusual"]].itertuples()]
        assert lines.count((force, subject)) == 1
        others += len(lines) > 1
        own = found.table[(found.table["force"] == force) & (found.table["subject"] == subject)]
        assert own["within_force"].all()
        assert not own["unusual"].any()
    assert others <= allowed(len(cases))


def test_a_partnership_that_differs_from_its_force_keeps_its_own_line(nation):
    base, forces = nation
    planted = pd.DataFrame(1.0, base.index, base.columns)
    planted.loc[forces == "Kent", "public_order_offences"] = 0.3
    odd = forces.index[forces == "Kent"][0]
    planted.loc[odd, "public_order_offences"] = 1.0
    found = find_unusual_changes(*two_years(nation, simulate(nation, 7), planted=planted.to_numpy()), forces)
    lines = found.table[found.table["unusual"] & (found.table["subject"] == "public_order_offences")]
    assert lines["place"].tolist() == [odd]


def test_z_scores_and_rates_are_those_of_plain_numpy_and_statsmodels(nation):
    base, forces = nation
    counts, before = two_years(nation, simulate(nation, 3))
    found = find_unusual_changes(counts, before, forces)
    assert not found.forces["unusual"].any()  # so that every place is compared with all places
    z, p = {}, {}
    for subject in base.columns:
        n, b = counts[subject].to_numpy(), before[subject].to_numpy()
        use = n + b >= 60
        if use.sum() < 20:
            continue
        y = np.log((n[use] + 0.5) / (b[use] + 0.5))
        d, s2 = y - np.median(y), 1 / (n[use] + 0.5) + 1 / (b[use] + 0.5)
        normal = stats.norm.expect(lambda x: np.clip(x, *stats.norm.ppf([0.1, 0.9])) ** 2)

        def wanted(v, d=d, s2=s2, normal=normal):
            score = d / np.sqrt(s2 + v)
            low, high = np.quantile(score, [0.1, 0.9])
            return np.mean(np.minimum(np.maximum(score, low), high) ** 2) - normal

        v = optimize.bisect(wanted, 0, 5, xtol=1e-14) if wanted(0) > 0 else 0.0
        z[subject] = pd.Series(d / np.sqrt(s2 + v), base.index[use])
        p[subject] = 2 * stats.t.sf(z[subject].abs(), 0.7 * (use.sum() - 1))
    table = found.table.set_index(["subject", "place"])
    for subject, values in z.items():
        np.testing.assert_allclose(table.loc[subject]["z"], values.loc[table.loc[subject].index], rtol=1e-6, atol=1e-8)
    flat = np.concatenate([p[subject] for subject in z])
    np.testing.assert_allclose(np.concatenate([table.loc[subject]["p_value"] for subject in z]), flat, rtol=1e-5)
    adjusted = multipletests(found.table["p_value"], method="fdr_bh")[1]
    np.testing.assert_allclose(found.table["adjusted"], adjusted)
    assert found.left_out == base.size - len(found.table)


def test_small_counts_are_left_out_and_counted(nation):
    base, forces = nation
    counts, before = two_years(nation, simulate(nation, 4))
    found = find_unusual_changes(counts, before, forces)
    assert (found.table["count"] + found.table["before"]).min() >= 60
    small = int((counts + before < 60).to_numpy().sum())
    thin = [name for name in base if (counts + before >= 60)[name].sum() < 20]
    rest = sum(int((counts + before >= 60)[name].sum()) for name in thin)
    assert found.left_out == small + rest
    with pytest.raises(InputError, match="no subject has 20 places"):
        find_unusual_changes(counts * 0, before * 0, forces)
    with pytest.raises(InputError, match="no police force"):
        find_unusual_changes(counts, before, forces.iloc[1:])


# ------------------------------------------------------------------------------------- breaks in the figures
def test_breaks_between_years_are_found_and_official_tables_have_none(nation):
    base = nation[0].iloc[:40].rename_axis("place").assign(whole=nation[0].iloc[:40].sum(axis=1))
    parts = {"whole": list(nation[0].columns)}
    later = base * 1.1 // 1
    later["whole"] = later[parts["whole"]].sum(axis=1)
    assert find_breaks_in_years(later, base, parts).empty
    broken = later.copy()
    broken.loc[base.index[0], "shoplifting"] = np.nan
    broken.loc[base.index[1], "shoplifting"] = 0
    broken.loc[base.index[2], "robbery"] = -4
    broken.loc[base.index[3]] = base.loc[base.index[3]]
    broken.loc[base.index[4], "whole"] += 7
    found = find_breaks_in_years(broken, base, parts, names=("2025-06", "2023-12"))
    kinds = {(row.place, row.kind) for row in found.itertuples()}
    assert kinds == {
        (base.index[0], "not available"),
        (base.index[1], "zero"),
        (base.index[1], "not the sum"),
        (base.index[2], "negative"),
        (base.index[2], "not the sum"),
        (base.index[3], "repeated"),
        (base.index[4], "not the sum"),
    }
    for end, before in (("2025-06", "2023-12"), ("2024-12", "2023-12")):
        table = official_crime().table
        years = [
            table[(table["level"] == "partnership") & (table["year_end"] == pd.Period(year, "M"))]
            for year in (end, before)
        ]
        wide = [year.pivot_table(index="code", columns="group", values="count") for year in years]
        sums = {group.key: parts_of(group.key) for group in offence_groups() if parts_of(group.key)}
        assert find_breaks_in_years(*wide, sums).empty


def quarters_of(nation, seed):
    """Eight quarters of every place and group, with seasons and a spread beyond chance."""
    base, _ = nation
    rng = np.random.default_rng(seed)
    season = 1 + 0.1 * np.sin(np.arange(8) * np.pi / 2)
    index = pd.MultiIndex.from_product([base.index, base.columns], names=["place", "subject"])
    noise = np.exp(rng.normal(0, np.tile(np.linspace(0.05, 0.25, base.shape[1]), len(base))[:, None], (len(index), 8)))
    counts = rng.poisson(base.to_numpy().reshape(-1, 1) / 4 * season * noise)
    return pd.DataFrame(counts, index, pd.period_range("2025Q1", periods=8, freq="Q-MAR"))


def test_breaks_within_years_are_found_and_none_in_noise(nation):
    forces = nation[1]
    for seed in range(3):
        assert find_breaks_in_quarters(quarters_of(nation, seed)).empty
    table = quarters_of(nation, 9)
    places = [code for code in nation[0].index if nation[0].loc[code, "shoplifting"] > 600][:6]
    last = table.columns[-1]
    table.loc[places[0], last] = 0
    table.loc[(places[1], "shoplifting"), last] = 0
    table.loc[(places[2], "shoplifting"), last] *= 5
    table.loc[(places[3], "shoplifting"), table.columns[1:7]] = int(nation[0].loc[places[3], "shoplifting"] / 4)
    table.loc[(places[4], "robbery"), table.columns[3]] = -3
    kent = list(forces.index[forces == "Kent"])
    table.loc[[(code, "drug_offences") for code in kent], table.columns[5]] = 0
    found = find_breaks_in_quarters(table)
    by_place = {(row.place, row.subject, row.kind, row.period) for row in found.itertuples() if row.place not in kent}
    assert by_place == {
        (places[0], "", "not available", "2026Q4"),
        (places[1], "shoplifting", "zero", "2026Q4"),
        (places[2], "shoplifting", "jump", "2026Q4"),
        (places[3], "shoplifting", "repeated", "2026Q3"),
        (places[4], "robbery", "negative", "2025Q4"),
    }
    folded = fold_by_force(found, forces)
    lines = folded[folded["force"] == "Kent"]
    assert [(row.place, row.kind, row.places) for row in lines.itertuples()] == [("", "zero", len(kent))]


# -------------------------------------------------------------------------------------- official tables on the page
def test_only_areas_with_a_report_are_named_and_all_partnerships_are_compared_with(home):
    picture = national_picture(None, home)
    unusual = picture.changes.table[picture.changes.table["unusual"]]
    codes = list(dict.fromkeys(unusual["place"]))
    members = partnerships().drop_duplicates("partnership_code").set_index("partnership_code")
    first = codes[0]
    quiet = next(code for code in members.index if code not in set(codes) and members["force_name"][code] == "Norfolk")
    for code in (first, quiet):
        define(home.root, code, code, name=members["partnership_name"][code], force=members["force_name"][code])
        publish(home.root, code)
    define(home.root, "elsewhere", "X9", name="Elsewhere")
    publish(home.root, "elsewhere")
    page = write_overview(home, [outcome(first), outcome(quiet), outcome("elsewhere")])
    lines = [row for row in rows_of(page.with_name("anomalies.csv")) if row["part"] in ("force", "change")]
    mine = unusual[unusual["place"] == first]
    assert [row["area"] for row in lines if row["part"] == "change"] == [first] * len(mine)
    assert {row["force"] for row in lines} <= {members["force_name"][first], "Norfolk"}
    text = " ".join(parse_html(page.read_text(encoding="utf-8")).soup.get_text(" ").split())
    assert f"{len(picture.changes.table):,} comparisons" in text
    assert f"{len(unusual) - len(mine)} unusual changes are elsewhere, outside the areas of these 3 reports." in text
    assert "Without an official code of a partnership, and so not compared: Elsewhere." in text
    table = official_crime().table.set_index(["level", "code", "year_end", "group"])["count"]
    keys = {"All recorded crime except fraud": TOTAL} | {group.label: group.key for group in offence_groups()}
    for row in (row for row in lines if row["part"] == "change"):
        for column, year in (("before", row["year_before"]), ("after", row["year_end"])):
            official = table["partnership", first, pd.Period(year, "M"), keys[row["subject"]]]
            assert float(row[column]) == official


def quarterly(root, nation, *, planted):
    """Home Office tables of two financial years, of every partnership but those whose counts the caller changes."""
    base = nation[0]
    members = partnerships().drop_duplicates("partnership_code").set_index("partnership_code")
    codes = list(base.index)
    areas = [(members["force_name"][code], members["partnership_name"][code]) for code in codes]
    rng = np.random.default_rng(5)
    sizes = rng.poisson(120, (2, 4, len(codes), len(OFFENCES)))

    def sheet(year, number):
        def count(area, kind, quarter):
            return planted(codes[area], OFFENCES[kind][0], number, quarter, int(sizes[number, quarter - 1, area, kind]))

        return [NEW, *(row for row in rows_of_a_year(year, areas, count=count) if row[-1] is not None)]

    folder = root / "data" / "raw" / "recorded_crime"
    folder.mkdir(parents=True)
    sheets = {"2024_25": sheet("2024/25", 0), "2025_26": sheet("2025/26", 1)}
    return write_ods(folder / "prc-csp-mar2021-mar2026-tables-230726.ods", sheets)


@pytest.mark.slow
def test_tables_by_quarter_give_the_newest_year_and_the_breaks_within_it(home, nation):
    forces = nation[1]
    kent, odd, lost = list(forces.index[forces == "Kent"]), "E22000326", "E22000345"

    def planted(code, offence, year, quarter, count):
        if code in kent and offence == "Shoplifting":
            return count * 3 if year else count
        if code == odd and offence == "Robbery of personal property":
            return count * 4 if year else count
        if code == lost and (year, quarter) == (1, 4):
            return None
        return count

    path = quarterly(home.root, nation, planted=planted)
    picture = national_picture(None, home)
    assert (str(picture.year_end), str(picture.before)) == ("2026-03", "2025-03")
    assert picture.quarters == ("April to June 2024", "January to March 2026")
    lines = picture.changes.forces[picture.changes.forces["unusual"]]
    assert [(row.force, row.subject, row.places) for row in lines.itertuples()] == [("Kent", "shoplifting", len(kent))]
    single = picture.changes.table[picture.changes.table["unusual"]]
    assert (odd, "robbery") in set(zip(single["place"], single["subject"], strict=True))
    assert set(single["place"]) == {odd}  # one without its last quarter is not compared: every count would be too low
    kinds = {(row.place, row.force, row.subject, row.kind) for row in picture.breaks.itertuples()}
    assert (lost, "West Yorkshire", "", "not available") in kinds
    assert ("", "Kent", "shoplifting", "jump") in kinds
    assert (odd, "West Mercia", "robbery", "jump") in kinds
    for code, force in ((odd, "West Mercia"), (lost, "West Yorkshire"), (kent[0], "Kent")):
        define(home.root, code, code, name=f"Place {code}", force=force)
        publish(home.root, code)
    page = write_overview(home, [outcome(odd), outcome(lost), outcome(kent[0])])
    text = page.read_text(encoding="utf-8")
    assert "at each quarter from April to June 2024 to January to March 2026" in text
    path.write_bytes(b"damaged")
    text = write_overview(home, [outcome(odd)]).read_text(encoding="utf-8")
    assert "A table of the project could not be used." in text
    assert "year to June 2025" in text


def test_the_same_statements_of_many_areas_are_one_line_and_of_few_a_line_each():
    """292 English areas, 20 Welsh ones, which have no letter g, and two others."""
    letters = [("c", "g")] * 292 + [("c",)] * 20 + [("d",)] * 2
    facts = [ReportFacts(Listed(f"a{n}", f"Area {n}", "", ""), (), None, own) for n, own in enumerate(letters)]
    lines = report_anomalies(facts)
    assert [(line.where, line.places) for line in lines] == [
        ("Most areas", 292), ("20 areas", 20), ("Area 312", 1), ("Area 313", 1)
    ]  # fmt: skip
    assert lines[1].unusual.endswith("20 of 314 reports have this.")


def test_a_run_of_a_few_areas_hides_no_report_of_an_earlier_run(home):
    for area in ("leeds", "shropshire", "powys"):
        define(home.root, area)
        publish(home.root, area)
    other = home.reports / "another@york"  # of another edition
    other.mkdir()
    (other / "index.html").write_text("", encoding="utf-8")
    page = write_overview(home, [outcome("leeds"), outcome("shropshire", "failed", reason="no figures")])
    assert [(row["area"], row["status"]) for row in rows_of(page.with_name("areas.csv"))] == [
        ("shropshire", "Failed"), ("leeds", "Up to date"), ("powys", "Not in this run")
    ]  # fmt: skip
    said = parse_html(page.read_text(encoding="utf-8")).soup.get_text(" ", strip=True)
    assert (
        "1 of 2 reports of this run is up to date; 1 failed and is listed first. It has an earlier report, still "
        "published. 1 other report is of an earlier run."
    ) in said
    alone = write_overview(home, [outcome("leeds")])
    assert "The report of this run is up to date. 2 other reports are of earlier runs." in alone.read_text("utf-8")
