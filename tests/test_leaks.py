"""What is published does not give away partners' files, and what is not for publication is out of the way."""

import gzip
import io
import json
import os
import re
import shutil
import stat
import subprocess
import zipfile
from functools import lru_cache
from pathlib import Path

import pytest
from attacks import attack
from bs4 import BeautifulSoup
from openpyxl import load_workbook

from hcsp_assess.errors import InputError
from hcsp_assess.files import sha256_of
from hcsp_assess.project import Project
from hcsp_assess.run.keyed_digests import NAME, digest_key, keyed_digest
from hcsp_assess.run.record import public_record, publishes_checksums
from hcsp_assess.run.reports_folder import forget_earlier
from hcsp_assess.run.restricted_folder import move_restricted, restricted_folder
from hcsp_assess.sources.returns import return_definition, return_names


@lru_cache(maxsize=4)
def texts(folder):
    """Every file below a folder as text, by name: spreadsheets, Word documents, archives and PDF files unpacked."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): unpacked(path).decode("utf-8", errors="ignore") for path in files}


def unpacked(path):
    """What a file holds, with the properties of documents, comments of archives and, where there is a reader, PDF text."""
    content = path.read_bytes()
    if path.suffix in (".xlsx", ".docx", ".zip"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            inside = [name.encode() + b" " + archive.read(name) for name in archive.namelist()]
            return b" ".join([*inside, archive.comment, *(cells(path) if path.suffix == ".xlsx" else ())])
    if path.suffix == ".gz":
        return gzip.decompress(content)
    if path.suffix == ".pdf" and shutil.which("pdftotext"):
        read = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True)
        return content + read.stdout
    return content


def cells(path):
    """The cells of a workbook row by row: its file keeps texts apart from the cells that show them."""
    book = load_workbook(path, read_only=True)
    for sheet in book:
        for row in sheet.iter_rows(values_only=True):
            yield " ".join(str(value) for value in row if value is not None).encode()


def numbers(text):
    """The numbers of a text in order, once without tags and once with what is in them (alt texts, data- attributes)."""
    text = re.sub(r' (?:d|points|transform|style|x|y)="[^"]*"', " ", text)  # how a chart is drawn
    plain = re.sub(r"<[^>]*>", " ", text)
    return " | ".join(" ".join(re.findall(r"\d[\d,]*", each)).replace(",", "") for each in (plain, text))


@pytest.fixture(scope="module")
def returns(built):
    """The files that partners sent for the demonstration."""
    found = sorted((built.raw / "returns_simulated_2013-14").glob("*/*.csv"))
    assert len(found) > 15
    return found


@attack(
    "SHA-256 of a partner's file on the public page: trying every content finds the file, and its exact figures",
    "public pages have keyed checksums (HMAC with a secret of the project); the restricted edition has the real ones",
)
def test_no_checksum_of_a_partners_file_is_published(built, returns):
    public = texts(built.reports / "2013-14")
    restricted = (built.restricted / "2013-14" / "index.html").read_text(encoding="utf-8")
    key = (built.restricted / NAME).read_text(encoding="ascii").strip()
    for path in returns:
        digest = sha256_of(path)
        assert digest in restricted
        assert keyed_digest(bytes.fromhex(key), digest) in public["index.html"]
        for name, text in public.items():
            assert digest[:8] not in text, name
            assert key[:16] not in text, name
    document = json.loads(public["findings.json"])
    titles = {return_definition(name).title for name in return_names()}
    cited = [one for item in document["findings"] for one in item["sources"] if one["name"] in titles]
    assert len(cited) > 20
    assert {(one["where"], one["sha256"]) for one in cited} == {("", "")}


@attack(
    "an audit's figures from its checksum: three shares of known totals are 99 guesses",
    "no guess can be checked without the key",
)
def test_a_guess_of_a_files_content_cannot_be_checked_against_what_is_published():
    def content(count: int) -> bytes:
        return f"month,cases,with_domestic_abuse\n2012-04,148,{count}\n".encode()

    key, other = b"k" * 32, b"o" * 32
    published = keyed_digest(key, sha256_of(content(79)))
    plain = {sha256_of(content(count))[: len(published)] for count in range(149)}
    guessed = {keyed_digest(other, sha256_of(content(count))) for count in range(149)}
    assert published not in plain | guessed
    assert published == keyed_digest(key, sha256_of(content(79)))  # whoever has the key can check a file


@attack(
    "numbers of rows: 'under 10' that is the total minus the others; 3,622 rows beside 3,620",
    "the public edition shows for each file whether all rows were used, and no number; the restricted one has the numbers",
)
def test_no_number_of_rows_of_a_return_is_published(built):
    page = built.reports / "2013-14" / "index.html"
    run = json.loads(page.with_name("run.json").read_bytes())
    (source,) = [item for item in run["sources"] if item["key"] == "returns"]
    assert source["rows"] == {}
    assert {tuple(file) for file in source["files"]} == {("title", "dataset", "status", "rows_used", "keyed_checksum")}
    assert {file["rows_used"] for file in source["files"]} == {"all"}
    whole = (built.restricted / "2013-14" / "index.html").read_text(encoding="utf-8")
    assert "3,622" in whole
    for name, text in texts(page.parent).items():
        assert "3,622" not in text and ">3622<" not in text, name


@attack(
    "a return called 'marac J Smith.xlsx': names of files were published",
    "public pages show the title of the return; names of files are in the restricted edition only",
)
def test_no_name_of_a_return_file_is_published(built, returns):
    public = texts(built.reports / "2013-14")
    for path in returns:
        for name, text in public.items():
            assert path.stem not in text, name


def true_rows(built):
    """Rows of exact counts of the restricted edition's tables that the public one has rounded or hidden, as numbers."""
    tables = {}
    for name, folder in (("public", built.reports), ("restricted", built.restricted)):
        text = (folder / "2013-14" / "index.html").read_text(encoding="utf-8")
        page = "".join(re.findall(r"<table\b.*?</table>", text, flags=re.DOTALL))
        tables[name] = {table.get("id"): table for table in BeautifulSoup(page, "html.parser").find_all("table")}
    for key, table in tables["restricted"].items():
        if key not in tables["public"] or "intake" in key or "provenance" in key:
            continue
        shown = numbers(str(tables["public"][key]))
        for row in table.find_all("tr"):
            said = " ".join(cell.get_text(" ", strip=True) for cell in row.find_all(["th", "td"]))
            sequence = numbers(said).partition(" |")[0]
            counts = sequence.split()
            if len("".join(counts)) > 7 and any(int(each) % 5 for each in counts) and sequence not in shown:
                yield sequence


