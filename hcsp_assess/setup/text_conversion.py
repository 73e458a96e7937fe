"""Turn the TOML texts of an edition into Markdown and spreadsheets, and back; both must say the same."""

import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.files import write_whole
from hcsp_assess.project import Project
from hcsp_assess.sources.text_body import as_markdown
from hcsp_assess.sources.text_entries import FILE, MARKDOWN, day_words
from hcsp_assess.sources.text_files import SUFFIX
from hcsp_assess.sources.text_kinds import COMMON, ORIGINS, SAID, TEXT_KINDS, TextKind
from hcsp_assess.sources.text_sheet_templates import book_bytes
from hcsp_assess.sources.texts import TextFolder

OLD = "old-toml"
BOOKS = {"plan.toml": ("plan", "actions"), "scores.toml": ("scores",)}
_SIGNED = ("author_role", "date", "origin", "source", "state")


@dataclass(frozen=True)
class Converted:
    """What a conversion wrote and moved, and what it left.

    Attributes
    ----------
    written, moved : tuple of str
        New files, and TOML files that are now in `OLD`, by name.
    left : dict of str to str
        TOML files that stay, each with the reason.
    remarks : dict of str to tuple of str
        Comments of a moved file, which are kept in it and not in the new files.
    """

    written: tuple[str, ...]
    moved: tuple[str, ...]
    left: Mapping[str, str]
    remarks: Mapping[str, tuple[str, ...]]


def convert_texts(edition: str, project: Project) -> Converted:
    """Write the TOML texts of an edition as Markdown and spreadsheets.

    Each TOML file is moved to ``editions/EDITION/old-toml/`` only if what is read from the new files is the same,
    entry by entry; otherwise it stays, nothing of it is written, and the reason is given.

    Raises
    ------
    UsageError
        If the project has no folder of texts for the edition.
    InputError
        If a TOML file cannot be read.
    """
    folder = _folder(edition, project)
    written: list[str] = []
    moved: list[str] = []
    left: dict[str, str] = {}
    remarks: dict[str, tuple[str, ...]] = {}
    for path in sorted(folder.glob("*.toml")):
        if path.name not in {kind.file for kind in TEXT_KINDS} | BOOKS.keys():
            continue
        made = new_files(path.name, path.read_bytes())
        reason = _reason_against(folder, path.name, path.read_bytes(), made)
        if reason:
            left[path.name] = reason
            continue
        for name, content in made.items():
            write_whole(folder / name, content)
        (folder / OLD).mkdir(exist_ok=True)
        lines = path.read_text(encoding="utf-8-sig").splitlines()
        path.replace(folder / OLD / path.name)
        written += made
        moved.append(path.name)
        if comments := tuple(line.strip("# ").strip() for line in lines if line.lstrip().startswith("#")):
            remarks[path.name] = comments
    return Converted(tuple(written), tuple(moved), left, remarks)


def undo_conversion(edition: str, project: Project) -> tuple[str, ...]:
    """Bring TOML texts back from `OLD`, and remove the files that were made of them.

    Files that were changed since are not removed: nothing is done then.

    Raises
    ------
    UsageError
        If nothing was converted, or a file was changed since: it is named, and nothing is removed.
    """
    folder = _folder(edition, project)
    old = sorted((folder / OLD).glob("*.toml")) if (folder / OLD).is_dir() else []
    if not old:
        raise UsageError(f"editions/{edition}/{OLD} has no TOML files: nothing was converted")
    made = {path: new_files(path.name, path.read_bytes()) for path in old}
    changed = [
        name
        for path, files in made.items()
        for name, content in files.items()
        if not _same_content(folder, path.name, name, content)
    ]
    if changed:
        raise UsageError(f"changed since they were converted: {', '.join(changed)}. Move them away first, to keep them")
    for path, files in made.items():
        path.replace(folder / path.name)
        for name in files:
            (folder / name).unlink(missing_ok=True)
    return tuple(path.name for path in old)


def _same_content(folder: Path, file: str, name: str, content: bytes) -> bool:
    """Whether a file is as it was made, or gone; a spreadsheet is compared by what it says."""
    path = folder / name
    if not path.exists() or path.read_bytes() == content:
        return True
    if path.suffix == SUFFIX:
        return False
    return _normal(TextFolder("", {name: path.read_bytes()}), file) == _normal(TextFolder("", {name: content}), file)


def _folder(edition: str, project: Project) -> Path:
    folder = project.root / "editions" / edition
    if not folder.is_dir():
        raise UsageError(f"there is no folder editions/{edition} in {project.root}: it has no texts to convert")
    return folder


