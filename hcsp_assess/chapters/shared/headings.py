"""What is printed above and below a chart of an edition's police records."""

from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.report.charts import Heading


def heading_of(opened: OpenEdition, key: str, title: str, subtitle: str) -> Heading:
    """Return the heading of a chart of police records, with their source and whether they are simulated."""
    return Heading(key=key, title=title, subtitle=subtitle, source=opened.source.name, simulated=opened.simulated)
