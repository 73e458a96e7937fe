"""Compare two folders of published reports, file by file: `python -m benchmarks.compare_reports BEFORE AFTER`.

For changes that must leave what readers get as it was. Set aside are the time of publication, the software's commit,
the checksums of notebooks, and names of folders that follow from content; PDFs are not compared. Of a drawing its text
alternative and the words in it are compared, not where each line is; numbers of a JSON file are rounded to four
significant digits, more than any sentence prints. Ends with 1 if any other file differs.
"""

import difflib
import json
import re
import sys
import zipfile
from pathlib import Path

from hcsp_assess.report.html import parse_html

#: Words in a drawing.
WORDS = re.compile(r"<text[^>]*>([^<]*)<")
NAMED_BY_CONTENT = re.compile(r"(files|pdf)/[0-9a-f]{12}")
SET_ASIDE = (
    (NAMED_BY_CONTENT, r"\1/NAME"),
    (re.compile(r'<time [^>]*>.*?</time>|content: "Published .*?";|\d\d? \w+ 20\d\d, \d\d:\d\d UTC'), "TIME"),
    (re.compile(r'"published": ?"[^"]*"'), "TIME"),
    (re.compile(r"\b[0-9a-f]{64}\b|\b[0-9a-f]{40}\b( with uncommitted changes)?"), "CHECKSUM"),
    (re.compile(r"\((pdf|html), [\d,]+ kB\)"), r"(\1)"),
)


def text_of(content: bytes) -> str:
    text = content.decode("utf-8")
    for pattern, stand_in in SET_ASIDE:
        text = pattern.sub(stand_in, text)
    return text


def page_of(path: Path) -> str:
    """A page with its drawings empty, and after it the words of each."""
    page = parse_html(path.read_text(encoding="utf-8"))
    words = [" ".join(sorted(" ".join(WORDS.findall(each)).split())) for each in page.drawings]  # however broken
    return "\n".join([str(page.soup), *words])


def json_of(path: Path) -> str:
    """A JSON file, a value a line."""
    document = json.loads(path.read_text(encoding="utf-8"), parse_float=lambda text: f"{float(text):.4g}")
    return json.dumps(document, indent=1, ensure_ascii=False)


def sheets_of(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as book:
        members = {name: re.sub(rb"<dcterms:[^>]*>[^<]*<", b"<", book.read(name)) for name in book.namelist()}
    return {name: text_of(content) for name, content in members.items()}


def differences(before: Path, after: Path) -> list[str]:
    if before.read_bytes() == after.read_bytes() or before.suffix == ".pdf":
        return []
    if before.suffix == ".xlsx":
        old, new = sheets_of(before), sheets_of(after)
        return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    if before.suffix not in (".html", ".json", ".csv"):
        return ["bytes differ"]
    read = {".html": page_of, ".json": json_of}.get(before.suffix, Path.read_text)
    old, new = (re.split(r"\n|(?=<t[rd])|(?=<li)|(?=<p)", text_of(read(path).encode())) for path in (before, after))
    lines = difflib.unified_diff(old, new, n=0, lineterm="")
    return [line[:160] for line in lines if not line.startswith(("---", "+++", "@@"))]


def files_of(root: Path) -> dict[str, Path]:
    files = [path for path in sorted(root.rglob("*")) if path.is_file()]
    return {NAMED_BY_CONTENT.sub(r"\1/NAME", path.relative_to(root).as_posix()): path for path in files}


def main(before: str, after: str) -> int:
    old, new = files_of(Path(before)), files_of(Path(after))
    found = {name: ["only in one of them"] for name in old.keys() ^ new.keys()}
    found |= {name: lines for name in old.keys() & new.keys() if (lines := differences(old[name], new[name]))}
    for name, lines in sorted(found.items()):
        print(f"{name}: {len(lines)}", *(f"  {line}" for line in lines[:20]), sep="\n")
    print(f"{len(old.keys() | new.keys()) - len(found)} of {len(old.keys() | new.keys())} files are equal")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
