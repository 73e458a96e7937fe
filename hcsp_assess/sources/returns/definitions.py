"""Reviewed definitions of partners' returns, column by column."""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal, get_args

import pandas as pd

from hcsp_assess.errors import InputError, nearest
from hcsp_assess.project import definition_files, read_definition

ColumnType = Literal[
    "text",
    "choice",
    "yes_no",
    "count",
    "number",
    "percent",
    "date",
    "time",
    "month",
    "quarter",
    "financial_year",
    "outward_postcode",
    "lsoa",
]
Characteristic = Literal[
    "age",
    "disability",
    "gender reassignment",
    "marriage and civil partnership",
    "pregnancy and maternity",
    "race",
    "religion or belief",
    "sex",
    "sexual orientation",
]
Grain = Literal["record", "aggregate"]
Frequency = Literal["quarter", "year", "irregular"]
Geography = Literal["none", "lsoa", "outward postcode", "parish"]
PERIOD_TYPES = ("date", "month", "quarter", "financial_year")
NUMBER_TYPES = ("count", "number", "percent")
CHARACTERISTICS: tuple[Characteristic, ...] = get_args(Characteristic)


@dataclass(frozen=True)
class Column:
    """One column of a return.

    Attributes
    ----------
    name, heading : str
        Name in code and in the template's heading.
    type : str
        One of `ColumnType`.
    about : str
        What to enter, in a sentence for the person filling it in.
    unit : str
        Of a number: "cases", "per cent".
    required : bool
        Whether a file without the column is refused.
    key : bool
        Whether a row without a value in it is set aside; in an aggregate return the keys also tell rows apart.
    aliases : tuple of str
        Other headings seen.
    allowed : tuple of str
        Values of a choice.
    synonyms : tuple of (str, str)
        Other words seen for an allowed value, and the value.
    characteristic : str
        The protected characteristic it describes, or "".
    minimum, maximum : float or None
        Limits of a number.
    """

    name: str
    heading: str
    type: ColumnType
    about: str
    unit: str = ""
    required: bool = True
    key: bool = False
    aliases: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    synonyms: tuple[tuple[str, str], ...] = ()
    characteristic: Characteristic | Literal[""] = ""
    minimum: float | None = None
    maximum: float | None = None

    @property
    def is_number(self) -> bool:
        """Whether it can be suppressed: counts, numbers and percentages can."""
        return self.type in NUMBER_TYPES

    def answers_to(self) -> frozenset[str]:
        """Return every heading that means this column, normalised, those in Welsh too."""
        english = [normalise(text) for text in (self.name, self.heading, *self.aliases)]
        return frozenset([*english, *(said for text in english for said in in_welsh("headings").get(text, ()))])


@dataclass(frozen=True)
class ReturnDefinition:
    """What one partner sends, how often, and what each column means.

    Attributes
    ----------
    name, title : str
        Name in code and folder; name for readers.
    holder : str
        Who sends it.
    duty : str
        Why: the regulation, or a local agreement.
    certainty : str
        How the duty is known: "W" a published page, "K" general knowledge not confirmed, "S" the strategy, "L" local.
    grain : str
        "record" (one row per event: identical rows are separate events) or "aggregate" (one row per group).
    frequency : str
        "quarter", "year" or "irregular".
    geography : str
        The finest place in it: "none", "lsoa", "outward postcode" or "parish".
    disclosure : str
        Rule of disclosure control that its figures pass.
    about : str
        One paragraph.
    notes : tuple of str
        Notes to the person who fills it in.
    period : str
        Column that dates a row.
    parts : tuple of (str, str)
        Pairs of columns of which the first may not exceed the second.
    since : str
        First month of the duty that it is asked for under, as "2023-01": an edition whose period ends before it does
        not expect the return. "" where every edition does.
    """

    name: str
    title: str
    holder: str
    duty: str
    certainty: Literal["S", "W", "K", "L"]
    grain: Grain
    frequency: Frequency
    geography: Geography
    disclosure: str
    about: str
    notes: tuple[str, ...]
    columns: tuple[Column, ...]
    period: str
    parts: tuple[tuple[str, str], ...] = ()
    since: str = ""

    def asked_for(self, last: pd.Period) -> bool:
        """Whether an assessment whose period ends with a month expects the return."""
        return not self.since or pd.Period(self.since, "M") <= last

    def column(self, name: str) -> Column:
        """Return the column of that name; raises `InputError` if the return has none."""
        for column in self.columns:
            if column.name == name:
                return column
        names = ", ".join(column.name for column in self.columns)
        raise InputError(f"the return {self.name} has no column {name!r}: it has {names}")

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Columns that every row must have."""
        return tuple(column.name for column in self.columns if column.key)


def normalise(text: object) -> str:
    """Return a heading or choice for comparison: lower case, without punctuation, accents of width or extra spaces."""
    return _normalised(str(text))


@lru_cache(maxsize=50_000)
def _normalised(text: str) -> str:
    """As `normalise`; a return says the same few texts thousands of times."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("&", " and ").replace("%", " per cent ")
    return re.sub(r"[\W_]+", " ", plain).strip()