@attack(
    "true counts of partners' returns in any published file: page, briefing, spreadsheet, Word, PDF, JSON, CSV, alt texts",
    "no row of them is in any file of the public edition, though the same search finds them in the restricted one",
)
def test_no_row_of_true_counts_is_in_any_published_file(built):
    rows = list(true_rows(built))
    assert len(rows) > 30
    restricted = numbers((built.restricted / "2013-14" / "index.html").read_text(encoding="utf-8"))
    assert all(f" {row} " in restricted for row in rows)
    for name, text in texts(built.reports / "2013-14").items():
        published = f" {numbers(text)} "
        assert [row for row in rows if f" {row} " in published] == [], name


@attack(
    "the name of a folder, a login name or a program's path in a page, a property of a document or an image",
    "no absolute path is in any published file; documents name the partnership as their author",
)
def test_no_path_of_the_machine_and_no_name_of_its_user_is_published(built):
    place = re.compile(r"(?<![\w.:/-])/(?:home|root|tmp|var|opt|mnt|srv|work|Users|usr)/[\w.-]+|\b[A-Za-z]:\\\\?Users")
    assert place.search("made in /home/anne/report") and place.search(r"C:\Users\anne")
    author = re.compile(r"<(?:dc:creator|cp:lastModifiedBy)>([^<]*)<")
    for edition in ("2013-14", "2025"):
        for name, text in texts(built.reports / edition).items():
            assert str(built.root) not in text and str(Path.home()) + "/" not in text, name
            assert [match.group() for match in place.finditer(text)] == [], name
            assert set(author.findall(text)) <= {"", "Herefordshire Community Safety Partnership"}, name


def test_the_public_record_keeps_open_sources_as_they_are_and_hides_a_partners():
    files = [{"file": "J Smith.csv", "title": "MARAC", "rows_in": 3, "rows_used": "all", "sha256": "ab" * 32}]
    mine = {"key": "returns", "open": False, "rows": {"in": 3}, "files": files}
    theirs = {"key": "police_uk", "open": True, "rows": {"in": 9}, "files": [{"file": "a.csv", "sha256": "cd" * 32}]}
    shown = public_record({"sources": [theirs, mine]}, b"k" * 32)
    assert shown["sources"][0] == theirs
    assert shown["sources"][1]["rows"] == {}
    keyed = keyed_digest(b"k" * 32, "ab" * 32)
    assert shown["sources"][1]["files"] == [{"title": "MARAC", "rows_used": "all", "keyed_checksum": keyed}]


