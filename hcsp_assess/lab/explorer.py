"""The explorer in JupyterLab: choose an edition, a crime type, a place and a period, and see the trend, maps and data.

Every part is made by a function of `lab.chosen`, and the code that it offers calls the same functions.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, replace
from functools import cache, partial
from typing import Any

import ipywidgets as widgets  # type: ignore[import-untyped]

from hcsp_assess.edition.opened import OpenEdition, open_edition
from hcsp_assess.edition.places import open_places
from hcsp_assess.errors import UsageError
from hcsp_assess.lab.chosen import PARTS, Choice, Chosen, choose, code_of, crime_types_of, describe_trend
from hcsp_assess.lab.chosen_place import WHOLE, places_of
from hcsp_assess.lab.compare_panel import ComparePanel, Period
from hcsp_assess.lab.compared import Compared, compare_with_period, compare_with_place
from hcsp_assess.lab.own_file import OwnFile
from hcsp_assess.lab.parts import STYLE, control, failures_said, part_html, row, said, tabs_of
from hcsp_assess.lab.sortable import script
from hcsp_assess.project import Project, find_project
from hcsp_assess.report.tables import escape
from hcsp_assess.subject.editions import editions

#: Heading of each control, by what it sets of a `Choice`.
HEADINGS = {"edition": "Edition:", "crime_type": "Crime type:", "place": "Place:", "first": "From:", "last": "To:"}
COMPUTING, SHOWN = "Computing", "Shown"


class Explorer(widgets.VBox):  # type: ignore[misc]
    """Controls at the top, the trend's sentence below, and tabs: each part, a comparison, your own file, the code.

    Parameters
    ----------
    project : Project
        The project whose editions are offered.
    choice : Choice
        The first series shown. Blank months mean the edition's first and last.

    Attributes
    ----------
    controls : dict of str to ipywidgets.Dropdown
        "edition", "crime_type", "place", "first", "last".
    parts : dict of str to ipywidgets.HTML
        One for each key of `chosen.PARTS`; empty until its tab is opened.
    compare : ComparePanel
        A second place, or two periods.
    tabs : ipywidgets.Tab
        The parts, the comparison, a file of your own and the code.
    sentence, status : ipywidgets.HTML
        The trend in words; progress or an error message.
    code : ipywidgets.Textarea
        Code that shows the same in a cell.
    own : OwnFile
        A file of your own.
    looked_at : set of Choice
        Series shown so far: with many series, some appear to change by chance.
    """

    def __init__(self, project: Project, choice: Choice) -> None:
        self.project = project
        self.controls = {name: control(heading) for name, heading in HEADINGS.items()}
        self.parts = {name: widgets.HTML() for name in PARTS}
        self.sentence, self.status = widgets.HTML(), widgets.HTML()
        self.code = widgets.Textarea(rows=16, layout=widgets.Layout(width="100%"))
        self.code.add_class("hcsp-code")
        self.looked_at: set[Choice] = set()
        self._opened: OpenEdition | None = None
        self._series: Chosen | None = None
        self._silent = False
        self.compare, self.own = ComparePanel(self._periods, self._place, self._code_of), OwnFile()
        titles = [*(title for title, _ in PARTS.values()), "Compare", "Your own file", "Code"]
        self.tabs = tabs_of([*self.parts.values(), self.compare, self.own, self.code], titles)
        boxes = row(*self.controls.values())
        super().__init__([widgets.HTML(STYLE), boxes, self.status, self.sentence, self.tabs, _scripts()])
        self.add_class("hcsp-explorer")
        self._begin(choice)

    def _begin(self, choice: Choice) -> None:
        """Show the first choice, then follow the controls."""
        self.controls["edition"].options = _edition_options(self.project)
        with self._failures_said():
            with self._silenced():
                self._open(choice.edition)
                self._choose(asdict(choice))
            self.show()
        for each in self.controls.values():
            each.observe(self._changed, names="value")
        self.tabs.observe(self._turned, names="selected_index")

    @property
    def choice(self) -> Choice:
        """The current choice in the controls."""
        return Choice(**{name: control.value for name, control in self.controls.items()})

    def show(self) -> None:
        """Show the chosen series in the open tab, or an error in one sentence."""
        with self._failures_said():
            self._say(f"{COMPUTING} the trend …")
            choice = self.choice
            if self._opened is None:
                raise UsageError(f"the edition {choice.edition} could not be opened: choose another edition")
            self.code.value = code_of(choice)  # first: it also shows where something fails
            series = choose(self._opened, choice.crime_type, **choice.options)
            self.looked_at.add(choice)
            self.sentence.value = describe_trend(series)._repr_html_() + _warning(len(self.looked_at))
            self._series = replace(series, places=self._places)
            for part in self.parts.values():
                part.value = ""
            held = [str(month) for month in series.counts.dropna().index]
            others = [(label, key) for label, key in self.controls["place"].options if key != choice.place]
            self.compare.offer([str(month) for month in series.counts.index], held, others)
            self._draw()

    def _draw(self) -> None:
        """Compute the part in the open tab, once: a map takes longer than a trend."""
        number, series = self.tabs.selected_index, self._series
        if series is None:
            return
        if number is not None and number < len(PARTS) and not (part := [*self.parts.values()][number]).value:
            title, make = [*PARTS.values()][number]
            self._say(f"{COMPUTING}: {title.lower()} …")
            part.value = part_html(make(series), code_of(self.choice, f"chosen.{make.__name__}(series)"))
        if number == len(PARTS):
            self.compare.show()
        self._say(f"{SHOWN}: {series.label}, {series.period}.")

    def _place(self, place: str) -> Compared:
        return compare_with_place(self._chosen(), place)

    def _periods(self, period: Period, other: Period) -> Compared:
        return compare_with_period(self._chosen(), period, other)

    def _chosen(self) -> Chosen:
        if self._series is None:
            raise UsageError("no series is shown: choose another from the lists")
        return self._series

    def _code_of(self, name: str, given: str) -> str:
        return code_of(self.choice, f"compared.{name}(series, {given})")

    def _turned(self, change: dict[str, Any]) -> None:
        with self._failures_said():
            self._draw()

    def _changed(self, change: dict[str, Any]) -> None:
        if self._silent:
            return
        with self._failures_said():
            if change["owner"] is self.controls["edition"]:
                with self._silenced():
                    kept = {name: self.controls[name].value for name in ("crime_type", "place")}
                    self._open(change["new"])
                    self._choose({name: value for name, value in kept.items() if value in self._offered(name)})
            self.show()

    def _open(self, edition: str) -> None:
        """Open an edition and fill the lists; the first time, its records are cleaned and counted."""
        self._opened = None
        self._say(f"{COMPUTING}: opening the edition {escape(edition)}. The first time, its records are counted …")
        opened = open_edition(edition, self.project)
        self.controls["edition"].value = edition
        months = [str(month) for month in opened.counts("series").index]
        self._offer("crime_type", [(label, key) for key, label in crime_types_of(opened).items()])
        self._offer("place", [(place.label, key) for key, place in places_of(opened.area).items()])
        self._offer("first", [(month, month) for month in months])
        self._offer("last", [(month, month) for month in months], place=-1)
        self._places = cache(partial(open_places, opened))
        self._opened = opened

    def _offer(self, name: str, options: list[tuple[str, str]], place: int = 0) -> None:
        self.controls[name].options = options
        self.controls[name].value = options[place][1]

    def _choose(self, wanted: dict[str, str]) -> None:
        """Set the controls; refuse a value that the edition does not have."""
        for name, value in wanted.items():
            if value and value not in self._offered(name):
                what = self.controls[name].description.rstrip(":").lower()
                raise UsageError(
                    f"edition {self.controls['edition'].value} has no {what} {value!r}: choose one from the list"
                )
            if value:
                self.controls[name].value = value

    def _offered(self, name: str) -> list[str]:
        return [key for _, key in self.controls[name].options]

    @contextmanager
    def _silenced(self) -> Iterator[None]:
        self._silent = True
        try:
            yield
        finally:
            self._silent = False

    def _failures_said(self) -> AbstractContextManager[None]:
        return failures_said(self._refuse)

    def _refuse(self, line: str) -> None:
        self._series = None
        self.sentence.value = self.compare.result.value = ""
        for part in self.parts.values():
            part.value = ""
        self.status.value = line

    def _say(self, text: str) -> None:
        self.status.value = said(text)


def explore(
    edition: str = "2025", crime_type: str = "recorded_crime", *, place: str = WHOLE, first: str = "", last: str = ""
) -> Explorer:
    """Open the explorer for the notebook's project; see `Explorer` and `chosen.choose`."""
    return Explorer(find_project(), Choice(str(edition), crime_type, place, first, last))


def _scripts() -> widgets.Output:
    """What makes the tables of all parts sortable: only an output of a cell may run a script."""
    return widgets.Output(outputs=({"output_type": "display_data", "data": {"text/html": script()}, "metadata": {}},))


def _edition_options(project: Project) -> list[tuple[str, str]]:
    known = editions(project.root)
    return [(f"{key}{' (simulated)' if item.simulated else ''}", key) for key, item in known.items()]


def _warning(number: int) -> str:
    if number == 1:
        return '<p class="certainty">This trend allows for one series only.</p>'
    return (
        f'<p class="certainty">You have looked at {number} series here, and each trend allows for one only. About '
        "one in 20 series without a trend appears to have one, so a single change proves little. The report's "
        "trends allow for every series in it.</p>"
    )
