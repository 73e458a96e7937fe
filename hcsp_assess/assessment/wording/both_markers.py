"""The sentence of two markers: which share of the offences with one carries the other too."""

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.markers import MarkerShare, published_share
from hcsp_assess.disclosure import DisclosureRule


def describe_both_markers(
    result: MarkerShare, first: str, group: str, rule: DisclosureRule, period: str
) -> Finding | None:
    """Say which share of offences with one marker carries a second too; None where too few may be published.

    Parameters
    ----------
    result : MarkerShare
        Of the offences with the marker `first`.
    group : str
        The group as the extract names it.
    period : str
        Months in words.
    """
    shown = published_share(result, rule)
    if shown is None or shown.share is None or min(result.part, result.whole - result.part) < rule.minimum:
        return None
    percent, low, high = (100 * value for value in (shown.share.value, shown.share.low, shown.share.high))
    part, whole = shown.part, shown.whole
    message = (
        f"{percent:.0f}% of {group.lower()} linked to {_subject(first)} was also linked to {_subject(result.marker)}."
    )
    sentence = f"{message} That is about {part:,} of {whole:,} offences, {period}."
    evidence = {"percent": percent, "part": part, "whole": whole, "low": low, "high": high}
    return Finding(
        f"markers_{first}_{result.marker}",
        sentence,
        evidence,
        f"Likely range {low:.0f}% to {high:.0f}%.",
        message=message,
        method=result.method,
        measure=f"{group.lower()} with both markers",
        period=period,
    )


def _subject(marker: str) -> str:
    return marker.replace("_", " ")
