"""The contact on a cover sheet, which guidance on official statistics asks for, is no personal data of the return.

Source: Government Analysis Function, "Releasing statistics in spreadsheets": a cover sheet has contact details.
"""

import re
from collections import Counter
from typing import Final

from hcsp_assess.sources.returns.personal_columns import LONGEST_HEADING
from hcsp_assess.sources.returns.sheets import Sheet
from hcsp_assess.sources.returns.values import plain

COVER_WIDTH: Final = 3  # columns of a cover sheet at most
COVER_CONTACTS: Final = 3  # different values of one kind that a cover sheet may have as its contact
CONTACT_ROWS: Final = 6  # rows below the word "Contact" that belong to it
CONTACT_KINDS: Final = frozenset(
    {"an e-mail address", "a telephone number", "a name of a person", "an address", "a full postcode"}
)
_CONTACT: Final = re.compile(
    r"\b(?:contacts?|enquir(?:y|ies)|telephone|phone|tel|e-?mail|further information|more information|media|"
    r"press office|statistician|produced by|prepared by|published by|authors?|lead|owner|responsible)\b",
    re.IGNORECASE,
)


def may_be_cover(sheet: Sheet) -> bool:
    """Return whether a sheet without a table of the return is narrow enough for a cover sheet."""
    return 0 < sheet.width <= COVER_WIDTH


def without_contact(sheet: Sheet, found: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Leave the contact of a cover sheet out of what was found.

    Parameters
    ----------
    found : list of (str, int, int)
        Kind, row and column, from 0.

    Returns
    -------
    list of (str, int, int)
        Without a few numbers, addresses or names beside or below a word such as "Contact". More than three different
        values of one kind are a list of people, and stay.
    """
    contacts = {item for item in found if item[0] in CONTACT_KINDS and _beside_contact(sheet, item[1], item[2])}
    values = {(kind, plain(sheet.at(row, column))) for kind, row, column in contacts}
    many = {kind for kind, number in Counter(kind for kind, _ in values).items() if number > COVER_CONTACTS}
    return [item for item in found if item not in contacts or item[0] in many]


def _beside_contact(sheet: Sheet, row: int, column: int) -> bool:
    left = plain(sheet.nearest_left(row, column - 1)) if column else ""
    if _CONTACT.search(plain(sheet.at(row, column))) or _CONTACT.search(left):
        return True
    for above in range(row - 1, max(row - 1 - CONTACT_ROWS, -1), -1):
        text = plain(sheet.at(above, column))
        if not text:
            return False
        if len(text) <= LONGEST_HEADING and _CONTACT.search(text):
            return True
    return False
