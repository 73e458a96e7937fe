"""Sentences about one district of a partnership."""

import re
from collections.abc import Mapping
from dataclasses import replace

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.levels import Level
from hcsp_assess.assessment.wording.levels import describe_level, say_kind
from hcsp_assess.assessment.wording.words import listed

MOST_NAMED = 3


def describe_district(level: Level, unit: str, name: str) -> Finding:
    """Say how much was recorded in a district, and how that compares with the same months a year earlier."""
    said = describe_level(level, unit)
    return replace(
        said,
        key=f"{said.key}_in_{_key(name)}",
        sentence=_placed(said.sentence, name),
        message=_placed(said.message, name),
        population=name,
    )


def describe_kinds(counts: Mapping[str, int], name: str) -> Finding | None:
    """Say which kinds of offence were recorded most in a district; None where none was recorded.

    Parameters
    ----------
    counts : mapping of str to int
        Offences by crime type, most first.
    """
    named = {label: count for label, count in list(counts.items())[:MOST_NAMED] if count}
    if not named:
        return None
    kinds = listed([f"{say_kind(label)} ({count:,})" for label, count in named.items()])
    return Finding(f"kinds_in_{_key(name)}", f"Most recorded were {kinds}.", dict(named))


def _placed(sentence: str, name: str) -> str:
    return sentence.replace("Police recorded", f"In {name}, police recorded", 1)


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
