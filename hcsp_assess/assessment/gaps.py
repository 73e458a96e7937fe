"""What an edition does not cover: one line for each subject, with who holds the figures and how to add them."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Gap:
    """Something that an edition does not cover.

    Attributes
    ----------
    subject : str
        What it belongs to: "Road safety".
    missing : str
        What is missing, in a few words.
    period : str
        For which months or years.
    holder : str
        Who holds it, as the body was called in that period.
    how : str
        How it can be added.
    """

    subject: str
    missing: str
    period: str
    holder: str
    how: str


def gaps_frame(gaps: Sequence[Gap]) -> pd.DataFrame:
    """Return gaps as a table: "Subject", "Not covered", "Period", "Who holds it", "How to add it".

    Examples
    --------
    >>> gaps_frame([Gap("Education", "exclusions from school", "2025", "the council", "On request")]).iloc[0].tolist()
    ['Education', 'exclusions from school', '2025', 'the council', 'On request']
    """
    rows = [(gap.subject, gap.missing, gap.period, gap.holder, gap.how) for gap in gaps]
    return pd.DataFrame(rows, columns=["Subject", "Not covered", "Period", "Who holds it", "How to add it"])
