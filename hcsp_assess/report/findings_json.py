"""Findings for other programs: one JSON file an edition, with a published schema (docs/findings-schema.md)."""

import json
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.since_last import Recommendation
from hcsp_assess.edition.findings import EditionFindings
from hcsp_assess.edition.for_county import ForCounty, for_county
from hcsp_assess.errors import InputError
from hcsp_assess.sources.findings_file import SCHEMA_VERSION, check_document


@dataclass(frozen=True)
class About:
    """Of which edition the findings are.

    Attributes
    ----------
    edition, title, area, period : str
        Key of the edition, its heading, the area's name, and the twelve months in words.
    simulated : bool
        Whether any of it rests on simulated records.
    software : str
        Name and version that made it.
    partnership_code : str
        ONS code of the partnership; "" for a county.
    """

    edition: str
    title: str
    area: str
    period: str
    simulated: bool = False
    software: str = ""
    partnership_code: str = ""


def document_of(known: EditionFindings, software: str = "") -> dict[str, Any]:
    """Return an edition's `findings.json` as a document; see `findings_document`."""
    opened, edition = known.opened, known.opened.edition
    code = opened.area.partnership_code
    about = About(edition.key, edition.title, opened.area.name, edition.span.words, opened.simulated, software, code)
    return findings_document(
        known.everything, about, data=known.data, recommendations=known.recommendations, county=for_county(known)
    )


def findings_document(
    findings: Sequence[Finding],
    about: About,
    *,
    data: Mapping[str, pd.Series] | None = None,
    recommendations: Sequence[Recommendation] = (),
    county: ForCounty | None = None,
) -> dict[str, Any]:
    """Put an edition's findings, figures and recommendations into one document.

    Parameters
    ----------
    data : mapping of str to pandas.Series, optional
        Figures by period, for the next edition to find revisions in; NA = not held.
    county : ForCounty, optional
        Priorities, decisions, and what is brought to the county's strategy group.

    Returns
    -------
    dict
        Fit for JSON: no NaN, no infinity (null in their place). The same input gives the same document: no clock in it.

    Raises
    ------
    InputError
        If two findings have the same key, or a value cannot be written.
    """
    keys = [item.key for item in findings]
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        raise InputError(f"two findings have the same key: {', '.join(twice)}; rename one")
    document = {
        "schema": SCHEMA_VERSION,
        **asdict(about),
        "findings": [_finding(item) for item in findings],
        "data": [_series(key, values) for key, values in (data or {}).items()],
        "recommendations": [
            {
                "key": item.key,
                "text": item.text,
                "to": item.to,
                "because": item.because,
                "findings": list(item.findings),
            }
            for item in recommendations
        ],
        **(county or ForCounty()).document,
    }
    check_document(document, f"the findings of edition {about.edition}")
    return document


def as_printed(document: Mapping[str, Any], keys: Collection[str]) -> dict[str, Any]:
    """Return a document whose findings of these keys have their evidence as the page prints it.

    For findings from what passed the disclosure gate: an exact percentage, or an exact p-value, beside a rounded count
    would give the count away. Percentages become whole numbers, p-values have two decimals.
    """
    findings = [
        item | {"evidence": {name: _rough(name, value) for name, value in item["evidence"].items()}}
        if item["key"] in keys
        else item
        for item in document["findings"]
    ]
    return {**document, "findings": findings}


def _rough(name: str, value: object) -> object:
    if not isinstance(value, float):
        return value
    return round(value, 2) if "p_value" in name else round(value)


def dump_findings(document: Mapping[str, Any]) -> bytes:
    """The document as bytes of UTF-8 JSON, keys in their order, the same for the same document."""
    return (json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode("utf-8", "replace")


def _finding(item: Finding) -> dict[str, Any]:
    return {
        "key": item.key,
        "sentence": item.sentence,
        "measure": item.measure,
        "population": item.population,
        "period": item.period,
        "direction": item.direction,
        "certainty": item.certainty,
        "method": item.method,
        "caveats": list(item.caveats),
        "reconciles": list(item.reconciles),
        "simulated": item.simulated,
        "evidence": {name: _value(f"{item.key}, {name}", value) for name, value in item.evidence.items()},
        "sources": [{"name": one.name, "where": one.where, "sha256": one.sha256} for one in item.sources],
        "links": dict(item.links),
    }


def _series(key: str, values: pd.Series) -> dict[str, Any]:
    return {"key": key, "values": {str(period): _value(f"{key}, {period}", value) for period, value in values.items()}}


def _value(where: str, value: object) -> object:
    """A value that JSON can hold: whole numbers stay whole, missing and infinite ones are null."""
    if isinstance(value, str | bool):
        return value
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if pd.api.types.is_bool(value):
        return bool(value)
    if pd.api.types.is_integer(value):
        return int(value)
    if pd.api.types.is_float(value):
        number = float(value)
        return number if math.isfinite(number) else None
    raise InputError(f"{where}: {value!r} is neither a number nor a text, so it cannot be in findings.json")
