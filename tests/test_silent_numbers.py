"""Numbers that could be wrong in silence: marks, damaged files, half files, doubled names, impossible months and counts."""

import json
import logging
import re
import shutil
import warnings
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from attacks import attack
from conftest import HEADER, TINY_EDITION, call, said, write_street_file

from hcsp_assess.edition.counts import CountTable, read_counts, write_counts
from hcsp_assess.edition.file_faults import file_faults, worst_file
from hcsp_assess.edition.incomplete import ASIDE, CUT, FEW, judge_files
from hcsp_assess.edition.opened import open_edition, prepare
from hcsp_assess.errors import InputError
from hcsp_assess.files import checked_json, read_checked_json
from hcsp_assess.project import Project
from hcsp_assess.run.build import RunResult
from hcsp_assess.run.finished_chapters import load_stage, save_stage
from hcsp_assess.run.log import latest_runs, nothing_new, status
from hcsp_assess.run.one_state import InputsChangedError
from hcsp_assess.run.unattended import run_unattended
from hcsp_assess.sources.peers import read_district_counts
from hcsp_assess.sources.police_uk import clean_archive, scan_records
from hcsp_assess.sources.police_uk.beside import clean_beside, scan_beside
from hcsp_assess.sources.residents import RESIDENTS, read_residents
from hcsp_assess.sources.returns.definitions import Column
from hcsp_assess.sources.returns.values import read_value
from hcsp_assess.subject.editions import edition

PLACE = "West Mercia Police,West Mercia Police,-2.716,52.056,On or near High Town,E01014005,Herefordshire 012C"
OUTCOMES = "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Outcome type"
RAW = "data/raw/police_uk"


def burglary(crime_id: str, month: str) -> str:
    return f"{crime_id},{month},{PLACE},Burglary,Under investigation,"


def burglaries(number: int, month: str) -> list[str]:
    return [burglary(f"{month.replace('-', '')}{n:058x}", month) for n in range(number)]


def flip(path: Path, where: float = 0.5) -> None:
    """Flip one bit of a file."""
    content = bytearray(path.read_bytes())
    content[int(where * (len(content) - 1))] ^= 1
    path.write_bytes(content)


def received(folder: Path) -> Path:
    """An archive of two months: one row repeated, one that cannot be used, and an outcomes file."""
    for month in ("2024-01", "2024-02"):
        rows = burglaries(200, month)
        write_street_file(folder, month, [*rows, rows[0], f"{'b' * 64},{month},too,short"])
        outcome = f"{rows[0].split(',')[0]},{month},{PLACE},Local resolution"
        path = folder / month / f"{month}-west-mercia-outcomes.csv"
        path.write_text("\n".join([OUTCOMES, outcome, f"{'c' * 64},{month},too,short"]) + "\n", encoding="utf-8")
    return folder


def cleaned(source: Path, out: Path) -> dict[str, bytes]:
    clean_archive(source, out)
    clean_beside(source, out, "outcomes")
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


@attack(
    "one flipped bit in any cleaned file: records, key arrays, rows set aside, duplicates, outcomes, manifests",
    "the damage is said, and the file is made again from the files received: the same bytes as before",
)
def test_a_flipped_bit_in_any_cleaned_file_is_said_and_the_file_is_made_again(tmp_path, caplog):
    source = received(tmp_path / "in")
    before = cleaned(source, tmp_path / "out")
    tried = [name for name in before if not name.endswith("account.csv")]
    kinds = ("records/", "ids/", "quarantine/", "duplicates/", "outcomes/records", "outcomes/quarantine")
    assert all(any(name.startswith(kind) for name in tried) for kind in kinds)
    assert {"manifest.json", "outcomes/manifest.json"} <= set(tried)
    for name in tried:
        for where in (0.1, 0.9):
            flip(tmp_path / "out" / name, where)
            caplog.clear()
            after = cleaned(source, tmp_path / "out")
            assert after == before, name
            assert re.search(rf"{name} is damaged.* and will be made again", caplog.text), name


