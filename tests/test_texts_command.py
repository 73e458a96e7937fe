"""Texts by command: converting loses nothing and can be undone, and a draft reaches nobody but the partnership."""

import datetime
import gzip
import io
import json
import shutil
import zipfile
from pathlib import Path

import nbformat
import pytest
from conftest import TINY_EDITION, write_street_file
from typer.testing import CliRunner

from hcsp_assess.assessment.consultation import parse_consultation
from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.reasons import Reason, parse_reasons
from hcsp_assess.assessment.since_last import parse_answers, parse_recommendations
from hcsp_assess.assessment.so_what import parse_so_what
from hcsp_assess.assessment.statute import parse_statements
from hcsp_assess.assessment.wording.reasons import describe_reason
from hcsp_assess.cli.main import app
from hcsp_assess.errors import ProblemsError
from hcsp_assess.project import Project
from hcsp_assess.run.preflight import preflight, require_ready
from hcsp_assess.setup.edition_texts import started_text
from hcsp_assess.sources.text_body import EVIDENCE_END
from hcsp_assess.sources.text_files import read_page
from hcsp_assess.sources.text_kinds import BY_FOLDER
from hcsp_assess.sources.texts import Signed, find_texts, notes_of
from hcsp_assess.subject.editions import edition

ROOT = Path(__file__).parents[1]
BUNDLED = {"2013-14": "demonstration_2013_14", "2025": "open_data_2025"}
#: A word of every draft, and one of every reviewed text, that nothing else in a report has.
DRAFT, REVIEWED = "quetzalcoatl", "marmalade"
SIGNED = "role: Analyst\ndate: 31 October 2026\n"
CELLS = """
from hcsp_assess import open_edition
from hcsp_assess.chapters import changes_since, consultation, priorities
from hcsp_assess.chapters.shared.so_what import show_so_what
from hcsp_assess.edition.findings import edition_findings

known = edition_findings(open_edition(edition))
changes_since.findings_reasons(known)
---
consultation.table_wanted(known)
---
priorities.findings_decisions(known)
---
priorities.table_recommendations(known)
---
show_so_what(known, "shoplifting")
---
show_so_what(known, "alcohol")
"""


