"""Sort a supplier's rows: for the area, for comparison, not needed, or set aside with a reason."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from hcsp_assess.sources.open_data.frame import Account, OpenData, common_frame

AREA: Final = "area"
COMPARISON: Final = "comparison"
NOT_USED: Final = "not used"
SET_ASIDE: Final = "set aside"
REPEATED: Final = "the same figure once more"


@dataclass(frozen=True)
class Sorted:
    """One row and what becomes of it.

    Attributes
    ----------
    fate : str
        `AREA`, `COMPARISON`, `NOT_USED` or `SET_ASIDE`.
    reason : str
        Why it is not used or set aside.
    cells : dict, or tuple of dict
        The row in the common form; several where one row holds several indicators.
    """

    fate: str
    reason: str = ""
    cells: dict[str, object] | tuple[dict[str, object], ...] = field(default_factory=dict)

    @property
    def rows(self) -> tuple[dict[str, object], ...]:
        """Rows of the common form."""
        return self.cells if isinstance(self.cells, tuple) else (self.cells,) if self.cells else ()


def sorted_rows(supplier: str, rows: Sequence[Sorted], files: tuple[tuple[str, str], ...]) -> OpenData:
    """Gather sorted rows into the common form; a row that is there twice, in all its cells, counts once.

    Raises
    ------
    InputError
        If two rows give one figure different values.
    """
    seen: set[str] = set()
    fates: Counter[str] = Counter()
    reasons: dict[str, Counter[str]] = {NOT_USED: Counter(), SET_ASIDE: Counter()}
    kept: list[dict[str, object]] = []
    for row in rows:
        text = repr(row.rows)
        if row.rows and text in seen:
            reasons[NOT_USED][REPEATED] += 1
        elif row.rows:
            seen.add(text)
            fates[row.fate] += 1
            kept += row.rows
        else:
            reasons[row.fate][row.reason] += 1
    not_used, set_aside = (tuple(sorted(reasons[fate].items())) for fate in (NOT_USED, SET_ASIDE))
    account = Account(len(rows), fates[AREA], fates[COMPARISON], not_used, set_aside)
    return OpenData(supplier, common_frame(kept), account, files)
