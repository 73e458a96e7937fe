"""The rules of docs/cleaning.md again, row by row, with the csv module and a dict: slow, and written apart from the code."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from hcsp_assess.subject.crime_types import crime_types

CLOSED_NOT = ("", "Under investigation", "Status update unavailable")


@dataclass
class SlowFile:
    """What became of the rows of one file: line numbers kept and taken out, reasons by line number, fields by line."""

    kept: list[int] = field(default_factory=list)
    repeats: dict[int, str] = field(default_factory=dict)
    aside: dict[int, str] = field(default_factory=dict)
    rows: dict[int, dict[str, str]] = field(default_factory=dict)


def slow_clean(text: str, month: str) -> tuple[list[int], list[int], dict[int, str]]:
    """Line numbers kept and taken out as duplicates, and reasons by line number, the obvious slow way."""
    file = slow_archive({(month, "a"): text.encode()})[month, "a"]
    return file.kept, list(file.repeats), file.aside


def slow_archive(contents: Mapping[tuple[str, str], bytes]) -> dict[tuple[str, str], SlowFile]:
    """Clean files, each of a month and a force: as `slow_clean`, with crimes that other forces or earlier months have."""
    files = {key: _slow_read(contents[key], key[0]) for key in sorted(contents)}
    seen: set[str] = set()
    for month in sorted({month for month, _ in files}):
        mine = {force: file for (other, force), file in files.items() if other == month}
        best: dict[str, tuple[tuple[bool, bool, str, int], str]] = {}
        for force, file in mine.items():
            for number, row in file.rows.items():
                if crime := _crime(row):
                    still_open = row["Last outcome category"] in CLOSED_NOT
                    rank = (row["LSOA code"] == "", still_open, force, number)
                    place = f"{month}-{force}-street.csv line {number}"
                    best[crime] = min(best.get(crime, (rank, place)), (rank, place))
        for force, file in mine.items():
            for number, row in file.rows.items():
                crime, place = _crime(row), f"{month}-{force}-street.csv line {number}"
                if crime and best[crime][1] != place:
                    file.repeats[number] = best[crime][1]
                elif crime in seen:
                    file.repeats[number] = "an earlier month"
                else:
                    file.kept.append(number)
        seen |= set(best)
    return files


def _crime(row: Mapping[str, str]) -> str:
    crime = row["Crime ID"].lower()
    return crime if re.fullmatch("[0-9a-f]{64}", crime) else ""


def _slow_read(content: bytes, month: str) -> SlowFile:
    """Rows that can be used, and reasons of those that cannot."""
    lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    names = [name.strip() for name in next(csv.reader([lines[0].decode()]))]
    file = SlowFile()
    for number, raw in enumerate(lines[1:], start=2):
        try:
            line = raw.decode().rstrip("\r")
        except UnicodeDecodeError:
            file.aside[number] = "characters that are not UTF-8"
            continue
        if not line.strip():
            continue
        try:
            fields = next(csv.reader([line], strict=True))
        except csv.Error:
            file.aside[number] = "unbalanced quotation mark"
            continue
        if len(fields) != len(names):
            short = len(fields) < len(names)
            file.aside[number] = f"{'cut short: fewer' if short else 'more'} than {len(names)} fields"
            continue
        row = {name: text.strip() for name, text in zip(names, fields, strict=True)}
        reason = slow_reason(row, month)
        if reason:
            file.aside[number] = reason
        else:
            file.rows[number] = row
    return file


def slow_reason(row: dict[str, str], month: str) -> str:
    longitude, latitude = row["Longitude"], row["Latitude"]
    if row["Crime type"].lower() == "crime type" and row["Month"] == "Month":
        return "the header again"
    row = row | {"Month": {"Mar-24": "2024-03"}.get(row["Month"], row["Month"])}  # as Excel writes it
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", row["Month"], re.ASCII):
        return "month is not a month"
    if row["Month"] != month:
        return "month is not that of the file"
    if not row["Crime type"]:
        return "no crime type"
    if row["Crime type"].lower() not in {known.lower() for known in crime_types()}:
        return "unknown crime type"
    if (longitude == "") != (latitude == ""):
        return "one coordinate of two"
    if longitude:
        if not all(re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[0-9]+)?", text) for text in (longitude, latitude)):
            return "coordinate is not a number"
        x, y = float(longitude), float(latitude)
        if abs(x) == float("inf"):
            return "coordinate is not a number"
        if not (-9.5 <= x <= 2.5 and 49.0 <= y <= 61.5):
            return "coordinates outside the United Kingdom"
    if row["LSOA code"] and not re.fullmatch(r"[EWNS]\d{8}", row["LSOA code"], re.ASCII):
        return "LSOA code is not a code"
    return ""
