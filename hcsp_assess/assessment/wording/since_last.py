"""Sentences on what changed since the last assessment."""

from collections.abc import Sequence

import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.since_last import Compared


def describe_changes(compared: Sequence[Compared], revisions: pd.DataFrame, edition: str) -> Finding:
    """Say how many findings are new, gone or turned, and how many figures were revised."""
    kinds = [item.kind for item in compared]
    counts = {kind: kinds.count(kind) for kind in ("new", "turned", "gone", "same")}
    words = {"new": "new", "turned": "point another way", "gone": "gone", "same": "the same way"}
    told = ", ".join(f"{counts[kind]} {words[kind]}" for kind in words)
    revised = len(revisions)
    figures = "no figure" if not revised else "1 figure" if revised == 1 else f"{revised} figures"
    sentence = f"Against the assessment {edition}, of {len(compared)} findings: {told}; {figures} revised."
    evidence = {**counts, "findings": len(compared), "revised": revised}
    evidence |= {f"edition_{n}": int(part) for n, part in enumerate(edition.split("-")) if part.isdigit()}
    return Finding("changes_since", sentence, evidence, "Findings are matched by their keys, figures by period.")


def describe_no_revision(series: int) -> Finding:
    """Say that no figure differs, in so many series that both editions have."""
    sentence = f"No figure was revised, in {series} series that both have."
    return Finding("changes_no_revision", sentence, {"series": series})
