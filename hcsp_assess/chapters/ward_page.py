"""The page of one ward or market town: open police records alone, so that no partner's small number is on it."""

import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.briefing import (
    RECORDED,
    WARD_LIMITS,
    alt_map,
    describe_no_ward_change,
    describe_ward,
    describe_ward_change,
    describe_ward_hotspots,
    describe_ward_rate,
    say_report,
    say_simulated,
    say_sources,
    title_map,
)
from hcsp_assess.assessment.wording.key_figures import say_span
from hcsp_assess.assessment.wording.words import upper_first
from hcsp_assess.chapters.shared.headings import heading_of
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.edition.places import EditionPlaces, open_places
from hcsp_assess.edition.wards import Wards, WardSummary, open_wards
from hcsp_assess.report.briefing_page import Briefing, Part
from hcsp_assess.report.charts import Chart
from hcsp_assess.report.map_numbers import Numbered
from hcsp_assess.report.maps import chart_map, class_by_kind
from hcsp_assess.report.tables import Table

MARKED, OTHER = "this place", "the rest"


def brief_ward(opened: OpenEdition, name: str) -> Briefing:
    """Put together the page of a ward or market town.

    Parameters
    ----------
    name : str
        As "Central", "central ward" or "Leominster".

    Raises
    ------
    InputError
        If there is none of that name, or the edition has no figures by ward.
    """
    wards = open_wards(opened)
    ward, where = wards.find(name), open_places(opened)
    title = ward.title
    span = opened.edition.span
    period = say_span(span) if where.months == len(span.months) else wards.period
    figures = {"crimes": ward.crimes, "share": ward.share, "rank": ward.rank, "of": ward.of}
    lead = describe_ward(title, wards.area, figures, period, kind=ward.kind)
    parts = (
        Part("In figures", (_table_figures(ward, wards, where),)),
        Part("Crime by type", (_table_types(ward, where),)),
        Part("For its size", (_mark(opened, _rate(ward, wards, where)),)),
        Part("Change", (_mark(opened, _change(ward)),)),
        Part("Hotspots", (_mark(opened, describe_ward_hotspots(title, ward.hotspots)),)),
        Part("What this page cannot show", WARD_LIMITS),
        Part("Where it is", (map_ward(opened, ward),), wide=True),
    )
    return Briefing(
        f"{title.lower().replace(' & ', '-and-').replace(' ', '-')}",
        title,
        f"{opened.area.name} Community Safety Partnership",
        upper_first(wards.period),
        (_mark(opened, lead),),
        parts,
        say_simulated(published=False) if opened.simulated else "",
        (
            say_report(opened.edition.title),
            RECORDED,
            say_sources([opened.source.name, f"residents: {wards.people_from}"]),
        ),
    )


def map_ward(opened: OpenEdition, ward: WardSummary) -> Chart:
    """Map the area with one ward or town marked."""
    where = open_places(opened)
    kinds = pd.Series(OTHER, index=where.people.index)
    kinds[list(ward.codes)] = MARKED
    names = [str(where.labels[code]) for code in ward.codes]
    data = pd.DataFrame({"Place": names, "Recorded crimes": where.crime[list(ward.codes)].astype("Int64").to_numpy()})
    subtitle = f"Small areas of {opened.area.name}, {where.period}"
    return chart_map(
        where.geography,
        class_by_kind(kinds, (OTHER, MARKED)),
        heading_of(opened, "map-ward", title_map(ward.title, opened.area.name), subtitle),
        what="Small areas",
        alt=alt_map(ward.title, names),
        data=data,
        numbered=Numbered({}, small=True),
    )


def _mark(opened: OpenEdition, finding: Finding) -> Finding:
    return finding.marked(simulated=opened.simulated)


def _rate(ward: WardSummary, wards: Wards, where: EditionPlaces) -> Finding:
    whole = 1000 * int(where.crime.sum()) / (int(where.people.sum()) * where.months / 12)
    return describe_ward_rate(ward.rate.value, whole, wards.area, ward.residents, visitors=ward.visitors)


def _change(ward: WardSummary) -> Finding:
    if ward.change is None:
        return describe_no_ward_change()
    change = ward.change
    return describe_ward_change(ward.title, change.before, change.after, change.span, change.word)


def _table_figures(ward: WardSummary, wards: Wards, where: EditionPlaces) -> Table:
    """The ward beside the whole area."""
    people, crime = int(where.people.sum()), int(where.crime.sum())
    whole = 1000 * crime / (people * where.months / 12)
    rows = [
        ("Residents", f"{ward.residents:,}", f"{people:,}"),
        ("Recorded crimes", f"{ward.crimes:,}", f"{crime:,}"),
        ("Crimes per 1,000 residents", f"{ward.rate.value:,.0f}", f"{whole:,.0f}"),
    ]
    if ward.anti_social_behaviour is not None:
        rows.append(
            (
                "Incidents of anti-social behaviour",
                f"{ward.anti_social_behaviour:,}",
                f"{int(where.counts['Anti-social behaviour'].sum()):,}",
            )
        )
    frame = pd.DataFrame(rows, columns=["Figure", ward.title, wards.area])
    caption = f"{ward.title} beside {wards.area}, {wards.period}"
    return Table(frame, caption, "ward-figures", (), wards.simulated)


def _table_types(ward: WardSummary, where: EditionPlaces) -> Table:
    """Recorded crimes of the ward by type, most first."""
    frame = pd.DataFrame({"Type of crime": list(ward.by_type.index), "Recorded crimes": ward.by_type.to_numpy()})
    if frame.empty:
        frame = pd.DataFrame({"Type of crime": ["All recorded crime"], "Recorded crimes": [ward.crimes]})
    frame = frame.astype({"Recorded crimes": "Int64"})
    caption = f"Recorded crime by type, {ward.title}, {where.period}"
    return Table(frame, caption, "ward-types", (), where.opened.simulated)
