"""Choose a table's columns: counts, names of series, and those left out, each with a reason."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from hcsp_assess.errors import InputError
from hcsp_assess.sources.returns.definitions import normalise
from hcsp_assess.sources.returns.rows import TOTAL
from hcsp_assess.sources.series_files.counts import read_count
from hcsp_assess.sources.series_files.labels import label_of
from hcsp_assess.sources.series_files.tables import Layout, column_named
from hcsp_assess.sources.series_files.times import is_time_heading

Holds = Literal["counts", "percentages", "money", "fractions", "formulas", "text", "nothing"]
_NOT_COUNTS: Final = ("percentages", "money", "fractions", "formulas")
COUNT_WORDS: Final = frozenset(
    {"count", "counts", "number", "offences", "offence count", "incidents", "records", "value", "total", "crimes", "n"}
    | {"number of offences", "number of incidents", "number of crimes", "no", "no of offences", "volume", "obs value"}
    | {
        "observation",
        "figure",
        "figures",
        "cases",
        "events",
        "freq",
        "frequency",
        "total offences",
        "recorded offences",
    }
)
UNITS: Final = (
    *("offences", "incidents", "crimes", "attendances", "people", "calls", "reports", "complaints", "cases", "victims"),
    *("casualties", "referrals", "collisions", "searches", "arrests", "admissions"),
)
_REMARKS: Final = frozenset(
    {"note", "notes", "comment", "comments", "source", "remark", "remarks", "footnote", "status"}
    | {"season", "weekday", "day"}
)
_NAMES: Final = frozenset(
    {
        "series",
        "class",
        "category",
        "type",
        "offence",
        "crime",
        "area",
        "ward",
        "borough",
        "district",
        "force",
        "measure",
    }
    | {"group", "region", "lsoa", "indicator", "classification", "partnership", "csp", "name", "variable"}
)
_RATE = re.compile(
    r"\b(?:rate|per cent|percent|percentage|pct|per \d+|average|mean|index|change|difference)\b"
    r"|\b(?:cumulative|rolling|ytd|year to date|target|forecast)\b"
)
_AGES = re.compile(r"\d{2}-\d{2}")  # 10-11 may be a financial year, and is more often an age
_MONEY = re.compile(r"[£$€]|\b(?:cost|costs|value of)\b", re.IGNORECASE)
_OTHER_NUMBERS = re.compile(
    r"\b(?:population|rownames?|row|id|unnamed \d+|index|easting|northing|latitude|longitude)\b"
)


@dataclass
class Columns:
    """Columns by what they are for; positions from 0, and what was left out, in words."""

    counts: list[int] = field(default_factory=list)
    names: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def choose_columns(layout: Layout, value: Sequence[str], series: Sequence[str]) -> Columns:
    """Return the columns of counts and of series' names.

    Parameters
    ----------
    value, series : sequence of str
        Headings that the person chose; empty where the table decides.

    Raises
    ------
    InputError
        If a heading chosen is not there, or no column holds counts: what the nearest one holds is said.
    """
    if not layout.columns:
        raise InputError("the table has a heading but no figures")
    held = {column: _holds(layout, column) for column in layout.columns if column not in layout.time_columns}
    chosen = Columns(names=[column_named(layout, name, "--series") for name in series])
    if layout.across:
        _choose_across(layout, held, chosen)
    else:
        _choose_down(layout, held, chosen, [column_named(layout, name, "--value") for name in value])
    if not series:
        texts = [column for column, holds in held.items() if holds == "text" and column not in chosen.counts]
        _choose_names(layout, texts, chosen)
    return chosen


def _holds(layout: Layout, column: int) -> Holds:
    """Return what most cells of a column hold."""
    heading = normalise(layout.headings.get(column, ""))
    kinds: Counter[str] = Counter()
    for text, number in Counter(layout.texts(column)).items():
        if text:
            kinds[read_count(text, continental=is_continental(layout)).kind] += number
    given = kinds.total() - kinds["missing"] - kinds["suppressed"]
    if not kinds.total():
        return "nothing"
    if heading in COUNT_WORDS and not (kinds["percentage"] + kinds["money"] + kinds["formula"]):
        return "counts"
    if kinds["other"] > given / 2:
        return "text"
    kinds_of_number: tuple[tuple[str, Holds], ...] = (
        ("percentage", "percentages"),
        ("money", "money"),
        ("fraction", "fractions"),
        ("formula", "formulas"),
    )
    for kind, holds in kinds_of_number:
        if kinds[kind] >= max(given / 2, 1):
            return holds
    return "counts"


def is_continental(layout: Layout) -> bool:
    """Return whether points separate thousands: in files with semicolons a comma may be of a number."""
    return layout.grid.sheet.separator == ";"


def _choose_down(layout: Layout, held: dict[int, Holds], chosen: Columns, named: list[int]) -> None:
    if named:
        for column in named:
            _refuse_no_counts(layout, column, held.get(column, "nothing"))
        chosen.counts = named
        return
    whole = [column for column, holds in held.items() if holds == "counts" and column not in chosen.names]
    plain = [column for column in whole if not _is_other_number(layout, column)]
    left_out = [column for column in held if held[column] in _NOT_COUNTS]
    left_out += [column for column in whole if column not in plain]
    if not plain:
        _refuse_without_counts(layout, held)
    plain = _without_numbered_classes(layout, held, plain)
    totals = [column for column in plain if TOTAL.fullmatch(layout.name(column)) and column not in layout.labels]
    if totals and len(totals) < len(plain):
        plain = [column for column in plain if column not in totals]
        chosen.notes.append(f"columns of totals were left out: {_listed(layout, totals)}")
    if left_out:
        chosen.notes.append(f"columns without counts were left out: {_listed(layout, left_out)}")
    chosen.counts = plain
    if money := [column for column in plain if _MONEY.search(layout.headings.get(column, ""))]:
        chosen.notes.append(
            f"the heading mentions money, but the figures were read as counts: {_listed(layout, money)}"
        )


def _without_numbered_classes(layout: Layout, held: dict[int, Holds], columns: list[int]) -> list[int]:
    """Return the one column headed "Count" or similar, if the other numbers (such as wards) identify its rows.

    What the others hold becomes "text": they name series.
    """
    said = [column for column in columns if normalise(layout.headings.get(column, "")) in COUNT_WORDS]
    if len(said) != 1 or len(columns) == 1:
        return columns
    others = [column for column in columns if column not in said]
    texts = [column for column, holds in held.items() if holds == "text"]
    rows = [row for row in layout.rows if layout.grid.at(row, said[0])]

    def different(keys: Sequence[int]) -> int:
        return len({tuple(layout.grid.at(row, column) for column in (*layout.time_columns, *keys)) for row in rows})

    if different(texts) == len(rows) or different([*texts, *others]) < len(rows):
        return columns
    for column in others:
        held[column] = "text"
    return said


def _choose_across(layout: Layout, held: dict[int, Holds], chosen: Columns) -> None:
    chosen.counts = [c for c in layout.labels if held.get(c, "nothing") not in ("nothing", "text")]
    for kind in _NOT_COUNTS:
        of_kind = [column for column in chosen.counts if held[column] == kind]
        if of_kind and len(of_kind) == len(chosen.counts) and not _has_rows_of_counts(layout, of_kind):
            _refuse_no_counts(layout, of_kind[0], held[of_kind[0]])
    rest = [c for c, holds in held.items() if holds not in ("text", "nothing") and c not in layout.labels]
    rest = [column for column in rest if column not in chosen.names]
    if rest:
        chosen.notes.append(f"columns without a month were left out: {_listed(layout, rest)}")


def _has_rows_of_counts(layout: Layout, columns: list[int]) -> bool:
    """Return whether some row has whole numbers in all columns: rows of rates beside it are left out."""
    return any(
        all(
            read_count(text).kind in ("count", "missing", "suppressed")
            for column in columns
            if (text := layout.grid.at(row, column))
        )
        for row in layout.rows
        if any(layout.grid.at(row, column) for column in columns)
    )


def _refuse_without_counts(layout: Layout, held: dict[int, Holds]) -> None:
    for column, holds in held.items():
        if holds in _NOT_COUNTS and not _is_other_number(layout, column):
            _refuse_no_counts(layout, column, holds)
    rates = [c for c, holds in held.items() if holds != "text" and _RATE.search(normalise(layout.headings.get(c, "")))]
    if rates:
        _refuse_no_counts(layout, rates[0], "fractions" if held[rates[0]] == "counts" else held[rates[0]])
    names = ", ".join(text for _, text in sorted(layout.headings.items())[:12])
    raise InputError(
        f"no column holds counts: a column of whole numbers is needed beside {names or 'the months'}; where each line "
        "is one record, count the lines of each month first"
    )


def _refuse_no_counts(layout: Layout, column: int, holds: Holds) -> None:
    if holds == "counts":
        return
    kind = {"percentages": "percentage", "fractions": "fraction", "money": "money"}.get(holds, "")
    filled = [(row, text) for row in layout.rows if (text := layout.grid.at(row, column))]
    example = next((cell for cell in filled if read_count(cell[1]).kind == kind), filled[0] if filled else None)
    if example is None:
        raise InputError(f"column {layout.name(column)!r} is empty: choose the column of counts with --value")
    if holds == "formulas":
        raise InputError(
            f"column {layout.name(column)!r} holds formulas without saved results: open the file in Excel and save it"
        )
    what = {"fractions": "rates or other numbers that are not counts", "text": "words"}.get(holds, holds)
    shown = f"{example[1]} in {layout.grid.place(example[0])}"
    raise InputError(
        f"column {layout.name(column)!r} holds {what} ({shown}), and trends are assessed on counts: give "
        "the number of offences or incidents behind it, or name their column with --value"
    )


def _is_other_number(layout: Layout, column: int) -> bool:
    heading = normalise(layout.headings.get(column, ""))
    if _RATE.search(heading) or _OTHER_NUMBERS.search(heading):
        return True
    filled = [text for text in layout.texts(column) if text]
    if not heading and layout.headings:
        start = int(filled[0]) if filled[0].isdecimal() else -1
        return len(filled) > 2 and filled == [str(start + place) for place in range(len(filled))]
    words = set(heading.split())
    whole = [int(text) for text in filled if text.isdecimal() and len(text) < 8]
    if words & {"year", "yr", "fy"}:
        return bool(whole) and all(1900 <= number <= 2100 for number in whole)
    if words & {"month", "quarter", "qtr", "mth"}:
        return bool(whole) and all(1 <= number <= 12 for number in whole)
    return False


def _choose_names(layout: Layout, texts: list[int], chosen: Columns) -> None:
    """Choose the columns of text that distinguish series; the others are left out of the names."""
    if layout.across:
        candidates = [column for column in texts if column not in layout.labels]
        unique = False
    else:
        candidates = texts
        keys = [
            tuple(layout.grid.at(row, column) for column in layout.time_columns) for row in _filled_rows(layout, chosen)
        ]
        unique = len(keys) == len(set(keys))
    used: list[int] = []
    left_out: list[int] = []
    for column in candidates:
        (used if _names_series(layout, column, chosen, unique=unique) else left_out).append(column)
    used, said_by = _without_repeats(layout, used, chosen)
    chosen.names = used
    if left_out:
        chosen.notes.append(f"columns of text were left out: {_listed(layout, left_out)}")
    if said_by:
        chosen.notes.append(
            "left out of the series' names, because other columns give the same information: "
            f"{_listed(layout, said_by)}"
        )


def _filled_rows(layout: Layout, chosen: Columns) -> list[int]:
    """Return the rows with a figure in a column of counts."""
    texts = [layout.texts(column) for column in chosen.counts]
    return (
        [row for row, cells in zip(layout.rows, zip(*texts, strict=True), strict=True) if any(cells)] if texts else []
    )


def texts_down(layout: Layout, column: int, rows: Sequence[int]) -> list[str]:
    """Return the texts of a column, by row; where only the first row of each group has one, the others have it too."""
    every = layout.texts(column)
    texts = [every[row - layout.first_row] for row in rows]
    if not texts or not texts[0] or texts.count("") < 0.5 * len(texts):
        return texts
    for place, text in enumerate(texts):
        texts[place] = text or texts[place - 1]
    return texts


def _names_series(layout: Layout, column: int, chosen: Columns, *, unique: bool) -> bool:
    words = normalise(layout.headings.get(column, "")).split()
    if set(words) & _REMARKS or _says_time(layout, column):
        return False
    rows = _filled_rows(layout, chosen)
    texts = texts_down(layout, column, rows)
    filled = [text for text in texts if text]
    if set(words) & _NAMES or layout.across:
        return bool(filled)
    if len(filled) < 0.8 * len(rows):
        return False
    different = len(set(filled))
    return not unique or different == 1 or different <= len(filled) / 2


def _says_time(layout: Layout, column: int) -> bool:
    """Return whether a column of text says the year or the month once more, beside the column of months."""
    if is_time_heading(layout.headings.get(column, "")):
        return True
    filled = [text.casefold() for text in layout.texts(column) if text]
    said = [text for text in filled if label_of(text) is not None and not _AGES.fullmatch(text)]
    return len(said) > 0.8 * len(filled)


def _without_repeats(layout: Layout, columns: list[int], chosen: Columns) -> tuple[list[int], list[int]]:
    """Leave out a column that another one decides: the code beside a name, the group above a type, a constant."""
    rows = _filled_rows(layout, chosen)
    texts = {column: texts_down(layout, column, rows) for column in columns}
    if len({tuple(cells) for cells in zip(*texts.values(), strict=True)}) <= 1:
        codes = [column for column in columns if _is_code(texts[column])]
        return ([c for c in columns if c not in codes], codes) if len(codes) < len(columns) else (columns, [])
    kept, left_out = list(columns), []
    for column in sorted(columns, key=lambda c: (not _is_code(texts[c]), c)):
        for other in kept:
            if other == column:
                continue
            pairs = set(zip(texts[other], texts[column], strict=True))
            if len(pairs) == len(set(texts[other])):
                kept.remove(column)
                left_out.append(column)
                break
    return kept, sorted(left_out)


def _is_code(texts: list[str]) -> bool:
    return all(any(mark.isdecimal() for mark in text) and " " not in text for text in texts if text)


def _listed(layout: Layout, columns: Sequence[int]) -> str:
    names = [layout.name(column) for column in columns]
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
