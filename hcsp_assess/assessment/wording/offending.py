"""Sentences about offending: how many offended again, and how many of those were young adults."""

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.words import published
from hcsp_assess.disclosure import DisclosureRule

KEY = "reoffending"


def describe_reoffending(offenders: int, again: int, young: int, quarter: str, rule: DisclosureRule) -> Finding:
    """Say which share of offenders offended again, and which share of those were 18 to 30.

    Parameters
    ----------
    again, young : int
        Those who offended again, and those of them who were 18 to 30.
    """
    if min(again, young, again - young) < rule.minimum:
        return Finding(KEY, "Too few offended again to publish how many.")
    percent, share = 100 * again / offenders, 100 * young / again
    shown = published(offenders, rule)
    sentence = (
        f"{percent:.1f}% of about {shown:,} offenders offended again ({quarter}); {share:.0f}% of those were aged 18 "
        "to 30."
    )
    evidence = {"percent": percent, "offenders": shown, "percent_18_to_30": share, "youngest": 18, "oldest": 30}
    return Finding(KEY, sentence, evidence)


def describe_not_known() -> Finding:
    """Say that it is not known how many offended again."""
    return Finding(KEY, "How many offended again is not known: the figures did not come, or not all of them.")
