"""What a theme means for the partnership, as a reader meets it at the end of a chapter."""

from collections.abc import Sequence
from dataclasses import dataclass

from hcsp_assess.assessment.so_what import InShort, Intervention, SoWhat
from hcsp_assess.report.tables import escape
from hcsp_assess.sources.text_body import body_html

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
    in_short : InShort or None
        What a reader should remember of the theme, where somebody wrote it.
    """

    said: SoWhat | None
    works: Sequence[Intervention] = ()
    in_short: InShort | None = None

    def _repr_html_(self) -> str:
        lines = [*_in_short(self.in_short), *(_lines(self.said, self.works) if self.said is not None else [])]
        shown = f'<h2>{HEADING}</h2><div class="so-what">{"".join(lines)}</div>' if lines else ""
        if self.said is not None:
            return shown
        prompt = f'<p class="so-what-prompt">{escape(PROMPT)}</p>'
        return shown + f'<div data-audience="restricted">{"" if shown else f"<h2>{HEADING}</h2>"}{prompt}</div>'


def _in_short(said: InShort | None) -> list[str]:
    """The summary of a theme, and who answers for it."""
    if said is None:
        return []
    return [_text(said.text, said.markdown), f'<p class="method">In short: {escape(said.signed.words)}.</p>']


def _text(text: str, markdown: str) -> str:
    """A text that a person wrote: with its lists and bold words, or as one paragraph."""
    return f'<div class="written">{body_html(markdown)}</div>' if markdown else f"<p>{escape(text)}</p>"


def _lines(said: SoWhat, works: Sequence[Intervention]) -> list[str]:
    lines = [
        _text(said.means, said.markdown),
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