@attack("cleaned records damaged after cleaning, then read", "refused, with the file's name and what to do")
def test_damaged_records_are_never_read(tmp_path):
    cleaned(received(tmp_path / "in"), tmp_path / "out")
    flip(tmp_path / "out" / "records" / "month=2024-02" / "street.parquet")
    with pytest.raises(
        InputError, match=r"month=2024-02.street\.parquet is damaged or missing: clean the archive again"
    ):
        scan_records(tmp_path / "out")
    flip(tmp_path / "out" / "outcomes" / "records" / "2024-01-west-mercia.parquet")
    with pytest.raises(
        InputError, match=r"the cleaned records of 2024-01-west-mercia .* damaged or missing: clean them"
    ):
        scan_beside(tmp_path / "out", "outcomes")


@attack(
    "one flipped bit in an edition's stored counts, account or source file",
    "the damage is said, and they are counted again from the files received",
)
def test_damaged_counts_are_said_and_counted_again_when_a_notebook_opens_the_edition(tiny_project, caplog):
    received(tiny_project / RAW)
    folder = tiny_project / "data" / "processed" / "tiny"
    right = open_edition("tiny", Project(tiny_project)).counts("crime_type")
    stored = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    for name in ("counts.csv.gz", "account.csv", "SOURCE.toml", "outcomes.csv.gz", "OUTCOMES.toml"):
        flip(folder / name, 0.7)
        caplog.clear()
        again = open_edition("tiny", Project(tiny_project)).counts("crime_type")
        pd.testing.assert_frame_equal(again, right)
        assert "They are made again from the files received" in caplog.text, name
        assert (folder / name).read_bytes() == stored[name]
    caplog.clear()
    open_edition("tiny", Project(tiny_project))
    assert caplog.text == ""


@attack("one flipped bit in a finished chapter, or in a manifest", "it is not used: the chapter runs again")
@pytest.mark.parametrize("where", [0.05, 0.3, 0.5, 0.7, 0.95])
def test_a_damaged_finished_chapter_is_not_taken_for_the_chapter(tmp_path, caplog, where):
    result = {"html": "<p>Police recorded 9,978 crimes in 2025.</p>" * 40, "warnings": []}
    save_stage(tmp_path, "levels", "key", result)
    assert load_stage(tmp_path, "levels", "key") == result
    flip(tmp_path / "levels.json", where)
    assert load_stage(tmp_path, "levels", "key") is None
    assert "levels.json is damaged" in caplog.text


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"null", b"\xff\xfe", b'{"sha256": 1}', b"[" * 100_000, checked_json(1)[:-2]]
)
def test_what_is_no_checked_json_is_made_again_and_no_error(tmp_path, caplog, content):
    (tmp_path / "x.json").write_bytes(content)
    assert read_checked_json(tmp_path / "x.json") is None
    assert "will be made again" in caplog.text


def mark_folder(raw: Path) -> None:
    (raw / "SIMULATED.toml").write_text("simulated = true\nseed = 7\n", encoding="utf-8")


def mark_small_and_denied(raw: Path) -> None:
    (raw / "simulated.toml").write_text("simulated = false\n", encoding="utf-8")


def mark_above(raw: Path) -> None:
    (raw.parent / "SIMULATED.toml").write_text("", encoding="utf-8")


def mark_in_zip(raw: Path) -> None:
    with zipfile.ZipFile(raw / "all.zip", "w") as archive:
        for path in sorted(raw.glob("2*/*")):
            archive.write(path, path.relative_to(raw))
        archive.writestr("SIMULATED.toml", "")
    for folder in raw.glob("2*"):
        shutil.rmtree(folder)


@attack(
    "SIMULATED.toml beside the files of an edition that calls its records real",
    "the data's own mark wins: everything made of them is marked as simulated",
)
@pytest.mark.parametrize("mark", [mark_folder, mark_small_and_denied, mark_above, mark_in_zip])
def test_a_folders_own_mark_wins_over_the_edition_also_in_a_notebook(tiny_project, mark):
    received(tiny_project / RAW)
    mark(tiny_project / RAW)
    project = Project(tiny_project)
    for opened in (prepare(edition("tiny", tiny_project), project), open_edition("tiny", project)):
        assert (opened.simulated, opened.edition.simulated, opened.source.simulated) == (True, True, True)
    assert read_counts(opened.folder).simulated


