"""The chapter about the area: who lives there, how rural it is, how deprived; what the figures cannot say is quoted."""

import pandas as pd

from hcsp_assess.assessment.area_in_figures import figures_beside
from hcsp_assess.assessment.findings import Findings
from hcsp_assess.assessment.wording.about_area import (
    describe_deprived,
    describe_note,
    describe_people,
    describe_rural,
    describe_sources,
)
from hcsp_assess.assessment.wording.open_data import how_many, show_figure
from hcsp_assess.chapters.shared.folded import Folded, Titled
from hcsp_assess.edition.findings import EditionFindings
from hcsp_assess.edition.residents import Deprivation, Residents, deprivation_of, residents_of, year_of
from hcsp_assess.report.tables import Table
from hcsp_assess.sources.geography import Geography, geography
from hcsp_assess.sources.open_data.area_in_figures import area_in_figures
from hcsp_assess.sources.open_data.definitions import suppliers
from hcsp_assess.sources.texts import notes_of

MOST_DEPRIVED = 2  # deciles of the Indices of Deprivation that count as the most deprived fifth


def findings_area(known: EditionFindings) -> Findings:
    """Say how many people live in the area, how many of them in rural places, and in the most deprived fifth."""
    here, living, deprivation = _area(known)
    people, households = int(living.people.sum()), int(here.table["households_2011"].sum())
    rural = int(living.people[here.table["rural"]].sum())
    deprived = deprivation.decile <= MOST_DEPRIVED
    among = int(living.people[deprived].sum())
    found = (
        describe_people(known.opened.area.name, people, living.year, households),
        describe_rural(rural, people),
        describe_deprived(int(deprived.sum()), len(deprived), among, deprivation.words, known.opened.area.country),
    )
    return Findings(found)


def table_area(known: EditionFindings) -> Table:
    """Show population and deprivation by kind of place."""
    here, living, deprivation = _area(known)
    table = here.table.assign(people=living.people, deprived=deprivation.decile <= MOST_DEPRIVED)
    grouped = table.groupby(table["rural"].map({True: "Rural", False: "Urban"}))
    frame = pd.DataFrame(
        {
            "Place": list(grouped.groups),
            "Small areas": grouped.size().astype("Int64").to_numpy(),
            f"People, {living.year}": grouped["people"].sum().astype("Int64").to_numpy(),
            "Households, 2011": grouped["households_2011"].sum().astype("Int64").to_numpy(),
            "Square kilometres": (grouped["hectares"].sum() / 100).round(1).to_numpy(),
            "In the most deprived fifth": grouped["deprived"].sum().astype("Int64").to_numpy(),
        }
    )
    notes = (f"People: {living.words}. Deprivation: {deprivation.words}.",)
    return Table(frame, f"Rural and urban {known.opened.area.name}", "area-profile", notes)


def panel_sources(known: EditionFindings) -> Folded:
    """Who published the figures and boundaries, and under which licences, in a closed panel."""
    here, _, _ = _area(known)
    supplier = suppliers()[area_in_figures(known.opened.area.figures_code).supplier]
    said = describe_sources((here.attribution, supplier.attribution))
    return Folded("Sources and licences of figures about the area", said)


def _area(known: EditionFindings) -> tuple[Geography, Residents, Deprivation]:
    here = geography(known.opened.area.key, known.opened.project.root)
    year = year_of(known.opened.edition.span)
    return here, residents_of(here, year), deprivation_of(here, year)


def table_figures(known: EditionFindings) -> Table | Findings:
    """Show the latest figures about the area, with the country's and the middle of its similar areas beside them."""
    area = known.opened.area
    data = area_in_figures(area.figures_code)
    supplier = suppliers()[data.supplier]
    rows = figures_beside(data, supplier.measures, district=area.figures_code, until=known.opened.edition.span.last)
    if not rows:
        return Findings(())
    table = pd.DataFrame(
        {
            "Measure": [row.measure.title for row in rows],
            "Period": [row.period for row in rows],
            area.name: [show_figure(row.measure, row.value) for row in rows],
            "Country": [show_figure(row.measure, row.country, row.country_name) for row in rows],
            "Middle of similar areas": [show_figure(row.measure, row.similar, how_many(row)) for row in rows],
        }
    )
    notes = (
        "Similar areas are the 20 that the Office for National Statistics finds most like this one. Where fewer have a "
        "figure, their number is given.",
    )
    return Table(table, f"{area.name} in figures", "area-figures", notes)


def findings_about(known: EditionFindings) -> Titled:
    """Show what people who know the area say of it, under a heading; nothing where there is no such text."""
    notes = notes_of(known.texts, "area.toml", "about")
    return Titled("What those who know it say", tuple(describe_note(note) for note in notes))
