"""Sentences about harm: its sum, or its range."""

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.places.harm import Harm, HarmRange


def describe_harm(harm: Harm) -> Finding:
    """Say the harm of the records, and which offence has most of it; or that too few have a weight."""
    facts: dict[str, object] = {"records": harm.records, "weighted": harm.weighted, "total": harm.total}
    if not harm.complete:
        sentence = (
            f"Harm can be weighed once at least 95% of crimes have a weight. Now {harm.weighted:,} of {harm.records:,} "
            "have one."
        )
        return Finding("harm", sentence, facts | {"least": 95}, "", _without(harm))
    first = harm.by_offence.iloc[0]
    share = 100 * first["harm"] / harm.total
    offence = str(first["offence"]).lower()
    sentence = (
        f"{share:.0f}% of the harm of recorded crime is {offence} ({first['count']:,} crimes). All {harm.weighted:,} "
        f"crimes together weigh {harm.total:,.0f} {harm.unit}."
    )
    caveat = "Drug and weapon offences depend on police activity as well as on harm."
    evidence = facts | {"share": share, "most": int(first["count"])}
    return Finding("harm", sentence, evidence, "", (caveat, *_without(harm)), method=f"{harm.method}.")


def describe_harm_range(harm: HarmRange) -> Finding:
    """Say the least and the most harm that records by broad type can mean."""
    sentence = (
        f"The harm of {harm.ranged:,} recorded crimes is between {harm.low:,.0f} and {harm.high:,.0f} {harm.unit}. "
        "Police publish broad types of crime only, so it cannot be narrowed down."
    )
    evidence = {"low": harm.low, "high": harm.high, "records": harm.records, "ranged": harm.ranged}
    return Finding("harm", sentence, evidence, "", _without(harm), method=f"{harm.method}.")


def _without(harm: Harm | HarmRange) -> tuple[str, ...]:
    if not harm.without_weight:
        return ()
    said = ", ".join(f"{name} ({count:,})" for name, count in harm.without_weight.items())
    return (f"Left out, since they have no weight: {said}.",)
