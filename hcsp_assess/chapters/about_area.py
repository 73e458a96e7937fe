"""The chapter about the area: who lives there, how rural it is, how deprived; what the figures cannot say is quoted."""

import pandas as pd

from hcsp_assess.assessment.findings import Finding, Findings
from hcsp_assess.edition.findings import Gathered
from hcsp_assess.project import find_project
from hcsp_assess.report.tables import Table
from hcsp_assess.sources.geography import geography
from hcsp_assess.sources.texts import signed_of, text_of

MOST_DEPRIVED = 2  # deciles of the Indices of Deprivation 2019 that count as the most deprived fifth


def findings_area(gathered: Gathered) -> Findings:
    """Say how many people live in the area, how many of them in rural places, and in the most deprived fifth."""
    here = geography(gathered.opened.area.key, find_project().root)
    table = here.table
    people, households = int(table["population_2019"].sum()), int(table["households_2011"].sum())
    rural = int(table.loc[table["rural"], "population_2019"].sum())
    deprived = table["imd2019_decile"] <= MOST_DEPRIVED
    among = int(table.loc[deprived, "population_2019"].sum())
    name = gathered.opened.area.name
    figures = {"people": people, "households": households, "year": 2019, "census": 2011}
    found = (
        Finding(
            "area_people",
            f"{name}: {people:,} people lived here in mid-2019, in {households:,} households at the census of 2011.",
            figures,
        ),
        Finding(
            "area_rural",
            f"{100 * rural / people:.0f}% of them ({rural:,}) lived in rural small areas.",
            {"rural": rural, "share": 100 * rural / people},
            "Rural-Urban Classification 2011: outside settlements of 10,000 people or more.",
        ),
        Finding(
            "area_deprived",
            f"{int(deprived.sum())} of {len(table)} small areas are in the most deprived fifth of England; {among:,} "
            f"people lived in them.",
            {"areas": int(deprived.sum()), "of": len(table), "people": among},
            "Indices of Deprivation 2019.",
        ),
    )
    return Findings(found)


def table_area(gathered: Gathered) -> Table:
    """Show population and deprivation by kind of place."""
    here = geography(gathered.opened.area.key, find_project().root)
    table = here.table.assign(Place=lambda frame: frame["rural"].map({True: "Rural", False: "Urban"}))
    grouped = table.groupby("Place")
    frame = pd.DataFrame(
        {
            "Place": list(grouped.groups),
            "Small areas": grouped.size().astype("Int64").to_numpy(),
            "People, mid-2019": grouped["population_2019"].sum().astype("Int64").to_numpy(),
            "Households, 2011": grouped["households_2011"].sum().astype("Int64").to_numpy(),
            "Square kilometres": (grouped["hectares"].sum() / 100).round(1).to_numpy(),
            "In the most deprived fifth": (
                grouped["imd2019_decile"].agg(lambda deciles: (deciles <= MOST_DEPRIVED).sum())
            )
            .astype("Int64")
            .to_numpy(),
        }
    )
    return Table(frame, f"Rural and urban {gathered.opened.area.name}", "area-profile", (here.attribution,))


def findings_about(gathered: Gathered) -> Findings:
    """Show what people who know the area say of it; nothing where nobody wrote anything."""
    file = gathered.texts.read("area.toml")
    found = []
    for number, entry in enumerate(file.get("about", []), start=1):
        where = f"{gathered.texts.name}/area.toml, about {number}"
        signed = signed_of(where, entry, file.get("signed"))
        text = text_of(where, entry, "text")
        sentence = f"“{text}”" if signed.origin == "quoted" else text
        found.append(Finding(f"about_{text_of(where, entry, 'key')}", sentence, {}, f"Reviewed text: {signed.words}."))
    return Findings(tuple(found) or (Finding("about_none", "Nobody has written about the area for this edition."),))
