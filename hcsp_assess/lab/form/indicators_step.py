"""Step 6: the partnership's own indicators; another one is added with its quarters."""

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets  # type: ignore[import-untyped]

from hcsp_assess.errors import UsageError
from hcsp_assess.lab.form.step import BROUGHT_BACK, DISCARD, FIELD, LABEL, Chosen, Step, button, table
from hcsp_assess.lab.form.typed_copies import TypedCopies, text_of, texts_of
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
    add, discard : ipywidgets.Button
        Write the indicator; empty the boxes.
    """

    def __init__(self, chosen: Chosen, changed: Callable[[], None]) -> None:
        self._added, self._area = changed, chosen.area
        self._copies = TypedCopies(chosen.project.processed / "form" / "indicators")
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
        self.add, self.discard = button("Add this indicator", important=True), button(DISCARD)
        fields = [self.name, self.unit, self.better, self.target, self.year]
        buttons = widgets.HBox([self.add, self.discard])
        super().__init__(6, "Indicators of your own", chosen, [self.known, *fields, self._grid, buttons])
        self.unit.observe(lambda _: self._show_quarters(), names="value")
        for box in fields:
            box.observe(lambda _: self._changed(), names="value")
        self.add.on_click(lambda _: self.save())
        self.discard.on_click(lambda _: self._discard())
        self._mark()

    @property
    def unsaved(self) -> str:
        """Whether an indicator is typed and not added."""
        name = self.name.value.strip() or "without a name"
        typed = any(box.value.strip() for box in self._boxes())
        return f"the indicator {name} of {self._area} is not added" if typed else ""

    def refresh(self) -> None:
        """List the area's indicators, and offer the quarters of the edition and of the year before."""
        with self.failures_said():
            self.say("")
            if self.unsaved and self._area != self.chosen.area:
                self.refuse(f"{self.unsaved}: it is shown here until it is added or discarded")
                return
            self._area = self.chosen.area
            self._copies.choose(self._area)
            self.known.value = self._known() if self.chosen.area else "<p>Choose an area first.</p>"
            self._show_quarters()
            if not self.unsaved:
                self._bring_back(self._copies.read())

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
            self._empty()
            self._added()
            self.refresh()
            where = sheet.relative_to(self.project.root)
            self.say(f"Added: {name}. Its figures are in {where}, where later quarters can be written too.")
            return True
        return False

    def _boxes(self) -> list[Any]:
        """All boxes to type in, those of quarters that are not shown too."""
        return [self.name, self.target, self.year, *self.figures.values(), *self.out_of.values()]

    def _changed(self) -> None:
        """Keep what is typed."""
        self._mark()
        if self.silent:
            return
        with self.failures_said():
            words = {
                "name": self.name,
                "unit": self.unit,
                "better": self.better,
                "target": self.target,
                "year": self.year,
            }
            quarters = {"figures": self.figures, "out_of": self.out_of}
            typed = {name: {key: box.value for key, box in boxes.items()} for name, boxes in quarters.items()}
            typed_words = {name: box.value for name, box in words.items()}
            self._copies.keep(typed_words | typed if self.unsaved else {})

    def _bring_back(self, found: Mapping[str, Any]) -> None:
        """Show what was typed in an earlier session and not added."""
        if not found:
            return
        with self.silenced():
            for name, box in (("name", self.name), ("target", self.target), ("year", self.year)):
                box.value = text_of(found, name)
            for name, choice, values in (("unit", self.unit, UNITS), ("better", self.better, POLARITIES)):
                choice.value = found[name] if found.get(name) in values else choice.value
            for name, boxes in (("figures", self.figures), ("out_of", self.out_of)):
                for quarter, figure in texts_of(found, name).items():
                    if figure:
                        self._box(boxes, quarter).value = figure
            self._show_quarters()
        self._mark()
        self.say(BROUGHT_BACK)

    def _discard(self) -> None:
        self._empty()
        self.refresh()

    def _empty(self) -> None:
        with self.silenced():
            for box in self._boxes():
                box.value = ""
        self._copies.keep({})
        self._mark()

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
        shown = [self._box(self.figures, name) for name in names]
        if self.unit.value == "percent":
            shown += [self._box(self.out_of, name) for name in names]
        self._grid.children = shown

    def _box(self, boxes: dict[str, Any], quarter: str) -> Any:
        """Return the box of a quarter; a new one the first time."""
        if quarter not in boxes:
            boxes[quarter] = _small(f"{quarter}{' out of' if boxes is self.out_of else ''}:")
            boxes[quarter].observe(lambda _: self._changed(), names="value")
        return boxes[quarter]

    def _quarters(self) -> list[Quarter]:
        if not self.chosen.edition:
            return []
        span = edition(self.chosen.edition, self.project.root).span
        quarters = sorted({Quarter.of(month) for month in span.months})
        return [*(each.year_before for each in quarters), *quarters]

    def _mark(self) -> None:
        self.add.description = "Add this indicator (not saved yet)" if self.unsaved else "Add this indicator"
        self.discard.layout.display = "" if self.unsaved else "none"


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
