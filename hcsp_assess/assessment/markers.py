"""What share of offences carries a marker: "45% of violence has an alcohol marker", with its base and its interval."""

from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from hcsp_assess.disclosure import DisclosureRule, published_total
from hcsp_assess.errors import InputError
from hcsp_assess.trends.rates import Interval, wilson_interval

MARKERS: Final = {
    "alcohol": "an alcohol marker",
    "domestic_abuse": "a domestic abuse marker",
    "hate": "a hate crime marker",
    "rural": "a rural marker",
    "weapon": "a weapon marker",
}


@dataclass(frozen=True)
class MarkerShare:
    """The share of offences with a marker.

    Attributes
    ----------
    marker, offences : str
        Which marker, and of which offences.
    part, whole : int
        Offences with the marker, and offences of which it is known whether they have it.
    unknown : int
        Offences that were not examined for the marker: they count neither way.
    share : Interval or None
        Proportion, 0 to 1, with its Wilson interval; None where nothing is known.
    least, most : float
        The share if none, or all, of the unknown had the marker.
    kinds : tuple of tuple of int
        Offences with, without and without an answer, each by kind of offence: a table publishes those one by one.
    """

    marker: str
    offences: str
    part: int
    whole: int
    unknown: int
    share: Interval | None
    least: float
    most: float
    method: str = "Wilson score interval; offences with a blank marker left out"
    kinds: tuple[tuple[int, ...], ...] = ()


def marker_share(
    offences: pd.DataFrame, marker: str, *, group: str | None = None, confidence: float = 0.95
) -> MarkerShare:
    """Return the share of offences that carry a marker.

    Parameters
    ----------
    offences : pandas.DataFrame
        Rows of the return `force_extract`: `offence_group` and the marker's column (boolean, NA where not examined).
    marker : str
        "alcohol", "domestic_abuse", "hate", "rural" or "weapon".
    group : str, optional
        Offence group; by default all offences.
    confidence : float
        Of the interval.

    Raises
    ------
    InputError
        If there is no such marker or no such group among the offences.

    Notes
    -----
    The offences are all that were recorded, not a sample: the interval says how far chance alone moves such a share,
    not how well officers set the marker. Where many markers are blank look at `least` and `most` first.
    """
    if marker not in MARKERS:
        raise InputError(f"there is no marker {marker!r}: there are {', '.join(MARKERS)}")
    chosen = offences if group is None else offences[offences["offence_group"] == group]
    if group is not None and chosen.empty:
        groups = ", ".join(sorted(offences["offence_group"].dropna().unique()))
        raise InputError(f"no offence of the group {group!r} was received: there are {groups or 'none at all'}")
    flags = chosen[marker].astype("boolean")
    part, whole, unknown = int(flags.sum()), int(flags.notna().sum()), int(flags.isna().sum())
    every = max(part + unknown + whole - part, 1)
    return MarkerShare(
        marker=marker,
        offences=(group or "all recorded offences").lower(),
        part=part,
        whole=whole,
        unknown=unknown,
        share=wilson_interval(part, whole, confidence=confidence) if whole else None,
        least=part / every,
        most=(part + unknown) / every,
        kinds=_by_kind(chosen, flags),
    )


def _by_kind(offences: pd.DataFrame, flags: pd.Series) -> tuple[tuple[int, ...], ...]:
    """Offences with, without and without an answer, by kind; none where no kinds are known."""
    if "offence_subgroup" not in offences:
        return ()
    kinds = offences["offence_subgroup"].fillna(offences["offence_group"])
    answers = (flags.fillna(value=False), ~flags.fillna(value=True), flags.isna())
    return tuple(tuple(int(count) for count in answer.astype(int).groupby(kinds).sum()) for answer in answers)


def published_share(result: MarkerShare, rule: DisclosureRule) -> MarkerShare | None:
    """Return a share as it may be published, worked out from rounded counts; None where too few have an answer.

    Each count gives no kind of offence away that a table publishes beside it.
    """
    if result.share is None or any(0 < number < rule.minimum for number in (result.part, result.whole - result.part)):
        return None
    few = 0 < result.unknown < rule.minimum
    having, lacking, blank = result.kinds or ((result.part,), (result.whole - result.part,), (result.unknown,))
    part, whole = published_total(having, rule), published_total([*having, *lacking], rule)
    unknown = 0 if few else published_total(blank, rule)
    every = max(whole + unknown, 1)
    return replace(
        result,
        part=part,
        whole=whole,
        unknown=unknown,
        share=wilson_interval(min(part, whole), whole) if whole else None,
        least=part / every,
        most=(part + unknown) / every,
    )
