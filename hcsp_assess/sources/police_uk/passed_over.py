"""Name files that look like monthly files and were not read, with the reason and what to do."""

import re
from pathlib import PurePosixPath
from typing import Final

from hcsp_assess.errors import InputError
from hcsp_assess.sources.police_uk.files import HeldFile
from hcsp_assess.sources.police_uk.forms import BYTE_ORDER_MARK, LONGEST_HEADER, as_published, fields_of
from hcsp_assess.sources.police_uk.layouts import LAYOUTS, STREET_LAYOUT
from hcsp_assess.sources.police_uk.names import STREET, is_left_by_system, is_text
from hcsp_assess.sources.police_uk.zips import INSIDE

NAME: Final = "2024-03-west-mercia-{}.csv"
_SAVE: Final = f"save it as CSV (UTF-8) under a name like {NAME.format(STREET)}, or download the CSV files"
#: What to do with files that are not text, by the end of their names.
_OTHER_KINDS: Final = {
    (".7z", ".rar", ".zip", ".zipx", ".tar", ".tgz", ".txz", ".xz", ".bz2", ".zst", ".lz4", ".gz", ".cab"): (
        "is an archive that is not opened here: unpack it, and put the folder with its files in its place"
    ),
    (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".numbers"): f"is a spreadsheet: {_SAVE}",
    (".crdownload", ".part", ".partial", ".download", ".opdownload"): (
        "is a download that did not finish: download it again"
    ),
}
#: A name that says that a file is a monthly one, whatever its form.
_LIKE: Final = re.compile(
    r"(?<![a-z])(?:street|outcomes|stop[-_ ]?and[-_ ]?search)(?![a-z])|^[0-9]{4}[-_ ]?[0-9]{2}[-_ ].*police",
    re.IGNORECASE,
)
#: Headings that a table must share with street files to be named.
_SHARED: Final = 4


def headings_of(start: bytes) -> list[str]:
    """The first line of a text, split by whichever separator gives the headings of a monthly file."""
    start = start[: start.rfind(b"\n") + 1] or start
    for layout in LAYOUTS.values():
        try:
            content = as_published(_whole_characters(start), "", layout).content
        except InputError:
            return []
        line = content[:LONGEST_HEADER].split(b"\n", 1)[0].removeprefix(BYTE_ORDER_MARK)
        headings = layout.headings(fields_of(line.decode("utf-8", errors="replace").strip("\n\0")))
        if not layout.lacks(headings):
            return headings
    return STREET_LAYOUT.headings(headings)


def _whole_characters(start: bytes) -> bytes:
    """The start of a text as far as it has whole characters of UTF-16."""
    return start + b"\x00" if b"\x00" in start and len(start) % 2 else start


def is_street_table(headings: list[str]) -> bool:
    """Whether headings are those of a street file."""
    return bool(headings) and not STREET_LAYOUT.lacks(headings)


def say_passed_over(held: HeldFile, headings: list[str]) -> str:
    """Why a file that is not named as a monthly one was not read, and what to do; "" if it is nothing like one.

    Parameters
    ----------
    headings : list of str
        As `headings_of` its start, if it is text.
    """
    name, label = PurePosixPath(held.label).name, held.label
    if is_left_by_system(_within(held)):
        return ""
    if is_text(name):
        return _say_text(label, headings, named=_LIKE.search(name) is not None)
    for endings, advice in _OTHER_KINDS.items():
        if name.lower().endswith(endings):
            return f"{label} {advice}"
    if _LIKE.search(name):
        return f"{label} is named like a monthly file and does not end in .csv: {_SAVE}"
    return ""


def _within(held: HeldFile) -> str:
    return held.member.replace(INSIDE, "/") if held.member else held.label


def _say_text(label: str, headings: list[str], *, named: bool) -> str:
    for kind, layout in LAYOUTS.items():
        if kind != STREET and headings and not layout.lacks(layout.headings(headings)):
            return (
                f"{label} has the headings of {layout.what}, and its name does not give the month and force: "
                f"name it like {NAME.format(kind)}"
            )
    lacks = STREET_LAYOUT.lacks(headings)
    if len(STREET_LAYOUT.required) - len(lacks) >= _SHARED:
        return (
            f"{label} has some headings of a street file, and no column {', '.join(lacks)}: download the file that it "
            "was made from, or move it away"
        )
    if named:
        return (
            f"{label} is named like a monthly file and does not begin with the headings of one: download it again "
            f"under its own name, like {NAME.format(STREET)}, or move it away"
        )
    return ""
