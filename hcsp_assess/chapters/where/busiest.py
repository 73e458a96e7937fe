"""The busiest places of an edition: numbered on a map, with a key of names, counts and rates."""

import pandas as pd

from hcsp_assess.assessment.wording.busiest import note_visitors, say_busiest_alt, title_busiest
from hcsp_assess.assessment.wording.words import lower_first, upper_first
from hcsp_assess.chapters.shared.headings import heading_of
from hcsp_assess.edition.hotspots import Found, find_all
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.edition.places import EditionPlaces, open_places
from hcsp_assess.places.rates import TOO_FEW
from hcsp_assess.report.charts import Chart
from hcsp_assess.report.map_numbers import Numbered
from hcsp_assess.report.maps import chart_map, choose_breaks, class_by_breaks
from hcsp_assess.report.tables import Table

MOST = 10


def map_busiest(opened: OpenEdition, most: int = MOST, *, small: bool = False) -> Chart:
    """Map recorded crime per 1,000 residents, with numbers on the busiest places; `table_busiest` is the key.

    Parameters
    ----------
    most : int
        How many places are numbered.
    small : bool
        Whether it is the small version for the summary: lower, without the legend of classes, with a key of its own in
        links.

    Raises
    ------
    InputError
        If the edition has no records by place.
    """
    where = open_places(opened)
    table, codes = where.rates.table, where.busiest(most)
    shrunk, few = table["shrunk_rate"], f"under {TOO_FEW} crimes"
    classes = class_by_breaks(shrunk, choose_breaks(shrunk[~table["too_few"]]), too_few=table["too_few"], few=few)
    darker = " (darker: more)" if small else ""
    subtitle = f"Recorded crime per 1,000 residents{darker}, {opened.area.name}, {where.period}"
    key = "map-busiest-small" if small else "map-busiest"
    return chart_map(
        where.geography,
        classes,
        heading_of(opened, key, title_busiest(where.short_labels, where.crime, codes), subtitle),
        what="Crimes per 1,000 residents a year",
        alt=say_busiest_alt(where.labels, where.crime, codes),
        data=_key(where, codes) if small else _every(where),
        numbered=Numbered({code: number for number, code in enumerate(codes, start=1)}, small),
    )


def table_busiest(opened: OpenEdition, most: int = MOST, *, hotspots: bool = True) -> Table:
    """Key to the map: number, name, recorded crimes and rate of the busiest places, and what each is a hotspot of.

    Parameters
    ----------
    hotspots : bool
        Whether the last column is shown.
    """
    where = open_places(opened)
    codes = where.busiest(most)
    frame = _key(where, codes)
    if hotspots:
        found = find_all(where)
        frame["Hotspot of"] = [_hotspot_of(found, code) for code in codes]
    warnings = where.rates.table.loc[list(codes), "warning"]
    note = note_visitors(warnings, where.short_labels)
    caption = f"The {len(codes)} busiest places, {opened.area.name}, {where.period}"
    return Table(frame, caption, "places-busiest", (note,) if note else (), opened.simulated)


def _key(where: EditionPlaces, codes: tuple[str, ...]) -> pd.DataFrame:
    table = where.rates.table.loc[list(codes)]
    names = zip(where.labels[list(codes)], table["warning"], strict=True)
    return pd.DataFrame(
        {
            "Place": [f"{number} {name}{'*' if warning else ''}" for number, (name, warning) in enumerate(names, 1)],
            "Recorded crimes": table["count"].astype("Int64").to_numpy(),
            "Per 1,000 residents": table["rate"].round().astype("Int64").to_numpy(),
        }
    )


def _hotspot_of(found: Found, code: str) -> str:
    measures = found.measures_of(code)
    if len(measures) == len(found.where.counts.columns):
        return "Every kind shown here"
    return upper_first(", ".join(lower_first(name) for name in measures)) or "Not a hotspot"


def _every(where: EditionPlaces) -> pd.DataFrame:
    table = where.rates.table.sort_values("count", ascending=False, kind="stable")
    notes = table["warning"].map(lambda text: "many visitors" if text else "")
    return pd.DataFrame(
        {
            "Place": where.labels[table.index].to_numpy(),
            "Small area": where.geography.table["name"][table.index].to_numpy(),
            "Recorded crimes": table["count"].astype("Int64").to_numpy(),
            "Residents": table["base"].astype("Int64").to_numpy(),
            "Per 1,000 residents": table["rate"].to_numpy(),
            "Likely between": [f"{low:,.1f} and {high:,.1f}" for low, high in table[["low", "high"]].to_numpy()],
            "Rate on the map": table["shrunk_rate"].to_numpy(),
            "Note": notes.where(~table["too_few"], f"under {TOO_FEW} crimes").replace("", "none").to_numpy(),
        }
    )
