"""Disclosure control: the gate that every published table of counts or percentages must pass.

Small counts are suppressed (primary). Then, where a total would give one away, further cells are (secondary): for each
small count a linear programme looks for another table that agrees with everything published and in which the count is
1, and one in which it is not small; cells that such a table must change are suppressed too, as few as it finds. The
tables found are proofs: whoever knows only what is published can't tell them from the true one. A table of two ways
with totals is a network, so that the programmes have whole numbers as their solutions.

Sources: Fischetti and Salazar (2001), Management Science 47, 1008-1027 (cell suppression and the attacker's problem);
Kelly, Golden and Assad (1992), Networks 22, 397-417 (network heuristic for secondary suppression).
"""

from hcsp_assess.disclosure.gate import (
    LOG_COLUMNS,
    SYMBOLS,
    TOTAL,
    Audience,
    Gated,
    pass_gate,
    pass_gate_percentages,
)
from hcsp_assess.disclosure.rules import (
    DisclosureRule,
    disclosure_rule,
    disclosure_rules,
    meant_by,
    share_leaves_values,
)
from hcsp_assess.disclosure.together import OneTable, SameCount, pass_together
from hcsp_assess.disclosure.totals import published, published_total

__all__ = [
    "LOG_COLUMNS",
    "SYMBOLS",
    "TOTAL",
    "Audience",
    "DisclosureRule",
    "Gated",
    "OneTable",
    "SameCount",
    "disclosure_rule",
    "disclosure_rules",
    "meant_by",
    "pass_gate",
    "pass_gate_percentages",
    "pass_together",
    "published",
    "published_total",
    "share_leaves_values",
]
