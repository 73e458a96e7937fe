"""Fires: Home Office tables by fire and rescue authority and year (FIRE0102 and similar)."""

import csv
import re
import tomllib
from collections import defaultdict
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Final

from hcsp_assess.errors import InputError
from hcsp_assess.sources.open_data.definitions import Measure, suppliers
from hcsp_assess.sources.open_data.frame import Account, OpenData, common_frame, number, split_year
from hcsp_assess.sources.open_data.published import digests
from hcsp_assess.sources.open_data.sheets import read_sheet_table

SUPPLIER: Final = "fires"
PUBLISHER: Final = "the Home Office"
OWN: Final = "authority.toml"
COLUMNS: Final = {
    "year": ("financial_year", "financial year"),
    "name": ("frs_name", "frs name", "fire and rescue authority"),
    "code": ("e_code", "frs_code", "frs_e_code"),
    "type": ("incident_type", "incident type", "fire_type"),
    "incidents": ("total_incidents", "total incidents", "incidents", "number_of_fires"),
}
YEAR: Final = re.compile(r"(\d{4})[/-]\d{2}(\d{2})?")
TABLE: Final = re.compile(r"fire0\d{3}", re.IGNORECASE)


def find_fires(folder: Path) -> list[Path]:
    """Return the files of the supplier in its folder, by name."""
    return sorted(path for path in folder.glob("*") if path.suffix.lower() in (".ods", ".xlsx", ".csv"))


def fire_authority(district: str, folder: Path) -> str:
    """Return the name of the fire and rescue authority of a district.

    Parameters
    ----------
    folder : Path
        Folder of the files: an `authority.toml` there with `name = "..."` wins over the reviewed list.

    Raises
    ------
    InputError
        If the list has no such district, and the folder says nothing.
    """
    own = folder / OWN
    if own.is_file():
        try:
            return str(tomllib.loads(own.read_text(encoding="utf-8"))["name"])
        except (tomllib.TOMLDecodeError, KeyError) as error:
            raise InputError(f'{OWN} beside the fire tables needs a line name = "..." ({error})') from error
    text = (resources.files("hcsp_assess") / "definitions" / "open_data" / "fire_authorities.csv").read_text(
        encoding="utf-8"
    )
    known = {row["district_code"]: row["fire_authority"] for row in csv.DictReader(text.splitlines())}
    if district not in known:
        raise InputError(
            f"the fire and rescue authority of {district} is not in the list: add a file {OWN} "
            'with name = "...", as the tables write it, beside the fire tables'
        )
    return known[district]


def read_fires(files: Sequence[Path], *, authority: str) -> OpenData:
    """Read incidents of a fire and rescue authority by financial year.

    Parameters
    ----------
    files : sequence of Path
        Tables of the Home Office whose sheet of data has a row for each year, authority and type of incident; the
        number of the table is in the file's name (fire-statistics-data-tables-fire0102-....xlsx).
    authority : str
        As the tables name it; "&" and "and" are the same.

    Returns
    -------
    OpenData
        Sums over the rows of each year, and of all authorities for England. A year is left out where a row of it has no
        number, and the newest where it has fewer rows than the year before: its quarters are not complete.

    Raises
    ------
    InputError
        If a file is not there, empty, damaged, has no such table, or its name has no number of a table.

    Notes
    -----
    An authority is larger than a partnership's area: Hereford and Worcester is two counties.
    """
    measures = suppliers()[SUPPLIER].measures
    sums = _Sums(_same(authority))
    for path in files:
        match = TABLE.search(path.name)
        if match is None:
            raise InputError(
                f"{path.name} has no table number in its name: keep the published name, which contains fire0102"
            )
        mine = [measure for measure in measures if measure.pick["Table"] == match[0].casefold()]
        for row in read_sheet_table(path, COLUMNS, PUBLISHER, optional=("code",)):
            sums.add(row, mine)
    return OpenData(SUPPLIER, common_frame(sums.rows(authority)), sums.account(), digests(files))


def _same(name: str) -> str:
    """A name of an authority, made comparable."""
    return " ".join(name.casefold().replace("&", "and").split())


class _Sums:
    """Sums by measure, year and place, with what became of each row."""

    def __init__(self, authority: str) -> None:
        self.authority = authority
        self.fates: dict[str, int] = defaultdict(int)
        self.reasons: dict[tuple[str, str], int] = defaultdict(int)
        self.totals: dict[tuple[str, str, int], float] = defaultdict(float)
        self.lines: dict[tuple[str, str, int], int] = defaultdict(int)
        self.gaps: set[tuple[str, str, int]] = set()

    def add(self, row: dict[str, str], measures: Sequence[Measure]) -> None:
        """Count one row."""
        self.fates["read"] += 1
        match = YEAR.fullmatch(row["year"])
        wanted = [each for each in measures if each.name in row["type"].casefold()]
        if match is None or not wanted:
            self.reasons["not used", "another table, type or remark"] += 1
            return
        mine = _same(row["name"]) == self.authority
        value = number(row["incidents"])
        if value is None:
            self.reasons["set aside", "its number of incidents is missing"] += 1
        else:
            self.fates["area" if mine else "comparison"] += 1
        for measure in wanted:
            for level in ("country", *(["fire authority"] if mine else [])):
                key = measure.key, level, int(match[1])
                self.lines[key] += 1
                self.totals[key] += value or 0.0
                self.gaps |= {key} if value is None else set()

    def rows(self, authority: str) -> list[dict[str, object]]:
        """The sums in the common form."""
        places: dict[str, dict[str, object]] = {
            "country": {"area_code": "E92000001", "area_name": "England", "level": "country"},
            "fire authority": {"area_code": authority, "area_name": authority, "level": "fire authority"},
        }
        return [
            {**places[level], **split_year(year), "indicator": measure, "value": total, "count": round(total)}
            for (measure, level, year), total in self.totals.items()
            if (measure, level, year) not in self.gaps and self._whole(measure, level, year)
        ]

    def _whole(self, measure: str, level: str, year: int) -> bool:
        """Whether a year has as many rows as the year before: the newest may lack quarters."""
        newest = max(each for name, where, each in self.lines if (name, where) == (measure, level))
        before = self.lines.get((measure, level, year - 1), 0)
        return year != newest or self.lines[measure, level, year] >= before

    def account(self) -> Account:
        """What became of every row."""
        parts = {
            fate: tuple((why, number) for (each, why), number in self.reasons.items() if each == fate)
            for fate in ("not used", "set aside")
        }
        fates = self.fates
        return Account(fates["read"], fates["area"], fates["comparison"], parts["not used"], parts["set aside"])
