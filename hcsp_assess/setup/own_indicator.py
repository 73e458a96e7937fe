"""Add an indicator of a partnership's own: its definition, and a spreadsheet for its figures."""

import datetime as dt
import json
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

import pandas as pd

from hcsp_assess.errors import InputError, UsageError, did_you_mean
from hcsp_assess.files import write_whole
from hcsp_assess.periods import Quarter, parse_financial_year, parse_quarter
from hcsp_assess.project import Project
from hcsp_assess.setup.own_files import own_files
from hcsp_assess.setup.performance_template import Figures, performance_table
from hcsp_assess.sources.indicators import Unit, parse_indicators
from hcsp_assess.sources.own_indicators import performance_file, read_own_indicators
from hcsp_assess.sources.performance_sheet import read_performance
from hcsp_assess.subject.areas import area as find_area
from hcsp_assess.subject.areas import own_areas
from hcsp_assess.subject.own_definitions import INDICATORS, PERFORMANCE, label, own_folder

UNITS, POLARITIES = get_args(Unit)[:2], ("lower", "higher", "not stated")


def add_indicator(
    project: Project,
    area: str,
    name: str,
    unit: str,
    polarity: str,
    figures: Mapping[str, float | tuple[float, int]] | None = None,
    target: tuple[str, float] | None = None,
) -> Path:
    """Add an indicator to an area's own: an entry in `indicators.toml`, and a column in `performance.xlsx`.

    Parameters
    ----------
    area : str
        Key of the area.
    name : str
        What readers see: "Fly-tipping on farm land".
    unit : str
        "count" or "percent".
    polarity : str
        Which way is better: "lower", "higher" or "not stated".
    figures : mapping, optional
        Figures by quarter, such as {"Q1 25/26": 412}; of a percentage also with the number of people or cases that it
        is of, {"Q1 25/26": (61, 400)}.
    target : tuple of (str, float), optional
        Financial year and the number to reach in it: ("2026-27", 1400).

    Returns
    -------
    Path
        The spreadsheet, ready to be filled in.

    Raises
    ------
    UsageError
        If the area has an indicator of that name, or a word or quarter is not one of those allowed.
    InputError
        If the definitions or figures that are there cannot be read, or the spreadsheet is one that only a person can
        add a column to.
    """
    here = find_area(area, project.root)
    folder = own_folder(area, project.root) or project.root / "areas" / area
    _check_words(unit=unit, polarity=polarity)
    name = " ".join(name.split())
    known = read_own_indicators(folder) if folder.is_dir() else ()
    entry = _entry(name, unit, polarity, _target(target))
    file = folder / INDICATORS
    month = pd.Period(dt.datetime.now(dt.UTC).date(), "M")
    before = file.read_bytes().decode("utf-8-sig") if file.is_file() else own_files(here, month)[INDICATORS].decode()
    text = f"{before.rstrip()}\n\n{entry}"
    if twice := [item for item in known if item.name.casefold() == name.casefold()]:
        raise UsageError(f"{label(folder, INDICATORS)} has an indicator {twice[0].name!r} already: edit it there")
    made = parse_indicators(text, label(folder, INDICATORS))  # what is written can be read
    sheet = (performance_file(folder) if folder.is_dir() else None) or folder / PERFORMANCE[1]
    if sheet.is_file():
        read_performance(sheet, label(folder, sheet.name), known)  # figures with faults are corrected first
    given = _given(figures or {})
    content = performance_table(sheet, made[-1], given, Quarter.of(month).year)
    write_whole(file, text.encode())
    write_whole(sheet, content)
    return sheet


def only_area(project: Project) -> str:
    """Return the key of a project's only area; `UsageError` names them where there are several, or none."""
    keys = own_areas(project.root)
    if len(keys) != 1:
        known = f" one of {', '.join(keys[:20])}" if keys else ""
        raise UsageError(f"say which area the indicator is of, with --area:{known or ' the key of its definition'}")
    return keys[0]


def _check_words(**given: str) -> None:
    for name, allowed in (("unit", UNITS), ("polarity", POLARITIES)):
        if given[name] not in allowed:
            hint = did_you_mean(given[name], allowed)
            raise UsageError(f"the {name} of an indicator is {' or '.join(allowed)}, not {given[name]!r}.{hint}")


def _target(given: tuple[str, float] | None) -> list[str]:
    """The lines of a target, or none."""
    if given is None:
        return []
    year, value = given
    try:
        parsed = parse_financial_year(year)
    except InputError as error:
        raise UsageError(f"the year of the target: {error}") from error
    printed = _quoted(f"{value:,.10g}")
    return [
        "[[indicator.target]]",
        f'year = "{parsed}"',
        'kind = "value"',
        f"value = {value:.10g}",
        f"printed = {printed}",
    ]


def _entry(name: str, unit: str, polarity: str, target: list[str]) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    key = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    if not key:
        raise UsageError(f"{name!r} cannot be the name of an indicator: it needs a letter or a figure")
    lines = [
        "[[indicator]]",
        f'key = "{key}"',
        f"name = {_quoted(name)}",
        f'unit = "{unit}"',
        f'polarity = "{polarity}"',
    ]
    return "\n".join([*lines, *target]) + "\n"


def _given(figures: Mapping[str, float | tuple[float, int]]) -> Figures:
    """Figures by quarter; `UsageError` names a quarter that cannot be read."""
    given = Figures()
    for name, figure in figures.items():
        try:
            quarter = parse_quarter(name)
        except InputError as error:
            raise UsageError(str(error)) from error
        value, out_of = figure if isinstance(figure, tuple) else (figure, None)
        given.by_quarter[quarter] = value
        if out_of is not None:
            given.out_of[quarter] = out_of
    return given


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
