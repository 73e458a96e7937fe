"""Findings for other programs: one JSON file an edition, with a published schema (docs/findings-schema.md)."""

import json
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.since_last import Recommendation
from hcsp_assess.edition.findings import EditionFindings
from hcsp_assess.errors import InputError

SCHEMA_VERSION = "1.1"


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
    """

    edition: str
    title: str
    area: str
    period: str
    simulated: bool = False
    software: str = ""


def document_of(known: EditionFindings, software: str = "") -> dict[str, Any]:
    """Return an edition's `findings.json` as a document; see `findings_document`."""
    opened, edition = known.opened, known.opened.edition
    about = About(edition.key, edition.title, opened.area.name, edition.span.words, opened.simulated, software)
    return findings_document(known.everything, about, data=known.data, recommendations=known.recommendations)


def findings_document(
    findings: Sequence[Finding],
    about: About,
    *,
    data: Mapping[str, pd.Series] | None = None,
    recommendations: Sequence[Recommendation] = (),
) -> dict[str, Any]:
    """Put an edition's findings, figures and recommendations into one document.

    Parameters
    ----------
    data : mapping of str to pandas.Series, optional
        Figures by period, for the next edition to find revisions in; NA = not held.

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


def check_document(document: object, where: str) -> None:
    """Check a document against the published schema; `InputError` names the first place that does not fit."""
    import jsonschema

    validator = jsonschema.Draft202012Validator(findings_schema())
    errors = sorted(validator.iter_errors(document), key=lambda error: [str(part) for part in error.absolute_path])
    if errors:
        place = "/".join(str(part) for part in errors[0].absolute_path) or "the whole"
        raise InputError(f"{where} does not fit the schema of findings at {place}: {errors[0].message[:200]}")


@cache
def findings_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of findings, as published beside each report."""
    text = (resources.files("hcsp_assess") / "definitions" / "findings.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def dump_findings(document: Mapping[str, Any]) -> bytes:
    """The document as bytes of UTF-8 JSON, keys in their order, the same for the same document."""
    return (json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode("utf-8", "replace")


def read_findings(source: Path | str, where: str = "") -> dict[str, Any]:
    """Read an edition's findings, from a file or from a text, and check them against the schema.

    Raises
    ------
    InputError
        If it is not JSON or does not fit the schema; the message names `where`, or the file.
    """
    name = where or str(source)[:200]
    text = source.read_text(encoding="utf-8") if isinstance(source, Path) else source
    try:
        document: dict[str, Any] = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise InputError(f"{name} is not JSON: {error}") from error
    check_document(document, name)
    return document


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
