"""The chapter on where, continued: every ward and market town in one table that can be searched."""

import pandas as pd

from hcsp_assess.assessment.findings import Findings
from hcsp_assess.assessment.wording.words import listed
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.edition.wards import WardChange, WardSummary, open_wards
from hcsp_assess.report.finder import Finder
from hcsp_assess.report.tables import Table

MOST_TYPES = 3  # kinds of crime named for a ward


def find_ward(opened: OpenEdition) -> Finder | Findings:
    """Show every ward and town, in order of name, with a box to find one; nothing where the edition has no wards."""
    found = open_wards(opened)
    every = sorted((*found.wards, *found.towns), key=lambda item: item.name)
    if not every:
        return Findings(())
    frame = pd.DataFrame([_row(item) for item in every])
    towns = f" and {len(found.towns)} market towns" if found.towns else ""
    caption = f"Recorded crime by ward, {found.area}, {found.period}"
    notes = (
        "* Many people come here to shop or go out, so the rate for residents means little.",
        "A ward is made up of whole small areas, so its figures are close to its own, not exactly those. Rank 1 has "
        "most recorded crime. A change is like that elsewhere unless we say otherwise.",
        f"Residents: {found.people_from}.",
    )
    table = Table(frame, caption, "wards", notes, found.simulated)
    return Finder(table, f"Find your ward: all {len(found.wards)} wards{towns}", "Ward or town")


def _row(item: WardSummary) -> dict[str, object]:
    change = {} if item.change is None else {f"{item.change.span} (a year earlier)": _say_change(item.change)}
    behaviour = {} if item.anti_social_behaviour is None else {"Anti-social behaviour": item.anti_social_behaviour}
    kinds = listed(
        [f"{str(name).lower()} ({count:,})" for name, count in item.by_type.head(MOST_TYPES).items() if count]
        or ["none"]
    )
    places = ", ".join(str(number) for number, _, _ in item.on_map)
    return {
        "Ward or town": f"{item.title if item.kind == 'ward' else f'{item.name} (town)'}{'*' if item.visitors else ''}",
        "Residents": item.residents,
        "Recorded crimes": item.crimes,
        "Per 1,000 residents": round(item.rate.value),
        "Rank": f"{item.rank} of {item.of}",
        **behaviour,
        **change,
        "Most recorded": kinds,
        "Hotspots": "; ".join(name for name, _ in item.hotspots) or "none",
        "On the map": places or "none",
    }


def _say_change(change: WardChange) -> str:
    moved = f", {change.word}" if "than elsewhere" in change.word else ""
    return f"{change.after:,} ({change.before:,}){moved}"
