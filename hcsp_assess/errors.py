"""What a user can fix: two errors, problems found before a run, and suggestions for misspelt names."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches


class InputError(ValueError):
    """Something in the data or the call is wrong; the message says what, where and what to do."""


class UsageError(InputError):
    """The command or its arguments are wrong: an edition that does not exist, a misspelt parameter."""


@dataclass(frozen=True)
class Problem:
    """One thing to fix in what a person wrote or supplied, found before a run.

    Attributes
    ----------
    where : str
        File, and the entry or line in it: "editions/2026-27/reasons.md, line 12".
    what : str
        What is wrong and what to do, in one or two sentences.
    stops : bool
        Whether a run would fail because of it; what does not stop a run is worth knowing before it.
    """

    where: str
    what: str
    stops: bool = True

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" if self.where else self.what


class ListError(InputError):
    """Several things to fix, each on a line of the message."""


class ProblemsError(ListError):
    """Everything that has to be fixed before an edition can be built, in one error.

    Attributes
    ----------
    problems : tuple of Problem
        Those that stop a run; at least one.

    Examples
    --------
    >>> print(ProblemsError("2025", (Problem("a.toml", "It is empty"), Problem("b.toml", "It is empty"))))
    2 problems stop the report 2025:
    1. a.toml: It is empty
    2. b.toml: It is empty
    """

    def __init__(self, edition: str, problems: Sequence[Problem]) -> None:
        self.edition, self.problems = edition, tuple(problems)
        if len(self.problems) == 1:
            super().__init__(str(self.problems[0]))
            return
        listed = [f"{number}. {problem}" for number, problem in enumerate(self.problems, start=1)]
        super().__init__("\n".join([f"{len(listed)} problems stop the report {edition}:", *listed]))


def did_you_mean(given: str, known: Iterable[str], *, cutoff: float = 0.6) -> str:
    """Return " Did you mean NAME?" with the known name nearest to the one given; "" if none is near.

    Examples
    --------
    >>> did_you_mean("shoplifing", ["burglary", "shoplifting"])
    ' Did you mean shoplifting?'
    """
    near = nearest(given, known, cutoff=cutoff)
    return f" Did you mean {near}?" if near else ""


def nearest(given: str, known: Iterable[str], *, cutoff: float = 0.6) -> str:
    """Return the known name that is most like the one given; "" if none is at least `cutoff` like it."""
    return next(iter(get_close_matches(given, list(known), n=1, cutoff=cutoff)), "")
