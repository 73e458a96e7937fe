"""A finding: one sentence, the numbers behind it, how sure it is and what to bear in mind."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any


@dataclass(frozen=True)
class Finding:
    """What the data say, in a sentence that leads to its numbers.

    Attributes
    ----------
    key : str
        Name of the finding, the same from one edition to the next.
    sentence : str
        The message. Every number in it is in `evidence`.
    evidence : mapping
        The numbers that the sentence uses and those that it rests on, unrounded.
    certainty : str
        How sure it is and by which method, in words; "" where nothing was estimated.
    caveats : tuple of str
        What a reader must bear in mind.
    simulated : bool
        Whether it rests on simulated data.
    """

    key: str
    sentence: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    certainty: str = ""
    caveats: tuple[str, ...] = ()
    simulated: bool = False

    def marked(self, *, simulated: bool) -> "Finding":
        """Return the same finding, marked as resting on simulated data or not."""
        return replace(self, simulated=simulated)

    def _repr_html_(self) -> str:
        mark = ' <span class="simulated">Simulated data</span>' if self.simulated else ""
        certainty = f'<p class="certainty">{escape(self.certainty)}</p>' if self.certainty else ""
        caveats = "".join(f'<p class="certainty">{escape(text)}</p>' for text in self.caveats)
        return f'<div class="finding"><p class="headline">{escape(self.sentence)}{mark}</p>{certainty}{caveats}</div>'


@dataclass(frozen=True)
class Findings:
    """Several findings shown together, in their order."""

    items: tuple[Finding, ...]

    def _repr_html_(self) -> str:
        return "\n".join(item._repr_html_() for item in self.items)
