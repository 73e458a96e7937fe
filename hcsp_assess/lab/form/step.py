"""What the steps of the form share: a heading, a status line, errors in one sentence, and what is not saved yet."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ipywidgets as widgets  # type: ignore[import-untyped]

from hcsp_assess.errors import InputError, Problem, UsageError
from hcsp_assess.lab.parts import UPLOAD_STYLE
from hcsp_assess.project import Project
from hcsp_assess.report.tables import escape

STYLE = (
    f"""<style>{UPLOAD_STYLE}</style>"""
    + """<style>
.hcsp-form { max-width: 84rem; }
.hcsp-form .widget-html, .hcsp-form .widget-html-content { height: auto; line-height: 1.45; text-align: left;
  white-space: normal; }
.hcsp-form h2 { border-top: 1px solid #b1b4b6; font-size: 1.35em; margin: 1.2em 0 0.3em; padding-top: 0.6em; }
.hcsp-form h3 { font-size: 1.1em; margin: 0.8em 0 0.3em; }
.hcsp-form p { margin: 0.3em 0; max-width: 50rem; }
.hcsp-form ul { margin: 0.3em 0 0.3em 1.2em; max-width: 50rem; padding: 0; }
.hcsp-form table { border-collapse: collapse; margin: 0.4em 0; }
.hcsp-form th, .hcsp-form td { border-bottom: 1px solid #d9d9d8; padding: 0.2em 0.8em 0.2em 0; text-align: left;
  vertical-align: top; }
.hcsp-form summary { cursor: pointer; }
.hcsp-form .wrong { border-left: 4px solid #b00020; padding-left: 0.6em; }
.hcsp-form .unsaved { font-weight: 600; }
.hcsp-form .preview { border-left: 4px solid #1d70b8; padding-left: 0.8em; }
.hcsp-form .evidence { background: #f3f2f1; color: #0b0c0c; padding: 0.3em 0.8em; }
.hcsp-form a { color: #1d70b8; text-decoration: underline; }
.hcsp-form textarea { font-family: inherit; line-height: 1.4; }
.hcsp-form .label-unseen > .widget-label { clip-path: inset(50%); height: 1px; margin: 0; overflow: hidden;
  position: absolute; width: 1px; }
</style>"""
)
WIDE = widgets.Layout(width="auto", margin="2px 4px 2px 0")
LONG = widgets.Layout(width="50rem", max_width="100%")
FIELD = widgets.Layout(width="34rem", max_width="100%")
LABEL = {"description_width": "9rem"}
DISCARD = "Discard"
BROUGHT_BACK = "What you typed and did not save is here again: save it, or discard it."


@dataclass
class Chosen:
    """What the form is about: a project, and the area and edition chosen in it; "" while there is none."""

    project: Project
    area: str = ""
    edition: str = ""


class Step(widgets.VBox):  # type: ignore[misc]
    """One step of the form.

    Parameters
    ----------
    number : int
        Its place in the order.
    title : str
        Its heading.
    chosen : Chosen
        What the form is about, the same for all steps.
    children : sequence of ipywidgets.Widget
        Its content, below the status line.

    Attributes
    ----------
    status : ipywidgets.HTML
        What was done last, or what is wrong, in one sentence.
    """

    def __init__(self, number: int, title: str, chosen: Chosen, children: Sequence[Any]) -> None:
        self.chosen, self.silent = chosen, False
        self.status = widgets.HTML()
        self.status.add_class("hcsp-status")
        heading = widgets.HTML(f'<h2 id="step-{number}">{number} {escape(title)}</h2>')
        super().__init__([heading, *children, self.status])

    @property
    def project(self) -> Project:
        """The project."""
        return self.chosen.project

    @property
    def unsaved(self) -> str:
        """What is typed and not saved, in words; "" where all is saved."""
        return ""

    def refresh(self) -> None:
        """Show the area and the edition chosen, from what is on disk."""

    def save(self) -> bool:
        """Save what is typed; return whether nothing is left unsaved."""
        return True

    def say(self, text: str) -> None:
        """Say what was done."""
        self.status.value = f'<p role="status">{escape(text)}</p>' if text else ""

    def refuse(self, reason: str) -> None:
        """Say what is wrong; what was typed stays."""
        ended = reason if reason.endswith((".", "?", "!")) else f"{reason}."
        self.status.value = f'<p role="alert" class="wrong">{escape(ended[0].upper() + ended[1:])}</p>'

    @contextmanager
    def silenced(self) -> Iterator[None]:
        """Fill in controls without following what they report meanwhile: `silent` says so."""
        before, self.silent = self.silent, True
        try:
            yield
        finally:
            self.silent = before

    @contextmanager
    def failures_said(self) -> Iterator[None]:
        """Say an error in the step: a traceback in a callback would only reach a hidden log."""
        try:
            yield
        except OSError as error:
            self.refuse(f"{error.strerror or error}{f' ({error.filename})' if error.filename else ''}. Nothing is lost")
        except (InputError, UsageError) as error:
            self.refuse(str(error))
        except Exception as error:  # a mistake of ours: said too
            self.refuse(f"This is an error of the software, and nothing typed is lost: {type(error).__name__}: {error}")


def button(words: str, *, important: bool = False) -> widgets.Button:
    """Return a button as wide as its words."""
    style = "primary" if important else ""
    return widgets.Button(
        description=words, button_style=style, layout=widgets.Layout(width="auto", align_self="flex-start")
    )


def labelled(box: Any, words: str) -> Any:
    """Give a control a label that only a screen reader says, where its place says the same to the eye."""
    box.description = words
    box.add_class("label-unseen")
    return box


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table as HTML; texts are escaped."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def problems_html(problems: Sequence[Problem]) -> str:
    """Return problems as a list, those that stop a run first."""
    if not problems:
        return ""
    ordered = sorted(problems, key=lambda item: not item.stops)
    kinds = {True: "Stops a run", False: "Worth knowing"}
    return table(["", "Where", "What"], [[kinds[item.stops], item.where, item.what] for item in ordered])


def file_address(path: Path) -> str:
    """Return the address of a file on the JupyterLab server that this kernel belongs to, or "" if there is none.

    The page opens as it is, in a tab of its own; JupyterLab's own viewer would show it in a frame.
    """
    from urllib.parse import quote

    from jupyter_server.serverapp import list_running_servers

    servers = list(list_running_servers())
    mine = [item for item in servers if str(item.get("pid")) == os.environ.get("JPY_PARENT_PID")] or servers
    for server in mine:
        root = Path(str(server.get("root_dir", ""))).resolve()
        if path.resolve().is_relative_to(root):
            return f"{server.get('base_url', '/')}files/{quote(path.resolve().relative_to(root).as_posix())}"
    return ""
