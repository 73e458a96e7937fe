"""The explorer's part for your own file: choose a CSV or xlsx file, say what is counted, see its trend."""

from typing import Any

import ipywidgets as widgets  # type: ignore[import-untyped]

from hcsp_assess.lab.compare_panel import ComparePanel, Period
from hcsp_assess.lab.compared import Compared
from hcsp_assess.lab.own_series import KINDS, OWN_PARTS, OwnSeries, assess_own, compare_own, describe_own, read_own
from hcsp_assess.lab.parts import control, failures_said, part_html, row, said, tabs_of
from hcsp_assess.report.tables import escape
from hcsp_assess.sources.series_files import SeriesFile

BEFORE = (
    "<p>Choose a .csv or .xlsx file of monthly or quarterly counts, with a column of months and a column of counts. "
    "It may have up to 5 MB. It is read on this computer: no copy is kept and it is not sent anywhere. Do not use a "
    "file with personal data, such as names, addresses or a row for each person. Such a file is refused.</p>"
)
DEFAULT_UNIT = "offences"
OF_COMMAND = (
    " (words that begin with -- are options of the command hcsp-assess trends; here, use a file with one table)"
)


class OwnFile(widgets.VBox):  # type: ignore[misc]
    """A file with series of counts: its trend, charts, figures and two periods compared.

    Attributes
    ----------
    upload : ipywidgets.FileUpload
        The file.
    unit : ipywidgets.Text
        What is counted, as a sentence names it: "ambulance calls".
    series : ipywidgets.Dropdown
        Which series of the file is shown.
    sentence, status : ipywidgets.HTML
        The trend in words; progress, notes on the file or an error.
    parts : dict of str to ipywidgets.HTML
        One for each key of `own_series.OWN_PARTS`; empty until its tab is opened.
    """

    def __init__(self) -> None:
        self.upload = widgets.FileUpload(description="Choose a file", accept=",".join(KINDS), multiple=False, icon="")
        self.upload.tooltip = self.upload.description
        self.unit = control("What is counted:", widgets.Text, "24em", placeholder="ambulance calls")
        self.unit.continuous_update = False
        self.series = control("Series:")
        self.sentence, self.status, self.notes = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.parts = {name: widgets.HTML() for name in OWN_PARTS}
        self.compare = ComparePanel(self._two_periods)
        self.tabs = tabs_of(
            [*self.parts.values(), self.compare], [*(title for title, _ in OWN_PARTS.values()), "Compare"]
        )
        self._found: SeriesFile | None = None
        self._assessed: dict[str, OwnSeries] = {}
        self._name, self._waiting = "", False
        self._shown: tuple[Any, ...] = (row(self.series), self.notes, self.sentence, self.tabs)
        self._first: tuple[Any, ...] = (widgets.HTML(BEFORE), row(self.upload, self.unit), self.status)
        super().__init__(self._first)
        self.upload.observe(self._received, names="value")
        self.unit.observe(self._renamed, names="value")
        self.series.observe(self._chosen, names="value")
        self.tabs.observe(lambda change: self._draw(), names="selected_index")

    def read(self, name: str, content: bytes) -> None:
        """Read a file and show its first series, or say in a sentence what is wrong with it."""
        self._found = None
        self.status.value = said(f"Computing: reading {escape(name)} …")
        with failures_said(self._refuse):
            self._found, self._name = read_own(name, content), name
            self._assess()

    def _received(self, change: dict[str, Any]) -> None:
        if change["new"]:
            file = change["new"][0]
            self.read(str(file["name"]), bytes(file["content"]))

    def _renamed(self, change: dict[str, Any]) -> None:
        if self._found is not None:
            with failures_said(self._refuse):
                self._assess(self.series.value)

    def _assess(self, keep: str | None = None) -> None:
        found = self._found
        if found is None:
            return
        unit = self.unit.value.strip() or found.unit_hint or DEFAULT_UNIT
        self._assessed = assess_own(found, unit, self._name)
        self._waiting = True
        self.series.options = list(self._assessed)
        self.series.value = keep or self.series.options[0]
        self._waiting = False
        self.notes.value = "".join(f"<p>{escape(note)}</p>" for note in found.notes)
        self.children = (*self._first, *self._shown)
        self._show()

    def _chosen(self, change: dict[str, Any]) -> None:
        if not self._waiting and change["new"]:
            with failures_said(self._refuse):
                self._show()

    def _show(self) -> None:
        series = self._assessed[self.series.value]
        self.sentence.value = describe_own(series)._repr_html_()
        months = [str(month) for month in series.counts.index]
        self.compare.offer(months, [str(month) for month in series.counts.dropna().index])
        for part in self.parts.values():
            part.value = ""
        self._draw()

    def _draw(self) -> None:
        if not self._assessed:
            return
        with failures_said(self._refuse):
            number, series = self.tabs.selected_index or 0, self._assessed[self.series.value]
            if number >= len(OWN_PARTS):
                self.compare.show()
            elif not (part := [*self.parts.values()][number]).value:
                title, make = [*OWN_PARTS.values()][number]
                self.status.value = said(f"Computing: {title.lower()} …")
                part.value = part_html(make(series))
            self.status.value = said(
                f"Shown: {escape(series.name)}, {escape(series.unit)}, from {escape(series.source)}."
            )

    def _two_periods(self, period: Period, other: Period) -> Compared:
        return compare_own(self._assessed[self.series.value], period, other)

    def _refuse(self, line: str) -> None:
        self._found, self._assessed = None, {}
        self.children = self._first
        self.status.value = line.replace(".</p>", f"{OF_COMMAND}.</p>") if " --" in line else line
