"""The gate before publishing: a report that contradicts itself, or points to what it does not show, is refused."""

from hcsp_assess.assessment.consistency import find_contradictions, numbers_without_evidence
from hcsp_assess.edition.findings import EditionFindings
from hcsp_assess.report.html import Html
from hcsp_assess.report.page_findings import (
    broken_promises,
    cells_that_differ,
    chapters_that_say,
    missing_links,
    page_text,
)


def find_inconsistencies(known: EditionFindings, page: Html) -> list[str]:
    """Say what in a report contradicts itself: each with the findings, what they say, and what to do.

    Parameters
    ----------
    known : EditionFindings
        Findings of the edition.
    page : Html
        The page that is to be published.

    Returns
    -------
    list of str
        Empty for a report that is consistent. docs/consistency.md explains each.
    """
    findings, text = known.everything, page_text(page)
    contradictions = find_contradictions([item for item in findings if item.is_in(text)], text)
    involved = [claim.finding for each in contradictions for claim in (each.one, each.other)]
    chapters = chapters_that_say(involved, page)
    problems = [each.message(chapters) for each in contradictions]
    problems += [
        f"finding {finding.key} (“{finding.sentence[:160]}”) has numbers that are not in its evidence: "
        f"{', '.join(numbers)}. Put them into its evidence, or correct the sentence"
        for finding in findings
        if (numbers := numbers_without_evidence(finding))
    ]
    return [
        *problems,
        *missing_links(findings, page),
        *broken_promises(page),
        *cells_that_differ(findings, page),
    ]


def refusal(problems: list[str], most: int = 5) -> str:
    """The message of a refused report: its first problems, one a line."""
    lines = [f"{number}. {problem}" for number, problem in enumerate(problems[:most], start=1)]
    more = f"\n… and {len(problems) - most} more." if len(problems) > most else ""
    return (
        "the report contradicts itself, so it was not published; the last one is as it was.\n" + "\n".join(lines) + more
    )
