"""Step 1: choose an area of the project, or set one up by its code or name."""

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets  # type: ignore[import-untyped]

from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.lab.form.step import FIELD, LABEL, Chosen, Step, button
from hcsp_assess.setup.open_data import new_open_data_partnership
from hcsp_assess.subject.areas import area, areas
from hcsp_assess.subject.editions import editions

NONE = "Choose an area"


class AreaStep(Step):
    """Choose an area that the project has, or type a code or name and set it up.

    Parameters
    ----------
    changed : callable
        Called when another area was chosen.

    Attributes
    ----------
    area : ipywidgets.Dropdown
        Areas of the project.
    code : ipywidgets.Text
        ONS code or name of a partnership or district.
    set_up : ipywidgets.Button
        Writes the area and its first edition.
    """

    def __init__(self, chosen: Chosen, changed: Callable[[], None]) -> None:
        self._changed = changed
        self.area = widgets.Dropdown(description="Area:", layout=FIELD, style=LABEL)
        self.code = widgets.Text(
            description="Or a new area:", placeholder="Code or name, such as E06000051", layout=FIELD, style=LABEL
        )
        self.set_up = button("Set up", important=True)
        super().__init__(1, "Area", chosen, [self.area, widgets.HBox([self.code, self.set_up])])
        self.refresh()
        self.area.observe(self._choose, names="value")
        self.set_up.on_click(self._set_up)

    def refresh(self) -> None:
        """List the areas of the project."""
        known = [(self._name(key), key) for key in areas(self.project.root)]
        with self.silenced():
            self.area.options = [(NONE, ""), *sorted(known)]
            self.area.value = self.chosen.area

    def _name(self, key: str) -> str:
        try:
            return area(key, self.project.root).name
        except InputError as error:
            self.refuse(str(error))
            return f"{key} (its definition cannot be read)"

    def _choose(self, change: dict[str, Any]) -> None:
        if self.silent:
            return
        with self.failures_said():
            self.chosen.area, self.chosen.edition = change["new"], ""
            self.say("")
            self._changed()

    def _set_up(self, _: widgets.Button) -> None:
        with self.failures_said():
            typed = self.code.value.strip()
            if not typed:
                raise UsageError("type the code or name of the area first, such as E06000051 or Shropshire")
            made = new_open_data_partnership(typed, self.project.root)
            self.chosen.area, self.chosen.edition = made.area, made.edition
            self.code.value = ""
            self.refresh()
            self._changed()
            title = editions(self.project.root)[made.edition].title
            self.say(f"{made.name} is set up, with a first edition from official figures: {title}.")