@attack(
    "downloads of an earlier version, with checksums of partners' files, that stay beside the new page",
    "removed when the edition is next published",
)
def test_what_an_earlier_version_published_does_not_stay_beside_the_page(tmp_path):
    record = tmp_path / "run.json"
    old = {"sources": [{"key": "returns", "files": [{"file": "a.csv", "sha256": "ab"}]}]}
    for text, had in ((json.dumps(old), True), ('{"sources": []}', False), ("[", False), ("7", False)):
        record.write_text(text, encoding="utf-8")
        assert publishes_checksums(record) is had
    assert not publishes_checksums(tmp_path / "missing.json")
    for name in ("files/old", "files/new", "pdf/old", "word/new"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "a.txt").touch()
    forget_earlier(tmp_path, {"files/new", "word/new"})
    left = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("a.txt"))
    assert left == ["files/new/a.txt", "word/new/a.txt"]


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


def old_edition(project, key="2013-14", text="old"):
    """A restricted edition where earlier versions put it."""
    page = project.reports / "restricted" / key / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text(text, encoding="utf-8")
    return page


@attack(
    "a web server that shows reports/ whole, with reports/restricted/ in it",
    "restricted editions are in restricted-reports/, mode 0700; those of earlier versions are moved there",
)
def test_restricted_editions_of_earlier_versions_are_moved_out_of_reports(project):
    old_edition(project)
    old_edition(project, "2012-13")
    (project.reports / "2013-14").mkdir()
    moved = move_restricted(project)
    assert [path.name for path in moved] == ["2012-13", "2013-14"]
    assert (project.restricted / "2013-14" / "index.html").read_text(encoding="utf-8") == "old"
    assert not (project.reports / "restricted").exists()
    assert (project.reports / "2013-14").is_dir()
    assert move_restricted(project) == ()
    if os.name == "posix":
        assert stat.S_IMODE(project.restricted.stat().st_mode) == 0o700
        project.restricted.chmod(0o755)
        restricted_folder(project)
        assert stat.S_IMODE(project.restricted.stat().st_mode) == 0o700
    assert (project.restricted / ".gitignore").read_text(encoding="utf-8").endswith("*\n")


def test_nothing_is_lost_where_both_places_have_an_edition(project):
    old_edition(project)
    now = restricted_folder(project) / "2013-14" / "index.html"
    now.parent.mkdir()
    now.write_text("new", encoding="utf-8")
    assert [path.name for path in move_restricted(project)] == ["2013-14 (moved)"]
    assert now.read_text(encoding="utf-8") == "new"
    assert (project.restricted / "2013-14 (moved)" / "index.html").read_text(encoding="utf-8") == "old"


def test_an_edition_called_restricted_and_a_folder_of_other_files_stay(project):
    page = project.reports / "restricted" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text("an edition", encoding="utf-8")
    (page.parent / "files").mkdir()
    assert move_restricted(project) == ()
    assert page.exists() and (page.parent / "files").exists()


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_a_folder_that_would_be_served_with_the_reports_is_refused(project, tmp_path):
    (project.reports / "inner").mkdir(parents=True)
    project.restricted.symlink_to(project.reports / "inner")
    with pytest.raises(InputError, match="are in one another: restricted editions would be published with the"):
        restricted_folder(project)
    project.restricted.unlink()
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    old_edition(Project(outside))
    (project.reports / "restricted").symlink_to(outside / "reports" / "restricted")
    assert [path.name for path in move_restricted(project)] == ["2013-14"]
    assert not (project.reports / "restricted").exists()


def test_the_key_is_made_once_is_readable_by_its_owner_alone_and_a_damaged_one_is_named(project):
    key = digest_key(project)
    assert len(key) == 32 and digest_key(project) == key
    path = project.restricted / NAME
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(item.name for item in project.restricted.iterdir()) == [".gitignore", NAME]
    path.write_text("short\n", encoding="ascii")
    with pytest.raises(InputError, match=r"digest.key is not a key of 64 hexadecimal digits: restore it, or delete it"):
        digest_key(project)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="is not a key"):
        digest_key(project)
    assert digest_key(Project(project.root / "another")) != key
