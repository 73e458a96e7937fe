"""The chapter on priorities: issues scored and ranked, how firm the ranking is, and what was decided."""

import pandas as pd

from hcsp_assess.assessment.findings import Finding, Findings
from hcsp_assess.assessment.priorities import Ranking, parse_issues, rank_issues, scoring_scheme
from hcsp_assess.assessment.wording.absent import absent
from hcsp_assess.assessment.wording.priorities import describe_decision, describe_ranking
from hcsp_assess.edition.findings import EditionFindings
from hcsp_assess.report.tables import Table
from hcsp_assess.sources.texts import notes_of


def rank(known: EditionFindings) -> Ranking:
    """Rank the edition's issues by the scheme that comes with the package."""
    scheme = scoring_scheme()
    return rank_issues(parse_issues(known.texts, scheme, known.by_key), scheme)


def finding_ranking(known: EditionFindings, ranking: Ranking) -> Finding:
    """Say which issues score highest and how many of them stay there."""
    return describe_ranking(ranking).marked(simulated=known.opened.simulated)


def table_ranking(known: EditionFindings, ranking: Ranking) -> Table | Finding:
    """Show the ranking with how far it depends on the weights."""
    if not ranking.ranked:
        return absent("priorities_none")
    words = scoring_scheme().confidence
    rows = [
        (
            item.issue.name,
            item.rank,
            round(item.score, 1),
            round(item.impact, 1),
            round(item.likelihood, 1),
            f"{100 * item.in_top:.0f}%",
            f"{item.best} to {item.worst}",
            words[item.issue.confidence],
        )
        for item in ranking.ranked
    ]
    columns = ["Issue", "Place", "Score", "Impact", "Likelihood", "In the top", "Places", "Confidence"]
    notes = (
        "Score: impact times likelihood, each a weighted mean on the scale from 1 to 4; the highest is 16.",
        f"In the top: share of {ranking.draws:,} random sets of weights in which the issue is among the first "
        f"{ranking.top}. Places: its range in nine of ten sets. A wrong score is no less wrong for it.",
        "Confidence stands beside the score and is not in it: weak evidence does not make harm smaller.",
    )
    caption = f"Issues by score, {known.opened.area.name}"
    return Table(pd.DataFrame(rows, columns=columns), caption, "priorities-ranking", notes, known.opened.simulated)


def table_scores(known: EditionFindings, ranking: Ranking) -> Table | Finding:
    """Show each score with what it rests on and who gave it."""
    issues = [item.issue for item in ranking.ranked] + [issue for issue, _ in ranking.not_ranked]
    if not issues:
        return absent("priorities_none")
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
    folded = "Every score, what it rests on, and who gave it"
    caption = f"Scores of each issue, {known.opened.area.name}"
    return Table(frame, caption, "priorities-scores", notes, known.opened.simulated, folded)


def table_scheme() -> Table:
    """Show the questions of the scoring scheme with their weights."""
    scheme = scoring_scheme()
    rows = [(part.name, part.group, part.asks, part.weight, _how(part)) for part in scheme.components]
    frame = pd.DataFrame(rows, columns=["Component", "Group", "Question", "Weight", "Scored"])
    notes = (f"Scheme version {scheme.version}, {scheme.date}: {scheme.author_role}.",)
    return Table(frame, "What issues are scored on", "priorities-scheme", notes)


def findings_decisions(known: EditionFindings) -> Findings:
    """Show what was decided beside the scores, in reviewed text: a score decides nothing."""
    notes = notes_of(known.texts, "scores.toml", "decision")
    return Findings(tuple(describe_decision(note) for note in notes) or (absent("decisions_none"),))


def table_recommendations(known: EditionFindings) -> Table | Finding:
    """Show what this assessment recommends, to whom and why; the next assessment answers each."""
    rows = [(item.text, item.to, item.because, item.signed.words) for item in known.recommendations]
    if not rows:
        return absent("recommendations_none")
    frame = pd.DataFrame(rows, columns=["Recommendation", "To", "Why", "Who says so"])
    return Table(frame, f"What this assessment recommends, {known.opened.area.name}", "recommendations")


def _how(part: object) -> str:
    computed = getattr(part, "from_counts", ()) or getattr(part, "from_direction", {})
    return "computed where the data allow, else judged" if computed else "judged"
