"""Sentences about harm: its sum, its range, or why it is not weighed."""

from collections.abc import Sequence

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.places.harm import Harm, HarmRange


def describe_harm(harm: Harm) -> Finding:
    """Say the harm of the records, and which offence has most of it; or that too few have a weight."""
    facts: dict[str, object] = {"records": harm.records, "weighted": harm.weighted, "total": harm.total}
    if not harm.complete:
        sentence = f"Harm cannot be told: only {harm.weighted:,} of {harm.records:,} records have a weight."
        return Finding("harm", sentence, facts, "It takes at least 95% of them.", _without(harm))
    first = harm.by_offence.iloc[0]
    share = 100 * first["harm"] / harm.total
    sentence = (
        f"{harm.weighted:,} records weigh {harm.total:,.0f} {harm.unit}; {share:.0f}% of that "
        f"is {str(first['offence']).lower()} ({first['count']:,} records)."
    )
    caveat = "Weights of offences that police find by looking (drugs, weapons) measure police work as much as harm."
    return Finding("harm", sentence, facts, f"Method: {harm.method}.", (caveat, *_without(harm)))


def describe_harm_range(harm: HarmRange) -> Finding:
    """Say the least and the most harm that records by broad type can mean."""
    sentence = (
        f"The {harm.ranged:,} of {harm.records:,} recorded crimes whose type has weights mean between "
        f"{harm.low:,.0f} and {harm.high:,.0f} {harm.unit} of harm: their broad types do not tell more."
    )
    evidence = {"low": harm.low, "high": harm.high, "records": harm.records, "ranged": harm.ranged}
    caveat = "The middle of the range means nothing. Records of a type without weights are in neither end."
    return Finding("harm", sentence, evidence, f"Method: {harm.method}.", (caveat, *_without(harm)))


def describe_no_weights(folder: str, columns: Sequence[str]) -> Finding:
    """Say that the crime types of the time have no weights, and how own weights can be used."""
    how = (
        f"Own weights go in {folder}/weights.csv, with the columns {', '.join(columns)}, and what they are in "
        "SOURCE.toml beside it (docs/methods-places.md)."
    )
    sentence = "Severity weights do not fit the crime types in use at the time, so harm is not shown."
    return Finding("harm", sentence, {}, how)


def _without(harm: Harm | HarmRange) -> tuple[str, ...]:
    if not harm.without_weight:
        return ()
    said = ", ".join(f"{name} ({count:,})" for name, count in harm.without_weight.items())
    return (f"Without a weight: {said}.",)
