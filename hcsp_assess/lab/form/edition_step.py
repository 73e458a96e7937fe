"""Step 2: choose an edition of the area, or start the next year's."""

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets  # type: ignore[import-untyped]

from hcsp_assess.errors import UsageError
from hcsp_assess.lab.form.step import FIELD, LABEL, LONG, Chosen, Step, button
from hcsp_assess.setup.scaffold import new_edition
from hcsp_assess.subject.editions import Edition, editions

NONE = "Choose an edition"


class EditionStep(Step):
    """Choose an edition of the area, or start another.

    Parameters
    ----------
    changed : callable
        Called when another edition was chosen.

    Attributes
    ----------
    edition : ipywidgets.Dropdown
        Editions of the area.
    name, period : ipywidgets.Text
        Name of a new edition, and its twelve months where the name does not say.
    start : ipywidgets.Button
        Writes the new edition.
    """

    def __init__(self, chosen: Chosen, changed: Callable[[], None]) -> None:
        self._changed = changed
        self.edition = widgets.Dropdown(description="Edition:", layout=LONG, style=LABEL)
        self.name = widgets.Text(
            description="Or a new one:", placeholder="Its name, such as 2026-27", layout=FIELD, style=LABEL
        )
        self.period = widgets.Text(
            description="Its months:",
            placeholder="Only if the name does not say: 2025-07 to 2026-06",
            layout=FIELD,
            style=LABEL,
        )
        self.start = button("Start next year's")
        row = widgets.HBox([self.period, self.start])
        super().__init__(2, "Edition", chosen, [self.edition, self.name, row])
        self.edition.observe(self._choose, names="value")
        self.start.on_click(self._start)
        self.refresh()

    def refresh(self) -> None:
        """List the editions of the area, and choose the newest if none is chosen."""
        with self.failures_said():
            known = editions_of(self.chosen)
            newest = max(known.values(), key=lambda item: (not item.simulated, item.span.last), default=None)
            if self.chosen.edition not in known:
                self.chosen.edition = newest.key if newest else ""
            with self.silenced():
                self.edition.options = [(NONE, ""), *((_words(item), key) for key, item in known.items())]
                self.edition.value = self.chosen.edition

    def _choose(self, change: dict[str, Any]) -> None:
        if self.silent:
            return
        with self.failures_said():
            self.chosen.edition = change["new"]
            self.say("")
            self._changed()

    def _start(self, _: widgets.Button) -> None:
        with self.failures_said():
            if not self.chosen.area:
                raise UsageError("choose an area first, in step 1")
            key = self.name.value.strip()
            if not key:
                raise UsageError("type the name of the new edition first, such as 2026-27")
            new_edition(key, self.project, period=self.period.value.strip(), area=self.chosen.area)
            self.chosen.edition = key
            self.name.value = self.period.value = ""
            self.refresh()
            self._changed()
            self.say(f"The edition {key} is ready to fill in: its texts are below.")


def editions_of(chosen: Chosen) -> dict[str, Edition]:
    """Return the editions of an area by name, those shared by several areas too."""
    if not chosen.area:
        return {}
    known = editions(chosen.project.root)
    own = {key: item for key, item in known.items() if item.area == chosen.area and not item.districts}
    folders = (chosen.project.root / "editions").glob(f"*@{chosen.area}")
    shared = {path.name: known[name] for path in folders if (name := path.name.partition("@")[0]) in known}
    return own | {key: item for key, item in sorted(shared.items()) if key.partition("@")[0] not in own}


def _words(item: Edition) -> str:
    return f"{item.title} ({item.span.words}){', simulated' if item.simulated else ''}"
