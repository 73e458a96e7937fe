"""What changed since the last assessment: findings new, gone and turned, figures revised, recommendations answered."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.errors import InputError
from hcsp_assess.sources.texts import Signed, TextFolder, check_unique, place, signed_of, text_of, texts_of

STATUSES = ("done", "under way", "not accepted", "not done")
Kind = Literal["new", "gone", "turned", "same"]


@dataclass(frozen=True)
class Recommendation:
    """Something that an assessment asks somebody to do.

    Attributes
    ----------
    key, text, to, because : str
        What, to whom (a body or role), and why.
    findings : tuple of str
        Findings that it rests on.
    """

    key: str
    text: str
    to: str
    because: str
    findings: tuple[str, ...]
    signed: Signed


@dataclass(frozen=True)
class Answer:
    """What became of a recommendation: "done", "under way", "not accepted" or "not done", and in words."""

    recommendation: str
    status: str
    text: str
    signed: Signed


@dataclass(frozen=True)
class Compared:
    """One finding in two editions.

    Attributes
    ----------
    kind : str
        "new" (only now), "gone" (only then), "turned" (another direction) or "same".
    before, now : str
        Its sentence then and now; "" where there was none.
    """

    key: str
    kind: Kind
    before: str
    now: str
    direction_before: str
    direction: str


def compare_findings(before: Mapping[str, Any], findings: Sequence[Finding]) -> tuple[Compared, ...]:
    """Compare the findings of this edition with those of the last.

    Parameters
    ----------
    before : mapping
        The last edition's `findings.json`, checked against its schema (`sources.findings_file.read_findings`).

    Returns
    -------
    tuple of Compared
        New ones first, then turned, gone and the same, each in the order of its edition. A finding is the same if its
        key is. Another sentence with the same direction is "same": numbers move every year.
    """
    then = {item["key"]: item for item in before["findings"]}
    now = {item.key: item for item in findings}
    found = []
    for key, item in now.items():
        old = then.get(key)
        if old is None:
            found.append(Compared(key, "new", "", item.sentence, "", item.direction))
            continue
        kind: Kind = "same" if old["direction"] == item.direction else "turned"
        found.append(Compared(key, kind, old["sentence"], item.sentence, old["direction"], item.direction))
    for key, old in then.items():
        if key not in now:
            found.append(Compared(key, "gone", old["sentence"], "", old["direction"], ""))
    order = ["new", "turned", "gone", "same"]
    return tuple(sorted(found, key=lambda item: order.index(item.kind)))


def find_revisions(before: Mapping[str, Any], data: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Find figures that both editions have and that differ: the same month, another count.

    Parameters
    ----------
    before : mapping
        The last edition's `findings.json`.
    data : mapping of str to pandas.Series
        This edition's series by key; the index prints as the period ("2012-01"), NA = not held.

    Returns
    -------
    pandas.DataFrame
        Columns "series", "period", "before", "now", "difference" (now less before; NA where one is missing). A figure
        that was missing then and is there now, or the reverse, is a revision too. A period that only one edition
        covers is not.
    """
    rows = []
    for entry in before.get("data", []):
        series = data.get(entry["key"])
        if series is None:
            continue
        now = {str(period): value for period, value in series.items()}
        for period, old in entry["values"].items():
            if period not in now:
                continue
            new = None if pd.isna(now[period]) else float(now[period])
            if new is None and old is None:
                continue
            if new is None or old is None or not math.isclose(new, old, rel_tol=0, abs_tol=1e-9):
                rows.append((entry["key"], period, old, new, None if None in (new, old) else new - old))
    frame = pd.DataFrame(rows, columns=["series", "period", "before", "now", "difference"])
    return frame.astype({"before": "Float64", "now": "Float64", "difference": "Float64"})


def parse_recommendations(texts: TextFolder) -> tuple[Recommendation, ...]:
    """Parse what an edition recommends from `recommendations.toml`; nothing where there is no such file."""
    file = texts.read("recommendations.toml")
    found = []
    for number, entry in enumerate(file.get("recommendation", []), start=1):
        where = place(texts, "recommendations.toml", "recommendation", number, entry)
        key, text, to, because = (text_of(where, entry, name) for name in ("key", "text", "to", "because"))
        signed = signed_of(where, entry, file.get("signed"))
        found.append(Recommendation(key, text, to, because, texts_of(where, entry, "findings"), signed))
    check_unique(f"{texts.name}/recommendations.toml", [item.key for item in found])
    return tuple(found)


def parse_answers(texts: TextFolder) -> tuple[Answer, ...]:
    """Parse the answers to the last edition's recommendations from `recommendations.toml`.

    Raises
    ------
    InputError
        If a status is none of `STATUSES`, or an answer has no role or date.
    """
    file = texts.read("recommendations.toml")
    found = []
    for number, entry in enumerate(file.get("answer", []), start=1):
        where = place(texts, "recommendations.toml", "answer", number, entry)
        key, status, text = (text_of(where, entry, name) for name in ("recommendation", "status", "text"))
        if status not in STATUSES:
            raise InputError(f"{where} has the status {status!r}; there are {', '.join(STATUSES)}")
        found.append(Answer(key, status, text, signed_of(where, entry, file.get("signed"))))
    check_unique(f"{texts.name}/recommendations.toml", [item.recommendation for item in found])
    return tuple(found)


def answers_table(before: Mapping[str, Any], answers: Sequence[Answer]) -> pd.DataFrame:
    """Every recommendation of the last edition with its answer; one without says "no answer yet".

    Returns
    -------
    pandas.DataFrame
        Columns "Recommendation", "To", "Status", "Answer", "Who says so".

    Raises
    ------
    InputError
        If an answer is to a recommendation that the last edition did not make.
    """
    made = {item["key"]: item for item in before.get("recommendations", [])}
    given = {answer.recommendation: answer for answer in answers}
    if strange := sorted(set(given) - set(made)):
        raise InputError(
            f"answers to {', '.join(strange)}, which the last assessment did not recommend; correct the key"
        )
    rows = []
    for key, item in made.items():
        answer = given.get(key)
        told = (
            (answer.status, answer.text, answer.signed.words) if answer else ("no answer yet", "none", "not answered")
        )
        rows.append((item["text"], item["to"], *told))
    return pd.DataFrame(rows, columns=["Recommendation", "To", "Status", "Answer", "Who says so"])
