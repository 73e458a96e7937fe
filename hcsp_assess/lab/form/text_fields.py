"""The fields of a text's header, as boxes, a day and lists."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets  # type: ignore[import-untyped]

from hcsp_assess.lab.form.open_text import OpenText
from hcsp_assess.lab.form.step import WIDE
from hcsp_assess.sources.returns.dates import to_date
from hcsp_assess.sources.text_kinds import STATES

_LABEL = {"description_width": "10rem"}
#: Fields in words, by their names in a header.
WORDS = {
    "about": "Findings it explains",
    "support": "How well supported",
    "lead": "Who leads",
    "by": "By when",
    "works": "What works",
    "method": "How people were asked",
    "held": "When",
    "answered": "How many answered",
    "to": "For whom",
    "source": "Source",
}


class TextFields(widgets.VBox):  # type: ignore[misc]
    """Fields of one text: its title and those of its kind, then role, date and state.

    Parameters
    ----------
    changed : callable
        Called when a field was changed.

    Attributes
    ----------
    title, role : ipywidgets.Text
        Its title; who answers for it, as a role.
    date : ipywidgets.DatePicker
        When it was written or reviewed.
    state : ipywidgets.Dropdown
        Draft, reviewed or approved; a draft is published in the restricted edition only.
    others : dict of str to ipywidgets.Text
        Fields of its kind, by their names in the header.
    """

    def __init__(self, changed: Callable[[Any], None]) -> None:
        self._changed = changed
        self.title, self.role = _box("Title"), _box("Role")
        self.role.placeholder = "A role, never a name: Partnership analyst"
        self.date = widgets.DatePicker(description="Date:", style=_LABEL)
        self.state = widgets.Dropdown(options=STATES, description="State:", style=_LABEL)
        self.others: dict[str, Any] = {}
        self._as_written = ""
        super().__init__([])
        for each in (self.title, self.role, self.date, self.state):
            each.observe(changed, names="value")

    @property
    def values(self) -> dict[str, str]:
        """Fields by their names in a header. A date that was not changed stays as it was written."""
        day = self.date.value
        same = day == to_date(self._as_written) if self._as_written else day is None
        written = self._as_written if same or day is None else f"{day.day} {day:%B %Y}"
        given = {"title": self.title.value, "role": self.role.value, "date": written, "state": self.state.value}
        return given | {name: box.value for name, box in self.others.items()}

    def show(self, text: OpenText) -> None:
        """Show the fields of a text."""
        known = text.fields
        self.title.value, self.role.value = known.get("title", ""), known.get("role", "")
        self._as_written = known.get("date", "")
        day = to_date(self._as_written) if self._as_written else None
        self.date.value = day if isinstance(day, dt.date) else None
        state = known.get("state", STATES[0])
        self.state.options = STATES if state in STATES else (*STATES, state)
        self.state.value = state
        names = [name for name in text.kind.fields if name in known or name in text.kind.needed or name in WORDS]
        self.others = {name: _box(WORDS.get(name, name.capitalize())) for name in names}
        for name, box in self.others.items():
            box.value = known.get(name, "")
            box.observe(self._changed, names="value")
        self.children = [self.title, *self.others.values(), self.role, self.date, self.state]


def _box(words: str) -> widgets.Text:
    return widgets.Text(description=f"{words}:", layout=WIDE, style=_LABEL)
