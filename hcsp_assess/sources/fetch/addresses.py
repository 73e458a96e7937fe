"""Web addresses of published data, and instructions for downloading it by hand."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from hcsp_assess.errors import InputError
from hcsp_assess.project import read_definition

FILE = "addresses.toml"


@dataclass(frozen=True)
class Address:
    """Where something is published.

    Attributes
    ----------
    key, what : str
        Its name in `definitions/addresses.toml`, and in words.
    url : str
        The address; a part in braces is filled in by `at`.
    sure : str
        "published" (the publisher says so), "in use" (public software uses it) or "general" (not confirmed).
    known_from : str
        Where the address was found.
    by_hand : str
        What a person does where it fails.
    folder : str
        Where the file then goes, from the project's root.
    per_second, burst : float, int
        Most requests a second on average, and most at once.
    layers : mapping of str to tuple of str
        Names of the layers of a map server, by what they hold, in the order in which to try them.
    """

    key: str
    what: str
    url: str
    sure: str
    known_from: str
    by_hand: str
    folder: str
    per_second: float = 4
    burst: int = 4
    layers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def at(self, **parts: str) -> str:
        """The address with its parts filled in; `InputError` where it has braces around something else."""
        try:
            return self.url.format(**parts)
        except (KeyError, IndexError, ValueError) as error:
            known = ", ".join(f"{{{name}}}" for name in parts)
            raise InputError(
                f"{FILE}: the address of [{self.key}] cannot be filled in ({error}); in braces it may have {known} only"
            ) from error

    @property
    def instead(self) -> str:
        """What to do instead, as a sentence."""
        return f"Instead, {self.by_hand}. Put the file in {self.folder}/."


def addresses(root: Path | None = None) -> dict[str, Address]:
    """Return every address by its key.

    Parameters
    ----------
    root : Path, optional
        Root of a project: entries of its own `addresses.toml` win over those that come with the package.

    Raises
    ------
    InputError
        If a file cannot be read; the message names the entry at fault.
    """
    packaged = (resources.files("hcsp_assess") / "definitions" / FILE).read_text(encoding="utf-8")
    found = _parse(packaged, f"definitions/{FILE}")
    if root is not None and (root / FILE).is_file():
        found |= _parse(read_definition(root / FILE, FILE), FILE)
    return found


def _parse(text: str, label: str) -> dict[str, Address]:
    try:
        entries = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{label} cannot be read: {error}") from error
    return {key: _address(key, fields, label) for key, fields in entries.items()}


def _address(key: str, fields: dict[str, Any], label: str) -> Address:
    try:
        layers = {name: tuple(names) for name, names in fields.pop("layers", {}).items()}
        return Address(key, **fields, layers=layers)
    except (TypeError, AttributeError) as error:
        reason = str(error).removeprefix("Address.__init__() ")
        raise InputError(f"{label}: the entry [{key}] cannot be used: {reason}") from error
