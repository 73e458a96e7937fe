"""The sentence on equality: which protected characteristics the edition has figures on."""

from collections.abc import Sequence

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.words import listed


def describe_characteristics(known: Sequence[str], gaps: Sequence[str]) -> Finding:
    """Say of which protected characteristics the edition has figures, and of which it has none.

    Examples
    --------
    >>> describe_characteristics(["age", "sex"], ["disability"]).sentence
    'Returns show who is affected by age and sex. They do not show disability.'
    """
    evidence = {"known": len(known), "gaps": len(gaps)}
    if not known:
        return Finding(
            "equality_gaps", "Returns do not show who is affected by any protected characteristic.", evidence
        )
    rest = f" They do not show {' or '.join(filter(None, (', '.join(gaps[:-1]), gaps[-1])))}." if gaps else ""
    return Finding("equality_gaps", f"Returns show who is affected by {listed(known)}.{rest}", evidence)
