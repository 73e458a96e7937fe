"""Check that every small area of the national lookups is in exactly one area."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from hcsp_assess.setup.national_files import LOOKUP, LOOKUP_2021, VINTAGES, is_there, read_national
from hcsp_assess.subject.areas import Area


@dataclass(frozen=True)
class Homes:
    """Where the small areas of the national lookups are.

    Attributes
    ----------
    table : pandas.DataFrame
        One row for each LSOA of 2011 or 2021 in England and Wales: `code`, `district` (its name in the lookup, or its
        code), `areas` (names of the areas that it is in, parted by " and "; "" for none) and `number` of them.
    """

    table: pd.DataFrame

    @property
    def nowhere(self) -> dict[str, int]:
        """How many LSOAs of each district are in no area, by the district's name."""
        return _counted(self.table.loc[self.table["number"] == 0, "district"])

    @property
    def several(self) -> dict[str, int]:
        """How many LSOAs are in several areas, by the names of these."""
        return _counted(self.table.loc[self.table["number"] > 1, "areas"])


def find_homes(folder: Path, areas: Iterable[Area]) -> Homes:
    """Look every LSOA of the national lookups of a folder up in some areas."""
    homes: dict[str, list[str]] = {}
    for each in areas:
        for code in each.folds:
            homes.setdefault(code, []).append(each.key)
    districts = _districts(folder)
    found = [homes.get(code, []) for code in districts]
    return Homes(
        pd.DataFrame(
            {
                "code": list(districts),
                "district": list(districts.values()),
                "areas": [" and ".join(sorted(each)) for each in found],
                "number": [len(each) for each in found],
            }
        )
    )


def whats_wrong(homes: Homes) -> list[str]:
    """Return a sentence for each district with LSOAs in no area, and for areas that have the same LSOAs."""
    nowhere = [f"{number} LSOAs of {name} are in no area" for name, number in homes.nowhere.items()]
    return nowhere + [f"{number} LSOAs are in several areas: {names}" for names, number in homes.several.items()]


def _districts(folder: Path) -> Mapping[str, str]:
    """The district of each LSOA of England and Wales in the lookups, by its code: of 2011, and of 2021."""
    found: dict[str, str] = {}
    for file, column in (
        (LOOKUP, "LSOA11CD"),
        (LOOKUP_2021, "LSOA21CD"),
        (VINTAGES, "LSOA11CD"),
        (VINTAGES, "LSOA21CD"),
    ):
        if is_there(folder, file):
            table = read_national(folder, file, newest="LAD")
            place = next((table[name] for name in ("LAD_NM", "LAD_CD") if name in table), table[column])
            codes = table[column]
            here = codes.str.match(r"[EW]01\d{6}$")
            found = dict(zip(codes[here], place[here], strict=True)) | found
    return found


def _counted(names: "pd.Series[str]") -> dict[str, int]:
    return {str(name): int(number) for name, number in names.value_counts(sort=False).sort_index().items()}
