"""What an edition tells its county: the priorities, the decisions, and the matters for the county's strategy group."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from hcsp_assess.assessment.county_matters import Matter, parse_matters
from hcsp_assess.assessment.priorities import Ranked, parse_issues, rank_issues, scoring_scheme
from hcsp_assess.edition.findings import EditionFindings
from hcsp_assess.sources.texts import Note, Signed, notes_of

#: The chapter whose issues, scored, are an edition's priorities.
CHAPTER = "priorities"


@dataclass(frozen=True)
class ForCounty:
    """What a county reads of an edition.

    Attributes
    ----------
    priorities : tuple of Ranked
        The issues in the highest places.
    decisions : tuple of Note
        What was decided beside the scores.
    matters : tuple of Matter
        What the partnership brings to the attention of the county's strategy group.
    """

    priorities: tuple[Ranked, ...] = ()
    decisions: tuple[Note, ...] = ()
    matters: tuple[Matter, ...] = ()

    @cached_property
    def document(self) -> Mapping[str, Any]:
        """Its fields of `findings.json` (docs/findings-schema.md)."""
        return {
            "priorities": [
                {
                    "key": item.issue.key,
                    "name": item.issue.name,
                    "theme": item.issue.theme,
                    "place": item.rank,
                    "signed": _signed(item.issue.signed),
                }
                for item in self.priorities
            ],
            "decisions": [
                {"key": note.key, "text": note.text, "signed": _signed(note.signed)} for note in self.decisions
            ],
            "matters": [
                {
                    "key": item.key,
                    "theme": item.theme,
                    "text": item.text,
                    "because": item.because,
                    "findings": list(item.findings),
                    "signed": _signed(item.signed),
                }
                for item in self.matters
            ],
        }


def for_county(known: EditionFindings) -> ForCounty:
    """Return what an edition tells its county; `InputError` where its reviewed texts cannot be used."""
    matters = parse_matters(known.texts, [item.key for item in known.everything])
    if CHAPTER not in known.opened.edition.chapters:
        return ForCounty(matters=matters)
    scheme = scoring_scheme()
    ranking = rank_issues(parse_issues(known.texts, scheme, known.by_key), scheme)
    highest = tuple(item for item in ranking.ranked if item.rank <= ranking.top)
    return ForCounty(highest, notes_of(known.texts, "scores.toml", "decision"), matters)


def _signed(signed: Signed) -> dict[str, str]:
    return {"role": signed.role, "date": str(signed.date), "origin": signed.origin, "source": signed.source}