def call(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert "Traceback" not in result.output
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A project with its own copies of the bundled texts."""
    for folder in ("data/raw", "notebooks"):
        (tmp_path / folder).mkdir(parents=True)
    for key, name in BUNDLED.items():
        shutil.copytree(ROOT / "hcsp_assess" / "definitions" / name, tmp_path / "editions" / key)
    return tmp_path


def meaning(key: str, root: Path) -> list[object]:
    """Everything that the readers of texts make of an edition."""
    texts = find_texts(key, root)
    parsers = (parse_reasons, parse_so_what, parse_consultation, parse_recommendations, parse_answers, parse_statements)
    notes = [notes_of(texts, "scores.toml", "decision"), notes_of(texts, "area.toml", "about")]
    return [parse(texts) for parse in parsers] + notes


@pytest.mark.parametrize("key", BUNDLED)
def test_converted_texts_mean_the_same_and_the_way_back_leads_back(own, key):
    folder = own / "editions" / key
    before, files = meaning(key, own), {path.name: path.read_bytes() for path in folder.glob("*.toml")}
    told = call("texts", "convert", key, "--project", str(own))
    assert "of comments, kept in old-toml" in told and "Left as it is" not in told
    assert {path.name for path in folder.glob("*.toml")} <= {*files} - {"reasons.toml", "so_what.toml"}
    assert meaning(key, own) == before
    assert call("texts", "check", key, "--project", str(own)).startswith("The texts can be used.")
    call("texts", "convert", key, "--undo", "--project", str(own))
    assert {path.name: path.read_bytes() for path in folder.glob("*.toml")} == files
    assert not list(folder.rglob("*.md")) and not list(folder.rglob("*.xlsx"))


def test_a_file_that_was_changed_is_not_thrown_away_by_the_way_back(own):
    call("texts", "convert", "2025", "--project", str(own))
    path = own / "editions/2025/so-what/shoplifting.md"
    path.write_text(path.read_text(encoding="utf-8").replace("Shoplifting did not", "It did not"), encoding="utf-8")
    told = call("texts", "convert", "2025", "--undo", "--project", str(own), code=2)
    assert "changed since they were converted: so-what/shoplifting.md" in told
    assert path.is_file()


def test_what_would_not_be_the_same_stays_as_it_is_with_the_reason(own):
    path = own / "editions/2025/so_what.toml"
    path.write_text(path.read_text(encoding="utf-8") + '\n[[theme]]\ntheme = "a b"\nmeans = "c"\n', encoding="utf-8")
    before = path.read_bytes()
    told = call("texts", "convert", "2025", "--project", str(own), code=1)
    assert "Left as it is: so_what.toml" in told
    assert path.read_bytes() == before and not (own / "editions/2025/so-what").exists()


def test_texts_are_started_one_by_one_and_the_nearest_kind_is_named(own):
    assert "reasons/shoplifting.md" in call("texts", "start", "2025", "reasons", "shoplifting", "--project", str(own))
    assert "is there already" in call("texts", "start", "2025", "reasons", "shoplifting", "--project", str(own), code=2)
    assert "Did you mean reasons?" in call("texts", "start", "2025", "reason", "x", "--project", str(own), code=2)
    listed = json.loads(call("texts", "list", "2025", "--json", "--project", str(own)))
    assert [item["state"] for item in listed] == ["not written yet"]
    assert parse_reasons(find_texts("2025", own)) == ()


def test_a_template_needs_its_edition(own):
    assert "say which edition" in call("template", "plan", "--project", str(own), code=2)
    assert "--edition belongs to" in call("template", "marac", "--edition", "2025", "--project", str(own), code=2)
    call("template", "actions", "--edition", "2025", "--project", str(own))
    assert (own / "editions/2025/actions.xlsx").is_file()


def test_every_problem_is_one_of_the_list_in_json(own):
    path = own / "editions/2025/reasons/shoplifting.md"
    path.parent.mkdir()
    path.write_text("---\nrol: analyst\n---\nMore.\n", encoding="utf-8")
    problems = json.loads(call("texts", "check", "2025", "--json", "--project", str(own), code=1))
    assert {
        "where": "editions/2025/reasons/shoplifting.md, line 2",
        "what": "the header has 'rol', which 'reason for change' does not use. Did you mean role?",
        "stops": True,
    } in problems


def _texts(word: str, state: str, name: str) -> dict[str, str]:
    """A text of each kind with a word in it, by name of its file."""
    header = f"{SIGNED}state: {state}\n"
    theme = "shoplifting" if state == "draft" else "alcohol"
    return {
        f"reasons/{name}.md": f"---\ntitle: Shops\nabout: [shoplifting]\nsupport: claimed\n{header}---\nThe {word} cause.",
        f"so-what/{theme}.md": f"---\n{header}---\nThe {word} means.\n\n## Suggested action\n\nAsk about {word}.\n",
        f"summaries/{theme}.md": f"---\n{header}---\nIn short {word}.",
        f"consultation/{name}.md": f"---\ntitle: Survey {name}\nmethod: post\nheld: 2026\nanswered: 90\n{header}---\n"
        f"## Speeding\nwanted: yes\n\nSpeeding {word} cars\n",
        f"recommendations/{name}.md": f"---\nto: Police\n{header}---\nAsk the {word}.\n\n## Why\n\nBecause {word}.\n",
        f"decisions/{name}.md": f"---\n{header}---\nWe chose {word}.",
        f"nothing-to-report/{'e' if state == 'draft' else 'f'}.md": f"---\n{header}---\nthe {word} is for next year",
        f"about-the-area/{name}.md": f"---\n{header}---\nHome of {word}.",
    }


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny project with a draft and a reviewed text of every kind, built with every format that there is."""
    root = tmp_path_factory.mktemp("drafts")
    write_street_file(root / "data" / "raw" / "police_uk", "2024-01")
    texts = root / "editions" / "tiny"
    files = _texts(DRAFT, "draft", "first") | _texts(REVIEWED, "approved", "second")
    files["handling.toml"] = 'mark = "NOT PUBLIC"\nhandling = "Ask."\n'
    files["so_what.toml"] = (
        f'[[theme]]\ntheme = "road_safety"\nmeans = "{DRAFT} on roads"\naction = "a"\nstate = "draft"\n'
    )
    files["scores.csv"] = (
        "Key,Issue,Confidence,Why this confidence,Role,Date,Origin,State\n"
        f"a,{DRAFT} theft,3,counted,Analyst,31 October 2026,written for this edition,draft\n"
    )
    for name, text in files.items():
        (texts / name).parent.mkdir(parents=True, exist_ok=True)
        (texts / name).write_text(text, encoding="utf-8")
    (root / "editions" / "tiny.toml").write_text(TINY_EDITION, encoding="utf-8")
    (root / "notebooks").mkdir()
    first = [nbformat.v4.new_markdown_cell("# Texts")]
    first += [nbformat.v4.new_code_cell('edition: str = "tiny"', metadata={"tags": ["parameters"]})]
    cells = first + [nbformat.v4.new_code_cell(cell.strip()) for cell in CELLS.split("---")]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), root / "notebooks" / "tiny.ipynb")
    result = CliRunner().invoke(app, ["run", "tiny", "--project", str(root), "--quiet"])
    assert result.exit_code == 0, result.output
    return root


