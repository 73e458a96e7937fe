"""Read the names of monthly files of data.police.uk, also as browsers, Windows and people change them."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

#: How the names of the kinds of file end: "2024-03-west-mercia-street.csv".
STREET, OUTCOMES, STOP_AND_SEARCH = "street", "outcomes", "stop-and-search"
KINDS = (STREET, OUTCOMES, STOP_AND_SEARCH)
#: Endings of text files; Windows hides the last one, and a second is added to a name that has one.
_TEXT_ENDING = re.compile(r"(?:\.(?:csv|txt|tsv))+(?P<packed>\.gz)?$", re.IGNORECASE)
#: What is added to the name of a copy: " (1)", "_1", " - Copy", " - Copy (2)", "-copy".
_COPY = re.compile(r"(?:[ _-]*(?:copy|\([0-9]{1,3}\))|[ _-][0-9]{1,2})+$", re.IGNORECASE)
_COPY_OF = re.compile(r"^copy of ", re.IGNORECASE)
_PUBLISHED = re.compile(
    r"(?P<month>[0-9]{4}-(?:0[1-9]|1[0-2]))-(?P<force>[a-z][a-z0-9]*(?:-[a-z][a-z0-9]*)*)"
    rf"-(?P<kind>{'|'.join(KINDS)})"
)


@dataclass(frozen=True)
class Name:
    """What the name of a monthly file says: "2024-03", "west-mercia", "street"."""

    month: str
    force: str
    kind: str


def read_name(path: str) -> Name | None:
    """Return what a file's name says, or None if it is not named as a monthly file is.

    Capitals, underscores or spaces for hyphens, and what is added to the name of a copy make no difference.

    Examples
    --------
    >>> read_name("2024-03/2024-03-west-mercia-street (1).csv")
    Name(month='2024-03', force='west-mercia', kind='street')
    >>> read_name("2024_03_West_Mercia_Street - Copy.CSV") == read_name("2024-03-west-mercia-street.csv")
    True
    >>> read_name("2024-01 to 2024-03 west-mercia-street.csv")
    """
    name = PurePosixPath(path).name
    if not is_text(name):
        return None
    stem = _COPY_OF.sub("", _COPY.sub("", _TEXT_ENDING.sub("", name)))
    found = _PUBLISHED.fullmatch(re.sub(r"[ _-]+", "-", stem.strip()).lower())
    return Name(found["month"], found["force"], found["kind"]) if found else None


def is_text(path: str) -> bool:
    """Return whether a name ends as that of a text file does: .csv, .txt, .tsv, also gzipped."""
    return _TEXT_ENDING.search(path) is not None


def is_left_by_system(path: str) -> bool:
    """Return whether an operating or office system left a file behind: hidden, of a Mac, or a lock."""
    parts = PurePosixPath(path).parts
    return any(part.startswith((".", "~$")) or part == "__MACOSX" for part in parts) or parts[-1:] in (
        ("Thumbs.db",),
        ("desktop.ini",),
    )


_SERVICES = {"British Transport Police": "btp", "Police Service of Northern Ireland": "northern-ireland"}


def force_of(name: str) -> str | None:
    """Return a force as names of files have it, from its name in the rows; None if it is not the name of one.

    Examples
    --------
    >>> force_of("Devon & Cornwall Police"), force_of("Metropolitan Police Service")
    ('devon-and-cornwall', 'metropolitan')
    >>> force_of("Herefordshire")
    """
    tidy = " ".join(name.split())
    if tidy in _SERVICES:
        return _SERVICES[tidy]
    found = re.fullmatch(r"([A-Z][A-Za-z &-]*?) (?:Police|Constabulary)(?: Service)?", tidy)
    return found[1].replace("&", "and").replace(" ", "-").lower() if found else None
