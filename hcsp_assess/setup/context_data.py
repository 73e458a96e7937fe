"""Build the package's context data from published files: populations, similar areas, severity weights.

Run it when a new year of population, a new list of similar areas or new weights are published:

    python -m hcsp_assess.setup.context_data FOLDER

FOLDER holds the files named in `SOURCES`; `definitions/context/SOURCE.toml` says where each was published.
"""

import gzip
import sys
from importlib import resources
from pathlib import Path

import pandas as pd

from hcsp_assess.files import csv_bytes, write_whole
from hcsp_assess.setup.district_lookup import MADE_OF, NEW_CODES

SOURCES = {
    "rebased": "population/mid_year_population_areas_2011_2023_rebased.csv.gz",
    "earlier": "population/mid_year_population_lad20_2001_2019.csv.gz",
    "lookup": "csp-lookup/lookup_ltla24_csp24_pfa24.csv.gz",
    "rates": "ons-csp-tables/ons_csp_rates_per_1000_ye2024-12_table_c4.csv.gz",
    "similar": "ons-local-indicators/similar_areas_all_lads.csv.gz",
    "weights": "severity/severity_codes.csv.gz",
    "categories": "severity/policeuk-ons-code-join.csv.gz",
    "offences": "home-office/prc-pfa-201718_new.csv.gz",
}
COUNTRIES = {"ENGLAND AND WALES": "K04000001", "ENGLAND": "E92000001", "WALES": "W92000004"}
REGIONS = {
    "NORTH EAST": "E12000001",
    "NORTH WEST": "E12000002",
    "YORKSHIRE AND THE HUMBER": "E12000003",
    "EAST MIDLANDS": "E12000004",
    "WEST MIDLANDS": "E12000005",
    "EAST": "E12000006",
    "LONDON": "E12000007",
    "SOUTH EAST": "E12000008",
    "SOUTH WEST": "E12000009",
}
#: Codes that the official tables count apart from the subgroup of 2017/18, or that had no offence in that year.
GROUP_OF_CODE = {
    **dict.fromkeys(("1", "4.1", "4.2"), "homicide"),
    **dict.fromkeys(("4.4", "4.6", "4.8", "4.9", "37.1"), "death_or_serious_injury_unlawful_driving"),
    **dict.fromkeys(("19J", "19K"), "sexual_offences"),
}
#: Groups of the official tables, by the subgroup of the Home Office's tables of 2017/18.
GROUPS = {
    "Homicide": "homicide",
    "Violence with injury": "violence_with_injury",
    "Violence without injury": "violence_without_injury",
    "Stalking and harassment": "stalking_and_harassment",
    "Rape offences": "sexual_offences",
    "Other sexual offences": "sexual_offences",
    "Robbery of business property": "robbery",
    "Robbery of personal property": "robbery",
    "Domestic burglary": "residential_burglary",
    "Non-domestic burglary": "non_residential_burglary",
    "Theft from a vehicle": "vehicle_offences",
    "Theft of a motor vehicle": "vehicle_offences",
    "Vehicle interference": "vehicle_offences",
    "Theft from the person": "theft_from_the_person",
    "Bicycle theft": "bicycle_theft",
    "Shoplifting": "shoplifting",
    "Other theft offences": "all_other_theft",
    "Arson": "criminal_damage_and_arson",
    "Criminal damage": "criminal_damage_and_arson",
    "Trafficking of drugs": "drug_offences",
    "Possession of drugs": "drug_offences",
    "Possession of weapons offences": "possession_of_weapons",
    "Public order offences": "public_order_offences",
    "Miscellaneous crimes": "miscellaneous_crimes",
}


def make_context(folder: Path) -> dict[str, bytes]:
    """Make the bundled files from published ones; the same files give the same bytes.

    Parameters
    ----------
    folder : Path
        Holds the files of `SOURCES`.

    Returns
    -------
    dict of str to bytes
        Contents by name of the file in `definitions/context/`.
    """
    read = {name: pd.read_csv(folder / path, encoding="utf-8-sig") for name, path in SOURCES.items()}
    codes, mix = _severity(read["weights"], read["categories"], read["offences"])
    frames = {
        "population.csv.gz": _populations(read["rebased"], read["earlier"], read["lookup"], read["rates"]),
        "similar_areas.csv.gz": _similar(read["similar"]),
        "severity_weights.csv": codes,
        "severity_by_force.csv.gz": mix,
    }
    return {name: _bytes(name, frame) for name, frame in frames.items()}


def _bytes(name: str, frame: pd.DataFrame) -> bytes:
    content = csv_bytes(frame)
    return gzip.compress(content, compresslevel=9, mtime=0) if name.endswith(".gz") else content


