"""Keep the finished stages of a run, so that the next run after a failure can reuse them."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hcsp_assess.files import checked_json, read_checked_json, write_whole


def stage_key(parts: Mapping[str, Any]) -> str:
    """Return one checksum over what a stage's result depends on; values of different types differ, 1 from "1"."""
    told = {name: repr(value) for name, value in parts.items()}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def save_stage(folder: Path, name: str, key: str, result: Mapping[str, Any]) -> None:
    """Keep a stage's result, which must be what JSON can hold.

    Raises
    ------
    TypeError
        If the result holds something else.
    """
    write_whole(folder / f"{name}.json", checked_json({"key": key, "result": dict(result)}))


def load_stage(folder: Path, name: str, key: str) -> dict[str, Any] | None:
    """Return what a stage resulted in, if it is kept, undamaged, and all it depends on is as it was; else None."""
    kept = read_checked_json(folder / f"{name}.json")
    result: dict[str, Any] | None = kept["result"] if kept and kept["key"] == key else None
    return result
