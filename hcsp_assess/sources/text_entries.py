"""Turn a header and the text below it into the fields that the readers of reviewed texts take."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

from hcsp_assess.errors import did_you_mean
from hcsp_assess.sources.returns.dates import to_date
from hcsp_assess.sources.text_body import body_text, is_plain, sections
from hcsp_assess.sources.text_header import Fault, Header
from hcsp_assess.sources.text_kinds import COMMON, ORIGINS, SAID, STATES, TextKind

#: Fields of an entry that say where it is from, and its text as typed where that has marks of Markdown.
FILE, MARKDOWN = "_file", "_markdown"
_LINE = re.compile(r"(?P<name>[A-Za-z][A-Za-z -]{1,14}?)\s*:\s+(?P<value>\S.*)")
_YES, _NO = ("yes", "true", "y"), ("no", "false", "n")
Entry = dict[str, Any]


def header_faults(kind: TextKind, header: Header) -> list[Fault]:
    """Find entries of a header that its kind of text does not have, and values of the wrong form."""
    known, found = kind.header, []
    for name, line in header.lines.items():
        if name not in known:
            near = did_you_mean(name, known, cutoff=0.5) or f" It can have {', '.join(known)}."
            found.append(Fault(line, f"the header has {name!r}, which {kind.title.lower()!r} does not use.{near}"))
        elif isinstance(header.values.get(name), tuple) and name not in kind.lists:
            found.append(Fault(line, f"{name} is a list: write one text without [ ]"))
        elif name == "order" and not re.fullmatch(r"\d{1,3}|", str(header.values.get(name, ""))):
            found.append(Fault(line, "order is no whole number: write 1 for the first text of its kind, 2, ..."))
    return found


def common_fields(values: Mapping[str, Any], lines: Mapping[str, int]) -> tuple[Entry, list[Fault]]:
    """Return role, date, state, origin and source as an entry has them, and what is wrong with them."""
    entry: Entry = {}
    found = []
    for name, target in COMMON.items():
        value = values.get(name)
        if not isinstance(value, str):
            continue
        if name == "date":
            day = to_date(value)
            if day is None or re.fullmatch(r"\d+(\.\d+)?", value):
                what = f"date is {value!r}, which is no day: write it as 2026-10-31, 31 October 2026 or 31/10/2026"
                found.append(Fault(lines.get(name, 1), what))
                continue
            entry[target] = day
        elif name in ("state", "origin"):
            words = STATES if name == "state" else ORIGINS
            word = " ".join(value.lower().split())
            if word not in words:
                near = did_you_mean(word, words) or f" There are {', '.join(words)}."
                found.append(Fault(lines.get(name, 1), f"{name} is {value!r}, which is not known.{near}"))
                continue
            entry[target] = word
        else:
            entry[target] = value
    return entry, found


def several(value: str | Sequence[str]) -> list[str]:
    """Return the values of a list, also of one written as a text with commas between."""
    parts = re.split(r"[,;]", value) if isinstance(value, str) else value
    return [part.strip() for part in parts if part.strip()]


def entry_of(kind: TextKind, key: str, header: Header, body: str, first: int) -> tuple[Entry, list[Fault]]:
    """Return the entry of a text that is one entry, and what is wrong in its sections."""
    entry: Entry = {kind.key: key} if kind.key else {}
    for name, target in {"title": "title", **kind.fields}.items():
        value = header.values.get(name)
        if value is not None and (name != "title" or "title" in kind.needed):
            entry[target] = several(value) if name in kind.lists else value
    parts, found = sections(body, tuple(kind.sections) or ("",), first)
    for title, text, line in parts:
        target = kind.sections[title] if title else kind.body
        if target in entry and title:
            found.append(Fault(line, f"the heading {title!r} is there twice: put both parts under one"))
        elif text.strip():
            entry[target] = body_text(text)
            if not title and not is_plain(text):
                entry[MARKDOWN] = text.strip()
    return entry, found


def exercise_of(key: str, header: Header) -> Entry:
    """Return the entry of a consultation: how people were asked, and how many answered, or why that is not known."""
    entry: Entry = {"key": key}
    for name, target in (("title", "name"), ("method", "method"), ("held", "held")):
        if name in header.values:
            entry[target] = header.values[name]
    answered = str(header.values.get("answered", ""))
    if re.fullmatch(r"\d{1,3}(,\d{3})+|\d+", answered):
        entry["base"] = int(answered.replace(",", ""))
    elif answered:
        entry["base_note"] = answered
    return entry


def said_in(key: str, common: Entry, body: str, first: int) -> tuple[list[Entry], list[Fault]]:
    """Return each thing that people said in a consultation: a heading, fields below it, and the text."""
    parts, found = sections(body, None, first)
    entries = []
    for title, text, line in parts:
        if not title:
            if text.strip():
                found.append(Fault(line, "the text has no heading: write ## and a short name above what people said"))
            continue
        fields, rest, faults = _fields_above(text, line)
        entry: Entry = {"exercise": key, "subject": title, **common, **fields}
        if rest.strip():
            entry["text"] = body_text(rest)
        else:
            faults.append(Fault(line, f"nothing is written under {title!r}: add what people said, or remove it"))
        entries.append(entry)
        found += faults
    return entries, found


def _fields_above(text: str, line: int) -> tuple[Entry, str, list[Fault]]:
    """The lines such as "share: 47%" below a heading, the text after them, and what is wrong."""
    lines = text.split("\n")
    given: dict[str, str] = {}
    places: dict[str, int] = {}
    faults: list[Fault] = []
    number = 0
    for number, each in enumerate(lines):
        if not each.strip() and not given:
            continue
        match = _LINE.fullmatch(each.strip())
        name = match["name"].lower() if match else ""
        if match is None or (name not in SAID and not did_you_mean(name, SAID, cutoff=0.75)):
            break
        if name not in SAID:
            faults.append(Fault(line + number + 1, f"{name!r} is not used here.{did_you_mean(name, SAID)}"))
        elif name in given:
            faults.append(Fault(line + number + 1, f"{name} is there twice: remove one of the lines"))
        given[name], places[name] = match["value"].strip(), line + number + 1
    else:
        number += 1
    entry, wrong = common_fields(given, places)
    for name, value in given.items():
        if name == "beside":
            entry["compare"] = several(value)
        elif name == "wanted":
            if value.lower() not in (*_YES, *_NO):
                wrong.append(Fault(places[name], f"wanted is {value!r}: write yes or no"))
            entry["priority"] = value.lower() in _YES
        elif name == "share":
            share = re.fullmatch(r"(\d{1,3}(?:\.\d+)?)\s*(?:%|per cent)?", value)
            if share is None or float(share[1]) > 100:
                wrong.append(Fault(places[name], f"share is {value!r}: write a percentage from 0 to 100, such as 47%"))
            else:
                entry["percent"] = float(share[1]) if "." in share[1] else int(share[1])
    return entry, "\n".join(lines[number:]), [*faults, *wrong]


def day_words(day: dt.date) -> str:
    """A day as a header has it: 31 October 2026."""
    return f"{day.day} {day:%B %Y}"
