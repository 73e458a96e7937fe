"""Find and read a partnership's own definitions, `areas/KEY/`: each file wins over what comes with the software."""

import datetime as dt
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from hcsp_assess.errors import InputError, did_you_mean
from hcsp_assess.project import read_definition

INDICATORS: Final = "indicators.toml"
#: The figures of the indicators; one of them.
PERFORMANCE: Final = ("performance.csv", "performance.xlsx", "performance.ods")
HOLDERS: Final = "holders.toml"
RETURNS: Final = "returns.toml"
CHANGES: Final = "recording_changes.toml"
PLACES: Final = "place_names.csv"
PEERS: Final = "peers.toml"
GOVERNANCE: Final = "governance.toml"
#: Tables of a strategy that go with indicators, as in docs/indicators.md; none is needed.
STRATEGY: Final = ("priorities.csv", "work_plan.csv", "figures.csv", "claims.csv", "document.toml")
FILES: Final = (INDICATORS, *PERFORMANCE, HOLDERS, RETURNS, CHANGES, PLACES, PEERS, GOVERNANCE, *STRATEGY)
_ENDINGS: Final = (".toml", ".csv", ".xlsx", ".ods")


def own_folder(key: str, root: Path | None) -> Path | None:
    """Return the folder of an area's own definitions, or None if the project has none.

    Raises
    ------
    InputError
        If it holds a table or definition of a name that is not read: a misspelt file would change nothing.
    """
    folder = root / "areas" / key if root is not None else None
    if folder is None or not folder.is_dir():
        return None
    for path in sorted(folder.iterdir()):
        passed = path.name.startswith((".", "~")) or not path.name.endswith(_ENDINGS) or path.name in FILES
        if not passed:
            hint = did_you_mean(path.name, FILES)
            raise InputError(
                f"{label(folder, path.name)} is not read: a file of that name means nothing.{hint} Rename it, or move "
                f"it away. There can be {', '.join(FILES)}"
            )
    return folder


def label(folder: Path, name: str) -> str:
    """Return what a message calls a file of own definitions: "areas/shropshire/holders.toml"."""
    return f"areas/{folder.name}/{name}"


def own_file(folder: Path | None, name: str) -> Path | None:
    """Return one file of own definitions, or None if there is none."""
    path = folder / name if folder is not None else None
    return path if path is not None and path.is_file() else None


def read_own(folder: Path | None, name: str, known: Collection[str]) -> dict[str, Any]:
    """Read a definition file of a project's own; nothing if there is none.

    Parameters
    ----------
    folder : Path or None
        As `own_folder` gives it, or the `own` of an area.
    known : collection of str
        Fields that it may have.

    Raises
    ------
    InputError
        If it cannot be read, or has another field.
    """
    path = own_file(folder, name)
    if path is None or folder is None:
        return {}
    where = label(folder, name)
    try:
        fields = tomllib.loads(read_definition(path, where))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{where} cannot be read as TOML ({error}): correct that line") from error
    refuse_unknown(where, fields, known)
    return fields


def refuse_unknown(where: str, fields: Mapping[str, Any], known: Collection[str]) -> None:
    """Refuse a field that is not a known one, with the nearest; `InputError` says where."""
    for name in fields:
        if name not in known:
            hint = did_you_mean(name, known)
            raise InputError(f"{where}: there is no field {name!r}.{hint} There can be {', '.join(known)}")


def tables_of(where: str, fields: Mapping[str, Any], name: str, known: Collection[str]) -> list[dict[str, Any]]:
    """Return a list of tables, each with known fields only; `InputError` says how to write it."""
    entries = fields.get(name, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise InputError(f"{where}: write [[{name}]] on a line of its own above each entry")
    for number, entry in enumerate(entries, start=1):
        refuse_unknown(f"{where}, {name} {number}", entry, known)
    return entries


def own_text(where: str, fields: Mapping[str, Any], name: str, *, needed: bool = True) -> str:
    """Return a field that is text; "" where it is missing and not needed."""
    value = fields.get(name, None if needed else "")
    if value is None:
        raise InputError(f"{where}: the field {name} is missing")
    if not isinstance(value, str) or (needed and not value.strip()):
        raise InputError(f'{where}: {name} is {value!r}; write a text, {name} = "..."')
    return value.strip()


def own_texts(where: str, fields: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return a field that is a list of texts; none where it is missing."""
    value = fields.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
        raise InputError(f'{where}: {name} is {value!r}; write a list of texts, {name} = ["...", "..."]')
    return tuple(item.strip() for item in value)


def own_month(where: str, fields: Mapping[str, Any], name: str) -> pd.Period | None:
    """Return a field that is a month, "2022-07" or a date in it; None where it is missing."""
    value = fields.get(name)
    if value is None:
        return None
    try:
        return pd.Period(value if isinstance(value, dt.date) else dt.date.fromisoformat(f"{value}-01"), freq="M")
    except ValueError as error:
        raise InputError(f'{where}: {name} is {value!r}; write a month, {name} = "2022-07"') from error
