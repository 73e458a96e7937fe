"""Reasons for change: reviewed text beside the figures it is about, never generated. Silence is said, not filled."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hcsp_assess.assessment.findings import Finding, Findings
from hcsp_assess.errors import InputError
from hcsp_assess.sources.texts import Signed, TextFolder, check_unique, signed_of, text_of, texts_of

#: Where the size of a change begins in a sentence: before it stands what changed.
CHANGE = re.compile(r",? (?:up|down) by | \d")


@dataclass(frozen=True)
class Reason:
    """Why something changed, in the words of somebody who answers for it.

    Attributes
    ----------
    about : tuple of str
        Keys of the findings that it explains; the first that the edition has stands beside it.
    support : str
        How well the reason is evidenced, in words: "not established".
    """

    key: str
    title: str
    about: tuple[str, ...]
    text: str
    support: str
    signed: Signed


def parse_reasons(texts: TextFolder) -> tuple[Reason, ...]:
    """Parse an edition's reasons for change from `reasons.toml`; none where there is no such file.

    Raises
    ------
    InputError
        If a reason has no text, is about no finding, says not how well it is supported, or nobody answers for it.
    """
    file = texts.read("reasons.toml")
    found = []
    for number, entry in enumerate(file.get("reason", []), start=1):
        where = f"{texts.name}/reasons.toml, reason {number}"
        about = texts_of(where, entry, "about")
        if not about:
            raise InputError(f'{where} is about no finding: write about = ["key of a finding"]')
        fields = [text_of(where, entry, name) for name in ("key", "title", "text", "support")]
        key, title, text, support = fields
        found.append(Reason(key, title, about, text, support, signed_of(where, entry, file.get("signed"))))
    check_unique(f"{texts.name}/reasons.toml", [reason.key for reason in found])
    return tuple(found)


def describe_reason(reason: Reason, findings: Mapping[str, Finding]) -> Findings:
    """Show the evidence and the reason beside it, each for what it is.

    Parameters
    ----------
    findings : mapping of str to Finding
        The edition's findings by key.

    Returns
    -------
    Findings
        The finding that the reason is about, as it stands; then the reviewed text with who answers for it. Where the
        edition has no such finding, that is said.
    """
    beside = next((findings[key] for key in reason.about if key in findings), None)
    if beside is None:
        caveat = "No figure in this edition stands beside this reason."
        return Findings((_reviewed(reason, (caveat,)),))
    return Findings((beside, _reviewed(reason, ())))


def changes_without_reason(findings: Sequence[Finding], reasons: Sequence[Reason]) -> Finding | None:
    """Name the changes for which nobody has given a reason; None where every change has one.

    A change is a finding that points up or down. No text is made up for it: the gap is the message.
    """
    explained = {key for reason in reasons for key in reason.about}
    bare = [item for item in findings if item.direction in ("rising", "falling") and item.key not in explained]
    if not bare:
        return None
    number = len(bare)
    named = "; ".join(CHANGE.split(item.sentence)[0].rstrip(":") for item in bare)
    many = "1 change has" if number == 1 else f"{number} changes have"
    return Finding(
        "changes_without_reason",
        f"{many} no reviewed reason yet: {named}.",
        {"changes": number},
        "Reasons are written by people who know, with a date; none is generated.",
        simulated=any(item.simulated for item in bare),
    )


def _reviewed(reason: Reason, caveats: tuple[str, ...]) -> Finding:
    sentence = (
        f"{reason.title}: “{reason.text}”" if reason.signed.origin == "quoted" else f"{reason.title}: {reason.text}"
    )
    certainty = f"Reviewed text, not computed: {reason.signed.words}. How well supported: {reason.support}."
    return Finding(f"reason_{reason.key}", sentence, {}, certainty, caveats)
