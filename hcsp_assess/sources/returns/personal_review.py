"""The way out of a wrong refusal: a reviewed, recorded statement that what was found is no personal data.

The record holds the role, the date and the reason, the checksum of the file, and the places and kinds that were looked
at. It never holds what is written there. Another file, or the same file changed, must be reviewed again.
"""

import datetime as dt
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.files import write_whole
from hcsp_assess.sources.returns.personal import looks_personal

REVIEWS: Final = "reviewed.json"  # in the folder of returns, beside received.csv
USUAL_REASON: Final = "Each place listed was looked at: none holds personal data."


@dataclass(frozen=True)
class Review:
    """One review of one file.

    Attributes
    ----------
    returned : str
        Name of the return.
    sha256 : str
        Checksum of the file as reviewed.
    role : str
        Who reviewed it: a role, never a name.
    date : str
        Day of the review, as 2026-11-29.
    reason : str
        Why it may be read.
    places : tuple of str
        What was found where: "a name of a person in column 'Location' (cell E4)".
    """

    returned: str
    sha256: str
    role: str
    date: str
    reason: str
    places: tuple[str, ...]


def reviews_beside(path: Path) -> Path:
    """Return the file of reviews for a return's file: in the folder of returns, or beside the file elsewhere."""
    inside = path.parent.parent / REVIEWS
    return inside if inside.is_file() or (path.parent.parent / "received.csv").is_file() else path.parent / REVIEWS


def find_review(path: Path, sha256: str) -> Review | None:
    """Return the newest review of a file with this checksum, or None.

    Raises
    ------
    InputError
        If the file of reviews is damaged: it is named, with what to do.
    """
    found = None
    for file in dict.fromkeys((path.parent.parent / REVIEWS, path.parent / REVIEWS)):
        for review in read_reviews(file):
            if review.sha256 == sha256:
                found = review
    return found


def read_reviews(file: Path) -> list[Review]:
    """Return the reviews in a file, oldest first; none where there is no such file.

    Raises
    ------
    InputError
        If it cannot be read as a list of reviews.
    """
    if not file.is_file():
        return []
    try:
        return [_review(item) for item in json.loads(file.read_text("utf-8"))["reviews"]]
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise InputError(f"{file} is damaged: restore it, or delete it and review the files again") from error


def _review(item: dict[str, Any]) -> Review:
    review = Review(**{**item, "places": tuple(item["places"])})
    if not all(isinstance(value, str) for value in (review.sha256, review.role, review.date, review.reason)):
        raise TypeError("a field of a review is not a text")
    return review


def record_review(path: Path, review: Review) -> Path:
    """Add a review to the file of reviews of a return's file, and return where it is."""
    file = reviews_beside(path)
    known = [asdict(item) for item in (*read_reviews(file), review)]
    write_whole(file, (json.dumps({"reviews": known}, indent=2, ensure_ascii=False) + "\n").encode())
    return file


def refuse_names(role: str, reason: str) -> None:
    """Stop where a role or a reason names a person, or is empty; `UsageError` says what to write."""
    if not role.strip() or looks_personal(role):
        raise UsageError('--reviewed-by needs a role, such as "data protection officer", not the name of a person')
    if not reason.strip() or looks_personal(reason):
        raise UsageError(
            "--reason must say why the file may be read, and must not repeat a name or other personal data"
        )


def today() -> str:
    """Return the day of a review made now."""
    return dt.datetime.now(dt.UTC).date().isoformat()
