"""Sentences about equality: of which protected characteristics nothing is known, and why a rate is not given."""

from collections.abc import Sequence

from hcsp_assess.assessment.findings import Finding


def describe_gaps(gaps: Sequence[str], characteristics: int) -> Finding:
    """Say of how many characteristics nothing was received."""
    evidence = {"gaps": len(gaps), "characteristics": characteristics}
    sentence = f"Something was received on each of the {characteristics} characteristics."
    if gaps:
        of = f"Of {len(gaps)} of the {characteristics} protected characteristics nothing was received"
        sentence = f"{of}: {'; '.join(gaps)}."
    return Finding("equality_gaps", sentence, evidence)


def describe_no_rates(column: str, what: str, *, put_in: str = "") -> Finding:
    """Say why rates by a characteristic cannot be given: no offences, or else no residents in the file `put_in`."""
    why = f"put residents by {what} in {put_in}" if put_in else "no offences came"
    return Finding(f"rates_{column}_none", f"Rates of violence by {what} cannot be told: {why}.")
