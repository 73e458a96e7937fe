"""The boxes for one issue's scores: its name, a score and what it rests on for each question, who answers for them."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets  # type: ignore[import-untyped]

from hcsp_assess.assessment.priorities import scoring_scheme
from hcsp_assess.lab.form.step import FIELD, LABEL, labelled
from hcsp_assess.lab.form.typed_copies import text_of
from hcsp_assess.report.tables import escape
from hcsp_assess.sources.text_kinds import STATES

BLANK = "not scored"


class ScoreBoxes(widgets.VBox):  # type: ignore[misc]
    """Boxes for the entry of one issue.

    Parameters
    ----------
    changed : callable
        Called when a box was changed, also when `show` fills it in.

    Attributes
    ----------
    name, why, role : ipywidgets.Text
        Name of the issue, why the confidence, who answers for the scores.
    finding, confidence, state : ipywidgets.Dropdown
        What its frequency and trend are taken from; how far the scores can be trusted; draft or reviewed.
    date : ipywidgets.DatePicker
        Day of the scores.
    scores, evidence : dict of str to widget
        A list and a box for each question, by its key.
    names : dict of str to str
        What each question is about, by its key.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        scheme = scoring_scheme()
        self.names = {each.key: each.name for each in scheme.components}
        self.name, self.why = _text("Its name:", "As printed"), _text("Because:", "Why this confidence")
        self.role = _text("Role:", "A role, never a name: Partnership analyst")
        self.date = widgets.DatePicker(description="Date:", style=LABEL)
        self.state = _list("State:", STATES)
        self.finding = _list("Finding:", [("none", "")])
        self.confidence = _list(
            "Confidence:", [(f"{value}: {word}", value) for value, word in scheme.confidence.items()]
        )
        scale = [(BLANK, 0), *((f"{value}: {word}", value) for value, word in scheme.scale.items())]
        self.scores = {
            key: labelled(widgets.Dropdown(options=scale, layout=_width("9rem")), f"{name}: score")
            for key, name in self.names.items()
        }
        self.evidence = {
            key: labelled(
                widgets.Text(placeholder="What the score rests on", layout=_width("auto")),
                f"{name}: what the score rests on",
            )
            for key, name in self.names.items()
        }
        above, below = [self.name, self.finding], [self.confidence, self.why, self.role, self.date, self.state]
        super().__init__([*above, self._grid({each.key: each.asks for each in scheme.components}), *below])
        for box in (*above, *below, *self.scores.values(), *self.evidence.values()):
            box.observe(lambda _: changed(), names="value")

    def _grid(self, asks: Mapping[str, str]) -> widgets.GridBox:
        cells: list[Any] = []
        for key, name in self.names.items():
            words = widgets.HTML(f"<strong>{escape(name)}</strong><br>{escape(asks[key])}")
            cells += [words, self.scores[key], self.evidence[key]]
        columns = "minmax(14rem, 24rem) 10rem minmax(12rem, 27rem)"
        return widgets.GridBox(cells, layout=widgets.Layout(grid_template_columns=columns, grid_gap="2px"))

    @property
    def entry(self) -> dict[str, Any]:
        """What is typed, as an entry has it; a question without score and words is left out."""
        pairs = {key: [box.value, self.evidence[key].value.strip()] for key, box in self.scores.items()}
        return {
            "name": " ".join(self.name.value.split()),
            "finding": self.finding.value,
            "confidence": self.confidence.value,
            "confidence_why": self.why.value.strip(),
            "scores": {key: pair for key, pair in pairs.items() if any(pair)},
            "author_role": self.role.value.strip(),
            "date": self.date.value,
            "state": self.state.value,
        }

    def show(self, known: Mapping[str, Any]) -> None:
        """Fill in an entry; {} empties the boxes."""
        self.name.value, self.why.value = text_of(known, "name"), text_of(known, "confidence_why")
        self.role.value = text_of(known, "author_role")
        self.date.value = known.get("date")
        _choose(self.state, known.get("state"))
        _choose(self.confidence, known.get("confidence"))
        finding = text_of(known, "finding")
        if finding not in [value for _, value in self.finding.options]:
            self.finding.options = [*self.finding.options, (finding, finding)]
        self.finding.value = finding
        for key, box in self.scores.items():
            score, rests_on = known.get("scores", {}).get(key, (0, ""))
            _choose(box, score)
            self.evidence[key].value = str(rests_on)


def entry_to_copy(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry as JSON can hold it, for `entry_from_copy`."""
    return {**entry, "date": entry["date"].isoformat() if entry["date"] else ""}


def entry_from_copy(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entry in a copy; what cannot be used in it is left out.

    Examples
    --------
    >>> entry_from_copy({"name": "Theft", "date": "2026-11-29", "scores": {"trend": [2, "Judged"], "harm": 3}})
    {'name': 'Theft', 'date': datetime.date(2026, 11, 29), 'scores': {'trend': [2, 'Judged']}}
    """
    scores = found.get("scores")
    pairs = scores.items() if isinstance(scores, dict) else ()
    kept = {key: pair for key, pair in pairs if isinstance(pair, list) and len(pair) == 2}
    try:
        day = dt.date.fromisoformat(text_of(found, "date"))
    except ValueError:
        day = None
    return {**found, "date": day, "scores": kept}


def _choose(box: widgets.Dropdown, value: Any) -> None:
    """Choose a value of a list, or its first where it has no such value."""
    values = [each[1] if isinstance(each, tuple) else each for each in box.options]
    box.value = value if value in values else values[0]


def _text(words: str, example: str) -> widgets.Text:
    return widgets.Text(description=words, placeholder=example, layout=FIELD, style=LABEL)


def _list(words: str, options: Any) -> widgets.Dropdown:
    return widgets.Dropdown(options=options, description=words, layout=FIELD, style=LABEL)


def _width(width: str) -> widgets.Layout:
    return widgets.Layout(width=width)
