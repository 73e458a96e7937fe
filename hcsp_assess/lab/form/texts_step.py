"""Step 4: the texts that people write, each beside its evidence and as the report will show it."""

from typing import Any

import ipywidgets as widgets  # type: ignore[import-untyped]

from hcsp_assess.assessment.wording.words import listed
from hcsp_assess.errors import UsageError
from hcsp_assess.lab.form.open_text import OpenText, reopened
from hcsp_assess.lab.form.step import LABEL, LONG, WIDE, Chosen, Step, button, labelled, problems_html
from hcsp_assess.lab.form.text_fields import TextFields
from hcsp_assess.lab.form.text_list import ListedText, listed_texts, other_text
from hcsp_assess.lab.form.typed_copies import Typed, TypedCopies, copied_texts, texts_to_copy
from hcsp_assess.report.tables import escape
from hcsp_assess.setup.edition_parts import add_chapters
from hcsp_assess.sources.text_files import problems_of_text, text_html
from hcsp_assess.sources.text_kinds import CHAPTER_OF_TEXT, PUBLISHED, TEXT_KINDS

HALF = widgets.Layout(width="50%", min_width="20rem", padding="0 1rem 0 0")
UNSAVED = "not saved"


class TextsStep(Step):
    """The texts of an edition: choose one, write it, see it as the report shows it, save it.

    Attributes
    ----------
    text : ipywidgets.Dropdown
        Texts of the edition, each with its state.
    fields : TextFields
        Title, role, date, state and what else its header has.
    body : ipywidgets.Textarea
        What is written.
    evidence, preview, problems : ipywidgets.HTML
        What the figures say; the text as the report shows it; what is wrong with it.
    save_button, show_theirs, save_instead : ipywidgets.Button
        Save; and where another person changed the file: show theirs, or save mine and keep theirs as a copy.
    typed : dict of str to str
        What is typed and not saved, by the name of the text: the whole file.
    """

    def __init__(self, chosen: Chosen) -> None:
        self.typed: dict[str, str] = {}
        self._listed: dict[str, ListedText] = {}
        self._open: OpenText | None = None
        self._added = ""
        self._opened: dict[str, OpenText] = {}
        self._copies = TypedCopies(chosen.project.processed / "form")
        self._make_widgets()
        left = widgets.VBox([self.fields, self.body, self._buttons], layout=HALF)
        right = widgets.VBox([self.evidence, self.preview], layout=HALF)
        self._editor = widgets.HBox([left, right], layout=widgets.Layout(width="100%", flex_flow="row wrap"))
        super().__init__(4, "Texts", chosen, [self.text, self._editor, self.problems, self._another])
        self.text.observe(self._choose, names="value")
        self.body.observe(self._changed, names="value")
        self.save_button.on_click(lambda _: self._save())
        self.show_theirs.on_click(lambda _: self._show_theirs())
        self.save_instead.on_click(lambda _: self._save_instead())
        self.start.on_click(lambda _: self._start())

    def _make_widgets(self) -> None:
        self.text = widgets.Dropdown(description="Text:", layout=LONG, style=LABEL)
        self.fields = TextFields(self._changed)
        self.body = labelled(widgets.Textarea(rows=10, layout=WIDE, continuous_update=True), "The text, in Markdown")
        self.body.add_class("hcsp-text")
        self.evidence, self.preview, self.problems = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.save_button = button("Save", important=True)
        self.show_theirs, self.save_instead = button("Show theirs"), button("Save mine instead")
        self._buttons = widgets.HBox([self.save_button, self.show_theirs, self.save_instead])
        self.kind = widgets.Dropdown(
            options=[(kind.title, kind.folder) for kind in TEXT_KINDS],
            description="Another text:",
            style=LABEL,
        )
        self.about = widgets.Text(description="About:", placeholder="Theme, finding or letter, such as shoplifting")
        self.about.style, self.about.layout.width = {"description_width": "initial"}, "26rem"
        self.start = button("Start")
        self._another = widgets.HBox([self.kind, self.about, self.start], layout=widgets.Layout(flex_flow="row wrap"))

    @property
    def unsaved(self) -> str:
        """Which texts are typed and not saved."""
        return f"texts not saved: {', '.join(self.typed)}" if self.typed else ""

    def refresh(self) -> None:
        """List the texts of the edition, and open the one that was open, or the first reason."""
        with self.failures_said():
            self.say("")
            self._editor.layout.display = "none" if not self.chosen.edition else ""
            self._forget_other_editions()
            texts = listed_texts(self.chosen) if self.chosen.edition else ()
            self._listed = {item.name: item for item in texts}
            self._read_copies()
            self._show_list(self._first())

    def save(self) -> bool:
        """Save every text that is typed; those that cannot be saved are named."""
        for name in list(self.typed):
            with self.failures_said():
                self._save_one(name)
        self._show_list(self.text.value)
        return not self.typed

    def _forget_other_editions(self) -> None:
        """What was typed for another edition stays in its copies, and is there again when it is chosen."""
        self._copies.choose(self.chosen.edition)
        self.typed, self._opened, self._open = {}, {}, None

    def _read_copies(self) -> None:
        for name, typed in copied_texts(self._copies.read()).items():
            if name not in self._listed:
                folder, _, file = name.partition("/")
                self._listed[name] = other_text(self.chosen, folder, file.removesuffix(".md"))
            self.typed[name] = typed.text
            self._opened[name] = self._listed[name].opened().since(typed.base)
        if self.typed:
            self.say("What you typed and did not save is here: it is marked in the list.")

    def _first(self) -> str:
        names = list(self._listed)
        if self.text.value in names:
            return str(self.text.value)
        typed = [name for name in names if name in self.typed]
        reasons = [name for name in names if name.startswith("reasons/")]
        return next(iter([*typed, *reasons, *names]), "")

    def _show_list(self, name: str | None) -> None:
        with self.silenced():
            self.text.options = [(self._label(item), key) for key, item in self._listed.items()]
            if name in self._listed:
                self.text.value = name
        self._show(str(name or ""))

    def _label(self, item: ListedText) -> str:
        state = UNSAVED if item.name in self.typed else item.state
        return f"{item.kind.title}: {item.title} – {state}"

    def _choose(self, change: dict[str, Any]) -> None:
        if not self.silent and change["new"]:
            with self.failures_said():
                self.say("")
                self._show(change["new"])

    def _show(self, name: str) -> None:
        """Show a text: what is typed of it, else what is on disk."""
        if name not in self._listed:
            self._open, self.evidence.value, self.preview.value, self.problems.value = None, "", "", ""
            return
        if name not in self._opened:
            self._opened[name] = self._listed[name].opened()
        self._open = self._opened[name]
        whole = self.typed.get(name, self._open.text)
        shown = OpenText(self._open.path, self._open.kind, self._open.key, whole, self._open.on_disk)
        with self.silenced():
            self.fields.show(shown)
            self.body.value = shown.body
            self.body.placeholder = shown.asks
        quoted = shown.evidence or self._listed[name].evidence
        said = "".join(f"<p>{escape(line)}</p>" for line in quoted.split("\n") if line.strip())
        self.evidence.value = f'<h3>What the figures say</h3><div class="evidence">{said}</div>' if said else ""
        self._look()

    def _whole(self) -> str:
        if self._open is None:
            raise UsageError("choose a text first")
        return self._open.typed(self.fields.values, self.body.value)

    def _changed(self, _: Any = None) -> None:
        """Keep what is typed, and show it."""
        if self.silent or self._open is None:
            return
        with self.failures_said():
            whole, name = self._whole(), self._open.name
            if whole == self._open.text:
                self.typed.pop(name, None)
            else:
                self.typed[name] = whole
            self._keep_copies()
            self._look()

    def _look(self) -> None:
        """Show the text as the report will, what is wrong with it, and whether it is saved."""
        if self._open is None:
            return
        whole = self._whole()
        shown = text_html(whole) or "<p>(nothing written yet)</p>"
        self.preview.value = f'<h3>As the report shows it</h3><div class="preview">{shown}</div>'
        written = self.body.value.strip()
        self.problems.value = problems_html(problems_of_text(whole, self._open.name)) if written else ""
        mark = self._open.name in self.typed
        self.save_button.description = "Save (not saved yet)" if mark else "Save"
        conflict = "" if self._open.changed_on_disk() and mark else "none"
        self.show_theirs.layout.display = self.save_instead.layout.display = conflict

    def _save(self) -> None:
        with self.failures_said():
            if self._open is None:
                raise UsageError("choose a text first")
            name = self._open.name
            if name not in self.typed:
                self.say("There is nothing new to save.")
                return
            self._save_one(name)
            self._show_list(name)
            self.say(f"Saved: {name}.{self._added}")
        self._look()

    def _save_one(self, name: str) -> None:
        self._saved(name, self._opened[name].save(self.typed[name]))
        self._added = self._show_in_report(self._opened[name])

    def _show_in_report(self, text: OpenText) -> str:
        """Give the edition the chapter that prints the text, if the text is to be published; say so."""
        chapter = CHAPTER_OF_TEXT.get(text.kind.folder)
        if chapter is None or text.fields.get("state", "") not in PUBLISHED:
            return ""
        added = add_chapters(self.chosen.edition, [chapter], self.project)
        return f" The edition now has {listed(added)}." if added else ""

    def _keep_copies(self) -> None:
        typed = {name: Typed(whole, self._opened[name].base) for name, whole in self.typed.items()}
        self._copies.keep(texts_to_copy(typed))

    def _saved(self, name: str, text: OpenText) -> None:
        self._opened[name] = text
        del self.typed[name]
        self._keep_copies()
        self._listed = {item.name: item for item in listed_texts(self.chosen)} | {
            key: item for key, item in self._listed.items() if key in self.typed
        }

    def _show_theirs(self) -> None:
        with self.failures_said():
            if self._open is not None:
                theirs = escape(reopened(self._open).text)
                self.evidence.value = f'<h3>Theirs, as it is on disk</h3><pre class="evidence">{theirs}</pre>'

    def _save_instead(self) -> None:
        with self.failures_said():
            if self._open is not None:
                name = self._open.name
                folder = self.project.processed / "form" / "theirs"
                text, copy = self._open.save_instead(self.typed[name], folder)
                self._saved(name, text)
                self._show_list(name)
                kept = f" Theirs is kept as {copy.relative_to(self.project.root)}." if copy else ""
                self.say(f"Saved: {name}.{kept}")

    def _start(self) -> None:
        with self.failures_said():
            if not self.chosen.edition:
                raise UsageError("choose an area and an edition first")
            item = other_text(self.chosen, self.kind.value, self.about.value)
            self._listed.setdefault(item.name, item)
            self.about.value = ""
            self._show_list(item.name)
            self.say("Write the text, then save it: there is no file of it until then.")
