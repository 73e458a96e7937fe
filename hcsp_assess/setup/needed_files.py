"""Which national files a partnership needs, and all that are missing at once, each with how to get it."""

import re
from pathlib import Path
from typing import Final

from hcsp_assess.errors import InputError, ListError
from hcsp_assess.setup.boundary_files import LSOA11, LSOA21, WARDS, has_boundaries, unreadable_boundaries
from hcsp_assess.setup.national_files import (
    CENSUS,
    DEPRIVATION,
    DEPRIVATION_WALES,
    LOOKUP,
    LOOKUP_2021,
    POPULATION,
    RURAL_URBAN,
    VINTAGES,
    NationalFile,
    is_there,
    missing_file,
    unreadable_tables,
)
from hcsp_assess.sources.fetch.addresses import addresses
from hcsp_assess.sources.recorded_crime import partnership_of

BOUNDARIES: Final = (LSOA11, LSOA21, WARDS)
FIGURES: Final = (CENSUS, POPULATION)


def missing_files(code: str, folder: Path, *, boundaries: bool) -> tuple[NationalFile, ...]:
    """Return every national file that a partnership needs and a folder does not have.

    Parameters
    ----------
    code : str
        As for `new_partnership`: it says whether the partnership is in England or in Wales.
    folder : Path
        Where the national files are, at any depth, under any name.
    boundaries : bool
        Whether population, deprivation and boundaries are wanted too.

    Notes
    -----
    Without boundaries, the lookup from 2011 to 2021 LSOAs is needed; with them it is not, as the boundaries match.
    """
    tables = [RURAL_URBAN]
    if not is_there(folder, LOOKUP_2021) or not is_there(folder, VINTAGES):
        tables.insert(0, LOOKUP)
    if boundaries:
        tables += [*FIGURES, DEPRIVATION_WALES if _is_welsh(code) else DEPRIVATION]
    else:
        tables.append(VINTAGES)
    missing = [file for file in tables if not is_there(folder, file)]
    if boundaries:
        missing += [file for file in BOUNDARIES if not has_boundaries(folder, file)]
    return tuple(missing)


def require_national_files(code: str, folder: Path, root: Path, *, boundaries: bool) -> None:
    """Stop where national files are missing.

    Parameters
    ----------
    root : Path
        Root of the project: its own `addresses.toml` wins over the package's.

    Raises
    ------
    ListError
        Naming every missing file, how each is known and downloaded, and how to go on without.
    """
    missing = missing_files(code, folder, boundaries=boundaries)
    if not missing:
        return
    unreadable = unreadable_tables(folder)
    if len(missing) == 1 and missing[0] not in BOUNDARIES:
        raise missing_file(folder, missing[0], unreadable)
    if len(missing) == 1:
        return  # the reader of boundaries names the files that it could not read
    known = addresses(root)
    listed = [
        f"{number}. {file.what} (recognised by {file.known_by}): {known[file.address].by_hand}"
        for number, file in enumerate(missing, start=1)
    ]
    unreadable += unreadable_boundaries(folder) if boundaries else ()
    also = [f"Not readable there: {'; '.join(unreadable)}"] if unreadable else []
    first = f"{len(missing)} national files are not in {folder.name}/:"
    raise ListError("\n".join([first, *listed, *also, *_without(missing, boundaries)]))


def _without(missing: tuple[NationalFile, ...], boundaries: bool) -> list[str]:
    """How to go on without the files that are missing."""
    lines = ["To get the lookups and boundaries of one district: hcsp-assess fetch geography CODE."]
    if boundaries:
        small = [file.what for file in missing if file in (LOOKUP, RURAL_URBAN)]
        needs = ", ".join(small) + f"{' and ' if small else ''}{VINTAGES.what}"
        lines.append(f"To go on without rates and maps: add --no-boundaries, which needs {needs}.")
    lines.append(
        "To go on without any of them: empty data/raw/geography and leave --from out; the report then has official "
        "recorded crime and similar areas."
    )
    return lines


def _is_welsh(code: str) -> bool:
    if re.fullmatch(r"[EW]\d+", code):
        return code.startswith("W")
    try:
        return partnership_of(code).district_codes[0].startswith("W")
    except InputError:  # said where the partnership is looked up
        return False
