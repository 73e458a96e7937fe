"""Sentences about the area: who lives there, how rural it is, how deprived, and what people wrote of it."""

from collections.abc import Sequence

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.words import quoted
from hcsp_assess.sources.texts import Note


def describe_people(area: str, people: int, year: int, households: int) -> Finding:
    """Say how many people the area has, and how many households it had at the census."""
    sentence = (
        f"{people:,} people lived in {area} in the middle of {year}. It had {households:,} households at the census of "
        "2011."
    )
    return Finding("area_people", sentence, {"people": people, "households": households, "year": year, "census": 2011})


def describe_rural(rural: int, people: int) -> Finding:
    """Say how many of the area's people live in rural places."""
    share = 100 * rural / people
    return Finding(
        "area_rural",
        f"{share:.0f}% of them ({rural:,}) lived in rural areas, outside settlements of 10,000 people or more.",
        {"rural": rural, "share": share, "settlement": 10000},
        method="Rural-Urban Classification 2011.",
    )


def describe_deprived(areas: int, of: int, people: int, indices: str, country: str) -> Finding:
    """Say how many small areas, with how many people, are in the most deprived fifth by which indices."""
    return Finding(
        "area_deprived",
        f"{areas} of its {of} small areas are in the most deprived fifth of {country}. "
        f"{people:,} people lived in them.",
        {"areas": areas, "of": of, "people": people},
        method=f"{indices}.",
    )


def describe_sources(texts: Sequence[str]) -> tuple[Finding, ...]:
    """Say who published the figures and under which licences, each text once."""
    return tuple(Finding("area_sources", text) for text in dict.fromkeys(texts))


def describe_note(note: Note) -> Finding:
    """Show what somebody wrote about the area."""
    return Finding(f"about_{note.key}", quoted(note.text, note.signed), {}, f"From: {note.signed.words}.")
