"""Published findings as files: `findings.json` of any edition, and what another council sends of its own."""

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from hcsp_assess.errors import InputError
from hcsp_assess.files import read_file

SCHEMA_VERSION = "1.2"
#: Where a project keeps what other councils send, one folder for each partnership.
RECEIVED = "data/raw/districts"
FINDINGS, RECORD = "findings.json", "run.json"
#: A published file of findings has a few hundred kB; no real one is larger than this.
LARGEST = 50_000_000


@dataclass(frozen=True)
class Published:
    """What one edition published for other programs.

    Attributes
    ----------
    findings : dict
        The document `findings.json`, of the newest schema.
    published : str
        When it was published, in words: "29 November 2026, 15:37 UTC".
    """

    findings: dict[str, Any]
    published: str


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


def read_published(folder: Path, label: str) -> Published | None:
    """Read what an edition published: its `findings.json`, and from `run.json` beside it when that was.

    Parameters
    ----------
    folder : Path
        Folder with both files.
    label : str
        What to call the folder in a message.

    Returns
    -------
    Published or None
        None where the folder has no `findings.json`.

    Raises
    ------
    InputError
        If a file is damaged or is not what its name says, `run.json` is missing or of another edition, or the findings
        were written by an older or a newer version. The message says what to ask for.
    """
    if not (folder / FINDINGS).is_file():
        return None
    where = f"{label}/{FINDINGS}"
    document = _read_json(folder / FINDINGS, where)
    _refuse_other_versions(document, where)
    try:
        check_document(document, where)
    except InputError as error:
        raise InputError(f"{error}. {_ASK}") from error
    if not (folder / RECORD).is_file():
        raise InputError(
            f"{label} has {FINDINGS} and no {RECORD}, which says when it was published: ask for both files, "
            "and put them there unchanged"
        )
    record = _read_json(folder / RECORD, f"{label}/{RECORD}")
    edition, published = record.get("edition"), record.get("published")
    if not isinstance(published, str) or not published.strip():
        raise InputError(f"{label}/{RECORD} does not say when the report was published. {_ASK}")
    if (edition, record.get("period")) != (document["edition"], document["period"]):
        raise InputError(
            f"{label} has files of two editions: {FINDINGS} is of {document['edition']!r} ({document['period']}), "
            f"{RECORD} is of {edition!r} ({record.get('period')}). Put both files of one edition there"
        )
    return Published(document, published.strip())


#: What to do about a file that cannot be used.
_ASK = f"Ask the partnership for {FINDINGS} and {RECORD} of its report again, and put both there unchanged"


def _read_json(path: Path, where: str) -> dict[str, Any]:
    try:
        content = read_file(path, where, LARGEST)
    except OSError as error:
        raise InputError(f"{where} cannot be opened: {error.strerror}. Check that you may read it") from error
    try:
        found = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where} is damaged or is not JSON: {str(error)[:200]}. {_ASK}") from error
    if not isinstance(found, dict):
        raise InputError(f"{where} is JSON, and not what a report publishes under this name. {_ASK}")
    return found


def _refuse_other_versions(document: dict[str, Any], where: str) -> None:
    version = document.get("schema")
    if version == SCHEMA_VERSION:
        return
    parts = str(version).split(".")
    if not isinstance(version, str) or len(parts) != 2 or not all(part.isdecimal() for part in parts):
        raise InputError(f"{where} is not a file of findings: it has no version of their schema. {_ASK}")
    if [int(part) for part in parts] < [int(part) for part in SCHEMA_VERSION.split(".")]:
        raise InputError(
            f"{where} was written by an older version of the software (schema {version}): it has no priorities and no "
            "matters for the county. Ask the partnership to build its report again with the newest version"
        )
    raise InputError(
        f"{where} was written by a newer version of the software (schema {version}; this one reads up to "
        f"{SCHEMA_VERSION}): update the software"
    )
