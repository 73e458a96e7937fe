"""Sentences about the intake: how many of the returns expected from partners were received."""

import datetime

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.words import say_day


def describe_intake(returns: int, whole: int, none: int, day: datetime.date) -> Finding:
    """Say how many returns were received in full, in part and not at all, up to a day."""
    part = returns - whole - none
    sentence = (
        f"Of {returns} returns that partners were to send by {say_day(day)}, {whole} came in full, {part} came in "
        f"part, and of {none} nothing came."
    )
    evidence = {
        "returns": returns,
        "in_full": whole,
        "in_part": part,
        "nothing": none,
        "day": day.day,
        "year": day.year,
    }
    return Finding("intake", sentence, evidence)
