"""Sentences about matters for the county, and about a county from its partnerships."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from hcsp_assess.assessment.county import CommonTheme, CountySum
from hcsp_assess.assessment.county_matters import Matter
from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.words import listed, lower_first, quoted, upper_first
from hcsp_assess.sources.texts import Signed
from hcsp_assess.subject.county_themes import OTHER, county_themes

#: Differences, and subjects, that are said in sentences; tables have the others.
MOST_SAID = 3
METHOD = (
    "Rates are per 1,000 residents. Each partnership is compared with the rest of the county, with 95% intervals that "
    "allow for chance and for how much partnerships move between years, and for the number of comparisons "
    "(Benjamini-Hochberg)."
)


def describe_matter(matter: Matter, rests_on: Sequence[str], *, simulated: bool = False) -> Finding:
    """Show a matter for the county word for word, with its reason, what it rests on, and who answers for it.

    Parameters
    ----------
    rests_on : sequence of str
        The sentences of the findings that it rests on.
    """
    name = _subject(matter.theme)
    shown = (*(f"What it rests on: {sentence}" for sentence in rests_on), f"{matter.signed.words}.")
    return Finding(
        f"county_matter_{matter.key}",
        f"{name}: {quoted(matter.text, matter.signed)}",
        certainty=f"Why it is for the county: {matter.because}",
        caveats=shown,
        simulated=simulated,
        message=f"{name}:",
    )


def describe_published_matter(entry: Mapping[str, Any], document: Mapping[str, Any]) -> Finding:
    """Show a matter from a partnership's published findings, as `describe_matter` shows it in its own report."""
    matter = Matter(
        entry["key"], entry["theme"], entry["text"], entry["because"], tuple(entry["findings"]), signed_in(entry)
    )
    said = {item["key"]: item["sentence"] for item in document["findings"]}
    return describe_matter(
        matter, [said[key] for key in matter.findings if key in said], simulated=document["simulated"]
    )


def describe_published_priorities(document: Mapping[str, Any]) -> Finding | None:
    """Say which issues a partnership scored highest, in its words; None where it published none."""
    entries = document["priorities"]
    if not entries:
        return None
    named = "; ".join(f"{entry['place']}. {entry['name']}" for entry in entries)
    signed = tuple(dict.fromkeys(f"{signed_in(entry).words}." for entry in entries))
    sentence = f"Priorities, by score: {named}."
    return Finding(
        "county_priorities",
        sentence,
        caveats=signed,
        simulated=document["simulated"],
        message="Priorities, by score:",
    )


def describe_published_decision(entry: Mapping[str, Any], document: Mapping[str, Any]) -> Finding:
    """Show what a partnership decided beside its scores, in its words."""
    name, signed = upper_first(entry["key"].replace("_", " ")), signed_in(entry)
    return Finding(
        f"county_decision_{entry['key']}",
        f"{name}: {quoted(entry['text'], signed)}",
        caveats=(f"{signed.words}.",),
        simulated=document["simulated"],
        message=f"{name}:",
    )


def describe_nothing_brought(what: str) -> Finding:
    """Say that a partnership published an assessment without something."""
    return Finding("county_nothing_brought", f"Its assessment has no {what}.")


def signed_in(entry: Mapping[str, Any]) -> Signed:
    """Return who answers for a text in published findings."""
    signed = entry["signed"]
    return Signed(signed["role"], date.fromisoformat(signed["date"]), signed["origin"], signed["source"])


def describe_held(county: str, held: Sequence[str], missing: Sequence[str], others: Mapping[str, str]) -> Finding:
    """Say whose assessments are held, which are missing, and which are of another period.

    Parameters
    ----------
    others : mapping of str to str
        Partnerships whose assessment is of another period, with that period.
    """
    of = len(held) + len(missing)
    evidence = {"held": len(held), "partnerships": of, "of_another_period": len(others)}
    if missing:
        first = f"We hold the assessments of {len(held)} of the {of} partnerships in {county}."
        said = f"{listed(list(missing))} {'is' if len(missing) == 1 else 'are'} missing."
    else:
        first = f"We hold the assessments of {_of(of, of)} partnerships in {county}."
        said = ""
    periods = [f"The assessment of {name} is of another period, {period}." for name, period in others.items()]
    return Finding("county_held", " ".join([first, *([said] if said else []), *periods]), evidence, message=first)


