"""Words on the map of the busiest places: its title and its text alternative."""

from collections.abc import Sequence

import pandas as pd

from hcsp_assess.assessment.wording.words import listed, upper_first
from hcsp_assess.places.rates import FEW_LIVE
from hcsp_assess.subject.place_names import place_in_text


def title_busiest(labels: pd.Series, crimes: pd.Series, codes: Sequence[str]) -> str:
    """Say how much of recorded crime the numbered places have, and the first of them.

    Parameters
    ----------
    labels, crimes : pandas.Series
        Short name and recorded crimes by code of the small area.
    codes : sequence of str
        The numbered places, most crimes first.

    Examples
    --------
    >>> labels = pd.Series({"A": "Town centre", "B": "Green ward"})
    >>> title_busiest(labels, pd.Series({"A": 60, "B": 40}), ("A",))
    'Town centre has 60% of recorded crime'
    >>> title_busiest(labels, pd.Series({"A": 60, "B": 40}), ("A", "B"))
    'The 2 busiest places have 100% of recorded crime, and Town centre has 60%'
    """
    whole = float(crimes.sum()) or 1.0
    place = place_in_text(labels[codes[0]])
    first = f"{place} has {100 * crimes[codes[0]] / whole:.0f}%"
    if len(codes) == 1:
        return f"{upper_first(first)} of recorded crime"
    together = 100 * float(crimes[list(codes)].sum()) / whole
    return f"The {len(codes)} busiest places have {together:.0f}% of recorded crime, and {first}"


def say_busiest_alt(labels: pd.Series, crimes: pd.Series, codes: Sequence[str]) -> str:
    """The numbered places in words, for people who cannot see the map."""
    named = "; ".join(f"{number} {labels[code]}, {crimes[code]:,} crimes" for number, code in enumerate(codes, start=1))
    return f"The busiest places are numbered: {named}."


def note_visitors(warnings: pd.Series, labels: pd.Series) -> str:
    """The note on rates with a star; that few people live somewhere is said of places where few do.

    Parameters
    ----------
    warnings : pandas.Series of str
        Why a rate misleads, by code of the small area; "" where it does not.
    """
    flagged = warnings[warnings != ""]
    if flagged.empty:
        return ""
    note = "* Many people come here to shop or go out, so the rate for residents means little."
    few = [place_in_text(str(labels[code])) for code in flagged.index if flagged[code] == FEW_LIVE]
    return f"{note} Few people live in {listed(few)}." if few else note
