"""An executed chapter as the report holds it: a fragment of HTML, with the parameters that it ran with."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

TEMPLATES = Path(__file__).parent / "template"
_rendering = Lock()  # of chapters that end at once, one after the other: an exporter holds what it works on


@dataclass(frozen=True)
class Chapter:
    """An executed notebook.

    Attributes
    ----------
    name : str
        Name of the notebook without its ending.
    html : str
        What it shows, as a fragment of HTML; its headings start at level 1.
    parameters : dict
        Every parameter with the value it ran with.
    warnings : tuple of str
        Why its kernel was started again, and what the notebook wrote to its error stream, for the run's log.
    """

    name: str
    html: str
    parameters: dict[str, Any]
    warnings: tuple[str, ...]


def render_notebook(node: Any) -> str:
    """Return what an executed notebook shows as a fragment of HTML; its code is left out."""
    with _rendering:
        body, _ = _exporter().from_notebook_node(node)
    return str(body)


@cache  # it reads its templates when it is made
def _exporter() -> Any:
    from nbconvert.exporters import HTMLExporter
    from traitlets.config import Config

    settings = Config({"HTMLExporter": {"exclude_anchor_links": True}})
    return HTMLExporter(config=settings, template_name="chapter", extra_template_basedirs=[str(TEMPLATES)])