@lru_cache(maxsize=8)
def in_welsh(part: str) -> dict[str, tuple[str, ...]]:
    """Return the Welsh words for English ones, all normalised: of "headings" or "values" (`definitions/welsh.toml`)."""
    text = (resources.files("hcsp_assess") / "definitions" / "welsh.toml").read_text("utf-8")
    words: dict[str, list[str]] = tomllib.loads(text)[part]
    return {normalise(english): tuple(map(normalise, welsh)) for english, welsh in words.items()}


def return_names(root: Path | None = None) -> tuple[str, ...]:
    """Names of the returns that have a definition, in order of the alphabet.

    Parameters
    ----------
    root : Path, optional
        Root of a project: definitions in its folder `returns/` join those of the package, and win where both have it.
    """
    return tuple(sorted(definition_files("returns", root)))


def return_definition(name: str, root: Path | None = None) -> ReturnDefinition:
    """Return the definition of one return.

    Raises
    ------
    InputError
        If there is none of that name, or its file cannot be used; the message names the field.
    """
    files = definition_files("returns", root)
    if name not in files:
        near = nearest(name, files, cutoff=0.5)
        hint = f" Did you mean {near!r}?" if near else ""
        raise InputError(f"there is no return {name!r}: there are {', '.join(sorted(files))}.{hint}")
    return parse_definition(name, read_definition(files[name], f"returns/{name}.toml"))


@lru_cache(maxsize=256)
def parse_definition(name: str, text: str) -> ReturnDefinition:
    """Read a definition file's text.

    Raises
    ------
    InputError
        A field is missing or unknown, a word is not one of those allowed, or health data claim an LSOA.
    """
    try:
        fields = tomllib.loads(text)
        columns = tuple(_column(item) for item in fields.pop("columns"))
        parts = tuple((item["part"], item["whole"]) for item in fields.pop("parts", []))
        notes = tuple(fields.pop("notes", []))
        definition = ReturnDefinition(name=name, columns=columns, parts=parts, notes=notes, **fields)
        _check(definition)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        reason = f"the field {error} is missing" if isinstance(error, KeyError) else str(error)
        raise InputError(f"returns/{name}.toml cannot be used: {reason}") from error
    return definition


def _column(item: dict[str, Any]) -> Column:
    lists: dict[str, Any] = {key: tuple(item.pop(key)) for key in ("aliases", "allowed") if key in item}
    synonyms = tuple(item.pop("synonyms", {}).items())
    column = Column(synonyms=synonyms, **lists, **item)
    _one_of(f"column {column.name}: type", column.type, get_args(ColumnType))
    if column.characteristic:
        _one_of(f"column {column.name}: characteristic", column.characteristic, CHARACTERISTICS)
    if (column.type == "choice") != bool(column.allowed):
        raise InputError(f"column {column.name}: list allowed values if, and only if, its type is a choice")
    strangers = [meant for _, meant in synonyms if meant not in column.allowed]
    if strangers:
        raise InputError(f"column {column.name}: synonyms mean {', '.join(strangers)}, which is not allowed")
    return column


def _check(definition: ReturnDefinition) -> None:
    _one_of("certainty", definition.certainty, ("S", "W", "K", "L"))
    _one_of("grain", definition.grain, get_args(Grain))
    _one_of("frequency", definition.frequency, get_args(Frequency))
    _one_of("geography", definition.geography, get_args(Geography))
    if definition.since and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", definition.since):
        raise InputError(f"since is {definition.since!r}; write a month as 2023-01")
    if definition.column(definition.period).type not in PERIOD_TYPES:
        raise InputError(f"period: {definition.period} must be a column of dates, months, quarters or years")
    for pair in definition.parts:
        for name in pair:
            definition.column(name)
    types = {column.type for column in definition.columns}
    if definition.geography == "outward postcode" and "lsoa" in types:
        raise InputError("data known by outward postcode cannot have a column of LSOAs: postcodes do not fit LSOAs")
    if (definition.geography == "lsoa") != ("lsoa" in types):
        raise InputError('geography must be "lsoa" if, and only if, there is a column of LSOAs')
    headings = [heading for column in definition.columns for heading in column.answers_to()]
    twice = sorted({heading for heading in headings if headings.count(heading) > 1})
    if twice:
        raise InputError(f"two columns have the heading {', '.join(map(repr, twice))}")


def _one_of(field: str, word: str, allowed: tuple[str, ...]) -> None:
    if word not in allowed:
        raise InputError(f"{field} is {word!r}; it must be one of {', '.join(allowed)}")
