"""One text as opened in the form: header, evidence and what a person writes, saved only over what was opened."""

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from hcsp_assess.errors import InputError
from hcsp_assess.files import sha256_of, write_whole
from hcsp_assess.sources.text_body import EVIDENCE_END
from hcsp_assess.sources.text_files import decode_text, save_text
from hcsp_assess.sources.text_header import split_header
from hcsp_assess.sources.text_kinds import TextKind

#: A value of a header that YAML reads as it is written.
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ,.;()/%'-]*")
#: What no file holds: of a text that was opened in an earlier session, and whose file has changed since.
_ANOTHER = b"\x00"
_PROMPT = re.compile(r"\s*<!--(?P<asks>.*?)-->\s*", re.DOTALL)


@dataclass(frozen=True)
class OpenText:
    """A text as it was when it was opened.

    Attributes
    ----------
    path : Path
        Its file, which may not be there yet.
    kind : TextKind
        What kind of text it is.
    key : str
        Theme, finding or letter that it is about.
    text : str
        The whole file as opened, or as it would be started.
    on_disk : bytes or None
        What the file held when it was opened; None where there was none.
    """

    path: Path
    kind: TextKind
    key: str
    text: str
    on_disk: bytes | None

    @property
    def name(self) -> str:
        """Folder and name, as messages have it."""
        return f"{self.kind.folder}/{self.path.name}"

    @property
    def fields(self) -> dict[str, str]:
        """What the header says by name, lists with commas between."""
        values = split_header(self.text).values
        return {name: value if isinstance(value, str) else ", ".join(value) for name, value in values.items()}

    @property
    def evidence(self) -> str:
        """The lines of evidence, without their marks; "" where none is quoted."""
        lines = _around(self.text)[0].split("\n")
        return "\n".join(line.lstrip("> ") for line in lines if line.lstrip().startswith(">"))

    @property
    def asks(self) -> str:
        """What the writer is asked for."""
        return self.kind.asks

    @property
    def body(self) -> str:
        """What a person wrote, as the form shows it: without header, evidence and the prompt of a started file."""
        below = _around(self.text)[1]
        prompt = _PROMPT.match(below)
        return (below[prompt.end() :] if prompt and self.kind.asks in prompt["asks"] else below).strip("\n")

    def typed(self, fields: Mapping[str, str], body: str) -> str:
        """Return the whole file with other fields and another text; what is not changed stays letter for letter."""
        if body.strip() == self.body.strip() and all(self.fields.get(name, "") == fields[name] for name in fields):
            return self.text
        head, kept = _head(self.text), self.fields
        for name, value in fields.items():
            if kept.get(name, "") != value.strip():
                head = _with_field(head, name, value.strip(), several=name in self.kind.lists)
        evidence = _around(self.text)[0].strip("\n")
        return "\n\n".join(part for part in ("\n".join(head), evidence, body.strip("\n")) if part) + "\n"

    def save(self, text: str) -> "OpenText":
        """Save a text, and return it as opened anew.

        Raises
        ------
        InputError
            If the file is not as it was opened: somebody else changed it, and it is left as it is.
        OSError
            If it cannot be written.
        """
        if self.changed_on_disk():
            raise InputError(
                f"the text {self.name} has been changed since you opened it, and was not overwritten. Yours "
                "is still here: choose “Show theirs” to compare, or “Save mine instead”, which keeps theirs as a copy"
            )
        save_text(self.path, text)
        return reopened(self)

    def changed_on_disk(self) -> bool:
        """Whether the file is not as it was when it was opened."""
        return _content(self.path) != self.on_disk

    @property
    def base(self) -> str:
        """Checksum of what the file held when it was opened; "" where there was none."""
        return "" if self.on_disk is None else sha256_of(self.on_disk)

    def since(self, base: str) -> "OpenText":
        """Return it as opened when the file had another checksum: it counts as changed on disk if it has not now."""
        return self if base == self.base else replace(self, on_disk=_ANOTHER)

    def theirs(self) -> str:
        """The text that is on disk now; "" without a file."""
        return decode_text(_content(self.path) or b"")[0]

    def save_instead(self, text: str, copies: Path) -> tuple["OpenText", Path | None]:
        """Save a text over another's, which is kept in a folder of copies; return the text and the copy."""
        content = _content(self.path)
        copy = None
        if content is not None:
            now = dt.datetime.now(dt.UTC)
            copy = copies / f"{self.kind.folder}-{self.path.stem}-{now:%Y%m%dT%H%M%S%f}{self.path.suffix}"
            write_whole(copy, content)
        save_text(self.path, text)
        return reopened(self), copy


def opened_text(path: Path, kind: TextKind, key: str, started: str) -> OpenText:
    """Open a text, or begin one where there is no file yet.

    Raises
    ------
    InputError
        If the file is no text in UTF-8.
    """
    content = _content(path)
    if content is None:
        return OpenText(path, kind, key, started, None)
    text, why = decode_text(content)
    if why:
        raise InputError(f"{path.name}: {why}")
    return OpenText(path, kind, key, text, content)


def reopened(text: OpenText) -> OpenText:
    """Return a text as it is on disk now."""
    content = _content(text.path)
    return replace(text, text=decode_text(content or b"")[0], on_disk=content)


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _lines(text: str) -> list[str]:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _head(text: str) -> list[str]:
    """The lines of the header with both its edges; an empty one if the file has no header."""
    lines = _lines(text)
    edges = [number for number, line in enumerate(lines) if line.strip() == "---"][:2]
    return lines[edges[0] : edges[1] + 1] if len(edges) == 2 else ["---", "---"]


def _around(text: str) -> tuple[str, str]:
    """The quoted evidence with its marks, and everything else below the header."""
    body = split_header(text).body
    lines = body.split("\n")
    start = next((number for number, line in enumerate(lines) if line.strip().startswith("<!-- Evidence")), None)
    end = next((number for number, line in enumerate(lines) if line.strip() == EVIDENCE_END), None)
    if start is None or end is None or end < start:
        return "", body
    return "\n".join(lines[start : end + 1]), "\n".join([*lines[:start], *lines[end + 1 :]]).strip("\n")


def _with_field(head: list[str], name: str, value: str, *, several: bool) -> list[str]:
    """The header with another value of a field, in its line or in a new one at the end."""
    parts = [part.strip() for part in value.split(",") if part.strip()]
    shown = f"[{', '.join(map(_written, parts))}]" if several else _written(value)
    line = f"{name}: {shown}".rstrip()
    begins = next((n for n, each in enumerate(head) if each.partition(":")[0].strip().lower() == name), None)
    if begins is None:
        return [*head[:-1], line, head[-1]]
    ends = begins + 1
    while head[ends].startswith((" ", "-")) and head[ends].strip() != "---":
        ends += 1  # a list that goes on below
    return [*head[:begins], line, *head[ends:]]


def _written(value: str) -> str:
    return value if not value or _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)
