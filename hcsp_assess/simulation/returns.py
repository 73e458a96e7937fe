"""Simulated returns for the demonstration edition: marked as such, and consistent with what the strategy published.

Published, and reproduced exactly: percentages of repeat cases at MARAC by quarter, drug-free exits in the two quarters
that have one, casualties by quarter, violence with injury by quarter, 45% of violence with an alcohol marker and 30%
linked to domestic abuse, the audit of children's cases, 12.4% reoffending with 47% of re-offenders aged 18 to 30, a
rise of 5% in calls to the helpline, and the survey figures. Everything else, every base too, is made up from a seed.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.periods import FinancialYear, Quarter
from hcsp_assess.sources.returns.definitions import return_definition
from hcsp_assess.sources.returns.reading import SIMULATED
from hcsp_assess.subject.areas import herefordshire

FIRST, LAST = Quarter(FinancialYear(2011), 1), Quarter(FinancialYear(2012), 3)
MARAC_PERCENT: Final = (38, 39, 41, 43, 42, 42, 36)
KILLED_OR_SERIOUSLY_INJURED: Final = (26, 18, 18, 33, 14, 10)
VIOLENCE_WITH_INJURY: Final = (281, 281, 253, 240, 257, 254, 245)
FEEL_SAFE: Final = (52, 54, 57, 59, 61)
ALCOHOL_SHARE, DOMESTIC_ABUSE_SHARE, KNOWN_SHARE = 0.45, 0.30, 0.98
NOT_SENT: Final = ("police_crimes", "ambulance_calls")  # so that the demonstration shows what a gap looks like
Cell = str | int
_Rows = Iterable[Sequence[Cell]]


@dataclass(frozen=True)
class _Sheet:
    """One simulated return: title lines, the definition's columns it fills, rows, a remark, and when it came."""

    name: str
    columns: tuple[str, ...]
    rows: list[Sequence[Cell]]
    title: str
    remark: str = ""
    received: str = "2013-01-18"