def new_files(file: str, content: bytes) -> dict[str, bytes]:
    """Return the Markdown files and spreadsheets that say what a TOML file says, by name.

    Raises
    ------
    InputError
        If it is not TOML.
    """
    try:
        fields = tomllib.loads(content.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{file} cannot be read: {error}") from error
    signed = fields.get("signed", {})
    made: dict[str, bytes] = {}
    for kind in TEXT_KINDS:
        if kind.file != file:
            continue
        entries = fields.get(kind.table, [])
        keys = [str(entry.get(kind.key, "")) for entry in entries] if isinstance(entries, list) else []
        for number, entry in enumerate(entries if isinstance(entries, list) else [entries], start=1):
            place = {} if keys == sorted(keys) else {"order": number}
            text = (
                _consultation(entry | place, fields)
                if kind.folder == "consultation"
                else _text(kind, signed | entry | place)
            )
            name = f"{kind.folder}/{entry.get(kind.key, 'definition')}{SUFFIX}"
            made[name] = text.encode()
    for name in BOOKS.get(file, ()):
        if name != "actions" or "action" in fields:
            made[f"{name}.xlsx"] = book_bytes(name, fields=fields)
    return made


def _text(kind: TextKind, entry: Mapping[str, Any]) -> str:
    """One entry as a Markdown file."""
    targets = kind.header | {"order": "order"}
    values = {name: entry[target] for name, target in targets.items() if target in entry and name != "title"}
    if "title" in entry:
        values = {"title": entry["title"]} | values
    values.setdefault("state", "reviewed")
    parts = [as_markdown(str(entry.get(kind.body, "")))]
    named = {title: str(entry[target]) for title, target in kind.sections.items() if target in entry}
    parts += [f"## {title}\n\n{as_markdown(text)}" for title, text in named.items()]
    return _header(values) + "\n\n".join(parts) + "\n"


def _consultation(exercise: Mapping[str, Any], fields: Mapping[str, Any]) -> str:
    """One exercise with everything that was said in it; what most of it has in common is in the header."""
    signed = fields.get("signed", {})
    said = [signed | item for item in fields.get("said", []) if item.get("exercise") == exercise.get("key")]
    most = {
        name: Counter(item[name] for item in said if name in item).most_common(1)[0][0]
        for name in ("author_role", "date", "origin", "source")
        if said and all(name in item for item in said)
    }
    values = {"title": exercise.get("name", ""), "method": exercise.get("method", ""), "held": exercise.get("held", "")}
    values["answered"] = exercise.get("base", exercise.get("base_note", ""))
    values |= {"order": exercise["order"]} if "order" in exercise else {}
    values |= {name: most[target] for name, target in COMMON.items() if target in most} | {"state": "reviewed"}
    parts = []
    for item in said:
        own = {
            name: item[target] for name, target in SAID.items() if target in item and item[target] != most.get(target)
        }
        lines = [f"{name}: {_value(name, value)}" for name, value in own.items()]
        parts.append("\n".join((f"## {item.get('subject', '')}", *lines)) + f"\n\n{as_markdown(item.get('text', ''))}")
    return _header(values) + "\n\n".join(parts) + "\n"


def _header(values: Mapping[str, Any]) -> str:
    lines = [f"{name}: {_quoted(_value(name, value))}" for name, value in values.items() if value != ""]
    return "\n".join(("---", *lines, "---", "", ""))


def _value(name: str, value: Any) -> str:
    """A value as a header has it."""
    if name == "date":
        return day_words(value)
    if name == "wanted":
        return "yes" if value else "no"
    if name == "share":
        return f"{value}%"
    return f"[{', '.join(value)}]" if isinstance(value, list) and name != "beside" else _plain(value)


def _plain(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _quoted(text: str) -> str:
    """A value in quotation marks where YAML would take it for something else."""
    if text.startswith("[") and text.endswith("]"):
        return text
    risky = ": " in text or " #" in text or text.endswith(":") or text[:1] in "&*!|>%@`{}[]\"'“”‘’#?-,"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"' if risky else text


def _reason_against(folder: Path, file: str, content: bytes, made: Mapping[str, bytes]) -> str:
    """Why a TOML file must stay as it is; "" where the new files say the same."""
    there = [name for name in made if (folder / name).exists()]
    if there:
        return f"{', '.join(there)} is there already"
    if not made:
        return "it has no texts"
    try:
        before, after = (_normal(TextFolder("", files), file) for files in ({file: content}, made))
    except InputError as error:
        return str(error)
    if before == after:
        return ""
    different = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    return f"the new files would not say the same under {', '.join(different)}: convert these by hand"


def _normal(texts: TextFolder, file: str) -> dict[str, Any]:
    """What a file says, in whatever form: each entry with who answers for it, in the order of its keys."""
    found: dict[str, Any] = {}
    for states in (texts, texts.drafts):
        for name, value in states.read(file).items():
            found[name] = [*found.get(name, []), *value] if isinstance(value, list) else value
    whole_file = file in BOOKS and file == "plan.toml"
    signed = found.get("signed", {}) if whole_file else found.pop("signed", {})
    for name, value in found.items():
        if isinstance(value, list) and all(isinstance(entry, dict) for entry in value):
            own = {} if whole_file or name in ("exercise",) else signed
            found[name] = [_entry(own | entry) for entry in value]
        elif isinstance(value, dict):
            found[name] = _entry(value)
    return found


def _entry(entry: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in entry.items() if name not in (FILE, MARKDOWN)}
    if kept.get("state", "reviewed") == "reviewed":
        kept.pop("state", None)
    if kept.get("origin") not in ORIGINS[:2] and not kept.get("source"):
        kept.pop("source", None)
    return {name: _value_of(value) for name, value in sorted(kept.items()) if value != "" and value != []}


def _value_of(value: Any) -> Any:
    if isinstance(value, str):
        return " ".join(value.split())
    return [_value_of(item) for item in value] if isinstance(value, list) else value
