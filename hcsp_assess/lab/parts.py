"""What the explorer's widgets share: controls with whole labels, parts with their buttons, failures in a sentence."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import ipywidgets as widgets  # type: ignore[import-untyped]

from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.lab.sortable import wrapped
from hcsp_assess.lab.take_away import buttons
from hcsp_assess.report.tables import escape

#: The button of an upload as its tooltip says, without the number of files that the widget adds: "(0)".
UPLOAD_STYLE = """
.jupyter-widgets.widget-upload { font-size: 0; }
.jupyter-widgets.widget-upload::before { content: attr(title); content: attr(title) / ""; font-size: 13px; }
"""
STYLE = (
    f"""<style>{UPLOAD_STYLE}</style>"""
    + """<style>
.hcsp-explorer .widget-html-content { line-height: 1.4; text-align: left; white-space: normal; }
.hcsp-explorer .headline { font-weight: 600; }
.hcsp-explorer .headline .rest { font-weight: 400; }
.hcsp-explorer table { border-collapse: collapse; width: auto; margin-left: 0; }
.hcsp-explorer th, .hcsp-explorer td { border-bottom: 1px solid #d9d9d8; padding: 0.15em 0.6em; text-align: left; }
.hcsp-explorer .number, .hcsp-explorer .figure { padding: 0.15em 0.4em; text-align: right; white-space: nowrap; }
.hcsp-explorer caption { caption-side: top; font-weight: 600; padding-bottom: 0.4em; text-align: left; }
.hcsp-explorer .table-scroll { overflow-x: auto; }
.hcsp-explorer figure { margin: 0.5em 0; max-width: 62em; }
.hcsp-explorer p { margin: 0.3em 0; max-width: 62em; }
.hcsp-explorer .area-map svg { height: auto; max-width: 100%; }
.hcsp-explorer .model-results { line-height: 1.25; overflow-x: auto; }
.hcsp-explorer .hcsp-buttons { align-items: center; display: flex; flex-wrap: wrap; gap: 0.5em; margin: 0.5em 0; }
.hcsp-explorer .hcsp-button { color: inherit; padding: 0 1em; text-decoration: none; width: auto; }
.hcsp-explorer .widget-label, .hcsp-explorer .jupyter-widget-label { max-width: none; overflow: visible; }
.hcsp-explorer .lm-TabBar-content { flex-wrap: wrap; }
.hcsp-explorer { --jp-widgets-horizontal-tab-width: auto; }
.hcsp-explorer .lm-TabBar .lm-TabBar-tab { flex: 0 0 auto; max-width: none; min-width: 0; }
.hcsp-explorer .lm-TabBar-tabLabel { overflow: visible; }
</style>"""
)
WRONG = "Not shown"


def control(heading: str, kind: type = widgets.Dropdown, width: str = "auto", **options: Any) -> Any:
    """A control with its label in full beside it."""
    layout = widgets.Layout(width=width, max_width="100%")
    return kind(description=heading, layout=layout, style={"description_width": "initial"}, **options)


def row(*children: Any) -> Any:
    """Controls beside each other, in as many lines as they need."""
    return widgets.HBox(list(children), layout=widgets.Layout(flex_flow="row wrap", grid_gap="0 1em"))


def part_html(shown: Any, code: str = "") -> str:
    """What a part shows, with sortable tables and the buttons below."""
    return wrapped(shown._repr_html_()) + buttons(shown, code)


def said(text: str, role: str = "status") -> str:
    """A line on progress, or an error (role "alert"), that a screen reader announces."""
    return f'<p role="{role}" class="hcsp-status">{text}</p>'


@contextmanager
def failures_said(refuse: Callable[[str], None]) -> Iterator[None]:
    """Hand an error over as a line: a traceback in a callback would only reach a hidden log."""
    try:
        yield
    except (InputError, UsageError, OSError) as error:
        refuse(refusal(str(error)))
    except Exception as error:  # a mistake of ours: said too, with the way to find it
        refuse(refusal(f"{type(error).__name__}: {error}; run the code in the last tab to see where"))


def refusal(reason: str) -> str:
    """An error as the line that is shown instead of a result."""
    ended = reason if reason.endswith((".", "?")) else f"{reason}."
    return said(f"{WRONG}: {escape(ended)}", role="alert")


def tabs_of(children: Sequence[Any], titles: Sequence[str]) -> Any:
    """Tabs whose first is open."""
    return widgets.Tab(list(children), titles=tuple(titles), selected_index=0)
