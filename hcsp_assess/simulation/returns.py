"""Simulated returns for the demonstration edition: marked as such, and consistent with what the strategy published.

Every number is in definitions/simulation_returns.toml, or is one that was published and is reproduced exactly; this
module says only how they are drawn. The order of the draws is part of the result: the same seed gives the same files.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.periods import Quarter, Span, parse_quarter
from hcsp_assess.simulation.archive import incidents_by_month
from hcsp_assess.simulation.hours import draw_incident_place, draw_moment, stated_returns
from hcsp_assess.simulation.week_times import WeekTimes
from hcsp_assess.sources.indicators import Cell, Published, read_published
from hcsp_assess.sources.returns.combining import RECEIVED
from hcsp_assess.sources.returns.definitions import return_definition
from hcsp_assess.sources.simulated import MARK
from hcsp_assess.subject.areas import herefordshire

Rows = list[Sequence[str | int]]


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
    Two returns are left out on purpose (`returns_not_sent`), so that the intake register has something overdue to show.
    Never put real returns in the same folder.
    """
    if folder.exists() and any(folder.iterdir()):
        raise InputError(f"{folder} holds something already: name a folder that does not exist or is empty")
    folder.mkdir(parents=True, exist_ok=True)
    about = "Simulated returns for a demonstration, not a record of real events; published figures are reproduced."
    (folder / MARK).write_text(f'about = "{about}"\nseed = {seed}\n', encoding="utf-8", newline="\n")
    stated = stated_returns()
    received: Rows = [("file", "received")]
    for name, rows in _draw_all(_Draw(np.random.default_rng(seed))).items():
        path = folder / name / f"{name}_2011-12_to_q3_2012-13.csv"
        path.parent.mkdir()
        _write_csv(path, _lines(name, rows), "utf-8-sig")
        received.append((path.relative_to(folder).as_posix(), stated[name].get("received", stated["received"])))
    _write_csv(folder / RECEIVED, received, "utf-8")
    return folder


def returns_not_sent() -> tuple[str, ...]:
    """Return the names of the returns that the demonstration lacks."""
    return tuple(stated_returns()["not_sent"])


