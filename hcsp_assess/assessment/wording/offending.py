"""Sentences about offending: how many offended again, and how many of those were young adults."""

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.periods import parse_quarter

KEY = "reoffending"


def describe_reoffending(offenders: int | None, again: int | None, young: int | None, quarter: str) -> Finding:
    """Say which share of offenders offended again, and which share of those were 18 to 30.

    Parameters
    ----------
    offenders, again, young : int or None
        Offenders, those who offended again, and those of them who were 18 to 30, as they are published in the table;
        None where the number is hidden.
    """
    if not offenders or not again or young is None:
        return Finding(KEY, "People who offended again: numbers too small to publish.")
    percent, share = 100 * again / offenders, 100 * young / again
    months = parse_quarter(quarter).span.spoken
    sentence = (
        f"{percent:.1f}% of about {offenders:,} offenders of {months} offended again. Of those, {share:.0f}% were aged "
        "18 to 30."
    )
    evidence = {"percent": percent, "offenders": offenders, "percent_18_to_30": share, "youngest": 18, "oldest": 30}
    return Finding(KEY, sentence, evidence, measure="offenders who offended again", period=months)
