"""The rules of disclosure control, by kind of source, from definitions/disclosure.toml."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

from hcsp_assess.errors import InputError

#: Fewest values that a published, rounded count must leave possible.
FEWEST_VALUES: Final = 3


@dataclass(frozen=True)
class DisclosureRule:
    """What may be published of a kind of source.

    Attributes
    ----------
    minimum : int
        Counts from 1 to one below it are suppressed; 0 suppresses none.
    rounding : int
        Published counts are rounded to the nearest multiple of it, halves up; 1 leaves them.
    secondary : bool
        Whether cells are suppressed to protect others.
    minimum_base : int
        Percentages of a smaller base are suppressed.
    certainty, reason : str
        How the rule is known, and why it is.
    """

    key: str
    title: str
    minimum: int
    rounding: int
    secondary: bool
    minimum_base: int
    certainty: str
    reason: str


def disclosure_rules() -> dict[str, DisclosureRule]:
    """Return every rule, by key, from definitions/disclosure.toml."""
    return dict(_rules())


def disclosure_rule(key: str) -> DisclosureRule:
    """Return one rule; `InputError`, naming those that exist, for any other key."""
    if key not in _rules():
        raise InputError(f"there is no disclosure rule {key!r}: choose one of {', '.join(_rules())}")
    return _rules()[key]


@lru_cache(maxsize=1)
def _rules() -> dict[str, DisclosureRule]:
    file = resources.files("hcsp_assess") / "definitions" / "disclosure.toml"
    rules = tomllib.loads(file.read_text(encoding="utf-8"))["rule"]
    found = {rule["key"]: DisclosureRule(**rule) for rule in rules}
    for rule in found.values():
        check_leaves_values(rule)
    return found


def meant_by(number: int, rule: DisclosureRule) -> tuple[int, int]:
    """Return the smallest and the largest count that a published one can be: zeros are published as they are.

    Examples
    --------
    >>> meant_by(5, disclosure_rule("partner")), meant_by(30, disclosure_rule("partner"))
    ((5, 7), (28, 32))
    """
    if number == 0:
        return 0, 0
    half = rule.rounding // 2
    return max(number - half, rule.minimum, 1), number + (rule.rounding - 1) // 2


@lru_cache(maxsize=4096)
def share_leaves_values(part: int, whole: int, rule: DisclosureRule) -> bool:
    """Whether a share and what it is out of, both rounded, leave at least three values for each count behind them.

    Whoever knows the rule knows that a share is hidden where its part or the rest is small. Under the rule for children
    (1 to 7 is hidden), 10 out of 15 can only be 8 or 9 out of 16 or 17.

    Examples
    --------
    >>> rule = disclosure_rule("children")
    >>> share_leaves_values(8, 16, rule), share_leaves_values(8, 20, rule), share_leaves_values(0, 16, rule)
    (False, True, True)
    """
    base = rule.rounding
    if base == 1:
        return True
    parts, wholes = (
        [each for each in range(max(0, count - base), count + base) if _multiple(each, base) == _multiple(count, base)]
        for count in (part, whole)
    )
    pairs = {
        (some, every)
        for some in (parts if part else [0])
        for every in wholes
        if every >= rule.minimum_base and all(each == 0 or each >= rule.minimum for each in (some, every - some))
    }
    counts = [{every for _, every in pairs}, {some for some, _ in pairs}, {every - some for some, every in pairs}]
    return all(len(values) >= FEWEST_VALUES for values in counts if values != {0})


def _multiple(count: int, base: int) -> int:
    return (count + base // 2) // base * base


def check_leaves_values(rule: DisclosureRule) -> None:
    """Refuse a rule with a published number of fewer than three meanings, as 5 has where 1 to 5 are hidden."""
    if rule.rounding == 1:
        return
    for number in range(rule.rounding, rule.minimum + 2 * rule.rounding, rule.rounding):
        least, most = meant_by(number, rule)
        if 0 < most - least + 1 < FEWEST_VALUES:
            raise InputError(
                f"disclosure.toml, rule {rule.key}: a published {number} could only be {least} to {most}, fewer than "
                f"{FEWEST_VALUES} counts. Choose another minimum"
            )
