"""What a theme means for the partnership, as a reader meets it at the end of a chapter."""

from collections.abc import Sequence
from dataclasses import dataclass

from hcsp_assess.assessment.so_what import Intervention, SoWhat
from hcsp_assess.report.tables import escape

HEADING = "What this means"
PROMPT = "To be written by the partnership: what this means, what to do, who leads, and by when."


@dataclass(frozen=True)
class SoWhatPanel:
    """The text with its action, and what is known to work.

    Attributes
    ----------
    said : SoWhat or None
        None where none has been written: the restricted edition then shows a prompt, and the public one nothing.
    works : sequence of Intervention
        Those that may be printed.
    """

    said: SoWhat | None
    works: Sequence[Intervention] = ()

    def _repr_html_(self) -> str:
        if self.said is None:
            prompt = f'<p class="so-what-prompt">{escape(PROMPT)}</p>'
            return f'<div data-audience="restricted"><h2>{HEADING}</h2>{prompt}</div>'
        return f'<h2>{HEADING}</h2><div class="so-what">{"".join(_lines(self.said, self.works))}</div>'


def _lines(said: SoWhat, works: Sequence[Intervention]) -> list[str]:
    lines = [
        f"<p>{escape(said.means)}</p>",
        f"<p><strong>Suggested action:</strong> {escape(said.action)}{_who(said)}</p>",
    ]
    for item in works:
        name = f'<a href="{escape(item.link)}">{escape(item.name)}</a>'
        by = escape(item.by.split(",")[0])
        lines.append(f"<p><strong>What works:</strong> {name} {escape(item.rating)} ({by}).</p>")
    if said.signed.origin == "written for the demonstration":
        lines.append('<p class="certainty">Written for the demonstration.</p>')
    known = "".join(f" What works: {item.by}, read on {item.checked.day} {item.checked:%B %Y}." for item in works)
    return [*lines, f'<p class="method">{HEADING}: {escape(said.signed.words)}.{escape(known)}</p>']


def _who(said: SoWhat) -> str:
    """Who leads, and by when, as far as that was decided."""
    lead = f" Lead: {said.lead}" if said.lead else ""
    return escape(f"{lead}{', by ' if lead else ' By '}{said.by}." if said.by else f"{lead}." if lead else "")
