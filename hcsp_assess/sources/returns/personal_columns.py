"""What a heading says about its column: that it asks for personal data, or holds places or references of cases."""

import re
from dataclasses import dataclass
from typing import Final

from hcsp_assess.sources.returns.definitions import normalise

LONGEST_HEADING: Final = 40  # a longer text is a sentence about the data, not a heading

_PEOPLE = (
    "victim|offender|suspect|client|patient|child|childs|person|subject|perpetrator|service user|user|pupil|student|"
    "officer|mother|father|parent|carer|complainant|witness|defendant|resident|tenant|caller|nominal|aggrieved|respondent"
)
_HEADINGS: Final = {
    "an e-mail address": r"(?:home |work |contact )?e ?mails?(?: address(?:es)?)?",
    "a telephone number": r"(?:home |work |contact |mobile )?(?:telephone|phone|mobile|tel)(?: numbers?| no)?|"
    r"contact (?:number|no|details)",
    "a date of birth": r".*\b(?:dob|d o b|birth ?dates?|dates? of birth|born|birthdays?)\b.*",
    "an address": r"(?:.*\b)?(?:home|full|street|postal|current|last|previous) address(?:es)?\b.*|"
    r"(?:.*\b)?address(?:es)?(?: line)?(?: \d)?|(?:house|flat|property) (?:number|no|name)|full post ?codes?",
    "a vehicle registration": r"(?:vehicle )?reg(?:istration)?(?: (?:number|no|mark|plate))?s?|"
    r"(?:vehicle )?(?:vrm|vrn|index)(?: number| no)?|number plates?|licen[cs]e plates?",
    "a property reference (UPRN)": r"(?:.*\b)?(?:uprn|unique property reference(?: number)?)\b.*",
    "an exact place": r"(?:lat(?:itude)?|long?(?:itude)?|lng|eastings?|northings?|[xy] ?(?:coord(?:inate)?s?)?|"
    r"lat long?|coord(?:inate)?s?|co ordinates?|grid ref(?:erence)?s?|os grid ref(?:erence)?|what ?3 ?words|"
    r"what three words|geolocation)",
    "an NHS number": r".*\bnhs (?:number|no|num|id)\b.*",
    "a custody or police number": r".*\bcustody (?:record |ref(?:erence)? )?(?:numbers?|no|id|ref(?:erence)?)\b.*|"
    r"pnc(?: ?id| number| no)?|cro(?: number| no)|prison(?:er)? (?:number|no)|(?:national insurance|ni) (?:number|no)|"
    r"nino|passport (?:number|no)|driving licen[cs]e(?: number| no)?",
    "a name of a person": r".*\b(?:surnames?|forenames?|first names?|last names?|full names?|middle names?|"
    rf"maiden names?|given names?|initials|alias(?:es)?|aka)\b.*|names?|(?:.*\b)?(?:{_PEOPLE})(?: ?s)? names?\b.*|"
    rf"names? of (?:the )?(?:{_PEOPLE})\b.*",
}
_HEADING_RULES: Final = {kind: re.compile(pattern) for kind, pattern in _HEADINGS.items()}

_EXACT: Final = re.compile(
    r"[-−]?\d{1,3}\.\d{4,15}|\d{6,7}(?:\.\d+)?|[A-Za-z]{2} ?\d{3,5} ?\d{3,5}|"
    r".*[a-z]{3,}\.[a-z]{3,}\.[a-z]{3,}|.*\d.*[,;].*\d"
)
_PLACES = re.compile(
    r".*\b(?:streets?|roads?|locations?|places?|parish(?:es)?|towns?|villages?|wards?|locality|localities|areas?|venues?|beats?|"
    r"neighbourhoods?|premises|hotspots?|junctions?|settlements?|lsoa|msoa|schools?|providers?|landlords?|organisations?|"
    r"organizations?|shops?|stores?|retailers?|businesses|business|parks?|estates?|hospitals?|stations?|pubs?|licensed)\b.*"
)
_REFERENCES = re.compile(
    r"(?:.*\b)?(?:ref(?:erence)?s?|urn|record id|log)(?: (?:no|number|num|id)s?)?|"
    r"(?:case|incident|crime|complaint|application|job|log|event|cad|niche|asset|ticket|request|enquiry)s? "
    r"(?:no|number|num|id|ref(?:erence)?)s?|id|urn|reference (?:no|number)"
)


@dataclass(frozen=True)
class Meaning:
    """What a column holds, as far as the search for personal data needs to know.

    Attributes
    ----------
    places : bool
        Streets, parishes, schools, shops: places are named after people.
    references : bool
        References of cases and incidents, which may look like other numbers.
    numbers : bool
        Counts or percentages of the return's definition.
    choices : frozenset of str
        Words that the definition allows, normalised.
    """

    places: bool = False
    references: bool = False
    numbers: bool = False
    choices: frozenset[str] = frozenset()


ANY: Final = Meaning()


def meaning_of(heading: str, *, numbers: bool = False, choices: frozenset[str] = frozenset()) -> Meaning:
    """Return what a column with this heading holds.

    >>> meaning_of("Street").places, meaning_of("Crime ref. no.").references, meaning_of("Notes") == ANY
    (True, True, True)
    """
    said = normalise(heading) if len(heading) <= LONGEST_HEADING else ""
    return Meaning(bool(_PLACES.fullmatch(said)), bool(_REFERENCES.fullmatch(said)), numbers, choices)


def asked_for(text: str) -> str:
    """Return the kind of personal data that a heading asks for, or "".

    >>> asked_for("Victim's name"), asked_for("Ward name"), asked_for("UPRN")
    ('a name of a person', '', 'a property reference (UPRN)')
    """
    heading = normalise(text) if len(text) <= 4 * LONGEST_HEADING else ""
    if not heading or len(heading) > LONGEST_HEADING:
        return ""
    return next((kind for kind, rule in _HEADING_RULES.items() if rule.fullmatch(heading)), "")


def may_be_exact(value: str) -> bool:
    """Return whether a value below a heading such as "Latitude" or "Easting" says where exactly."""
    return _EXACT.fullmatch(value[:200]) is not None
