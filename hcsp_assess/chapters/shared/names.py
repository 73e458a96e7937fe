"""What findings are called: the name of each measure for readers, by the key of its finding."""

import re

from hcsp_assess.assessment.partner_series import series_definitions
from hcsp_assess.edition.findings import EditionFindings

#: Other definitions of a measure, sums and parts of series that are named themselves: tables show them, sentences not.
NOT_NAMED = (
    "rural_crime_without_market_towns",
    "rural_crime_with_market_towns",
    "urban_crime",
    "bicycle_theft",
    "theft_from_the_person",
    "public_order",
    "possession_of_weapons",
    "other_crime",
    "official_rising",
    "official_falling",
    "official_common_change",
)
#: Shorter names, where the full one is too long for a list.
SHORT = {
    "theft_remainder": "Other kinds of theft",
    "disorder_and_weapons": "Public order and weapons",
    "official_level": "Recorded crime",
    "marac_children": "Children in cases of the multi-agency risk assessment conference (MARAC)",
}
#: Where the size of a change begins in a sentence; what changed is named before it.
CHANGE = re.compile(r",? (?:up|down) by | \d|: |(?: (?:was|were|rose|fell) )")


def names_of(known: EditionFindings) -> dict[str, str]:
    """Return the name of each measure that a sentence may name, by key of its finding."""
    named = {item.key: item.title for item in series_definitions()}
    named |= {f"performance_{item.indicator.key}": item.indicator.name for item in known.performances}
    named |= {key: item.label for key, item in known.verdicts.series.items()}
    every = {item.key for item in known.everything}
    twice = {f"performance_{key}" for key in named if f"performance_{key}" in every and key in every}
    return {key: name for key, name in (named | SHORT).items() if key not in NOT_NAMED and key not in twice}


def name_of(key: str, sentence: str, names: dict[str, str]) -> str:
    """Return the name of one finding: its measure's, or what its sentence names first.

    Examples
    --------
    >>> name_of("shoplifting", "Shoplifting rose between 2008 and 2012.", {"shoplifting": "Shoplifting"})
    'Shoplifting'
    >>> name_of("theft", "Other theft rose by 4% a year.", {})
    'Other theft'
    """
    return names.get(key) or CHANGE.split(sentence)[0].rstrip(":")
