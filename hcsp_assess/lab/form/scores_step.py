"""Step 5: the issues of an edition, each scored on the questions of the scheme."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import ipywidgets as widgets  # type: ignore[import-untyped]

from hcsp_assess.assessment.wording.words import listed
from hcsp_assess.errors import UsageError
from hcsp_assess.lab.form.evidence import findings_to_quote
from hcsp_assess.lab.form.score_boxes import ScoreBoxes, entry_from_copy, entry_to_copy
from hcsp_assess.lab.form.score_sheet import ScoreSheet, key_of, open_scores, save_over
from hcsp_assess.lab.form.step import BROUGHT_BACK, DISCARD, FIELD, LABEL, Chosen, Step, button
from hcsp_assess.lab.form.typed_copies import TypedCopies, text_of
from hcsp_assess.setup.edition_parts import add_chapters
from hcsp_assess.sources.text_kinds import ORIGINS

NEW = "A new issue"


class ScoresStep(Step):
    """Score one issue at a time: a list and what the score rests on for each question.

    Attributes
    ----------
    issue : ipywidgets.Dropdown
        Issues that are scored, and a new one.
    boxes : ScoreBoxes
        What is typed of the issue.
    save_button, discard : ipywidgets.Button
        Write the scores; take back what is typed and show what is saved.
    """

    def __init__(self, chosen: Chosen) -> None:
        self._typed, self._for, self._base = False, replace(chosen), ""
        self._sheet: ScoreSheet | None = None
        self._copies = TypedCopies(chosen.project.processed / "form" / "scores")
        self.issue = widgets.Dropdown(description="Issue:", layout=FIELD, style=LABEL)
        self.boxes = ScoreBoxes(self._changed)
        self.save_button, self.discard = button("Save these scores", important=True), button(DISCARD)
        buttons = widgets.HBox([self.save_button, self.discard])
        super().__init__(5, "Scores", chosen, [self.issue, self.boxes, buttons])
        self.issue.observe(lambda _: self._show(), names="value")
        self.save_button.on_click(lambda _: self.save())
        self.discard.on_click(lambda _: self._discard())
        self._mark(typed=False)

    @property
    def unsaved(self) -> str:
        """Whether scores are typed and not saved."""
        issue = self.boxes.name.value.strip() or "an issue without a name"
        return f"the scores of {issue} in the edition {self._for.edition} are not saved" if self._typed else ""

    def refresh(self) -> None:
        """List the issues of the edition; what is typed stays where it is for the same edition."""
        if self._typed:
            if self._for != self.chosen:
                self.refuse(f"{self.unsaved}: they are shown here until they are saved or discarded")
            return
        with self.failures_said():
            self.say("")
            self._for = replace(self.chosen)
            self._copies.choose(self.chosen.edition)
            self._sheet = open_scores(self.chosen) if self.chosen.edition else None
            found = findings_to_quote(self.chosen) if self.chosen.edition else []
            items = self._sheet.items if self._sheet else ()
            kept = self.issue.value
            with self.silenced():
                options = [("none", ""), *((_short(each), str(each["key"])) for each in found)]
                self.boxes.finding.options = options
                self.issue.options = [(NEW, ""), *((str(each["name"]), str(each["key"])) for each in items)]
                self.issue.value = kept if kept in [str(each["key"]) for each in items] else ""
            self._show()
            self._bring_back(self._copies.read())

    def save(self) -> bool:
        """Save the issue that is shown; return whether nothing is left unsaved."""
        if not self._typed:
            return True
        with self.failures_said():
            if self._sheet is None:
                raise UsageError("choose an area and an edition first")
            item = self._item()
            self._sheet = save_over(self._base, item, self._for)
            self._copies.keep({})
            self._typed = False
            added = add_chapters(self._for.edition, ["priorities"], self.project)
            self.refresh()
            self._mark(typed=False)
            words = f" The edition now has {listed(added)}." if added else ""
            self.say(f"Saved: the scores of {item['name']}.{words}")
            return True
        return False

    def _known(self) -> Mapping[str, Any]:
        """The entry on disk of the issue that is shown; {} of a new one."""
        items = self._sheet.items if self._sheet else ()
        return next((each for each in items if each["key"] == self.issue.value), {})

    def _item(self) -> dict[str, Any]:
        given = self.boxes.entry
        if not key_of(given["name"]):
            raise UsageError("give the issue a name first, such as Domestic abuse")
        for key, (score, rests_on) in given["scores"].items():
            if not score or not rests_on:
                lacks = "say what its score rests on" if score else "choose its score"
                raise UsageError(f"{self.boxes.names[key]}: {lacks}, or leave both empty")
        known = self._known()
        given["key"] = self.issue.value or key_of(given["name"])
        given["origin"] = known.get("origin", ORIGINS[-1])
        return {**known, **{field: value for field, value in given.items() if value or field in known}}

    def _show(self) -> None:
        """Show an issue, or an empty form for a new one."""
        if self.silent or self._sheet is None:
            return
        if self._typed:
            self.refuse(f"{self.unsaved}: save or discard them first, then choose another issue")
            return
        self._base = self._sheet.base(str(self.issue.value))
        with self.silenced():
            self.boxes.show(self._known())
        self._mark(typed=False)

    def _changed(self) -> None:
        """Keep what is typed."""
        if self.silent:
            return
        self._mark(typed=True)
        with self.failures_said():
            shown = {"issue": self.issue.value, "base": self._base}
            self._copies.keep(entry_to_copy(self.boxes.entry) | shown)

    def _bring_back(self, found: Mapping[str, Any]) -> None:
        """Show what was typed in an earlier session and not saved."""
        if not found:
            return
        with self.silenced():
            issue = text_of(found, "issue")
            self.issue.value = issue if issue in [key for _, key in self.issue.options] else ""
            self.boxes.show(entry_from_copy(found))
        self._base = text_of(found, "base")
        self._mark(typed=True)
        self.say(BROUGHT_BACK)

    def _discard(self) -> None:
        self._copies.keep({})
        self._mark(typed=False)
        self.refresh()

    def _mark(self, *, typed: bool) -> None:
        self._typed = typed
        self.save_button.description = "Save these scores (not saved yet)" if typed else "Save these scores"
        self.discard.layout.display = "" if typed else "none"


def _short(finding: dict[str, Any]) -> str:
    sentence = str(finding["sentence"])
    return sentence if len(sentence) <= 90 else f"{sentence[:89]}…"
