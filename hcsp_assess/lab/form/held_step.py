"""Step 3: what the edition has, what is missing and who holds it; a filled return is taken in here."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets  # type: ignore[import-untyped]

from hcsp_assess.assessment.wording.words import listed
from hcsp_assess.errors import UsageError
from hcsp_assess.lab.form.download import download_link
from hcsp_assess.lab.form.held import Held, held_of
from hcsp_assess.lab.form.step import FIELD, LABEL, Chosen, Step, table
from hcsp_assess.report.tables import escape
from hcsp_assess.setup.receive_return import Received, blank_template, receive_return
from hcsp_assess.sources.returns import return_definition, return_names
from hcsp_assess.sources.returns.sheets import SUFFIXES


class HeldStep(Step):
    """What is held, and the place to add a partner's return.

    Parameters
    ----------
    changed : callable
        Called when a return was taken in.

    Attributes
    ----------
    summary : ipywidgets.HTML
        What is held of each source, and the register of returns.
    name : ipywidgets.Dropdown
        Which return.
    template : ipywidgets.HTML
        A link that downloads its blank template.
    upload : ipywidgets.FileUpload
        A filled return: checked and kept at once.
    day : ipywidgets.DatePicker
        When it was received.
    """

    def __init__(self, chosen: Chosen, changed: Callable[[], None]) -> None:
        self._changed = changed
        self.summary, self.template = widgets.HTML(), widgets.HTML()
        self.name = widgets.Dropdown(description="Return:", layout=FIELD, style=LABEL)
        self.day = widgets.DatePicker(description="Received on:", value=_today(), style=LABEL)
        self.upload = widgets.FileUpload(
            accept=",".join(SUFFIXES),
            multiple=False,
            description="Add a filled return",
            button_style="primary",
            icon="",
        )
        self.upload.tooltip = self.upload.description
        self.upload.layout.width = "auto"
        row = widgets.HBox([self.day, self.upload])
        super().__init__(3, "What is held", chosen, [self.summary, self.name, self.template, row])
        self.name.observe(lambda _: self._offer_template(), names="value")
        self.upload.observe(self._uploaded, names="value")
        self._list_returns()

    def refresh(self) -> None:
        """Look at what is held."""
        with self.failures_said():
            self.say("")
            if not self.chosen.edition:
                self.summary.value = "<p>Choose an area and an edition first.</p>"
                return
            self.summary.value = _held_html(held_of(self.chosen.edition, self.project))

    def _list_returns(self) -> None:
        with self.failures_said():
            known = [return_definition(name, self.project.root) for name in return_names(self.project.root)]
            self.name.options = sorted((item.title, item.name) for item in known)
            self.name.value = "marac" if any(item.name == "marac" for item in known) else known[0].name

    def _offer_template(self) -> None:
        with self.failures_said():
            name = self.name.value
            title = return_definition(name, self.project.root).title
            link = download_link(f"{name}.xlsx", blank_template(name, self.project), f"Blank template: {title}")
            self.template.value = f"<p>{link}</p>"

    def _uploaded(self, change: dict[str, Any]) -> None:
        if not change["new"]:
            return
        with self.failures_said():
            if not self.chosen.edition:
                raise UsageError("choose an area and an edition first: a return is kept for one area")
            file, day = change["new"][0], self.day.value or _today()
            content = bytes(file["content"])
            taken = receive_return(self.chosen.edition, self.name.value, file["name"], content, self.project, day=day)
            self._changed()
            self.status.value = _taken_html(taken)
        self.upload.value = ()  # so that the same file can be added again once it is corrected


def _held_html(held: Held) -> str:
    rows = [[item.what, item.held, item.missing] for item in held.sources]
    parts = [table(["Source", "What is held", "What is missing"], rows)]
    if held.received:
        lines = [[item.title, item.period, item.status, item.holder] for item in held.received]
        parts.append(f"<h3>Returns received</h3>{table(['Return', 'Period', 'Status', 'From'], lines)}")
    if held.expected:
        lines = [[item.title, item.period, item.status, item.holder] for item in held.expected]
        words = f"{len(held.expected)} returns not received, and who holds them"
        expected = table(["Return", "Period", "Status", "Expected from"], lines)
        parts.append(f"<details><summary>{escape(words)}</summary>{expected}</details>")
    return "".join(parts)


def _taken_html(taken: Received) -> str:
    account = taken.result.account
    added = f" The edition now has {listed(taken.added)}." if taken.added else ""
    said = f"Saved: {taken.path.name}, {account.kept} of {account.rows_in} rows kept.{added}"
    aside = taken.result.set_aside.astype(str).to_dict("records")
    rows = [[row["sheet"], row["cell"], row["column"], row["reason"], row["original"]] for row in aside]
    below = table(["Sheet", "Cell", "Column", "Why it was set aside", "What it says"], rows) if rows else ""
    return f'<p role="status">{escape(said)}</p>{below}'


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()
