"""The chapter on priorities: issues scored and ranked, how firm the ranking is, and what was decided."""

import pandas as pd

from hcsp_assess.assessment.findings import Finding, Findings
from hcsp_assess.assessment.priorities import Component, Ranking, parse_issues, rank_issues, scoring_scheme
from hcsp_assess.assessment.wording.absent import absent
from hcsp_assess.assessment.wording.priorities import describe_decision, describe_ranking
from hcsp_assess.chapters.shared.county_matters import show_matters
from hcsp_assess.chapters.shared.folded import Folded, Titled
from hcsp_assess.edition.findings import EditionFindings
from hcsp_assess.report.tables import Table
from hcsp_assess.sources.texts import notes_of


def rank(known: EditionFindings) -> Ranking:
    """Rank the edition's issues by the scheme that comes with the package."""
    scheme = scoring_scheme()
    return rank_issues(parse_issues(known.texts, scheme, known.by_key), scheme)


def finding_ranking(known: EditionFindings, ranking: Ranking) -> Finding:
    """Say which issue ranks first, and which are too close to separate."""
    return describe_ranking(ranking).marked(simulated=known.opened.simulated)


def table_ranking(known: EditionFindings, ranking: Ranking) -> Table | Findings:
    """Show the ranking with the places that each issue takes as weights vary."""
    if not ranking.ranked:
        return Findings(())
    words = scoring_scheme().confidence
    rows = [
        (
            item.issue.name,
            item.rank,
            round(item.score, 1),
            str(item.best) if item.best == item.worst else f"{item.best} to {item.worst}",
            words[item.issue.confidence],
        )
        for item in ranking.ranked
    ]
    columns = ["Issue", "Place", "Score (of 16)", "Likely place", "Evidence"]
    notes = (
        "Score: impact times likelihood, each from 1 to 4. Likely place: its range as the weights vary; it does not "
        "allow for scores that may be wrong.",
    )
    caption = f"Issues by score, {known.opened.area.name}"
    return Table(pd.DataFrame(rows, columns=columns), caption, "priorities-ranking", notes, known.opened.simulated)


def findings_decisions(known: EditionFindings) -> Titled:
    """Show what was decided beside the scores, in reviewed text; nothing where nothing was."""
    notes = notes_of(known.texts, "scores.toml", "decision")
    return Titled("What was decided", tuple(describe_decision(note) for note in notes))


def table_recommendations(known: EditionFindings) -> Titled:
    """Show what this assessment recommends, to whom and why; the next assessment answers each."""
    rows = [(item.text, item.to, item.because) for item in known.recommendations]
    frame = pd.DataFrame(rows, columns=["Recommendation", "To", "Why"])
    signed = tuple(dict.fromkeys(f"{item.signed.words}." for item in known.recommendations))
    caption = f"What this assessment recommends, {known.opened.area.name}"
    shown = (Table(frame, caption, "recommendations", signed),) if rows else (absent("recommendations_none"),)
    return Titled("What this assessment recommends", shown)


def matters_for_county(known: EditionFindings) -> Titled:
    """Show what the partnership brings to the attention of the county's strategy group; nothing without any."""
    return show_matters(known, "priorities")


def how_scored(known: EditionFindings, ranking: Ranking) -> Folded:
    """Show in a closed panel the questions and weights, and every score with what it rests on and who gave it."""
    scores = table_scores(known, ranking)
    return Folded("How issues are scored, and every score", (table_scheme(), *((scores,) if scores else ())))


def table_scores(known: EditionFindings, ranking: Ranking) -> Table | None:
    """Return each score with what it rests on and who gave it; None where there are none."""
    issues = [item.issue for item in ranking.ranked] + [issue for issue, _ in ranking.not_ranked]
    if not issues:
        return None
    scheme = scoring_scheme()
    rows = [
        (
            issue.name,
            part.name,
            issue.scores[part.key].value,
            issue.scores[part.key].evidence,
            issue.scores[part.key].by,
        )
        for issue in issues
        for part in scheme.components
        if part.key in issue.scores
    ]
    frame = pd.DataFrame(rows, columns=["Issue", "Component", "Value", "What it rests on", "Scored by"])
    signed = dict.fromkeys(f"{issue.signed.words}." for issue in issues)
    notes = (f"Scale: {', '.join(f'{value} {word}' for value, word in scheme.scale.items())}.", *signed)
    caption = f"Scores of each issue, {known.opened.area.name}"
    return Table(frame, caption, "priorities-scores", notes, known.opened.simulated)


def table_scheme() -> Table:
    """Show the questions of the scoring scheme with their weights."""
    scheme = scoring_scheme()
    rows = [(part.name, part.group, part.asks, part.weight, _how(part)) for part in scheme.components]
    frame = pd.DataFrame(rows, columns=["Component", "Group", "Question", "Weight", "Scored"])
    day = f"{scheme.date.day} {scheme.date:%B %Y}"
    notes = (f"Scheme version {scheme.version}, {day}. {scheme.author_role}.",)
    return Table(frame, "What issues are scored on", "priorities-scheme", notes)


def _how(part: Component) -> str:
    computed = bool(part.from_counts or part.from_direction)
    return "computed where the data allow, else judged" if computed else "judged"