def write_demonstration_returns(folder: Path, seed: int = 2013) -> Path:
    """Write simulated returns of partners for April 2011 to December 2012.

    Parameters
    ----------
    folder : Path
        Where to write; must not exist or be empty. One folder per return, `received.csv`, and `SIMULATED.toml`, which
        makes every reader mark what it reads from there as simulated.
    seed : int
        The same seed gives the same files, byte for byte.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        If the folder holds anything.

    Notes
    -----
    Two returns are left out on purpose (`NOT_SENT`), so that the intake register has something overdue to show. Never
    put real returns in the same folder.
    """
    if folder.exists() and any(folder.iterdir()):
        raise InputError(f"{folder} holds something already: name a folder that does not exist or is empty")
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    about = "Simulated returns for a demonstration, not a record of real events; published figures are reproduced."
    text = f'about = "{about}"\nseed = {seed}\n'
    (folder / SIMULATED).write_text(text, encoding="utf-8", newline="\n")
    came = [("file", "received")]
    for sheet in _sheets(rng):
        path = folder / sheet.name / f"{sheet.name}_2011-12_to_q3_2012-13.csv"
        path.parent.mkdir(exist_ok=True)
        _write(path, sheet)
        came.append((path.relative_to(folder).as_posix(), sheet.received))
    with (folder / "received.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(came)
    return folder


def _sheets(rng: np.random.Generator) -> list[_Sheet]:
    return [
        *_domestic_abuse(rng),
        *_health(rng),
        *_offenders(rng),
        *_communities(rng),
        *_records(rng),
    ]


def _write(path: Path, sheet: _Sheet) -> None:
    definition = return_definition(sheet.name)
    headings = [definition.column(name).heading for name in sheet.columns]
    lines: list[Sequence[Cell]] = [[sheet.title], ["SIMULATED DATA for a demonstration"], [], headings, *sheet.rows]
    if sheet.remark:
        lines += [[], [sheet.remark]]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(lines)


def _quarters(first: Quarter = FIRST, last: Quarter = LAST) -> list[Quarter]:
    quarters = [first]
    while quarters[-1] < last:
        quarters.append(quarters[-1] + 1)
    return quarters


def _months() -> list[str]:
    return [str(month) for quarter in _quarters() for month in quarter.months]


def counts_for_percent(percent: float, about: int, digits: int = 0) -> tuple[int, int]:
    """Return a part and a whole, the whole near a size, whose percentage prints as given."""
    for whole in sorted(range(about // 2, 2 * about), key=lambda size: abs(size - about)):
        part = round(percent * whole / 100)
        if round(100 * part / whole, digits) == percent:
            return part, whole
    raise InputError(f"no count near {about} gives {percent}%")


def _domestic_abuse(rng: np.random.Generator) -> list[_Sheet]:
    marac: list[Sequence[Cell]] = []
    for quarter, percent in zip(_quarters(), MARAC_PERCENT, strict=True):
        repeats, cases = counts_for_percent(percent, int(rng.integers(44, 62)))
        marac.append((str(quarter), cases, repeats, int(rng.integers(cases, 2 * cases)), f"{percent}%"))
    before = [int(calls) for calls in rng.integers(180, 240, size=4)]
    total = sum(before) // 20 * 20
    before[3] += total - sum(before)
    during = _split(rng, total * 105 // 100, 4)
    after = [int(calls) for calls in rng.integers(205, 260, size=3)]
    quarters = _quarters(Quarter(FinancialYear(2010), 1))
    calls = [(str(quarter), number) for quarter, number in zip(quarters, before + during + after, strict=True)]
    audit: list[Sequence[Cell]] = [
        ("2012-04", kind, *reversed(counts_for_percent(percent, about))) for kind, percent, about in _AUDIT
    ]
    return [
        _Sheet("marac", ("quarter", "cases", "repeats", "children", "repeat_percent"), marac, "MARAC, Herefordshire"),
        _Sheet("helpline_calls", ("quarter", "calls"), list(calls), "Helpline calls from Herefordshire"),
        _Sheet(
            "childrens_audit",
            ("month", "case_kind", "cases", "with_domestic_abuse"),
            audit,
            "Audit of case files, April 2012",
            received="2012-06-11",
        ),
    ]


_AUDIT: Final = (("CAF", 53, 150), ("LAC", 39, 190), ("CP", 64, 125))


def _split(rng: np.random.Generator, total: int, parts: int) -> list[int]:
    return [int(part) for part in rng.multinomial(total, [1 / parts] * parts)]


def _health(rng: np.random.Generator) -> list[_Sheet]:
    exits: list[Sequence[Cell]] = []
    known = {"Q1 11/12": (41.0, 39, 0), "Q3 11/12": (35.1, 37, 1)}
    for quarter in _quarters():
        if str(quarter) in known:
            percent, about, digits = known[str(quarter)]
            part, whole = counts_for_percent(percent, about, digits)
            exits.append((str(quarter), "OCU", whole, part))
        else:
            exits.append((str(quarter), "OCU", "..", ".."))
    admissions = [
        (str(quarter), kind, band, number if number >= 5 else "<5", people)
        for quarter in _quarters()
        for kind, band, mean, people in _ADMISSIONS
        for number in (int(rng.poisson(mean)),)
    ]
    attendances = [
        (month, place, "yes" if drunk else "no", number)
        for month in _months()
        for place, mean, share in _PLACES
        for drunk in (True, False)
        for number in (int(rng.poisson(mean * (share if drunk else 1 - share))),)
    ]
    postcodes = [
        (month, code, block, number if number == 0 or number >= 5 else "<5")
        for month in _months()
        for code in ("HR1", "HR2", "HR4", "HR6", "HR8", "HR9")
        for block, mean in (("X85-Y09", 3.5), ("F10-F19", 16.0), ("T51", 3.5))
        for number in (int(rng.poisson(mean)),)
    ]
    return [
        _Sheet(
            "treatment_exits",
            ("quarter", "substance", "exits", "drug_free"),
            exits,
            "Exits from treatment: opiate and/or crack users",
            ".. data not yet available",
        ),
        _Sheet(
            "alcohol_admissions",
            ("quarter", "definition", "age_band", "admissions", "population"),
            list(admissions),
            "Hospital admissions for alcohol",
        ),
        _Sheet(
            "ae_assaults", ("month", "place", "alcohol", "attendances"), list(attendances), "Attendances after assault"
        ),
        _Sheet(
            "health_admissions",
            ("month", "outward_postcode", "icd10_block", "admissions"),
            list(postcodes),
            "Admissions by outward postcode",
            received="2013-04-09",
        ),
    ]


_ADMISSIONS: Final = (
    ("Specific", "Under 18", 6.0, 36_600),
    ("Specific", "18 and over", 92.0, 146_900),
    ("Attributable", "Under 18", 9.0, 36_600),
    ("Attributable", "18 and over", 640.0, 146_900),
)
_PLACES: Final = (("Licensed premises", 11.0, 0.9), ("Street", 14.0, 0.7), ("Home", 7.0, 0.5), ("Other", 5.0, 0.3))


def _offenders(rng: np.random.Generator) -> list[_Sheet]:
    cohort: list[Sequence[Cell]] = []
    pathways: list[Sequence[Cell]] = []
    for quarter in _quarters():
        size = int(rng.integers(58, 72))
        cohort.append((str(quarter), size, int(rng.binomial(size, 0.3)), int(rng.poisson(34)), 6, 5))
        for pathway in return_definition("iom_pathways").column("pathway").allowed:
            need = int(rng.binomial(size, 0.55))
            pathways.append((str(quarter), pathway, need, int(rng.binomial(need, 0.7))))
    youth: list[Sequence[Cell]] = []
    for quarter in _quarters():
        group = int(rng.integers(60, 80))
        youth.append(
            (str(quarter), int(rng.poisson(24)), _hidden(int(rng.poisson(1.5))), group, int(rng.binomial(group, 0.3)))
        )
    # 120 of 968 is 12.4%; 56 of 120 is 47%
    ages = [("10-17", 96, 14), ("18-30", 372, 56), ("31-40", 260, 29), ("41-50", 160, 15), ("51+", 80, 6)]
    return [
        _Sheet(
            "iom_cohort",
            ("quarter", "cohort", "reoffenders", "offences", "joined", "left"),
            cohort,
            "Integrated offender management, cohort",
        ),
        _Sheet("iom_pathways", ("quarter", "pathway", "in_need", "engaged"), pathways, "Seven pathways"),
        _Sheet(
            "reoffending",
            ("quarter", "age_band", "offenders", "reoffenders"),
            [("Q2 11/12", *line) for line in ages],
            "Reoffending, September 2011",
            received="2011-12-20",
        ),
        _Sheet(
            "youth_offending",
            ("quarter", "first_time_entrants", "custody", "cohort", "reoffenders"),
            youth,
            "Youth offending",
        ),
    ]


def _hidden(number: int) -> Cell:
    return "<5" if 1 <= number < 5 else number


def _communities(rng: np.random.Generator) -> list[_Sheet]:
    housing = [
        (str(quarter), f"Registered provider {letter}", category, number, int(rng.binomial(number, 0.8)))
        for quarter in _quarters()
        for letter in "ABC"
        for category, mean in (("Noise", 18), ("Harassment", 9), ("Rubbish", 7), ("Drugs", 5))
        for number in (int(rng.poisson(mean)),)
    ]
    concerns = [
        (str(quarter.span.first + 1), source, f"Parish {number}", theme, int(rng.integers(1, 6)))
        for quarter in _quarters()
        for number in range(1, 9)
        for source, theme in (
            (
                ("Parish council", "Parish plan", "Your Community Your Say")[number % 3],
                _THEMES[int(rng.choice(6, p=_WEIGHTS))],
            ),
        )
    ]
    road: list[Sequence[Cell]] = []
    for quarter, number in zip(_quarters(), KILLED_OR_SERIOUSLY_INJURED, strict=False):
        killed = int(rng.binomial(number, 0.1))
        road.append((str(quarter), killed, number - killed, number, int(rng.poisson(110))))
    return [
        _Sheet(
            "housing_asb",
            ("quarter", "provider", "category", "opened", "closed"),
            list(housing),
            "Anti-social behaviour reported to landlords",
        ),
        _Sheet(
            "community_concerns",
            ("month", "source", "parish", "theme", "times_raised"),
            list(concerns),
            "Concerns raised",
        ),
        _Sheet(
            "road_casualties",
            ("quarter", "killed", "seriously_injured", "killed_or_seriously_injured", "slightly_injured"),
            road,
            "Road casualties, Herefordshire",
        ),
        _survey(rng),
    ]


_THEMES: Final = ("Speeding", "Litter", "Youth facilities", "Drug misuse", "NHW", "Rural crime")
_WEIGHTS: Final = (0.35, 0.2, 0.15, 0.1, 0.08, 0.12)


def _survey(rng: np.random.Generator) -> _Sheet:
    local = "How safe do you feel in your local area?"
    rows: list[Sequence[Cell]] = []
    for quarter, percent in zip(_quarters(), FEEL_SAFE, strict=False):
        month, base = str(quarter.span.last), int(rng.integers(380, 460))
        rows.append((month, _PANEL, "feel_safe_local_area", local, "safe", "everyone", "Everyone", f"{percent}%", base))
        women = int(rng.integers(base * 48 // 100, base * 55 // 100))
        for group, number, shift in (("Women", women, -4), ("Men", base - women, 4)):
            line = (month, _PANEL, "feel_safe_local_area", local, "safe", "sex", group, f"{percent + shift}%", number)
            rows.append(line)
    base = int(rng.integers(1_150, 1_350))
    rows += [
        ("2012-06", "Quality of Life survey", measure, question, answer, "everyone", "Everyone", f"{percent}%", base)
        for measure, question, answer, percent in _QUALITY_OF_LIFE
    ]
    names = ("month", "survey", "measure", "wording", "answer", "characteristic", "group", "percent", "base")
    return _Sheet("survey_results", names, rows, "Survey results", received="2012-10-05")


_PANEL: Final = "Crime and Community Safety survey"
_QUALITY_OF_LIFE: Final = (
    ("feel_safe_by_day", "How safe do you feel outside in your local area during the day?", "very or fairly safe", 96),
    ("feel_safe_after_dark", "How safe do you feel outside in your local area after dark?", "very or fairly safe", 74),
    (
        "crime_level_matters_most",
        "Which things are most important in making somewhere a good place to live?",
        "the level of crime",
        47,
    ),
)


def _records(rng: np.random.Generator) -> list[_Sheet]:
    lsoas = herefordshire().lsoas("2011")
    violence = _violence(rng, lsoas)
    incidents = [
        (_day(rng, quarter), _clock(rng), category, lsoas[int(rng.integers(len(lsoas)))])
        for quarter in _quarters()
        for category, mean in (("ASB", 160), ("Transport", 60), ("Public safety/welfare", 70))
        for _ in range(int(rng.poisson(mean)))
    ]
    fires = [
        (_day(rng, quarter), _clock(rng), kind, lsoas[int(rng.integers(len(lsoas)))])
        for quarter in _quarters()
        for kind, mean in _FIRES
        for _ in range(int(rng.poisson(mean)))
    ]
    council = [
        (_day(rng, quarter), kind, lsoas[int(rng.integers(len(lsoas)))])
        for quarter in _quarters()
        for kind, mean in (
            ("ASB", 25),
            ("Fly-tipping", 90),
            ("Dog fouling", 20),
            ("Graffiti", 8),
            ("Racist incident", 3),
        )
        for _ in range(int(rng.poisson(mean)))
    ]
    exclusions = [
        (str(quarter), kind, reason, _hidden(int(rng.poisson(mean))))
        for quarter in _quarters()
        for kind, reason, mean in _EXCLUSIONS
    ]
    return [
        violence,
        _Sheet("police_incidents", ("date", "time", "category", "lsoa"), list(incidents), "Incidents"),
        _Sheet("fire_incidents", ("date", "time", "kind", "lsoa"), list(fires), "Fire and rescue incidents"),
        _Sheet("council_incidents", ("date", "kind", "lsoa"), list(council), "Incidents reported to the council"),
        _Sheet(
            "council_exclusions", ("quarter", "kind", "reason", "exclusions"), list(exclusions), "School exclusions"
        ),
        _Sheet(
            "council_collisions",
            ("date", "time", "lsoa", "killed", "seriously_injured", "slightly_injured"),
            _collisions(rng, lsoas),
            "Road traffic collisions",
        ),
    ]


_FIRES: Final = (
    ("Deliberate primary", 9.0),
    ("Deliberate primary (vehicle)", 6.0),
    ("Deliberate secondary", 34.0),
    ("Attack on crew", 0.6),
    ("No smoke alarm", 12.0),
    ("Hoax call", 11.0),
)
_EXCLUSIONS: Final = (
    ("Permanent", "Persistent disruptive behaviour", 2.0),
    ("Fixed-term", "Persistent disruptive behaviour", 40.0),
    ("Fixed-term", "Physical assault against a pupil", 28.0),
    ("Fixed-term", "Drugs or alcohol", 9.0),
)


def _violence(rng: np.random.Generator, lsoas: tuple[str, ...]) -> _Sheet:
    """Return violence with injury, as published by quarter, and as much again without; markers exactly as published."""
    kinds = [
        (quarter, kind)
        for quarter, number in zip(_quarters(), VIOLENCE_WITH_INJURY, strict=True)
        for kind in ("Violence with injury", "Violence without injury")
        for _ in range(number)
    ]
    n = len(kinds)
    flags = {"alcohol": _flags(rng, n, ALCOHOL_SHARE), "domestic_abuse": _flags(rng, n, DOMESTIC_ABUSE_SHARE)}
    bands = return_definition("force_extract").column("age_band").allowed
    ages = rng.choice(bands, size=n, p=(0.02, 0.13, 0.27, 0.25, 0.2, 0.07, 0.02, 0.04))
    sexes = rng.choice(("F", "M"), size=n, p=(0.47, 0.53))
    ethnic = rng.choice(("White", "Mixed", "Asian", "Black", "Not stated"), size=n, p=(0.88, 0.01, 0.02, 0.01, 0.08))
    places = rng.integers(len(lsoas), size=n)
    rows: list[Sequence[Cell]] = [
        (
            _day(rng, quarter),
            _clock(rng),
            "Violence",
            kind,
            lsoas[int(places[i])],
            flags["alcohol"][i],
            flags["domestic_abuse"][i],
            str(ages[i]),
            str(sexes[i]),
            str(ethnic[i]),
        )
        for i, (quarter, kind) in enumerate(kinds)
    ]
    names = ("date", "time", "offence_group", "offence_subgroup", "lsoa", "alcohol", "domestic_abuse")
    return _Sheet("force_extract", (*names, "age_band", "sex", "ethnicity"), rows, "Violence against the person")


def _flags(rng: np.random.Generator, n: int, share: float) -> list[str]:
    """Return yes, no and blank so that exactly the share of the known ones is yes (to the nearest one)."""
    known = round(KNOWN_SHARE * n)
    yes = round(share * known)
    flags = np.array(["yes"] * yes + ["no"] * (known - yes) + [""] * (n - known))
    rng.shuffle(flags)
    return [str(flag) for flag in flags]


def _collisions(rng: np.random.Generator, lsoas: tuple[str, ...]) -> list[Sequence[Cell]]:
    rows: list[Sequence[Cell]] = []
    for quarter, number in zip(_quarters(), KILLED_OR_SERIOUSLY_INJURED, strict=False):
        for _ in range(number):
            killed = int(rng.random() < 0.1)
            place = lsoas[int(rng.integers(len(lsoas)))]
            rows.append((_day(rng, quarter), _clock(rng), place, killed, 1 - killed, int(rng.poisson(0.4))))
    return rows


def _day(rng: np.random.Generator, quarter: Quarter) -> str:
    days = _days(quarter)
    return days[int(rng.integers(len(days)))]


@lru_cache(maxsize=64)
def _days(quarter: Quarter) -> list[str]:
    span = quarter.span
    return [f"{day:%d/%m/%Y}" for day in pd.date_range(span.first.start_time, span.last.end_time, freq="D")]


def _clock(rng: np.random.Generator) -> str:
    minutes = int(rng.integers(1440))
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