def _contents(folder: Path) -> dict[str, str]:
    """Every file below a folder as text in small letters; spreadsheets, documents and archives unpacked."""
    found = {}
    for path in (path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        if path.suffix in (".xlsx", ".docx"):
            archive = zipfile.ZipFile(io.BytesIO(content))
            content = b" ".join(archive.read(name) for name in archive.namelist())
        elif path.suffix == ".gz":
            content = gzip.decompress(content)
        found[path.relative_to(folder).as_posix()] = content.decode("utf-8", errors="ignore").lower()
    return found


def test_a_draft_is_in_no_public_file_and_every_reviewed_text_is_in_the_page(published):
    public = _contents(published / "reports")
    assert {Path(name).name for name in public} >= {"index.html", "tables.xlsx", "findings.json", "run.json"}
    assert [name for name, text in public.items() if DRAFT in text] == []
    page = public["tiny/index.html"]
    for said in ("the {} cause", "the {} means", "in short {}", "we chose {}", "speeding {} cars", "ask the {}"):
        assert said.format(REVIEWED) in page, said
    assert REVIEWED in public["tiny/findings.json"]


def test_every_draft_is_in_the_restricted_edition_under_its_own_heading(published):
    page = _contents(published / "restricted-reports")["tiny/index.html"]
    assert "drafts, not yet reviewed" in page
    for said in ("cause", "means", "on roads", "theft"):
        assert f"{DRAFT} {said}" in page, said
    for said in ("in short", "we chose", "home of", "ask the", "because", "speeding"):
        assert f"{said} {DRAFT}" in page, said
    assert f"the {DRAFT} is for next year" in page


def test_an_edition_without_drafts_has_no_chapter_of_drafts(published):
    assert "drafts, not yet reviewed" not in _contents(published / "reports")["tiny/index.html"]


@pytest.fixture
def reported(own: Path) -> Path:
    """A project whose edition 2025 has a report: the published findings that come with the demonstration."""
    (own / "reports" / "2025").mkdir(parents=True)
    name = ROOT / "hcsp_assess/definitions/demonstration_2013_14/previous_findings.json"
    shutil.copy(name, own / "reports" / "2025" / "findings.json")
    return own


def sentence(root: Path, key: str) -> str:
    found = json.loads((root / "reports/2025/findings.json").read_text(encoding="utf-8"))["findings"]
    return next(" ".join(item["sentence"].split()) for item in found if item["key"] == key)


def test_evidence_is_quoted_word_for_word_and_renewed_without_a_change_to_what_a_person_wrote(reported):
    call("texts", "start", "2025", "reasons", "shoplifting", "--project", str(reported))
    path = reported / "editions/2025/reasons/shoplifting.md"
    quoted = sentence(reported, "shoplifting")
    assert f"> {quoted} (shoplifting)\n" in path.read_text(encoding="utf-8")
    mine = path.read_text(encoding="utf-8").replace(quoted, "an old figure").replace("role:", "role: Analyst")
    path.write_text(f"{mine}\nShops *report* more: see <https://example.org>.\n", encoding="utf-8")
    assert "Renewed" in call("texts", "refresh", "2025", "--project", str(reported))
    after = path.read_text(encoding="utf-8")
    assert after == f"{mine}\nShops *report* more: see <https://example.org>.\n".replace("an old figure", quoted)
    assert "up to date" in call("texts", "refresh", "2025", "--project", str(reported))
    path.write_text(after.replace(EVIDENCE_END, f"My words.\n{EVIDENCE_END}"), encoding="utf-8")
    assert "a person wrote among" in call("texts", "refresh", "2025", "--project", str(reported))
    assert "My words." in path.read_text(encoding="utf-8")


def test_a_new_edition_starts_its_texts_with_the_evidence_of_the_last(reported):
    shutil.rmtree(reported / "editions" / "2013-14")
    call("new", "edition", "2026-27", "--project", str(reported))
    texts = reported / "editions" / "2026-27"
    started = (texts / "reasons" / "shoplifting.md").read_text(encoding="utf-8")
    assert sentence(reported, "shoplifting") in started and "about: [shoplifting]" in started
    listed = json.loads(call("texts", "list", "2026-27", "--json", "--project", str(reported)))
    assert {item["state"] for item in listed} == {"not written yet"}
    assert call("texts", "check", "2026-27", "--project", str(reported)) == "The texts can be used."


def test_a_finding_that_the_report_does_not_have_is_refused_with_the_nearest(reported):
    assert "Did you mean shoplifting?" in call(
        "texts", "start", "2025", "reasons", "shopliftin", "--project", str(reported), code=2
    )
    path = reported / "editions/2025/reasons/shops.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    head = f"---\ntitle: Shops\nabout: [shopliftin]\nsupport: claimed\n{SIGNED}"
    path.write_text(f"{head}state: reviewed\n---\nMore.\n", encoding="utf-8")
    assert "Did you mean shoplifting?" in call("texts", "check", "2025", "--project", str(reported), code=1)
    path.write_text(f"{head}state: draft\n---\nMore.\n", encoding="utf-8")
    assert "does not stop a run" in call("texts", "check", "2025", "--project", str(reported))


#: Mistakes in Markdown texts: the file, what is in it, and where and in which words it is named, once.
HEAD = "title: Shops\nabout: [shoplifting]\nsupport: claimed\n" + SIGNED + "state: reviewed\n"
PLANTED = {
    "reasons/key.md": (f"---\n{HEAD.replace('support', 'suport')}---\nMore.\n", "line 4", "Did you mean support?"),
    "reasons/day.md": (f"---\n{HEAD.replace('31 October', '31 Febuary')}---\nMore.\n", "line 6", "which is no day"),
    "reasons/open.md": (f"---\n{HEAD}More.\n", "line 1", "the header is not closed"),
    "reasons/bare.md": (f"{HEAD}---\nMore.\n", "line 1", "the file has no header"),
    "reasons/about.md": (f"---\n{HEAD.replace('[shop', '[shp')}---\nMore.\n", "line 3", "Did you mean shoplifting?"),
    "county-matters/one.md": (
        f"---\ntheme: shoplifing\nabout: [shoplifting]\n{SIGNED}state: reviewed\n---\nDo.\n\n## Why\n\nCosts.\n",
        "", "Did you mean shoplifting?",
    ),
    "serious-violence/definition.md": (
        f"---\noffences: [robery]\n{SIGNED}state: reviewed\n---\nRobbery.\n", "", "Did you mean robbery?",
    ),
    "nothing-to-report/z.md": (f"---\n{SIGNED}state: reviewed\n---\nwe have none of it\n", "", "has the letter 'z'"),
    "scores.csv": (
        "Key,Issue,Confidence,Why this confidence,Role,Date,Origin,Subject for the county\n"
        "a,Theft,3,counted,Analyst,31 October 2026,written for this edition,shoplifing\n",
        "row 2", "Did you mean shoplifting?",
    ),
}  # fmt: skip


def test_before_a_run_each_mistake_is_named_once_with_its_own_file_and_line(reported):
    folder = reported / "editions" / "2025"
    for name in ("reasons.toml", "scores.toml"):
        (folder / name).unlink(missing_ok=True)
    for name, (text, *_) in PLANTED.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    chosen, home = edition("2025", reported), Project(reported)
    found = [item for item in preflight(chosen, home) if item.where.startswith("editions/2025")]
    for name, (_, line, words) in PLANTED.items():
        (problem,) = [item for item in found if name in str(item)]
        assert problem.where == ", ".join(part for part in (f"editions/2025/{name}", line) if part)
        assert words in problem.what
    assert len(found) == len(PLANTED), found
    with pytest.raises(ProblemsError) as stopped:
        require_ready(chosen, home)
    told = str(stopped.value)
    assert [told.count(f"{name}, {line}" if line else name) for name, (_, line, _) in PLANTED.items()] == [1] * 9


@pytest.mark.parametrize(
    ("key", "measure", "title"),
    [
        ("official_rising", "official rising", "Offences that rose"),  # as a report of an earlier version has it
        ("official_falling", "offences that fell", "Offences that fell"),
        ("performance_fly_tipping", "fly-tipping", "Fly-tipping"),
        ("theft_remainder", "Other theft, bicycle theft and theft from the person", "Other theft, bicycle theft and "
         "theft from the person"),
        ("marac_repeats", "", "Repeat cases of domestic abuse at the multi-agency risk assessment conference"),
        ("pubs", 'calls to "The Bell"', 'Calls to "The Bell"'),
    ],
)  # fmt: skip
def test_a_started_reason_is_called_what_its_finding_measures(key, measure, title):
    finding = {"key": key, "sentence": "It rose.", "measure": measure, "direction": "rising"}
    page = read_page(started_text(BY_FOLDER["reasons"], key, [finding]), f"reasons/{key}.md")
    assert (page.title, page.problems) == (title, ())


def test_a_title_that_says_which_way_is_not_followed_by_the_same_in_brackets():
    signed = Signed("Analyst", datetime.date(2026, 10, 31), "written for this edition")
    rising = {"a": Finding("a", "It rose.", direction="rising")}
    for title, shown in (("Offences that rose", "Offences that rose:"), ("Shoplifting", "Shoplifting (rising):")):
        assert describe_reason(Reason("a", title, ("a",), "More theft.", "claimed", signed), rising).message == shown


def test_a_check_of_an_edition_of_official_figures_alone_says_so(tmp_path):
    (tmp_path / "data" / "raw").mkdir(parents=True)
    call("new", "partnership", "--code", "E06000051", "--no-run", "--project", str(tmp_path))
    assert "Street-level records not used" in call("check", "shropshire-2025-06", "--project", str(tmp_path))
