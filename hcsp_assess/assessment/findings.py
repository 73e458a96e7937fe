"""A finding: one sentence, the numbers behind it, how sure it is, what to bear in mind, and where its data are."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any, Literal, get_args

from hcsp_assess.errors import InputError
from hcsp_assess.files import legible

Direction = Literal["rising", "falling", "stable", "no clear change", "cannot tell", ""]
LinkKind = Literal["chart", "table", "data"]
#: Links that a reader is shown; "data" is for other programs.
SHOWN_LINKS: tuple[LinkKind, ...] = ("chart", "table")
#: A place in the same page, or a file beside it; nothing that a browser would run or fetch from elsewhere.
NAME = r"[A-Za-z0-9_-][A-Za-z0-9._-]*"
LINK = re.compile(rf"#{NAME}|(?:{NAME}/)*{NAME}(?:#{NAME})?")
#: What a list of findings says once, where at least this many end with it.
UNCLEAR, ALIKE = ": no clear change.", 3
#: How the sentence of a finding ends whose figure is hidden: such findings come last.
HIDDEN = "too small to publish."


@dataclass(frozen=True)
class FindingSource:
    """Where the numbers of a finding come from.

    Attributes
    ----------
    name : str
        What a reader knows the source as.
    where : str
        File or place it was read from.
    sha256 : str
        Checksum of that file; "" where the source is not one file.
    """

    name: str
    where: str = ""
    sha256: str = ""

    @property
    def words(self) -> str:
        """Where it was read, with the beginning of its checksum, as printed."""
        return ", ".join(part for part in (self.where, f"SHA-256 {self.sha256[:12]}…" if self.sha256 else "") if part)


@dataclass(frozen=True)
class Finding:
    """What the data say, in a sentence that leads to its numbers.

    Attributes
    ----------
    key : str
        Name of the finding, the same from one edition to the next.
    sentence : str
        The message. Every number in it is in `evidence`.
    message : str
        The beginning of a long `sentence`, which is shown in bold; "" for all of it.
    evidence : mapping
        The numbers that the sentence uses and those that it rests on, unrounded.
    certainty : str
        How sure we are, in one plain sentence; "" where nothing was estimated.
    caveats : tuple of str
        What a reader must bear in mind.
    method : str
        How it was worked out: names of tests and intervals, formulas. Shown only in a closed panel.
    measure, population, period : str
        What its number is of, of whom or what, and when, so that two findings on the same thing can be compared;
        "" where it has no number.
    reconciles : tuple of str
        Keys of findings on the same measure whose difference from this one it explains, naming their figure or word.
    written : str
        A text with lists or bold words that a page shows after `message` in place of the rest of the sentence: safe
        HTML (`sources.text_body.body_html`); "" for none.
    simulated : bool
        Whether it rests on simulated data.
    direction : str
        Which way it points, from a closed set, so that two editions can be compared; "" where that is no question.
    sources : tuple of FindingSource
        Where its numbers come from.
    links : mapping of str to str
        Where its "chart", "table" and "data" stand: an anchor in the page, or a file beside it.
    """

    key: str
    sentence: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    certainty: str = ""
    caveats: tuple[str, ...] = ()
    simulated: bool = False
    direction: Direction = ""
    sources: tuple[FindingSource, ...] = ()
    links: Mapping[LinkKind, str] = field(default_factory=dict)
    message: str = ""
    method: str = ""
    measure: str = ""
    population: str = ""
    period: str = ""
    reconciles: tuple[str, ...] = ()
    written: str = ""

    def __post_init__(self) -> None:
        if self.direction not in get_args(Direction):
            raise InputError(f"finding {self.key!r}: no direction {self.direction!r}; there are {get_args(Direction)}")
        for kind, target in self.links.items():
            if kind not in get_args(LinkKind) or not LINK.fullmatch(target):
                raise InputError(
                    f"finding {self.key!r}: its link {kind!r} to {target!r} is neither an anchor of the page nor "
                    f"a file beside it"
                )

    def marked(self, *, simulated: bool) -> "Finding":
        """Return the same finding, marked as resting on simulated data or not."""
        return replace(self, simulated=simulated)

    def traced(self, sources: tuple[FindingSource, ...] = (), links: Mapping[LinkKind, str] | None = None) -> "Finding":
        """Return the same finding with its sources and with links to its chart, table and data."""
        return replace(self, sources=sources or self.sources, links=links or self.links)

    @property
    def in_list(self) -> str:
        """The sentence in a list under a line that says what its findings have in common."""
        return self.sentence.removesuffix(UNCLEAR) + "." if self.sentence.endswith(UNCLEAR) else self.sentence

    def is_in(self, text: str) -> bool:
        """Whether a text of single spaces holds its sentence, the part of that in bold, or what a list shows."""
        return any(part and " ".join(part.split()) in text for part in (self.sentence, self.message, self.in_list))

    def _repr_html_(self) -> str:
        mark = ' <span class="simulated">Simulated data</span>' if self.simulated else ""
        below = (self.certainty, *(text for text in self.caveats if text not in self.sentence))
        notes = "".join(f'<p class="certainty">{_text(text)}</p>' for text in below if text)
        method = f'<p class="method">{_text(self.method)}</p>' if self.method else ""
        figures = " of-figures" if self.evidence else ""
        return (
            f'<div class="finding{figures}"><p class="headline">{self._sentence()}{mark}</p>{self._written()}'
            f"{notes}{method}{self._links()}</div>"
        )

    def _sentence(self) -> str:
        """The sentence, what follows its message in ordinary type."""
        if self.written and self.message:
            return _text(self.message)
        if not self.message or not self.sentence.startswith(self.message) or self.message == self.sentence:
            return _text(self.sentence)
        rest = self.sentence.removeprefix(self.message)
        return f'{_text(self.message)}<span class="rest">{_text(rest)}</span>'

    def _written(self) -> str:
        return f'<div class="written">{self.written}</div>' if self.written and self.message else ""

    def _links(self) -> str:
        """Links to chart and table that make sense when heard alone, and where the numbers come from."""
        about = _text(self.sentence.split(":")[0][:60])
        links = [
            f'<a href="{escape(self.links[kind])}" aria-label="{kind.capitalize()}: {about}">{kind.capitalize()}</a>'
            for kind in SHOWN_LINKS
            if kind in self.links
        ]
        named = [f"{source.name} ({source.words})" if source.words else source.name for source in self.sources]
        shown = f'<p class="finding-links">{" · ".join(links)}</p>' if links else ""
        return shown + (f'<p class="finding-source">Source: {_text("; ".join(named))}</p>' if named else "")


@dataclass(frozen=True)
class Findings:
    """Several findings shown together, in their order; those without a clear change, where they are many, last.

    Examples
    --------
    >>> calls, fires = Finding("calls", "5 calls, 1 more: no clear change."), Finding("fires", "2 fires, 1 fewer.")
    >>> html = Findings((calls, fires, calls, calls))._repr_html_()
    >>> html.count("no clear change"), html.count("5 calls, 1 more."), html.index("2 fires") < html.index("5 calls")
    (0, 3, True)
    """

    items: tuple[Finding, ...]

    def _repr_html_(self) -> str:
        alike = [item for item in self.items if item.sentence.endswith(UNCLEAR)]
        if len(alike) < ALIKE:
            return "\n".join(item._repr_html_() for item in self.items)
        others = [item for item in self.items if not item.sentence.endswith(UNCLEAR)]
        first, last = (
            [item._repr_html_() for item in others if item.sentence.endswith(HIDDEN) is hidden]
            for hidden in (False, True)
        )
        listed = [replace(item, sentence=item.in_list)._repr_html_() for item in alike]
        lead = "<p>None of these is a clear change:</p>"
        return "\n".join((*first, '<div class="alike">', lead, *listed, "</div>", *last))


def _text(value: str) -> str:
    """Text made safe for a page: markup is shown as text, without what no page may hold (`files.legible`)."""
    return escape(legible(value))
