"""Reasons for change, each beside the direction that it is about; a change without one is named."""

import re
from collections.abc import Mapping, Sequence

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.reasons import Reason
from hcsp_assess.assessment.wording.words import listed, lower_first, quoted
from hcsp_assess.sources.text_body import body_html

#: How a direction is said in brackets after a title.
WORDS = {"rising": "rising", "falling": "falling", "stable": "level", "no clear change": "no clear change"}
#: A title that says already which way something went.
SAYS_WHICH_WAY = re.compile(r"\b(?:rose|rising|rises?|fell|falling|falls?|more|fewer|less)\b", re.IGNORECASE)
MOST_NAMED = 5  # changes without a reason that one sentence names


def describe_reason(reason: Reason, findings: Mapping[str, Finding]) -> Finding:
    """Show a reviewed reason, with the direction of the finding that it is about and a link to its chart.

    Parameters
    ----------
    findings : mapping of str to Finding
        The edition's findings by key; the first that the reason names and the edition has is linked.
    """
    beside = next((findings[key] for key in reason.about if key in findings), None)
    word = WORDS.get(beside.direction, "") if beside is not None else ""
    title = f"{reason.title} ({word})" if word and not SAYS_WHICH_WAY.search(reason.title) else reason.title
    text = quoted(reason.text, reason.signed)
    caveats = () if beside is not None else ("This edition has no figure for it.",)
    method = f"Reason, {lower_first(reason.title)}: {reason.signed.words}. Support: {reason.support}."
    return Finding(
        f"reason_{reason.key}",
        f"{title}: {text}",
        caveats=caveats,
        links=beside.links if beside is not None else {},
        message=f"{title}:",
        method=method,
        written=body_html(reason.markdown) if reason.markdown else "",
    )


def changes_without_reason(named: Sequence[tuple[Finding, str]], reasons: Sequence[Reason]) -> Finding | None:
    """Name the changes for which no reason is given; None where every change has one.

    Parameters
    ----------
    named : sequence of (Finding, str)
        Findings with the name of their measure. A change is a finding that points up or down.
    """
    explained = {key for reason in reasons for key in reason.about}
    bare = [
        (item, name) for item, name in named if item.direction in ("rising", "falling") and item.key not in explained
    ]
    if not bare:
        return None
    rises, falls = (
        [lower_first(name) for item, name in bare if item.direction == way] for way in ("rising", "falling")
    )
    parts = [
        f"No reviewed reason yet for {'these' if len(names) > 1 else 'this'} {word}{'s' if len(names) > 1 else ''}: "
        f"{listed(_first(names))}."
        for word, names in (("rise", rises), ("fall", falls))
        if names
    ]
    return Finding(
        "changes_without_reason",
        " ".join(parts),
        {"changes": len(bare), "more": max(len(rises), len(falls)) - MOST_NAMED},
        simulated=any(item.simulated for item, _ in bare),
    )


def _first(names: Sequence[str]) -> list[str]:
    """The first `MOST_NAMED` names, and how many more there are."""
    more = len(names) - MOST_NAMED
    return [*names[:MOST_NAMED], f"{more} more"] if more > 0 else list(names)


def describe_no_reasons() -> Finding:
    """Say that no change needs a reason, and that none was given."""
    return Finding("reasons_none", "No change is clear enough to need a reason, and none was given.")
