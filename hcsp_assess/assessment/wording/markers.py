"""The sentence of a marker: which share of a group of offences carries it, and how sure that is."""

import datetime

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.markers import MARKERS, MarkerShare, published_share
from hcsp_assess.assessment.wording.words import say_months
from hcsp_assess.disclosure import DisclosureRule

#: What a marker says of an offence.
WORDS = {"domestic_abuse": "domestic abuse", "alcohol": "alcohol-related"}


def describe_marker(
    result: MarkerShare, group: str, rule: DisclosureRule, first: datetime.date, last: datetime.date
) -> Finding:
    """Say which share of a group of offences carries a marker, in numbers that may be published.

    Parameters
    ----------
    group : str
        The group as the extract names it.
    first, last : datetime.date
        Of the offences that the extract holds.
    """
    key = f"marker_{result.marker}"
    shown = published_share(result, rule)
    if shown is None or shown.share is None:
        return Finding(key, f"{group}: too few offences with a known marker to publish a share.")
    part, whole, unknown, share = shown.part, shown.whole, shown.unknown, shown.share
    low, high, least, most = (100 * limit for limit in (share.low, share.high, shown.least, shown.most))
    sentence = (
        f"{100 * share.value:.0f}% of {group.lower()} was marked by officers as {WORDS[result.marker]}: about {part:,} "
        f"of {whole:,} offences, {say_months(first, last)}."
    )
    method = f"Wilson's 95% interval: {low:.0f}% to {high:.0f}%."
    if unknown:
        method += (
            f" About {unknown:,} more offences have no answer; counted either way the share is between {least:.0f}% "
            f"and {most:.0f}%."
        )
    evidence = {"percent": 100 * share.value, "part": part, "whole": whole, "low": low, "high": high}
    evidence |= {"unknown": unknown, "least": least, "most": most, "confidence": 95}
    evidence |= {"first_year": first.year, "last_year": last.year}
    when = say_months(first, last)
    return Finding(
        key, sentence, evidence, method=method, measure=MARKERS[result.marker], population=group, period=when
    )
