"""An executed chapter as the report holds it: a fragment of HTML, with the parameters that it ran with."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

TEMPLATES = Path(__file__).parent / "template"


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
        What the notebook wrote to its error stream, for the run's log.
    """

    name: str
    html: str
    parameters: dict[str, Any]
    warnings: tuple[str, ...]


def render_notebook(node: Any) -> str:
    """Return what an executed notebook shows as a fragment of HTML; its code is left out."""
    from nbconvert.exporters import HTMLExporter
    from traitlets.config import Config

    settings = Config({"HTMLExporter": {"exclude_anchor_links": True}})
    exporter = HTMLExporter(config=settings, template_name="chapter", extra_template_basedirs=[str(TEMPLATES)])
    body, _ = exporter.from_notebook_node(node)
    return str(body)