def counts_for_percent(percent: float, about: int, digits: int = 0) -> tuple[int, int]:
    """Return a part and a whole, the whole near a size, whose percentage prints as given."""
    for whole in sorted(range(about // 2, 2 * about), key=lambda size: abs(size - about)):
        part = round(percent * whole / 100)
        if round(100 * part / whole, digits) == percent:
            return part, whole
    raise InputError(f"no count near {about} gives {percent}%")


def _lines(name: str, rows: Rows) -> Rows:
    """A return as a partner sends it: a title, the headings of its columns, the rows, and a remark below them."""
    stated, definition = stated_returns()[name], return_definition(name)
    headings = [definition.column(column).heading for column in stated["columns"]]
    remark: Rows = [[], [stated["remark"]]] if "remark" in stated else []
    return [[stated["title"]], ["SIMULATED DATA for a demonstration"], [], headings, *rows, *remark]


def _write_csv(path: Path, lines: Rows, encoding: str) -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(lines)


@lru_cache(maxsize=1)
def _published() -> Published:
    return read_published()


def _cells(indicator: str) -> list[Cell]:
    """The quarters of an indicator in which a figure was printed."""
    return [cell for cell in _published().cells if cell.indicator == indicator and cell.printed]


def _whole_numbers(indicator: str) -> list[tuple[Quarter, int]]:
    return [(cell.quarter, int(cell.printed.rstrip("%"))) for cell in _cells(indicator)]


def _figure(key: str) -> float:
    figures = _published().figures.set_index("figure")["value"]
    return float(figures[key])


def _quarters(first: str = "") -> list[Quarter]:
    quarters = [parse_quarter(first or stated_returns()["first"])]
    while quarters[-1] < parse_quarter(stated_returns()["last"]):
        quarters.append(quarters[-1] + 1)
    return quarters


@dataclass(frozen=True)
class _Draw:
    """Numbers drawn one after the other from one generator."""

    rng: np.random.Generator

    @cached_property
    def lsoas(self) -> tuple[str, ...]:
        return herefordshire().lsoas("2011")

    def between(self, ends: Sequence[int]) -> int:
        return int(self.rng.integers(ends[0], ends[1], endpoint=True))

    def count(self, mean: float) -> int:
        return int(self.rng.poisson(mean))

    def part(self, whole: int, share: float) -> int:
        return int(self.rng.binomial(whole, share))

    def day(self, quarter: Quarter) -> str:
        days = _days(quarter)
        return days[int(self.rng.integers(len(days)))]

    def clock(self) -> str:
        minutes = int(self.rng.integers(1440))
        return f"{minutes // 60:02d}:{minutes % 60:02d}"

    def lsoa(self) -> str:
        return self.lsoas[int(self.rng.integers(len(self.lsoas)))]


@lru_cache(maxsize=64)
def _days(quarter: Quarter) -> list[str]:
    span = quarter.span
    return [f"{day:%d/%m/%Y}" for day in pd.date_range(span.first.start_time, span.last.end_time, freq="D")]


def _draw_all(draw: _Draw) -> dict[str, Rows]:
    """The rows of every return by its name, in the order of the draws."""
    stated = stated_returns()
    casualties = _road_casualties(draw, stated["road_casualties"])
    return {
        "marac": _marac(draw, stated["marac"]),
        "helpline_calls": _helpline(draw, stated["helpline_calls"]),
        "childrens_audit": _audit(stated["childrens_audit"]),
        "treatment_exits": _exits(stated["treatment_exits"]),
        "alcohol_admissions": _alcohol_admissions(draw, stated["alcohol_admissions"]),
        "ae_assaults": _assaults(draw, stated["ae_assaults"]),
        "health_admissions": _health_admissions(draw, stated["health_admissions"]),
        **_managed_offenders(draw, stated["iom_cohort"], stated["iom_pathways"]),
        "reoffending": [(stated["reoffending"]["quarter"], *age.values()) for age in stated["reoffending"]["ages"]],
        "youth_offending": _youth(draw, stated["youth_offending"]),
        "housing_asb": _housing(draw, stated["housing_asb"]),
        "community_concerns": _concerns(draw, stated["community_concerns"]),
        "road_casualties": casualties,
        "survey_results": [
            *_panel(draw, stated["survey_results"]["panel"]),
            *_quality_of_life(draw, stated["survey_results"]["quality_of_life"]),
        ],
        "force_extract": _violence(draw, stated["force_extract"]),
        "police_incidents": [*_events(draw, stated["police_incidents"]), *_incidents(draw, stated["police_incidents"])],
        **{name: _events(draw, stated[name]) for name in ("fire_incidents", "council_incidents")},
        "council_exclusions": _exclusions(draw, stated["council_exclusions"]),
        "council_collisions": _collisions(draw, stated["council_collisions"], casualties),
        "hate_crime": _hate_crime(draw, stated["hate_crime"]),
    }


def _marac(draw: _Draw, stated: dict[str, Any]) -> Rows:
    rows: Rows = []
    for quarter, percent in _whole_numbers("marac_repeats"):
        repeats, cases = counts_for_percent(percent, draw.between(stated["about"]))
        rows.append((str(quarter), cases, repeats, draw.between((cases, 2 * cases - 1)), f"{percent}%"))
    return rows


def _helpline(draw: _Draw, stated: dict[str, Any]) -> Rows:
    """Calls of which a year's total rises by exactly the percentage published."""
    before = [draw.between(stated["before"]) for _ in range(4)]
    total = sum(before) // 20 * 20
    before[3] += total - sum(before)
    risen = total * (100 + int(_figure("helpline_calls"))) // 100
    during = [int(calls) for calls in draw.rng.multinomial(risen, [0.25] * 4)]
    after = [draw.between(stated["after"]) for _ in range(3)]
    quarters = _quarters(stated["first"])
    return [(str(quarter), number) for quarter, number in zip(quarters, before + during + after, strict=True)]


def _audit(stated: dict[str, Any]) -> Rows:
    rows: Rows = []
    for item in stated["kinds"]:
        part, whole = counts_for_percent(_figure(item["figure"]), item["about"])
        rows.append((stated["month"], item["kind"], whole, part))
    return rows


def _exits(stated: dict[str, Any]) -> Rows:
    printed = {str(cell.quarter): cell for cell in _cells("ocu_exits")}
    rows: Rows = []
    for quarter in map(str, _quarters()):
        part: str | int = ".."
        whole: str | int = ".."
        if quarter in printed:
            percent, digits = printed[quarter].value or 0.0, printed[quarter].decimals or 0
            part, whole = counts_for_percent(percent, stated["about"][quarter], digits)
        rows.append((quarter, stated["substance"], whole, part))
    return rows


def _alcohol_admissions(draw: _Draw, stated: dict[str, Any]) -> Rows:
    return [
        (str(quarter), group["definition"], group["age_band"], number if number >= 5 else "<5", group["population"])
        for quarter in _quarters()
        for group in stated["groups"]
        for number in (draw.count(group["mean"]),)
    ]


def _assaults(draw: _Draw, stated: dict[str, Any]) -> Rows:
    return [
        (str(month), place["place"], alcohol, draw.count(place["mean"] * share))
        for quarter in _quarters()
        for month in quarter.months
        for place in stated["places"]
        for alcohol, share in (("yes", place["alcohol_share"]), ("no", 1 - place["alcohol_share"]))
    ]


def _health_admissions(draw: _Draw, stated: dict[str, Any]) -> Rows:
    return [
        (str(month), code, block, _hidden(draw.count(mean)))
        for quarter in _quarters()
        for month in quarter.months
        for code in stated["outward_postcodes"]
        for block, mean in stated["means"].items()
    ]


def _managed_offenders(draw: _Draw, cohort: dict[str, Any], needs: dict[str, Any]) -> dict[str, Rows]:
    """The cohort of each quarter, and how many of them need and follow each pathway."""
    cohorts: Rows = []
    pathways: Rows = []
    for quarter in _quarters():
        size = draw.between(cohort["cohort"])
        again, offences = draw.part(size, cohort["reoffending_share"]), draw.count(cohort["offences_mean"])
        cohorts.append((str(quarter), size, again, offences, cohort["joined"], cohort["left"]))
        for pathway in return_definition("iom_pathways").column("pathway").allowed:
            need = draw.part(size, needs["need_share"])
            pathways.append((str(quarter), pathway, need, draw.part(need, needs["engaged_share"])))
    return {"iom_cohort": cohorts, "iom_pathways": pathways}


def _youth(draw: _Draw, stated: dict[str, Any]) -> Rows:
    rows: Rows = []
    for quarter in _quarters():
        size = draw.between(stated["cohort"])
        entrants, custody = draw.count(stated["first_time_entrants_mean"]), draw.count(stated["custody_mean"])
        rows.append((str(quarter), entrants, _hidden(custody), size, draw.part(size, stated["reoffending_share"])))
    return rows


def _housing(draw: _Draw, stated: dict[str, Any]) -> Rows:
    return [
        (str(quarter), provider, category, opened, draw.part(opened, stated["closed_share"]))
        for quarter in _quarters()
        for provider in stated["providers"]
        for category, mean in stated["means"].items()
        for opened in (draw.count(mean),)
    ]


def _concerns(draw: _Draw, stated: dict[str, Any]) -> Rows:
    themes, sources = list(stated["themes"]), stated["sources"]
    rows: Rows = []
    for quarter in _quarters():
        for number in range(1, stated["parishes"] + 1):
            theme = themes[int(draw.rng.choice(len(themes), p=list(stated["themes"].values())))]
            month, source = str(quarter.span.first + 1), sources[number % len(sources)]
            rows.append((month, source, f"Parish {number}", theme, draw.between(stated["times_raised"])))
    return rows


def _road_casualties(draw: _Draw, stated: dict[str, Any]) -> Rows:
    rows: Rows = []
    for quarter, number in _whole_numbers("killed_or_seriously_injured"):
        killed = draw.part(number, stated["killed_share"])
        rows.append((str(quarter), killed, number - killed, number, draw.count(stated["slightly_injured_mean"])))
    return rows


def _panel(draw: _Draw, stated: dict[str, Any]) -> Rows:
    """The survey of each quarter: everyone, then women and men."""
    rows: Rows = []
    said = [stated[name] for name in ("survey", "measure", "wording", "answer")]
    for quarter, percent in _whole_numbers("feel_safe"):
        month, base = str(quarter.span.last), draw.between(stated["base"])
        rows.append((month, *said, "everyone", "Everyone", f"{percent}%", base))
        least, under = (base * share // 100 for share in stated["women_percent_of_base"])
        women = draw.between((least, under - 1))
        for group, number in (("Women", women), ("Men", base - women)):
            shown = percent + stated["points_from_everyone"][group]
            rows.append((month, *said, "sex", group, f"{shown}%", number))
    return rows


def _quality_of_life(draw: _Draw, stated: dict[str, Any]) -> Rows:
    base = draw.between(stated["base"])
    rows: Rows = []
    for asked in stated["questions"]:
        said = [stated["survey"], *(asked[name] for name in ("measure", "wording", "answer"))]
        rows.append((stated["month"], *said, "everyone", "Everyone", f"{_figure(asked['figure']):.0f}%", base))
    return rows


def _violence(draw: _Draw, stated: dict[str, Any]) -> Rows:
    """Return violence with injury, as published by quarter, and as much again without; markers exactly as published."""
    kinds = [
        (quarter, kind)
        for quarter, number in _whole_numbers("violence_with_injury")
        for kind in stated["offence_subgroups"]
        for _ in range(number)
    ]
    n, known = len(kinds), stated["marker_known_share"]
    alcohol = _flags(draw, n, known, _figure("alcohol_marker") / 100)
    abuse = _flags(draw, n, known, _figure("violence_linked_to_domestic_abuse") / 100)
    ages = draw.rng.choice(return_definition("force_extract").column("age_band").allowed, size=n, p=stated["age_band"])
    sexes, ethnic = (
        draw.rng.choice(list(stated[name]), size=n, p=list(stated[name].values())) for name in ("sex", "ethnicity")
    )
    places = [draw.lsoas[int(place)] for place in draw.rng.integers(len(draw.lsoas), size=n)]
    people = zip(alcohol, abuse, map(str, ages), map(str, sexes), map(str, ethnic), strict=True)
    times = WeekTimes.stated(draw.rng.spawn(1)[0], stated_returns()["night_time"])
    for quarter, _ in kinds:  # days and times that no row has: what is drawn after them stays as it was
        draw.day(quarter), draw.clock()
    return [
        (*times.in_quarter(quarter, alcohol=person[0] == "yes"), stated["offence_group"], kind, place, *person)
        for (quarter, kind), place, person in zip(kinds, places, people, strict=True)
    ]


def _flags(draw: _Draw, n: int, known_share: float, share: float) -> list[str]:
    """Return yes, no and blank so that exactly the share of the known ones is yes (to the nearest one)."""
    known = round(known_share * n)
    yes = round(share * known)
    flags = np.array(["yes"] * yes + ["no"] * (known - yes) + [""] * (n - known))
    draw.rng.shuffle(flags)
    return [str(flag) for flag in flags]


def _events(draw: _Draw, stated: dict[str, Any]) -> Rows:
    """One row for each event of each kind in each quarter, in the columns that the return has."""
    return [
        (*_when(draw, stated, quarter), kind, draw.lsoa())
        for quarter in _quarters()
        for kind, mean in stated["means"].items()
        for _ in range(draw.count(mean))
    ]


def _when(draw: _Draw, stated: dict[str, Any], quarter: Quarter) -> tuple[str, ...]:
    """The day of an event, and its time where the return has one."""
    return draw_moment(draw.rng, quarter.span, stated["hours"]) if "hours" in stated else (draw.day(quarter),)


def _incidents(draw: _Draw, stated: dict[str, Any]) -> Rows:
    """Anti-social behaviour, as many in each month as the simulated street-level files have."""
    counts = incidents_by_month()
    months = [month for quarter in _quarters() for month in quarter.months]
    return [
        (
            *draw_moment(draw.rng, Span(month, month), stated["hours"]),
            stated["as_archive"],
            draw_incident_place(draw.rng),
        )
        for month in months
        for _ in range(counts[month])
    ]


def _exclusions(draw: _Draw, stated: dict[str, Any]) -> Rows:
    return [
        (str(quarter), group["kind"], group["reason"], _hidden(draw.count(group["mean"])))
        for quarter in _quarters()
        for group in stated["groups"]
    ]


def _collisions(draw: _Draw, stated: dict[str, Any], casualties: Rows) -> Rows:
    """Collisions in which as many people are killed, seriously and slightly injured as the quarter's casualties."""
    rows: Rows = []
    for name, killed, serious, _, slight in casualties:
        span = parse_quarter(str(name)).span
        people = [(1, 0, 0)] * int(killed) + [(0, 1, 0)] * int(serious)
        left = int(slight)
        while left:
            hurt = min(left, stated["slightly_injured"][draw.between((0, len(stated["slightly_injured"]) - 1))])
            people.append((0, 0, hurt))
            left -= hurt
        rows += [(*draw_moment(draw.rng, span, stated["hours"]), draw.lsoa(), *each) for each in people]
    return rows


def _hate_crime(draw: _Draw, stated: dict[str, Any]) -> Rows:
    return [
        (str(quarter), strand, draw.count(mean)) for quarter in _quarters() for strand, mean in stated["means"].items()
    ]


def _hidden(number: int) -> str | int:
    return "<5" if 1 <= number < 5 else number
