"""Set up another partnership from national files, and check that no LSOA is lost."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.files import write_whole
from hcsp_assess.setup.area_definition import area_key, build_definition
from hcsp_assess.setup.district_lookup import District, read_links, read_partnership
from hcsp_assess.setup.geography import build_geography
from hcsp_assess.setup.national_files import LOOKUP, LOOKUP_2021, VINTAGES, is_there
from hcsp_assess.setup.needed_files import require_national_files
from hcsp_assess.setup.open_data import is_as_set_up
from hcsp_assess.setup.own_files import write_own_files
from hcsp_assess.subject.areas import Area, area


@dataclass(frozen=True)
class NewPartnership:
    """An area that was set up.

    Attributes
    ----------
    area : Area
        Its definition, read back from the files.
    files : tuple of Path
        What was written.
    lsoas : int
        How many 2011 LSOAs it has by the national lookup; the definition has been found to hold each.
    to_do : tuple of str
        What a person does next.
    """

    area: Area
    files: tuple[Path, ...]
    lsoas: int
    to_do: tuple[str, ...]


def new_partnership(
    code: str, root: Path, national_files: Path, *, key: str = "", boundaries: bool = True
) -> NewPartnership:
    """Write the definition of a partnership's area into a project, from downloaded national files.

    Parameters
    ----------
    code : str
        ONS code of the local authority district, such as "E06000051", or the code or name of a partnership of several
        districts, which are set up together.
    root : Path
        Root of the project: `areas/KEY.toml` and `areas/KEY.csv` go there, and with boundaries also `geography/KEY/`;
        all or, where something is wrong, none. The area's own definitions in `areas/KEY/` that are not there yet are
        written too.
    national_files : Path
        Where the downloads lie, at any depth, under any name; `fetch_geography` puts most of them there.
    key : str
        Name for the area in this project; by default its short name, such as "shropshire".
    boundaries : bool
        Whether to build population, deprivation and boundaries too (`build_geography` says from which files). Without,
        the report has counts and trends, but no rates and no maps; the lookup from 2011 to 2021 LSOAs is then needed,
        because without it records on new codes would be lost from June 2023.

    Raises
    ------
    UsageError
        If the code is not in the national files, the key is no name for a file, or the project has an area of that key:
        what was reviewed by hand is not replaced.
    InputError
        If files are missing (the message names each, with where it is published), or an LSOA would be lost.
    """
    if not (is_there(national_files, LOOKUP) or is_there(national_files, LOOKUP_2021)):
        require_national_files(code, national_files, root, boundaries=boundaries)
    district = read_partnership(code, national_files)
    key = area_key(district.name, key)
    if (root / "areas" / f"{key}.csv").exists():
        raise UsageError(f"areas/{key}.csv already exists: choose another key, or move it away to build it again")
    settings = root / "areas" / f"{key}.toml"
    if settings.exists() and not is_as_set_up(settings, district.partnership_code):
        raise UsageError(f"areas/{key}.toml was written or changed by hand: choose another key, or move it away")
    require_national_files(code, national_files, root, boundaries=boundaries)
    with TemporaryDirectory(prefix=".new-", dir=root) as name:
        staging = Path(name)
        if boundaries:
            files = build_geography(district, national_files, staging, key=key)
        else:
            files = _write_definition(district, national_files, staging, key)
        made = area(key, staging)
        _refuse_losses(made, district, national_files)
        for path in sorted(files, key=lambda path: path.suffix == ".toml"):  # an area is there once its settings are
            _place(path, staging, root)
        placed = tuple(root / path.relative_to(staging) for path in files)
    placed = (*placed, *write_own_files(made, root, pd.Period.now("M")))
    return NewPartnership(made, placed, len(district.lookup), _to_do(made, boundaries))


def _write_definition(district: District, folder: Path, root: Path, key: str) -> list[Path]:
    """Write the two files of a definition from lookups alone."""
    files = {root / "areas" / f"{key}{ending}": text for ending, text in build_definition(district, folder).items()}
    for path, content in files.items():
        write_whole(path, content)
    return list(files)


def _refuse_losses(made: Area, district: District, folder: Path) -> None:
    """Stop where the definition lacks an LSOA of the district, of 2011 or, by the lookup if it is there, of 2021."""
    codes = set(district.codes)
    if is_there(folder, VINTAGES):
        codes |= set(read_links(district, folder)["LSOA21CD"])
    lost = sorted(code for code in codes if code not in made)
    if lost:
        raise InputError(
            f"the definition of {made.name} lacks {len(lost)} of {len(codes)} LSOAs, such as {lost[0]}: the boundaries "
            f"or lookups in {folder.name}/ do not cover the whole district; download them again and run the command "
            "again"
        )


def _place(path: Path, staging: Path, root: Path) -> None:
    target = root / path.relative_to(staging)
    target.parent.mkdir(parents=True, exist_ok=True)
    path.replace(target)


def _to_do(made: Area, boundaries: bool) -> tuple[str, ...]:
    steps = [
        f"review areas/{made.key}.toml: names, police force ({made.force}), and each [[split]]",
        f"review the names of bodies in areas/{made.key}/holders.toml, and the returns in returns.toml",
        f"fill in market_town in areas/{made.key}.csv: no national file lists the small areas in a town",
        f'write an edition with area = "{made.key}" in editions/, and put archives from data.police.uk in its folder',
    ]
    if not made.partnership_code:
        steps.insert(
            1,
            f"{made.name} has several community safety partnerships: put the code of one in partnership_code, so that "
            "official figures can be shown",
        )
    if not boundaries:
        steps.append("run the command again with boundaries, for rates and maps")
    return tuple(steps)
