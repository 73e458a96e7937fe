"""Results of a chapter in a panel that is closed until a reader opens it, or under a heading of their own."""

from dataclasses import dataclass

from hcsp_assess.report.tables import escape
from hcsp_assess.report.two_audiences import Shown


@dataclass(frozen=True)
class Folded:
    """Results in a closed panel; nothing where none of them shows anything.

    Attributes
    ----------
    summary : str
        The line that opens it.
    items : tuple
        Charts, tables and findings, in their order.

    Examples
    --------
    >>> Folded("Every month", ())._repr_html_()
    ''
    """

    summary: str
    items: tuple[Shown, ...]

    def _repr_html_(self) -> str:
        shown = html_of(self.items)
        return f"<details><summary>{escape(self.summary)}</summary>\n{shown}\n</details>" if shown else ""


@dataclass(frozen=True)
class Titled:
    """Results under a heading; nothing, and no heading, where none of them shows anything.

    Attributes
    ----------
    title : str
        The heading.
    items : tuple
        Charts, tables and findings, in their order.
    level : int
        Of the heading: 2 is the level below the chapter's own.
    """

    title: str
    items: tuple[Shown, ...]
    level: int = 2

    def _repr_html_(self) -> str:
        shown = html_of(self.items)
        return f"<h{self.level}>{escape(self.title)}</h{self.level}>\n{shown}" if shown else ""


def html_of(items: tuple[Shown, ...]) -> str:
    """What several results show, one after the other; "" where none shows anything."""
    return "\n".join(shown for item in items if (shown := item._repr_html_()).strip())
