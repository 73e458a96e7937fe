"""Step 7: all problems in one list, the run with its progress, and the report in a new tab."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as widgets  # type: ignore[import-untyped]

from hcsp_assess.assessment.wording.words import say_day
from hcsp_assess.errors import InputError, Problem, UsageError
from hcsp_assess.lab.form.apart import Ended, Progress, RunApart
from hcsp_assess.lab.form.step import Chosen, Step, button, file_address, problems_html
from hcsp_assess.report.tables import escape
from hcsp_assess.run.lock import current_holder, lock_name
from hcsp_assess.run.log import last_good_run
from hcsp_assess.run.preflight import preflight
from hcsp_assess.subject.editions import edition

#: Downloads beside the page, by how their names end, in words.
BESIDE = {".pdf": "PDF", ".docx": "Word", ".xlsx": "Spreadsheet of all tables"}


class RunStep(Step):
    """Check the edition, run it, stop it, open the report.

    Parameters
    ----------
    save_all : callable
        Saves what is typed in all steps; returns what could not be saved, in words, or "".

    Attributes
    ----------
    check, run, stop : ipywidgets.Button
        List the problems; build the report; end the run, leaving the last report as it is.
    problems, report : ipywidgets.HTML
        The list of problems; links to the report.
    bar : ipywidgets.IntProgress
        How many chapters are done.
    running : RunApart or None
        The run of this form.
    """

    def __init__(self, chosen: Chosen, save_all: Callable[[], str]) -> None:
        self._save_all = save_all
        self.check, self.run = button("Check"), button("Save all and run", important=True)
        self.stop = button("Stop")
        self.stop.disabled = True
        self.problems, self.report = widgets.HTML(), widgets.HTML()
        self.bar = widgets.IntProgress(layout=widgets.Layout(width="34rem", max_width="100%", display="none"))
        self.running: RunApart | None = None
        buttons = widgets.HBox([self.check, self.run, self.stop])
        super().__init__(7, "Check and run", chosen, [buttons, self.problems, self.bar, self.report])
        self.check.on_click(lambda _: self._check())
        self.run.on_click(lambda _: self._run())
        self.stop.on_click(lambda _: self._stop())

    def refresh(self) -> None:
        """Offer the edition's last report, if there is one."""
        self.problems.value = ""
        if self.running is None:
            self.say("")
        with self.failures_said():
            self.report.value = self._links()

    def _check(self) -> bool:
        """List the problems; return whether a run can begin."""
        with self.failures_said():
            found = self._problems()
            self.problems.value = problems_html(found)
            stopping = sum(each.stops for each in found)
            if stopping:
                self.refuse(f"{stopping} {'things stop' if stopping > 1 else 'thing stops'} a run: see the list")
            else:
                self.say("Nothing stops a run." if found else "No problems found.")
            return not stopping
        return False

    def _problems(self) -> Sequence[Problem]:
        if not self.chosen.edition:
            raise UsageError("choose an area and an edition first")
        item = edition(self.chosen.edition, self.project.root)
        return preflight(item, self.project)

    def _run(self) -> None:
        with self.failures_said():
            if unsaved := self._save_all():
                raise InputError(f"not everything could be saved, so no run was started: {unsaved}")
            if not self._check():
                return
            if holder := current_holder(self.project, name=lock_name(self.chosen.edition)):
                raise InputError(f"{holder.words}: wait until it has ended")
            self._busy(busy=True)
            self.bar.value, self.bar.max, self.report.value = 0, 1, ""
            self.say(f"Running {self.chosen.edition}: getting ready …")
            try:
                self.running = RunApart(self.chosen.edition, self.project, self._progress, self._ended)
            except OSError:
                self._busy(busy=False)
                raise

    def _stop(self) -> None:
        if self.running is not None:
            self.say("Stopping …")
            self.running.stop()

    def _progress(self, heard: Progress) -> None:
        self.bar.max, self.bar.value = max(heard.total, 1), heard.done
        now = f"now {heard.chapter.replace('_', ' ')}" if heard.chapter else "getting ready"
        now = "now writing the page, the Word version and the PDF" if heard.done == heard.total else now
        self.say(f"{heard.stage}: {heard.done} of {heard.total} done, {now} …")

    def _ended(self, ended: Ended) -> None:
        self.running = None
        self._busy(busy=False)
        self.report.value = self._links()
        if ended.code == 0:
            warned = "".join(f"<li>{escape(text)}</li>" for text in ended.warnings)
            self.say("The report is published.")
            self.problems.value = f"<p>Worth knowing:</p><ul>{warned}</ul>" if warned else ""
        elif ended.stopped:
            self.say("Stopped. Nothing was published, and the last report is as it was.")
        else:
            self.refuse(f"The report was not published: {ended.sentence}")

    def _busy(self, *, busy: bool) -> None:
        self.run.disabled = self.check.disabled = busy
        self.stop.disabled = not busy
        self.bar.layout.display = "" if busy else "none"

    def _links(self) -> str:
        """Links to the report and what can be downloaded beside it, from the newest good run."""
        good = last_good_run(self.project, self.chosen.edition) if self.chosen.edition else None
        page = self.project.root / good.page if good and good.page else None
        if good is None or page is None or not page.is_file():
            return ""
        address = file_address(page)
        if not address:
            return f"<p>The report is {escape(good.page)}.</p>"
        others = [(self.project.root / name, words) for name, _ in good.outputs for words in _words(name)]
        links = "".join(f"<li>{_link(file_address(path), words)}</li>" for path, words in others if path.is_file())
        when = f"published on {say_day(dt.date.fromisoformat(good.ended[:10]))} at {good.ended[11:16]} UTC"
        listed = f"<ul>{links}</ul>" if links else ""
        return f"<p><strong>{_link(address, 'Open the report')}</strong>, {escape(when)}</p>{listed}"


def _words(name: str) -> list[str]:
    """What a download is called: its form, and whether it is the briefing or not for publication."""
    which = ", briefing" if "/briefing/" in name else ""
    closed = "" if name.startswith("reports/") else ", restricted edition: not for publication"
    return [f"{words}{which}{closed}" for ending, words in BESIDE.items() if name.endswith(ending)]


def _link(address: str, words: Any) -> str:
    return f'<a href="{escape(address)}" target="_blank" rel="noopener">{escape(words)}</a>'
