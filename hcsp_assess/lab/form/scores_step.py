"""Step 5: the issues of an edition, each scored on the questions of the scheme."""

from dataclasses import replace
from typing import Any

import ipywidgets as widgets  # type: ignore[import-untyped]

from hcsp_assess.assessment.priorities import scoring_scheme
from hcsp_assess.errors import UsageError
from hcsp_assess.lab.form.evidence import findings_to_quote
from hcsp_assess.lab.form.score_sheet import ScoreSheet, key_of, open_scores
from hcsp_assess.lab.form.step import FIELD, LABEL, Chosen, Step, button
from hcsp_assess.report.tables import escape
from hcsp_assess.setup.edition_parts import add_chapters
from hcsp_assess.sources.text_kinds import ORIGINS, STATES

NEW, BLANK = "A new issue", "not scored"


class ScoresStep(Step):
    """Score one issue at a time: a list and what the score rests on for each question.

    Attributes
    ----------
    issue : ipywidgets.Dropdown
        Issues that are scored, and a new one.
    name, why, role : ipywidgets.Text
        Name of the issue, why the confidence, who answers for the scores.
    finding, confidence, state : ipywidgets.Dropdown
        What its frequency and trend are taken from; how far the scores can be trusted; draft or reviewed.
    date : ipywidgets.DatePicker
        Day of the scores.
    scores, evidence : dict of str to widget
        A list and a box for each question, by its key.
    """

    def __init__(self, chosen: Chosen) -> None:
        self._typed, self._for = False, replace(chosen)
        self._sheet: ScoreSheet | None = None
        scheme = scoring_scheme()
        self.issue = widgets.Dropdown(description="Issue:", layout=FIELD, style=LABEL)
        self.name, self.why = _text("Its name:", "As printed"), _text("Because:", "Why this confidence")
        self.role = _text("Role:", "A role, never a name: Partnership analyst")
        self.date = widgets.DatePicker(description="Date:", style=LABEL)
        self.state = widgets.Dropdown(options=STATES, description="State:", layout=FIELD, style=LABEL)
        self.finding = widgets.Dropdown(description="Finding:", layout=FIELD, style=LABEL)
        words = [(f"{value}: {word}", value) for value, word in scheme.confidence.items()]
        self.confidence = widgets.Dropdown(options=words, description="Confidence:", layout=FIELD, style=LABEL)
        scale = [(BLANK, 0), *((f"{value}: {word}", value) for value, word in scheme.scale.items())]
        self.scores = {each.key: widgets.Dropdown(options=scale, layout=_width("9rem")) for each in scheme.components}
        self.evidence = {
            each.key: widgets.Text(placeholder="What the score rests on", layout=_width("auto"))
            for each in scheme.components
        }
        self._names = {each.key: each.name for each in scheme.components}
        grid = self._grid(scheme.components)
        self.save_button = button("Save these scores", important=True)
        fields = [self.name, self.finding, grid, self.confidence, self.why, self.role, self.date, self.state]
        super().__init__(5, "Scores", chosen, [self.issue, *fields, self.save_button])
        self._boxes = [*fields[:2], *fields[3:], *self.scores.values(), *self.evidence.values()]
        self.issue.observe(lambda _: self._show(), names="value")
        for box in self._boxes:
            box.observe(lambda _: self._mark(), names="value")
        self.save_button.on_click(lambda _: self.save())

    def _grid(self, components: Any) -> widgets.GridBox:
        cells: list[Any] = []
        for each in components:
            label = widgets.HTML(f"<strong>{escape(each.name)}</strong><br>{escape(each.asks)}")
            for box in (self.scores[each.key], self.evidence[each.key]):
                box.tooltip = f"{each.name}: {each.asks}"
            cells += [label, self.scores[each.key], self.evidence[each.key]]
        columns = "minmax(14rem, 24rem) 10rem minmax(12rem, 27rem)"
        return widgets.GridBox(cells, layout=widgets.Layout(grid_template_columns=columns, grid_gap="2px"))

    @property
    def unsaved(self) -> str:
        """Whether scores are typed and not saved."""
        issue = self.name.value.strip() or "an issue without a name"
        return f"the scores of {issue} in the edition {self._for.edition} are not saved" if self._typed else ""

    def refresh(self) -> None:
        """List the issues of the edition; what is typed stays where it is for the same edition."""
        if self._typed:
            if self._for != self.chosen:
                self.refuse(f"{self.unsaved}: they are shown here until they are saved")
            return
        with self.failures_said():
            self.say("")
            self._for = replace(self.chosen)
            self._sheet = open_scores(self.chosen) if self.chosen.edition else None
            found = findings_to_quote(self.chosen) if self.chosen.edition else []
            items = self._sheet.items if self._sheet else ()
            kept = self.issue.value
            with self.silenced():
                self.finding.options = [("none", ""), *((_short(each), str(each["key"])) for each in found)]
                self.issue.options = [(NEW, ""), *((str(each["name"]), str(each["key"])) for each in items)]
                self.issue.value = kept if kept in [str(each["key"]) for each in items] else ""
            self._show()

    def save(self) -> bool:
        """Save the issue that is shown; return whether nothing is left unsaved."""
        if not self._typed:
            return True
        with self.failures_said():
            if self._sheet is None:
                raise UsageError("choose an area and an edition first")
            item = self._item()
            self._sheet = self._sheet.save(item, self._for)
            self._typed = False
            added = add_chapters(self._for.edition, ["priorities"], self.project)
            self.refresh()
            self._mark_saved()
            words = f" The edition now has {' and '.join(added)}." if added else ""
            self.say(f"Saved: the scores of {item['name']}.{words}")
            return True
        return False

    def _item(self) -> dict[str, Any]:
        name = " ".join(self.name.value.split())
        if not key_of(name):
            raise UsageError("give the issue a name first, such as Domestic abuse")
        day = self.date.value
        pairs = {
            key: [box.value, self.evidence[key].value.strip()]
            for key, box in self.scores.items()
            if box.value or self.evidence[key].value.strip()
        }
        for key, (score, rests_on) in pairs.items():
            if not score or not rests_on:
                lacks = "say what its score rests on" if score else "choose its score"
                raise UsageError(f"{self._names[key]}: {lacks}, or leave both empty")
        known = next((each for each in self._sheet.items if each["key"] == self.issue.value), {}) if self._sheet else {}
        given = {
            "key": self.issue.value or key_of(name),
            "name": name,
            "finding": self.finding.value,
            "confidence": self.confidence.value,
            "confidence_why": self.why.value.strip(),
            "scores": pairs,
            "author_role": self.role.value.strip(),
            "date": day,
            "origin": known.get("origin", ORIGINS[-1]),
            "state": self.state.value,
        }
        return {**known, **{field: value for field, value in given.items() if value or field in known}}

    def _show(self) -> None:
        """Show an issue, or an empty form for a new one."""
        if self.silent or self._sheet is None:
            return
        if self._typed:
            self.refuse(f"{self.unsaved}: save them first, then choose another issue")
            return
        known = next((each for each in self._sheet.items if each["key"] == self.issue.value), {})
        with self.silenced():
            self.name.value, self.why.value = str(known.get("name", "")), str(known.get("confidence_why", ""))
            self.role.value, self.date.value = str(known.get("author_role", "")), known.get("date")
            self.state.value = known.get("state", STATES[0])
            self.confidence.value = known.get("confidence", self.confidence.options[0][1])
            finding = str(known.get("finding", ""))
            if finding not in [value for _, value in self.finding.options]:
                self.finding.options = [*self.finding.options, (finding, finding)]
            self.finding.value = finding
            for key, box in self.scores.items():
                score, rests_on = known.get("scores", {}).get(key, (0, ""))
                box.value, self.evidence[key].value = int(score), str(rests_on)
        self._mark_saved()

    def _mark(self) -> None:
        if not self.silent and not self._typed:
            self._typed = True
            self.save_button.description = "Save these scores (not saved yet)"

    def _mark_saved(self) -> None:
        self._typed = False
        self.save_button.description = "Save these scores"


def _text(words: str, example: str) -> widgets.Text:
    return widgets.Text(description=words, placeholder=example, layout=FIELD, style=LABEL)


def _width(width: str) -> widgets.Layout:
    return widgets.Layout(width=width)


def _short(finding: dict[str, Any]) -> str:
    sentence = str(finding["sentence"])
    return sentence if len(sentence) <= 90 else f"{sentence[:89]}…"
