"""Starting points of the measures of a new plan: the figure to judge each by, or what is still to be agreed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hcsp_assess.errors import InputError
from hcsp_assess.sources.texts import TextFolder, text_of, texts_of

FILE = "baselines.toml"
#: Where a starting point can be from; one of them is in each entry.
KINDS = ("figure", "indicator", "series", "return", "markers", "none")


@dataclass(frozen=True)
class Baseline:
    """What a measure of the plan is judged against.

    Attributes
    ----------
    measure : str
        Word for word as in the work plan.
    what : str
        What the figure counts.
    kind : str
        One of `KINDS`.
    key : str
        Key of a figure, an indicator or a series; name of a return; or what is to be agreed.
    column : str
        Of a return, the column that is summed.
    latest : bool
        Of a return, whether its latest quarter alone counts, as for a stock.
    where : mapping
        Of a return, column and the value that counts.
    markers : tuple of str
        Of two markers, of which offences, and which share of them.
    """

    measure: str
    what: str
    kind: str
    key: str = ""
    column: str = ""
    latest: bool = False
    where: Mapping[str, Any] = field(default_factory=dict)
    markers: tuple[str, ...] = ()


def parse_baselines(texts: TextFolder, measures: Sequence[str]) -> tuple[Baseline, ...]:
    """Parse an edition's starting points, from `baselines.toml`; none without it.

    Parameters
    ----------
    measures : sequence of str
        The measures of the work plan.

    Raises
    ------
    InputError
        If an entry names no measure of the plan, or not one place where its figure is from; or a measure has none.
    """
    entries = texts.read(FILE).get("baseline", [])
    found = tuple(
        _baseline(f"{texts.name}/{FILE}, baseline {number}", entry, measures) for number, entry in enumerate(entries, 1)
    )
    missing = [measure for measure in measures if measure not in {item.measure for item in found}]
    if found and missing:
        raise InputError(
            f"{texts.name}/{FILE} has no starting point for the measure {missing[0]!r}: add it, with none = "
            '"what is to be agreed" where there is no figure'
        )
    return found


def _baseline(where: str, entry: dict[str, Any], measures: Sequence[str]) -> Baseline:
    measure = text_of(where, entry, "measure")
    if measure not in measures:
        raise InputError(f"{where} is of the measure {measure!r}, which the work plan does not have")
    kinds = [kind for kind in KINDS if kind in entry]
    if len(kinds) != 1:
        raise InputError(f"{where} says {' and '.join(kinds) or 'nothing'}; it needs one of {', '.join(KINDS)}")
    kind = kinds[0]
    return Baseline(
        measure=measure,
        what=text_of(where, entry, "what"),
        kind=kind,
        key="" if kind == "markers" else text_of(where, entry, kind),
        column=text_of(where, entry, "column") if kind == "return" else "",
        latest=bool(entry.get("latest", False)),
        where=dict(entry.get("where", {})),
        markers=texts_of(where, entry, "markers"),
    )
