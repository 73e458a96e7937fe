"""The chapter on where: what is in another chapter, and what these records do not show."""

from hcsp_assess.assessment.findings import Findings
from hcsp_assess.assessment.wording.hotspots import describe_elsewhere, where_gaps
from hcsp_assess.chapters.where.harm import COMPARISON, has_comparison, open_harm
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.edition.places import EditionPlaces, open_places
from hcsp_assess.sources.action_log import find_action_logs


def say_elsewhere(where: EditionPlaces) -> Findings:
    """Lead to the chapter that compares the area with others and weighs harm; nothing where there is none."""
    if not has_comparison(where.opened):
        return Findings(())
    return Findings((describe_elsewhere(where.opened.area.name, COMPARISON),))


def list_gaps(opened: OpenEdition) -> tuple[tuple[str, str, str], ...]:
    """What this chapter does not cover, for the one table of it: subject, why not, and who holds it.

    An edition without records by place has one line.
    """
    placed = opened.has_places
    return where_gaps(
        opened.area.force_name,
        records=placed,
        log=bool(find_action_logs(opened.project.root)) and not opened.simulated,
        simulated=opened.simulated,
        harm=has_comparison(opened) or (placed and open_harm(open_places(opened)) is not None),
    )