@attack("real files in the folder of an edition that calls its records simulated", "refused, with what to do")
def test_real_files_are_not_published_as_simulated(tiny_project):
    received(tiny_project / RAW)
    text = TINY_EDITION.replace('"street-level archive"', '"simulated archive"')
    (tiny_project / "editions" / "tiny.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"the files in data/raw/police_uk are not marked so: move them away"):
        prepare(edition("tiny", tiny_project), Project(tiny_project))


@attack("counts that come with an edition and carry the mark", "the mark wins")
@pytest.mark.parametrize("mark", ["file", "field"])
def test_marked_counts_of_an_edition_are_simulated(tiny_project, tmp_path, mark):
    received(tmp_path / "elsewhere")
    clean_archive(tmp_path / "elsewhere", tmp_path / "cleaned")
    from hcsp_assess.edition.counts import count_records

    table = count_records(tmp_path / "cleaned")
    bundled = tiny_project / "data" / "raw" / "counts"
    simulated = CountTable(table.cells, table.account, {"simulated": mark == "field"}, "")
    write_counts(simulated, bundled)
    if mark == "file":
        mark_folder(bundled)
    text = TINY_EDITION.replace(
        'folder = "data/raw/police_uk"', 'folder = "data/raw/police_uk", counts = "data/raw/counts"'
    )
    (tiny_project / "editions" / "tiny.toml").write_text(text, encoding="utf-8")
    opened = prepare(edition("tiny", tiny_project), Project(tiny_project))
    assert (opened.simulated, opened.edition.simulated) == (True, True)


@attack("a mark SIMULATED.toml that is not TOML", "one sentence that names it")
def test_a_mark_that_cannot_be_read_is_named(tmp_path):
    (received(tmp_path / "in") / "SIMULATED.toml").write_bytes(b"\xff= [")
    with pytest.raises(
        InputError, match=r"SIMULATED\.toml marks the records beside it as simulated but cannot be read"
    ):
        clean_archive(tmp_path / "in", tmp_path / "out")


@attack("hcsp-assess run aa -p edition=bb", "refused: the parameter names another edition")
def test_a_parameter_cannot_put_another_editions_numbers_under_this_title(tiny_project):
    (tiny_project / "editions" / "bb.toml").write_text(TINY_EDITION, encoding="utf-8")
    result = call("run", "tiny", "-p", "edition=bb")
    assert result.exit_code == 2
    assert said(result) == (
        "hcsp-assess: this run is of edition tiny, and its parameter edition says bb: to build that edition, give its "
        "name instead, as in hcsp-assess run bb"
    )
    assert not (tiny_project / "data" / "processed" / "runs").exists()


def account_of(folder: Path, out: Path) -> pd.DataFrame:
    frame = clean_archive(folder, out).to_frame()
    return frame.assign(month=pd.PeriodIndex(frame["month"], freq="M"))


@attack(
    "a street file cut in half, a month of one row, a file with 98% of its rows set aside",
    "each is named with what to do, is no whole month in any count, and ends `run`, `clean` and `check` with code 3 "
    "where its rows were set aside",
)
def test_each_file_that_looks_wrong_is_named_and_no_whole_month(tmp_path):
    for month in [f"2024-{number:02d}" for number in range(1, 13)]:
        write_street_file(tmp_path / "in", month, burglaries(600, month))
    half = tmp_path / "in" / "2024-03" / "2024-03-west-mercia-street.csv"
    half.write_bytes(half.read_bytes()[: half.stat().st_size // 2 + 17])
    write_street_file(tmp_path / "in", "2024-05", burglaries(1, "2024-05"))
    good, bad = burglaries(12, "2024-07"), [f"{'d' * 64},2024-07,{PLACE},,," for _ in range(588)]
    write_street_file(tmp_path / "in", "2024-07", [*good, *bad])
    account = account_of(tmp_path / "in", tmp_path / "out")
    assert file_faults(account) == [
        "2024-03-west-mercia-street.csv: it ends within a row, as a download that broke off does; download it again",
        "2024-05-west-mercia-street.csv: it holds 1 row, where a force has hundreds a month or more; download it again",
        "2024-07-west-mercia-street.csv: 588 of its 600 rows (98%) were set aside; see the quarantine files",
    ]
    assert worst_file(account) == ("2024-07-west-mercia-street.csv", pytest.approx(98))
    judged = judge_files(account).set_index("month")["reason"]
    wrong = {str(month): reason for month, reason in judged.items() if reason}
    assert wrong == {"2024-03": CUT, "2024-05": FEW, "2024-07": FEW}
    alone = judge_files(account[account["month"] == "2024-07"])
    assert list(alone["reason"]) == [ASIDE]  # also without another month to compare it with


@attack(
    "a street file with its heading alone, and one with all its rows in it twice",
    "each is named with what to do; of the second, crimes are counted once and the account balances",
)
def test_a_file_without_rows_and_one_with_its_rows_twice_are_named(tmp_path):
    write_street_file(tmp_path / "in", "2024-01", [])
    write_street_file(tmp_path / "in", "2024-02", burglaries(40, "2024-02") * 2)
    write_street_file(tmp_path / "in", "2024-03", burglaries(40, "2024-03"))
    account = account_of(tmp_path / "in", tmp_path / "out")
    assert file_faults(account) == [
        "2024-01-west-mercia-street.csv: it holds no row, where a force has hundreds a month or more; download it again",
        "2024-02-west-mercia-street.csv: 40 of its 80 rows repeat a Crime ID of the same file, as a file with its rows "
        "in it twice does: download it again, because anti-social behaviour has no ID and is counted twice",
    ]
    assert account[["rows_in", "kept", "duplicates"]].to_numpy().tolist() == [[0, 0, 0], [80, 40, 40], [40, 40, 0]]


@attack(
    "one file of 4,000 rows of which 4% were set aside, among 400,000 good rows",
    "code 3 and the file's name: the threshold holds for each file",
)
def test_the_threshold_holds_for_each_file(tiny_project):
    for month in ("2024-01", "2024-02", "2024-03"):
        write_street_file(tiny_project / RAW, month, burglaries(200, month))
    rows = [*burglaries(192, "2024-04"), *[f"{'d' * 64},2024-04,{PLACE},,," for _ in range(8)]]
    write_street_file(tiny_project / RAW, "2024-04", rows)
    for command in ("clean", "check"):
        result = call(command, "tiny")
        assert result.exit_code == 3
    assert "4.0% of the rows of 2024-04-west-mercia-street.csv were set aside, more than 1%" in said(
        call("clean", "tiny")
    )
    assert call("check", "tiny", "--threshold", "4").exit_code == 0


@attack("a zip that holds one name twice with different content", "refused, with the name; twice the same is read once")
def test_a_zip_with_one_name_twice(tmp_path):
    name = "2024-01/2024-01-west-mercia-street.csv"

    def archive(second: int) -> Path:
        path = tmp_path / f"{second}" / "2024-01.zip"
        path.parent.mkdir()
        with zipfile.ZipFile(path, "w") as made, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for number in (3, second):
                made.writestr(name, "\n".join([HEADER, *burglaries(number, "2024-01")]) + "\n")
        return path

    with pytest.raises(
        InputError, match=rf"^2024-01\.zip holds {name} 2 times with different content: unpack it, keep"
    ):
        clean_archive(archive(5), tmp_path / "out")
    assert clean_archive(archive(3), tmp_path / "out").rows_in == 3


@attack(
    "rows that repeat a Crime ID that is not 64 hexadecimal digits",
    "they stay in the counts, since such an ID proves nothing, and are counted and named",
)
def test_repeated_ids_that_are_not_in_the_published_form_are_counted_and_named(tmp_path):
    long = "a" * 16 + "z" * 48
    ids = ["X1", "X1", "x1", "X2", long, long, "f" * 64, "f" * 64, "e" * 64]
    write_street_file(tmp_path / "in", "2024-01", [burglary(each, "2024-01") for each in ids])
    account = account_of(tmp_path / "in", tmp_path / "out")
    found = account.loc[0, ["rows_in", "kept", "duplicates", "odd_ids", "repeated_odd_ids"]]
    assert list(found) == [9, 8, 1, 6, 2]
    (fault,) = file_faults(account)
    assert "2 rows repeat a Crime ID that is not in the published form (64 hexadecimal digits)" in fault


@attack("street files of the months 0000, 0001, 1999 and 9999", "refused, with the file's name")
@pytest.mark.parametrize("year", ["0000", "0001", "1999", "9999"])
def test_months_that_cannot_be_are_refused(tmp_path, year):
    received(tmp_path / "in")
    write_street_file(tmp_path / "in", f"{year}-01")
    told = rf"^{year}-01/{year}-01-west-mercia-street\.csv is named for {year}-01, which cannot be a month of police records"
    with pytest.raises(InputError, match=told):
        clean_archive(tmp_path / "in", tmp_path / "out")


@attack("stored counts of a month 9999-12, or of 10^18 records, with right checksums", "refused, with the figure")
@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("count", 10**18, "1,000,000,000,000,000,000 is not a count of records of one month"),
        ("count", -1, "-1 is not a count of records of one month"),
        ("month", pd.Period("9999-12", "M"), "9999-12 cannot be a month of police records"),
        ("month", pd.Period("0001-01", "M"), "0?0?0?1-01 cannot be a month of police records"),
    ],
)
def test_counts_that_cannot_be_are_refused(tmp_path, column, value, told):
    from hcsp_assess.edition.counts import count_records

    clean_archive(received(tmp_path / "in"), tmp_path / "out")
    table = count_records(tmp_path / "out")
    cells = table.cells.copy()
    cells[column] = [value, *cells[column][1:]]
    write_counts(CountTable(cells, table.account, table.source, table.area), tmp_path / "counts")
    with pytest.raises(InputError, match=rf"^the counts in .* cannot be used \({told}\): count the records again"):
        read_counts(tmp_path / "counts")


@attack("counts of districts or residents of 10^18, a month 9999-12", "refused, with the line")
def test_counts_of_peers_and_residents_that_cannot_be_are_refused(tmp_path):
    path = tmp_path / "districts.csv"
    for month, count, told in (("9999-12", "5", "month 9999-12"), ("2024-01", str(10**18), f"count {10**18}")):
        row = f"{month},West Mercia Police,Herefordshire,Burglary,{count}"
        path.write_text(f"month,falls_within,lad_from_lsoa_name,crime_type,count\n{row}\n", encoding="utf-8")
        with pytest.raises(InputError, match=rf"^districts\.csv, line 2: {told} is not possible: correct it$"):
            read_district_counts(path)
    residents = tmp_path / RESIDENTS
    residents.parent.mkdir(parents=True)
    residents.write_text(f"column,group,residents,source\nsex,Female,{10**18},x\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 2: residents must be a number above zero, of people in one area"):
        read_residents(tmp_path)
    reading = read_value(str(10**18), Column(name="count", heading="Count", type="count", about=""))
    assert reading.problem == "is too large for a count"


@attack(
    "--only-if-changed over a page cut short, a changed or deleted download, a restricted page deleted",
    "there is work: the report is built again",
)
def test_only_if_changed_sees_whatever_happened_to_what_was_published(tiny_project):
    received(tiny_project / RAW)
    mark_folder(tiny_project / RAW)
    assert call("run", "tiny", "--threshold", "10").exit_code == 0
    page = (tiny_project / "reports" / "tiny" / "index.html").read_text(encoding="utf-8")
    assert "Demonstration with simulated data" in page
    assert json.loads((tiny_project / "reports" / "tiny" / "run.json").read_text(encoding="utf-8"))["simulated"] is True
    project = Project(tiny_project)
    (run,) = latest_runs(project)
    assert nothing_new(project, "tiny", run.fingerprint) == run
    names = [name for name, _ in run.outputs]
    assert {"reports/tiny/index.html", "reports/tiny/run.json"} <= set(names)
    assert any("/files/" in name for name in names)
    assert any("restricted" in name and name.endswith("index.html") for name in names)
    for name in names:
        path = tiny_project / name
        whole = path.read_bytes()
        for damage in (whole[: len(whole) // 2], None, whole + b" "):
            path.unlink()
            if damage is not None:
                path.write_bytes(damage)
            assert nothing_new(project, "tiny", run.fingerprint) is None, name
            path.write_bytes(whole)
    assert nothing_new(project, "tiny", run.fingerprint) == run


@attack("one damaged record of a run", "it is passed over and named; runs and `status` go on")
@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"run": 1}', b'{"stages": 3}'])
def test_a_damaged_run_record_stops_nothing(tiny_project, caplog, content):
    project = Project(tiny_project)

    def build(chosen, project, **more):
        page = project.reports / "tiny" / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text("<html></html>", encoding="utf-8")
        return RunResult(page, {}, {}, (), 1.0, (page,))

    chosen = edition("tiny", tiny_project)
    assert run_unattended(chosen, project, build, only_if_changed=True) is not None
    damaged = tiny_project / "data" / "processed" / "runs" / "20990101T000000000000Z-tiny-abcdef.json"
    damaged.write_bytes(content)
    assert run_unattended(chosen, project, build, only_if_changed=True) is None
    assert len(latest_runs(project)) == 2
    assert next(each for each in status(project).editions if each.edition == "tiny").ok
    assert f"the record of a run {damaged} cannot be read" in caplog.text


class Build:
    """A run whose inputs change while it works, for its first `changes` beginnings; it publishes what it read first."""

    def __init__(self, project: Path, changes: int, *, fails: bool = False) -> None:
        self.raw, self.changes, self.fails, self.begun = project / RAW, changes, fails, 0

    def __call__(self, chosen, project, *, state, **more):
        self.begun += 1
        at_first = sorted(path.name for path in self.raw.rglob("*.csv"))
        if self.begun <= self.changes:
            write_street_file(self.raw, f"2024-{self.begun:02d}")
            if self.fails:
                raise InputError("the counts differ from the checksum")
        assert self.fails or self.begun <= self.changes or sorted(p.name for p in self.raw.rglob("*.csv")) == at_first
        state.require_unchanged()
        page = project.reports / "tiny" / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(" ".join(at_first), encoding="utf-8")
        return RunResult(page, {}, {}, (), 1.0, (page,))


@attack(
    "files added, and `clean`, `check`, `hotspots` or `map`, while a run is in progress",
    "no page mixes two states: the run begins again on the new files, at most three times, and says so",
)
@pytest.mark.parametrize("fails", [False, True], ids=["the chapters end", "a chapter fails over it"])
def test_a_run_publishes_one_state_of_its_inputs(tiny_project, caplog, fails):
    build, project = Build(tiny_project, 2, fails=fails), Project(tiny_project)
    assert run_unattended(edition("tiny", tiny_project), project, build) is not None
    page = (tiny_project / "reports" / "tiny" / "index.html").read_text(encoding="utf-8")
    assert (build.begun, page) == (3, "2024-01-west-mercia-street.csv 2024-02-west-mercia-street.csv")
    assert caplog.text.count("changed while the run was in progress: it begins again on the new files") == 2
    assert len(dict(latest_runs(project)[0].inputs)) == 4  # two months, the definition and the notebook


def test_a_run_whose_inputs_never_rest_publishes_nothing_and_says_so(tiny_project):
    build, project = Build(tiny_project, 9), Project(tiny_project)
    told = r"^data/raw/police_uk/.* changed while the run was in progress, and nothing was published"
    with pytest.raises(InputsChangedError, match=told):
        run_unattended(edition("tiny", tiny_project), project, build)
    assert build.begun == 3
    assert not (tiny_project / "reports" / "tiny").exists()


def test_a_file_that_was_only_touched_does_not_begin_a_run_again(tiny_project, caplog):
    path = write_street_file(tiny_project / RAW, "2024-01")

    def build(chosen, project, *, state, **more):
        path.write_bytes(path.read_bytes())
        state.require_unchanged()
        return RunResult(path, {}, {}, (), 1.0, ())

    with caplog.at_level(logging.WARNING):
        assert run_unattended(edition("tiny", tiny_project), Project(tiny_project), build) is not None
    assert "begins again" not in caplog.text