def describe_common(common: Sequence[CommonTheme], held: int, of: int) -> Finding:
    """Say which subjects two or more partnerships name, and how many do."""
    if not common:
        sentence = (
            f"No subject is named by more than one of the {held} partnerships whose assessments we hold."
            if held > 1
            else "Subjects in common can be counted once we hold the assessments of two partnerships."
        )
        return Finding("county_common", sentence, {"held": held} if held > 1 else {})
    named = [f"{item.name} ({_of(len(item.named_by), of)})" for item in common]
    more = len(named) - 2 * MOST_SAID
    shown = named if more <= 0 else [*named[: 2 * MOST_SAID], f"{more} more"]
    sentence = f"Two or more partnerships name {listed(shown)}."
    evidence: dict[str, Any] = {f"named_{item.theme}": len(item.named_by) for item in common}
    return Finding("county_common", sentence, {"partnerships": of, "more": max(more, 0), **evidence})


def describe_sum(county: str, year: str, total: CountySum, parts: Mapping[str, int]) -> Finding:
    """Say how much crime was recorded in a county, as the sum of its partnerships.

    Parameters
    ----------
    parts : mapping of str to int
        Offences of each partnership that has a figure.
    """
    if total.count is None:
        return Finding("county_level", f"Official figures of the partnerships in {county} for {year} are not held.")
    where = f"in {county}" if total.whole else f"in {total.held} of the {total.of} partnerships of {county}"
    first = f"Police recorded {total.count:,} crimes {where} in {year}."
    ordered = sorted(parts, key=lambda name: -parts[name])
    first_of, *others = [f"{parts[name]:,}{' were' if name == ordered[0] else ''} in {name}" for name in ordered]
    second = f" Of these, {listed([first_of, *others])}." if 1 < len(parts) <= 2 * MOST_SAID else ""
    caveat = () if total.whole else ("The county's total is not given, because figures of a partnership are missing.",)
    evidence = {"count": total.count, "held": total.held, "partnerships": total.of}
    evidence |= {f"count_{number}": parts[name] for number, name in enumerate(ordered)}
    return Finding("county_level", first + second, evidence, caveats=caveat, message=first)


def describe_differences(
    clear: pd.DataFrame, labels: Mapping[str, str], tested: int, places: int
) -> tuple[Finding, ...]:
    """Say which kinds of offence differ most between partnerships, of the differences that are clear.

    Parameters
    ----------
    clear : pandas.DataFrame
        Rows of `places.differences.Differences.clear`.
    tested : int
        How many comparisons were made.
    places : int
        How many partnerships the county has.
    """
    if not tested:
        return (Finding("county_differences", "There are too few official figures to compare the partnerships."),)
    if clear.empty:
        return (
            Finding(
                "county_differences", f"None of the {tested} comparisons is a clear difference.", {"tested": tested}
            ),
        )
    are = "is a clear difference" if len(clear) == 1 else "are clear differences"
    number = f"{len(clear)} of {tested} comparisons {are}"
    first = Finding(
        "county_differences",
        f"{number}. A rate shows who differs, not why: visitors and how crime is recorded matter too.",
        {"clear": len(clear), "tested": tested},
        method=METHOD,
        message=f"{number}.",
    )
    rest = "the other partnership" if places == 2 else "the rest of the county"
    return (first, *(_difference(row, labels, rest) for _, row in clear.head(MOST_SAID).iterrows()))


def _difference(row: pd.Series, labels: Mapping[str, str], rest: str) -> Finding:
    kind, place = upper_first(labels[row["kind"]]), row["place"]
    more = "more" if row["ratio"] > 1 else "less"
    sentence = (
        f"{kind}: {place} has {more} for each resident than {rest}, {row['rate']:,.1f} offences per 1,000 against "
        f"{row['rest_rate']:,.1f}."
    )
    evidence = {
        "rate": row["rate"],
        "rest_rate": row["rest_rate"],
        "ratio": row["ratio"],
        "low": row["low"],
        "high": row["high"],
        "p_value": row["p_value"],
        "per": 1000,
    }
    return Finding(f"county_difference_{row['kind']}", sentence, evidence, message=f"{kind}:")


def say_sum(total: CountySum) -> str:
    """A county's number in a table; of a sum that is not whole, how many partnerships it has."""
    if total.count is None:
        return "no data"
    return f"{total.count:,}" if total.whole else f"{total.count:,} ({total.held} of {total.of})"


def _of(number: int, of: int) -> str:
    """How many of the partnerships: 4 of 6, all 6, both."""
    if number < of:
        return f"{number} of {of}"
    return "both" if of == 2 else f"all {of}"


def _subject(theme: str) -> str:
    return "Another subject" if theme == OTHER else upper_first(lower_first(county_themes()[theme]))