def _populations(
    rebased: pd.DataFrame, earlier: pd.DataFrame, lookup: pd.DataFrame, rates: pd.DataFrame
) -> pd.DataFrame:
    codes = lookup.drop_duplicates("ltla24_code").set_index("ltla24_name")["ltla24_code"]
    known = pd.concat([codes, pd.Series(REGIONS), pd.Series(COUNTRIES)])
    newer = rebased.assign(code=rebased["Name"].map(known)).dropna(subset="code")
    newer = newer[newer["Geography"].isin(["Country", "Region"]) | newer["code"].isin(codes)]
    newer = newer[["code", "year", "population"]].assign(basis="rebased")
    before = earlier[(earlier["year"] < 2011)].rename(columns={"ladcode20": "code"})[["code", "year", "population"]]
    parts = {part: whole for whole, made in MADE_OF.items() for part in made}
    summed = before.assign(code=before["code"].replace(parts)).groupby(["code", "year"])["population"].sum()
    old = summed.reset_index()
    old = old[old["code"].isin(set(codes))].assign(basis="not rebased")
    wales = old[old["code"].str.startswith("W")].groupby("year")["population"].sum()
    england = old[old["code"].str.startswith("E")].groupby("year")["population"].sum()
    totals = {"W92000004": wales, "E92000001": england, "K04000001": wales + england}
    countries = pd.concat(
        [
            series.rename("population").reset_index().assign(code=code, basis="not rebased")
            for code, series in totals.items()
        ]
    )
    areas = pd.concat([newer, old, countries], ignore_index=True)
    return _with_partnerships(areas, lookup, rates).sort_values(["code", "year"], ignore_index=True)[
        ["code", "year", "population", "basis"]
    ]


def _with_partnerships(areas: pd.DataFrame, lookup: pd.DataFrame, rates: pd.DataFrame) -> pd.DataFrame:
    """Add partnerships and forces: sums of whole districts, and for part of a district its share of mid-2022."""
    wide = areas.pivot_table(index="year", columns="code", values="population")
    basis = areas.drop_duplicates("year").set_index("year")["basis"]
    rounded = rates.set_index(rates.columns[2])[rates.columns[6]]
    rounded = pd.to_numeric(rounded[rounded.index.notna()].astype(str).str.replace(",", ""), errors="coerce")
    shared = lookup.groupby("ltla24_code")["csp24_code"].nunique()
    found = [areas]
    for code, rows in lookup.groupby("csp24_code"):
        total = wide[sorted(set(rows["ltla24_code"]))].sum(axis="columns")
        said = basis
        if (shared[rows["ltla24_code"]] > 1).any():
            total = (total * rounded[code] / total[2022]).round(-2)
            said = basis + ", share of its districts in mid-2022"
        found.append(pd.DataFrame({"code": code, "year": total.index, "population": total, "basis": said}))
    for code, rows in lookup.groupby("pfa24_code"):
        total = wide[sorted(set(rows["ltla24_code"]))].sum(axis="columns")
        found.append(pd.DataFrame({"code": code, "year": total.index, "population": total, "basis": basis}))
    return pd.concat(found, ignore_index=True).astype({"population": "int64"})


def _similar(similar: pd.DataFrame) -> pd.DataFrame:
    similar = similar.replace({"areacd": NEW_CODES, "similar_areacd": NEW_CODES})
    table = similar[(similar["type"] == "global") & similar["areacd"].str.match("[EW]")]
    names = {
        "areacd": "district_code",
        "rank": "rank",
        "similar_areacd": "similar_code",
        "similar_areanm": "similar_name",
    }
    return table.rename(columns=names)[list(names.values())].sort_values(["district_code", "rank"], ignore_index=True)


def _severity(
    weights: pd.DataFrame, categories: pd.DataFrame, offences: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    types = categories.drop_duplicates("ONS_COUNTS_code").set_index("ONS_COUNTS_code")["POLICE_UK_CAT_MAP_category"]
    table = weights.drop(columns="offence").rename(columns={"code_original": "offence_code", "description": "offence"})
    table = table.drop_duplicates("offence_code")
    offences = offences.dropna(subset="Offence_Code").assign(Offence_Code=lambda t: t["Offence_Code"].astype(str))
    subgroup = offences.drop_duplicates("Offence_Code").set_index("Offence_Code")["Offence_Subgroup"]
    group = table["offence_code"].map(GROUP_OF_CODE).fillna(table["offence_code"].map(subgroup).map(GROUPS))
    kind = table["offence_code"].map(types).str.strip().str.capitalize().fillna("")
    codes = table.assign(group=group, police_uk_type=kind, weight=table["weight"].round(3))
    codes = codes[["offence_code", "offence", "group", "police_uk_type", "weight"]].sort_values("offence_code")
    return codes, _by_force(codes, offences)


def _by_force(codes: pd.DataFrame, offences: pd.DataFrame) -> pd.DataFrame:
    """Mean weight of an offence of each group and police.uk type, by force, with its mix of offences in 2017/18."""
    known = offences.merge(codes, left_on="Offence_Code", right_on="offence_code", how="inner")
    known = known.assign(harm=known["Number_of_Offences"] * known["weight"])
    parts = []
    for what, column in (("group", "group"), ("police.uk type", "police_uk_type")):
        by_force = known.groupby(["Force_Name", column])[["Number_of_Offences", "harm"]].sum()
        whole = known.groupby(column)[["Number_of_Offences", "harm"]].sum()
        whole = pd.concat({"England and Wales": whole}, names=["Force_Name"])
        both = pd.concat([by_force, whole]).rename_axis(["force", "key"]).reset_index()
        parts.append(both[both["Number_of_Offences"] > 0].assign(what=what))
    table = pd.concat(parts, ignore_index=True)
    table = table.assign(weight=(table["harm"] / table["Number_of_Offences"]).round(3))
    table = table.rename(columns={"Number_of_Offences": "offences"})
    return table[["what", "key", "force", "offences", "weight"]].sort_values(["what", "key", "force"])


def main(folder: Path) -> None:
    """Write the bundled files."""
    out = Path(str(resources.files("hcsp_assess") / "definitions" / "context"))
    for name, content in make_context(folder).items():
        write_whole(out / name, content)
        print(f"{name}: {len(content):,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
