"""Performance indicators: their reviewed definitions, and the figures printed in a strategy.

The definitions say what an indicator is; the published figures are kept as their cells were printed. docs/indicators.md
describes every field.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal, get_args

import pandas as pd

from hcsp_assess.errors import InputError, did_you_mean
from hcsp_assess.files import require_columns
from hcsp_assess.periods import FinancialYear, Quarter, parse_financial_year, parse_quarter

HEREFORDSHIRE_2013_14 = "herefordshire_2013_14"

Unit = Literal["count", "percent", "not stated"]
Polarity = Literal["lower", "higher", "band", "not stated"]
TargetKind = Literal["value", "maintain", "change", "band"]

FIGURES = ("figure", "topic", "measure", "value", "unit", "period", "base", "indicator", "source", "section", "quote")
CLAIMS = ("claim", "subject", "direction", "significant", "period", "indicator", "section", "quote")
PRIORITIES = (
    "year",
    "priority",
    "kind",
    "number",
    "name",
    "heading",
    "objective",
    "co_ordinator",
    "partners",
)
WORK_PLAN = ("year", "priority", "part", "text")


@dataclass(frozen=True)
class Target:
    """What an indicator was to reach in a financial year.

    Attributes
    ----------
    kind : str
        "value" (a number), "maintain" (last year's outturn), "change" (last year's outturn plus `percent` per cent) or
        "band" (from `low` to `high`).
    value : float or None
        The number as stated; for "maintain" and "change" a check on the one that follows from last year.
    percent : float or None
        Change on last year, for "change": -1 for "reduce by 1%".
    low, high : float or None
        Ends of the band.
    printed : str
        The target as printed.
    """

    year: FinancialYear
    kind: TargetKind
    value: float | None
    percent: float | None
    low: float | None
    high: float | None
    printed: str


@dataclass(frozen=True)
class Indicator:
    """A performance indicator, as its reviewed definition states it.

    Attributes
    ----------
    key, name : str
        Name in code, and name for readers.
    printed : str
        Its text in the published table, word for word.
    measure, topic : str
        What is counted, and what about; indicators and survey figures of one topic can be set side by side.
    unit : str
        "count", "percent" or "not stated".
    decimals : int
        Precision to which it is shown.
    source, owner : str
        Where the figures come from, as printed, and who answers for them.
    polarity : str
        Which way is better: "lower", "higher", "band" (within the target's band) or "not stated".
    denominator : str
        What percentages are of, where numbers are known; "" where none was published.
    priorities : tuple of (FinancialYear, str)
        Key of the priority it is under in each year, in order.
    targets : tuple of Target
        At most one a year; a year without one had none.
    gap, note : str
        Why there are no data, and a note, each as printed; "" for none.
    says : str
        Beginning of its sentence in a report, with "{value}" where the figure goes; "" for its name and the figure.
    """

    key: str
    name: str
    printed: str
    measure: str
    topic: str
    unit: Unit
    decimals: int
    source: str
    owner: str
    polarity: Polarity
    denominator: str
    priorities: tuple[tuple[FinancialYear, str], ...]
    targets: tuple[Target, ...]
    gap: str
    note: str
    says: str = ""

    def priority(self, year: FinancialYear) -> str:
        """Key of the priority under which it is in a year; "" for none."""
        return dict(self.priorities).get(year, "")

    def target(self, year: FinancialYear) -> Target | None:
        """Return its target for a year, or None if there was none."""
        return next((target for target in self.targets if target.year == year), None)


@dataclass(frozen=True)
class Cell:
    """One quarter of one indicator, as printed.

    Attributes
    ----------
    indicator : str
        Key of the indicator.
    printed : str
        The text of the cell, "38%" or "2522"; "" where the quarter was printed and the cell left blank.
    denominator : int or None
        What a percentage is of, where known.
    """

    indicator: str
    quarter: Quarter
    printed: str
    denominator: int | None = None

    @property
    def value(self) -> float | None:
        """The number in the cell, or None if it is blank."""
        return float(self.printed.rstrip("%").replace(",", "")) if self.printed else None

    @property
    def decimals(self) -> int | None:
        """Decimals printed, or None if the cell is blank."""
        return len(self.printed.rstrip("%").partition(".")[2]) if self.printed else None


@dataclass(frozen=True)
class Published:
    """The figures of one strategy document.

    Attributes
    ----------
    cells : tuple of Cell
        The performance overview.
    figures, claims, priorities, work_plan : pandas.DataFrame
        Figures and claims of the text, priorities by year, and items of the work plan; all values as text, columns
        `FIGURES`, `CLAIMS`, `PRIORITIES`, `WORK_PLAN`.
    document : dict
        What the document says about itself (document.toml).
    """

    cells: tuple[Cell, ...]
    figures: pd.DataFrame
    claims: pd.DataFrame
    priorities: pd.DataFrame
    work_plan: pd.DataFrame
    document: dict[str, Any]

    @property
    def overview_year(self) -> FinancialYear:
        """The year that the performance overview reports on."""
        return parse_financial_year(self.document["overview_year"])


def read_indicators(path: Path | None = None) -> tuple[Indicator, ...]:
    """Read the definitions of indicators, in their order.

    Parameters
    ----------
    path : Path, optional
        A definition file of your own; by default Herefordshire's, which comes with the package.

    Raises
    ------
    InputError
        If the file is missing or cannot be used; the message names the indicator's key and the field.
    """
    file: Any = path or resources.files("hcsp_assess") / "definitions" / "indicators.toml"
    if not file.is_file():
        raise InputError(f"there is no indicator definitions file {file}")
    return parse_indicators(file.read_text(encoding="utf-8"))


def parse_indicators(text: str, own: str = "") -> tuple[Indicator, ...]:
    """Read definitions from the text of a TOML file; as `read_indicators`.

    Parameters
    ----------
    own : str
        What a message calls a partnership's own file. In such a file an entry needs no more than its key, name, unit
        and polarity: nothing was printed yet that it must repeat.
    """
    begin, are = (f"{own}: ", "the definitions") if own else ("", "the indicator definitions")
    try:
        entries = tomllib.loads(text).get("indicator", [])
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{begin}{are} are not valid TOML: {error}") from error
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise InputError(f"{begin}{are} have no [[indicator]]")
    found = []
    for number, entry in enumerate(entries, start=1):
        name = entry.get("name", "")
        filled = dict.fromkeys(("printed", "measure", "topic"), name) | {"source": "", "owner": ""} if own else {}
        found.append(_indicator(f"{begin}indicator {entry.get('key', f'number {number}')}", filled | entry))
    keys = [indicator.key for indicator in found]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise InputError(f"{begin}indicator {twice[0]} is defined twice: give each its own key")
    return tuple(found)


def read_published(source: str | Path = HEREFORDSHIRE_2013_14) -> Published:
    """Read the figures of a strategy document.

    Parameters
    ----------
    source : str or Path
        Name of published figures that come with the package, or a folder of your own with the same files.

    Raises
    ------
    InputError
        If a file or column is missing or a cell cannot be read; the message names file and line.
    """
    document = _folder(source) / "document.toml"
    if not document.is_file():
        raise InputError(f"there is no document.toml in the published figures {source}")
    try:
        fields = tomllib.loads(document.read_text(encoding="utf-8"))
        parse_financial_year(fields["overview_year"])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, AttributeError, InputError) as error:
        reason = "the field overview_year is missing" if isinstance(error, KeyError) else str(error)
        raise InputError(f"document.toml of {source} cannot be used: {reason}") from error
    return Published(
        cells=read_cells(source),
        figures=read_table(source, "figures.csv", FIGURES),
        claims=read_table(source, "claims.csv", CLAIMS),
        priorities=read_table(source, "priorities.csv", PRIORITIES),
        work_plan=read_table(source, "work_plan.csv", WORK_PLAN),
        document=fields,
    )


def check_published(indicators: tuple[Indicator, ...], published: Published) -> None:
    """Check that definitions and published figures fit together.

    Raises
    ------
    InputError
        If a cell is of an indicator that has no definition, a percentage is above 100% or is where numbers are
        counted, or an indicator is under a priority that its year does not list.
    """
    by_key = {indicator.key: indicator for indicator in indicators}
    for cell in published.cells:
        where = f"performance.csv, {cell.indicator} in {cell.quarter}"
        if cell.indicator not in by_key:
            raise InputError(f"{where}: there is no indicator with that key; choose one of {', '.join(by_key)}")
        percent = cell.printed.endswith("%")
        if cell.printed and percent != (by_key[cell.indicator].unit == "percent"):
            raise InputError(f"{where}: {cell.printed!r} does not fit the unit {by_key[cell.indicator].unit!r}")
        if percent and (cell.value or 0) > 100:
            raise InputError(f"{where}: {cell.printed} is more than 100%")
        if not percent and cell.decimals:
            raise InputError(f"{where}: {cell.printed} is not a whole number")
    listed = {tuple(pair) for pair in published.priorities[["year", "priority"]].to_numpy().tolist()}
    years = {year for year, _ in listed}
    for indicator in indicators:
        for year, priority in indicator.priorities:
            if str(year) in years and (str(year), priority) not in listed:
                raise InputError(f"indicator {indicator.key}: priorities.csv has no priority {priority!r} in {year}")


def read_cells(source: str | Path = HEREFORDSHIRE_2013_14) -> tuple[Cell, ...]:
    """Read the cells of a performance overview, in their order; as `read_published`."""
    table = read_table(source, "performance.csv", ("indicator", "quarter", "printed"))
    cells = tuple(_cell(line, row) for line, row in enumerate(table.to_dict("records"), start=2))
    seen: set[tuple[str, Quarter]] = set()
    for line, cell in enumerate(cells, start=2):
        if (cell.indicator, cell.quarter) in seen:
            raise InputError(f"performance.csv, line {line}: {cell.indicator} has {cell.quarter} twice; keep one")
        seen.add((cell.indicator, cell.quarter))
    return cells


def read_table(source: str | Path, name: str, columns: tuple[str, ...]) -> pd.DataFrame:
    """Read one table of published figures, every value as text; raises `InputError` if it or a column is missing."""
    path = _folder(source) / name
    if not path.is_file():
        raise InputError(f"there is no table {name} in the published figures {source}")
    try:
        with path.open(encoding="utf-8-sig") as file:
            table = pd.read_csv(file, dtype=str, keep_default_na=False)
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(f"{name} of {source} is not a CSV file in UTF-8: {error}") from error
    require_columns(table, columns, f"{name} of {source}")
    return table


@cache
def read_acts() -> tuple[str, ...]:
    """Short titles of Acts of Parliament that strategies cite, to check citations against."""
    path = resources.files("hcsp_assess") / "definitions" / "published" / "acts.csv"
    with path.open(encoding="utf-8") as file:
        return tuple(pd.read_csv(file)["act"])


def _folder(source: str | Path) -> Any:
    if isinstance(source, Path):
        return source
    return resources.files("hcsp_assess") / "definitions" / "published" / source


def _cell(line: int, row: dict[Any, str]) -> Cell:
    try:
        quarter = parse_quarter(row["quarter"])
    except InputError as error:
        raise InputError(f"performance.csv, line {line}: {error}") from error
    if not re.fullmatch(r"((\d+|\d{1,3}(,\d{3})+)(\.\d+)?%?)?", row["printed"], re.ASCII):
        raise InputError(
            f"performance.csv, line {line}: {row['printed']!r} is not a number or a percentage; "
            "leave the cell blank if no figure was printed"
        )
    denominator = row.get("denominator", "")
    if denominator and not re.fullmatch(r"[1-9]\d*", denominator, re.ASCII):
        raise InputError(f"performance.csv, line {line}: the denominator {denominator!r} is not a whole number above 0")
    return Cell(row["indicator"], quarter, row["printed"], int(denominator) if denominator else None)


def _indicator(where: str, entry: dict[str, Any]) -> Indicator:
    known = {field for field in Indicator.__dataclass_fields__ if field != "targets"} | {"target"}
    strange = sorted(set(entry) - known)
    if strange:
        raise InputError(f"{where}: unknown field {strange[0]!r}; there are {_listed(strange[0], sorted(known))}")
    texts = {name: _text(where, entry, name) for name in _REQUIRED}
    return Indicator(
        **texts,
        unit=_choice(where, entry, "unit", get_args(Unit)),
        polarity=_choice(where, entry, "polarity", get_args(Polarity)),
        decimals=_decimals(where, entry),
        denominator=_text(where, entry, "denominator", ""),
        gap=_text(where, entry, "gap", ""),
        note=_text(where, entry, "note", ""),
        says=_text(where, entry, "says", ""),
        priorities=_priorities(where, entry),
        targets=_targets(where, entry),
    )


_REQUIRED = ("key", "name", "printed", "measure", "topic", "source", "owner")


def _listed(given: str, known: Iterable[str]) -> str:
    """The known names, with the nearest to one that is not known."""
    names = list(known)
    near = did_you_mean(given, names)
    return f"{', '.join(names)}{f'.{near}' if near else ''}"


def _text(where: str, entry: dict[str, Any], name: str, default: str | None = None) -> str:
    value = entry.get(name, default)
    if value is None:
        raise InputError(f"{where}: the field {name} is missing")
    if not isinstance(value, str):
        raise InputError(f"{where}: {name} must be text, not {value!r}")
    return value


def _choice(where: str, entry: dict[str, Any], name: str, allowed: tuple[str, ...]) -> Any:
    value = _text(where, entry, name)
    if value not in allowed:
        raise InputError(f"{where}: {name} is {value!r}; it must be one of {', '.join(allowed)}")
    return value


def _decimals(where: str, entry: dict[str, Any]) -> int:
    value = entry.get("decimals", 0)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 6:
        raise InputError(f"{where}: decimals must be a whole number from 0 to 6, not {value!r}")
    return value


def _priorities(where: str, entry: dict[str, Any]) -> tuple[tuple[FinancialYear, str], ...]:
    given = entry.get("priorities", {})
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise InputError(f'{where}: priorities must give a priority for each year, {{ "2012-13" = "..." }}')
    return tuple(sorted((_year(where, "priorities", year), priority) for year, priority in given.items()))


def _targets(where: str, entry: dict[str, Any]) -> tuple[Target, ...]:
    given = entry.get("target", [])
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        raise InputError(f"{where}: write each target as [[indicator.target]]")
    targets = tuple(sorted((_target(where, item) for item in given), key=lambda target: target.year))
    years = [target.year for target in targets]
    twice = [str(year) for year in years if years.count(year) > 1]
    if twice:
        raise InputError(f"{where}: {twice[0]} has two targets; keep one")
    return targets


_TARGET_NEEDS = {"value": ("value",), "maintain": (), "change": ("percent",), "band": ("low", "high")}


def _target(where: str, item: dict[str, Any]) -> Target:
    year = _year(where, "target", item.get("year", ""))
    where = f"{where}, target of {year}"
    strange, fields = sorted(set(item) - set(Target.__dataclass_fields__)), Target.__dataclass_fields__
    if strange:
        raise InputError(f"{where}: unknown field {strange[0]!r}; there are {_listed(strange[0], fields)}")
    kind = _choice(where, item, "kind", get_args(TargetKind))
    numbers = {name: _number(where, item, name) for name in ("value", "percent", "low", "high")}
    missing = [name for name in _TARGET_NEEDS[kind] if numbers[name] is None]
    if missing:
        raise InputError(f"{where}: a target of kind {kind!r} needs {' and '.join(_TARGET_NEEDS[kind])}")
    if kind == "band" and not (numbers["low"] or 0) < (numbers["high"] or 0):
        raise InputError(f"{where}: the band's low must be below its high")
    return Target(year=year, kind=kind, printed=_text(where, item, "printed"), **numbers)


def _number(where: str, item: dict[str, Any], name: str) -> float | None:
    value = item.get(name)
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise InputError(f"{where}: {name} must be a number, not {value!r}")
    return float(value)


def _year(where: str, field: str, text: object) -> FinancialYear:
    try:
        return parse_financial_year(str(text))
    except InputError as error:
        raise InputError(f"{where}, {field}: {error}") from error
