"""Population, households, deprivation and boundaries of an area's small areas.

A small area is a 2011 LSOA of the area's definition (`hcsp_assess.subject.areas`), so that rates and maps use the same
units as the counts. `hcsp_assess.setup.geography` writes these files for any partnership.
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.files import require_columns
from hcsp_assess.subject.areas import Area, area
from hcsp_assess.subject.place_names import name_places

if TYPE_CHECKING:
    import geopandas as gpd

Layer = Literal["lsoa11", "lsoa21", "msoa11", "ward", "area"]
METRES = 27700  # EPSG code of the British National Grid, in metres
COLUMNS = (
    "lsoa11_code",
    "msoa11_code",
    "msoa11_name",
    "population_2011",
    "households_2011",
    "hectares",
    "population_2019",
    "imd2019_rank",
    "imd2019_decile",
)
#: Columns that a geography may have too.
FURTHER = ("imd2025_rank", "imd2025_decile")


@dataclass(frozen=True)
class Inset:
    """A part of the map drawn larger: its name, and west, south, east, north in degrees."""

    name: str
    bounds: tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Geography:
    """Reference geography of one area; each is only equal to itself, so that what is worked out from it can be kept.

    Attributes
    ----------
    area : Area
        The definition whose small areas these are.
    table : pandas.DataFrame
        One row per small area, indexed by `lsoa11_code`: `name` (ONS: "Herefordshire 012C"), `label` (the name that
        readers see, see `subject.place_names`), `ward_code`, `ward_name`,
        `market_town`, `rural`, `more_rural`, `msoa11_code`, `msoa11_name`, `population_2011` and `households_2011`
        (census), `population_2019` (mid-year estimate), `hectares`, `imd2019_rank` (1 = most deprived in its country,
        England or Wales), `imd2019_decile` (1 = most deprived tenth); `imd2025_rank` and `imd2025_decile` where they
        were built in.
    insets : tuple of Inset
        Towns whose small areas are too small to see on a map of the whole area.
    attribution : str
        Credit that must stand wherever these figures or boundaries are published.
    lsoa21_text, ward_text : str
        Boundaries as GeoJSON, longitude and latitude.
    """

    area: Area
    table: pd.DataFrame
    insets: tuple[Inset, ...]
    attribution: str
    lsoa21_text: str
    ward_text: str

    @cached_property
    def _lsoa21(self) -> "gpd.GeoDataFrame":
        return _features(self.lsoa21_text)

    @cached_property
    def _lsoa11(self) -> "gpd.GeoDataFrame":
        names = {str(code): str(name) for code, name in self.table["name"].items()}
        return self._join(self.area.fold(self._lsoa21.index.to_series()).to_numpy(), names)

    def _join(self, unit: Any, names: Mapping[str, str]) -> "gpd.GeoDataFrame":
        """Join the newest small areas to the units they belong to, in their order."""
        joined = self._lsoa21[["geometry"]].dissolve(by=unit, method="coverage")
        joined.index.name = "code"
        joined["name"] = joined.index.map(names)
        return joined[["name", "geometry"]]

    def boundaries(self, layer: Layer = "lsoa11") -> "gpd.GeoDataFrame":
        """Return the boundaries of a layer in metres (British National Grid), indexed by code, with a `name`.

        Parameters
        ----------
        layer : str
            "lsoa11" (the small areas; parts of a split are joined), "lsoa21", "msoa11" (joined from the small areas),
            "ward" (the newest wards) or "area" (one outline).
        """
        if layer not in get_args(Layer):
            raise InputError(f"there is no layer {layer!r}: choose one of {', '.join(get_args(Layer))}")
        if layer == "ward":
            return _features(self.ward_text)
        if layer == "lsoa21":
            return self._lsoa21
        if layer == "lsoa11":
            return self._lsoa11
        unit = self.area.fold(self._lsoa21.index.to_series()).to_numpy()
        if layer == "msoa11":
            unit = self.table["msoa11_code"].reindex(unit).to_numpy()
            names = dict(zip(self.table["msoa11_code"], self.table["msoa11_name"], strict=True))
        else:
            unit[:] = self.area.district_code
            names = {self.area.district_code: self.area.full_name}
        return self._join(unit, names)


def geography(key: str = "herefordshire", root: Path | None = None) -> Geography:
    """Reference geography by the key of its area.

    Parameters
    ----------
    key : str
        Name of the area's definition.
    root : Path, optional
        Root of a project: its folder `geography/KEY/` wins over the one that comes with the package.

    Raises
    ------
    InputError
        If there is none, or it does not describe exactly the small areas of the definition: no LSOA may be lost.
    """
    own = area(key, root)
    folder = _folder(key, root)
    if not folder.is_dir():
        raise InputError(
            f"there is no reference geography for {key!r}: build one with hcsp_assess.setup.geography.build_geography, "
            f"which says which national files to download"
        )
    read = {name: (folder / name).read_text(encoding="utf-8") for name in FILES}
    settings = tomllib.loads(read["geography.toml"])
    return Geography(
        area=own,
        table=_join_definition(own, parse_table(key, read["areas.csv"])),
        insets=tuple(Inset(inset["name"], tuple(inset["bounds"])) for inset in settings.get("inset", [])),
        attribution=settings["attribution"],
        lsoa21_text=check_boundaries(own, read["lsoa21.geojson"]),
        ward_text=read["wards.geojson"],
    )


def has_geography(key: str, root: Path | None = None) -> bool:
    """Whether an area has a reference geography; without, there are no rates and maps of its small areas."""
    return bool(_folder(key, root).is_dir())


def _folder(key: str, root: Path | None) -> Any:
    packaged: Any = resources.files("hcsp_assess") / "definitions" / "geography" / key
    return root / "geography" / key if root is not None and (root / "geography" / key).is_dir() else packaged


FILES = ("geography.toml", "areas.csv", "lsoa21.geojson", "wards.geojson")


def parse_table(key: str, text: str) -> pd.DataFrame:
    """Read the text of `areas.csv` into a frame indexed by `lsoa11_code`; errors name the file and the column."""
    from io import StringIO

    table = pd.read_csv(StringIO(text.removeprefix("\ufeff")), dtype={"lsoa11_code": "str", "msoa11_code": "str"})
    require_columns(table, COLUMNS, f"geography/{key}/areas.csv")
    numbers = table.drop(columns=["lsoa11_code", "msoa11_code", "msoa11_name"])
    for column in numbers:
        values = pd.to_numeric(numbers[column], errors="coerce")
        wrong = table.loc[~(values > 0), "lsoa11_code"].tolist()
        if wrong:
            raise InputError(
                f"geography/{key}/areas.csv: {column} of {', '.join(wrong[:3])} must be a number above zero"
            )
    twice = table.loc[table["lsoa11_code"].duplicated(), "lsoa11_code"].tolist()
    if twice:
        raise InputError(f"geography/{key}/areas.csv lists {', '.join(twice[:3])} twice: keep one line for each")
    kept = [*COLUMNS[1:], *(name for name in FURTHER if name in table)]
    return table.set_index("lsoa11_code")[kept]


def _join_definition(own: Area, table: pd.DataFrame) -> pd.DataFrame:
    """Add names, wards and classes from the definition; both must have exactly the same small areas."""
    defined = {small.code for small in own.small_areas}
    differ = sorted(defined ^ set(table.index))
    if differ:
        where = "areas" if differ[0] in defined else "geography"
        raise InputError(
            f"{len(differ)} small areas are in only one of areas/{own.key}.csv and geography/{own.key}/areas.csv, "
            f"such as {differ[0]} (only in {where}/): build both again"
        )
    labels = name_places(own.small_areas, {str(code): str(name) for code, name in table["msoa11_name"].items()})
    rows = {
        small.code: {
            "name": small.name,
            "label": labels[small.code],
            "ward_code": small.ward_code,
            "ward_name": small.ward_name,
            "market_town": small.market_town,
            "rural": small.rural,
            "more_rural": small.more_rural,
        }
        for small in own.small_areas
    }
    names = pd.DataFrame.from_dict(rows, orient="index")
    return names.join(table).rename_axis("lsoa11_code")


def check_boundaries(own: Area, text: str) -> str:
    """Return GeoJSON text of 2021 LSOAs if it has each one of the area and no other; else raise InputError."""
    codes = {feature["properties"]["code"] for feature in json.loads(text)["features"]}
    differ = sorted({own.folds.get(code, code) for code in codes} ^ {small.code for small in own.small_areas})
    if differ:
        raise InputError(
            f"the boundaries in geography/{own.key}/lsoa21.geojson and the small areas in areas/{own.key}.csv differ "
            f"by {len(differ)}, such as {differ[0]}: build both again"
        )
    return text


def _features(text: str) -> "gpd.GeoDataFrame":
    import geopandas as gpd

    frame = gpd.GeoDataFrame.from_features(json.loads(text)["features"], crs=4326)
    return frame.set_index("code")[["name", "geometry"]].to_crs(METRES)


def districts() -> pd.DataFrame:
    """Return the districts of England and Wales, for comparisons with peers.

    Returns
    -------
    pandas.DataFrame
        Indexed by `district_code`: `name` (ONS), `police_name` (as data.police.uk's LSOA names begin),
        `population_2019`, `households_2011`, `small_areas` (2011 LSOAs), and, of 2019 districts, `partnership_code`,
        `partnership_name`, `force_name` (else blank).

    Notes
    -----
    The English districts of 2019 and those that were new in 2021, and the Welsh ones: a part of the country can be in
    both an old and a new district. Populations are sums of mid-2019 LSOA estimates. Districts that merged in April 2023
    (Cumbria, North Yorkshire, Somerset) keep their old names in police files, whose LSOA names are those of 2021.
    """
    file = resources.files("hcsp_assess") / "definitions" / "geography" / "districts.csv"
    with file.open(encoding="utf-8") as lines:
        return pd.read_csv(lines, keep_default_na=False).set_index("district_code")
