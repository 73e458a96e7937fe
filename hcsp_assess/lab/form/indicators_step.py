"""Step 6: the partnership's own indicators; another one is added with its quarters."""

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets  # type: ignore[import-untyped]

from hcsp_assess.errors import UsageError
from hcsp_assess.lab.form.step import FIELD, LABEL, Chosen, Step, button, table
from hcsp_assess.periods import Quarter
from hcsp_assess.setup.own_indicator import POLARITIES, UNITS, add_indicator
from hcsp_assess.sources.own_indicators import read_own_indicators
from hcsp_assess.subject.areas import area
from hcsp_assess.subject.editions import edition
from hcsp_assess.subject.own_definitions import own_folder

BETTER = {"lower": "a lower figure", "higher": "a higher figure", "not stated": "not stated"}


class IndicatorsStep(Step):
    """The indicators of the area, and a new one with its figures.

    Parameters
    ----------
    changed : callable
        Called when an indicator was added.

    Attributes
    ----------
    name, target, year : ipywidgets.Text
        What readers see; the number to reach, and in which financial year.
    unit, better : ipywidgets.Dropdown
        Count or percentage; which way is better.
    figures, out_of : dict of str to ipywidgets.Text
        Figures by quarter, and the number of people or cases that a percentage is of.
    add : ipywidgets.Button
        Writes the indicator.
    """

    def __init__(self, chosen: Chosen, changed: Callable[[], None]) -> None:
        self._changed, self._area = changed, chosen.area
        self.known = widgets.HTML()
        self.name = _text("New indicator:", "What readers see, such as Fly-tipping")
        self.unit = widgets.Dropdown(options=UNITS, description="Unit:", layout=FIELD, style=LABEL)
        better = [(BETTER.get(each, each), each) for each in POLARITIES]
        self.better = widgets.Dropdown(
            options=better, value="not stated", description="Better is:", layout=FIELD, style=LABEL
        )
        self.target, self.year = _text("Target:", "Only if there is one"), _text("In the year:", "Such as 2026-27")
        self.figures: dict[str, Any] = {}
        self.out_of: dict[str, Any] = {}
        self._grid = widgets.HBox(layout=widgets.Layout(flex_flow="row wrap", max_width="52rem"))
        self.add = button("Add this indicator", important=True)
        fields = [self.name, self.unit, self.better, self.target, self.year, self._grid, self.add]
        super().__init__(6, "Indicators of your own", chosen, [self.known, *fields])
        self.unit.observe(lambda _: self._show_quarters(), names="value")
        self.name.observe(lambda _: self._mark(), names="value")
        self.add.on_click(lambda _: self.save())

    @property
    def unsaved(self) -> str:
        """Whether an indicator is typed and not added."""
        name = self.name.value.strip()
        figures = any(box.value.strip() for box in self.figures.values())
        return f"the indicator {name or 'without a name'} of {self._area} is not added" if name or figures else ""

    def refresh(self) -> None:
        """List the area's indicators, and offer the quarters of the edition and of the year before."""
        with self.failures_said():
            self.say("")
            if self.unsaved and self._area != self.chosen.area:
                self.refuse(f"{self.unsaved}: it is shown here until it is added")
                return
            self._area = self.chosen.area
            self.known.value = self._known() if self.chosen.area else "<p>Choose an area first.</p>"
            self._show_quarters()

    def save(self) -> bool:
        """Add the indicator that is typed; return whether nothing is left unsaved."""
        if not self.unsaved:
            return True
        with self.failures_said():
            if not self._area:
                raise UsageError("choose an area first, in step 1")
            name = self.name.value.strip()
            sheet = add_indicator(
                self.project,
                self._area,
                name,
                self.unit.value,
                self.better.value,
                self._typed(),
                self._target(),
            )
            for box in (self.name, self.target, self.year, *self.figures.values(), *self.out_of.values()):
                box.value = ""
            self._mark()
            self._changed()
            self.refresh()
            where = sheet.relative_to(self.project.root)
            self.say(f"Added: {name}. Its figures are in {where}, where later quarters can be written too.")
            return True
        return False

    def _typed(self) -> dict[str, float | tuple[float, int]]:
        """The figures by quarter, those of a percentage with the number that it is of where that is typed."""
        figures = _numbers(self.figures)
        whole = {name: round(value) for name, value in _numbers(self.out_of).items()}
        if self.unit.value != "percent":
            return {**figures}
        if alone := sorted(whole.keys() - figures.keys()):
            raise UsageError(f"{alone[0]} has the number that a percentage is of, but no percentage: fill in both")
        return {name: (value, whole[name]) if name in whole else value for name, value in figures.items()}

    def _target(self) -> tuple[str, float] | None:
        value, year = _number("the target", self.target.value), self.year.value.strip()
        if value is None and not year:
            return None
        if value is None or not year:
            raise UsageError("a target needs its number and its financial year: fill in both, or neither")
        return year, value

    def _known(self) -> str:
        folder = own_folder(self.chosen.area, self.project.root)
        known = read_own_indicators(folder) if folder is not None else ()
        if not known:
            return f"<p>{area(self.chosen.area, self.project.root).name} has no indicators of its own yet.</p>"
        rows = [[item.name, item.unit, BETTER.get(item.polarity, item.polarity)] for item in known]
        return table(["Indicator", "Unit", "Better is"], rows)

    def _show_quarters(self) -> None:
        """A box for each quarter; what is typed in one stays when the unit changes."""
        names = [str(quarter) for quarter in self._quarters()]
        for kept, words in ((self.figures, ""), (self.out_of, " out of")):
            for name in names:
                kept.setdefault(name, _small(f"{name}{words}:"))
        shown = [self.figures[name] for name in names]
        if self.unit.value == "percent":
            shown += [self.out_of[name] for name in names]
        self._grid.children = shown

    def _quarters(self) -> list[Quarter]:
        if not self.chosen.edition:
            return []
        span = edition(self.chosen.edition, self.project.root).span
        quarters = sorted({Quarter.of(month) for month in span.months})
        return [*(each.year_before for each in quarters), *quarters]

    def _mark(self) -> None:
        self.add.description = "Add this indicator (not saved yet)" if self.unsaved else "Add this indicator"


def _text(words: str, example: str) -> widgets.Text:
    return widgets.Text(description=words, placeholder=example, layout=FIELD, style=LABEL)


def _small(words: str) -> widgets.Text:
    return widgets.Text(description=words, layout=widgets.Layout(width="12rem"), style={"description_width": "initial"})


def _numbers(boxes: dict[str, Any]) -> dict[str, float]:
    found = {name: _number(name, box.value) for name, box in boxes.items()}
    return {name: value for name, value in found.items() if value is not None}


def _number(what: str, typed: str) -> float | None:
    plain = typed.strip().replace(",", "").removesuffix("%").strip()
    if not plain:
        return None
    try:
        value = float(plain)
    except ValueError:
        value = float("nan")
    if value != value or value in (float("inf"), float("-inf")):
        raise UsageError(f"{what}: {typed.strip()!r} is not a number; write it as 412 or 1,204.5")
    return value
