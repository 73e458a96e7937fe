"""Review notes: what a reader of a strategy's own figures should question before repeating them.

Each rule is a general function over definitions of indicators and published figures; none knows a document. A note
claims no more than its evidence shows. docs/indicators.md lists the rules, and what no program can find.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from hcsp_assess.assessment.performance import Change, Performance, performance_overview
from hcsp_assess.assessment.wording.words import listed
from hcsp_assess.errors import InputError, nearest
from hcsp_assess.periods import FinancialYear, Quarter, parse_financial_year, parse_month, parse_span
from hcsp_assess.sources.indicators import Indicator, Published, read_acts


@dataclass(frozen=True)
class ReviewNote:
    """Something in the published figures that does not fit, or that cannot be checked.

    Attributes
    ----------
    rule : str
        Name of the rule that found it.
    subject : str
        What it is about: key of an indicator, a figure, a claim or a heading.
    sentence : str
        The note, for readers.
    evidence : tuple of str
        The cells, figures and quotes it rests on.
    """

    rule: str
    subject: str
    sentence: str
    evidence: tuple[str, ...]

    @property
    def key(self) -> str:
        """Rule and subject: the same from run to run."""
        return f"{self.rule}:{self.subject}"


@dataclass(frozen=True)
class Material:
    """What the rules look at."""

    indicators: tuple[Indicator, ...]
    published: Published
    performances: tuple[Performance, ...]

    def performance(self, indicator: str) -> Performance:
        """Return the performance of one indicator."""
        return next(item for item in self.performances if item.indicator.key == indicator)


def find_review_notes(indicators: tuple[Indicator, ...], published: Published) -> tuple[ReviewNote, ...]:
    """Run every rule over a strategy's published figures.

    Raises
    ------
    InputError
        If definitions and figures do not fit together.
    """
    material = Material(indicators, published, performance_overview(indicators, published))
    return tuple(note for rule in RULES for note in rule(material))


def notes_table(notes: Iterable[ReviewNote]) -> pd.DataFrame:
    """One row a note: `key`, `rule`, `subject`, `sentence`, `evidence` (joined by semicolons)."""
    rows = [(note.key, note.rule, note.subject, note.sentence, "; ".join(note.evidence)) for note in notes]
    return pd.DataFrame(rows, columns=["key", "rule", "subject", "sentence", "evidence"])


def claims_against_figures(material: Material) -> Iterator[ReviewNote]:
    """A trend is claimed, and every quarter of its indicator moved the other way on the year before."""
    for claim in _claims(material):
        if not claim["indicator"] or claim["period"] or claim["significant"] == "yes":
            continue
        changes = material.performance(claim["indicator"]).changes
        opposite = {"rising": "lower", "falling": "higher"}[claim["direction"]]
        if len(changes) >= 2 and all(change.direction == opposite for change in changes):
            name = material.performance(claim["indicator"]).indicator.name
            yield ReviewNote(
                "claim_against_figures",
                claim["claim"],
                f"The text says that {claim['subject']} is {claim['direction']}, but {name[0].lower()}{name[1:]} was "
                f"{opposite} than a year earlier in each of the {len(changes)} quarters that can be compared. The text "
                "does not say which measure or period it means.",
                (_quoted(claim), *(_change_text(change) for change in changes)),
            )


def claims_without_figures(material: Material) -> Iterator[ReviewNote]:
    """A trend is claimed of something for which no figure is published."""
    topics = set(material.published.figures["topic"]) | {indicator.topic for indicator in material.indicators}
    for claim in _claims(material):
        if not claim["indicator"] and claim["subject"] not in topics:
            yield ReviewNote(
                "claim_without_figures",
                claim["claim"],
                f"The text says that {claim['subject']} is {claim['direction']}, and gives no figure for it.",
                (_quoted(claim),),
            )


def claims_of_significance(material: Material) -> Iterator[ReviewNote]:
    """A change is called significant that the published quarters do not bear out, or cannot."""
    for claim in _claims(material):
        if claim["significant"] != "yes" or not claim["indicator"]:
            continue
        performance = material.performance(claim["indicator"])
        quarters = _quarters(claim["period"]) if claim["period"] else ()
        change = _change_over(performance, quarters) if quarters else performance.year_to_date
        start = (
            f"The text calls a {'rise' if claim['direction'] == 'rising' else 'fall'} in {claim['subject']} significant"
        )
        if change is None:
            when = f" for {', '.join(map(str, quarters))}" if quarters else ""
            cells = tuple(_cell_text(performance, quarter) for quarter in quarters)
            sentence = (
                f"{start}{when}: no figure for the same quarters a year earlier is published, so it cannot be checked."
            )
        elif change.certainty == "clear" and change.direction == _SAID[claim["direction"]]:
            continue
        else:
            cells = (_change_text(change),)
            sentence = f"{start}. {_doubt(change, claim['direction'])}"
        yield ReviewNote("claim_of_significance", claim["claim"], sentence, (_quoted(claim), *cells))


def dates_that_differ(material: Material) -> Iterator[ReviewNote]:
    """The assessment is given several dates, or quotes figures from after its date."""
    dated = material.published.document.get("assessment_dated", [])
    months = sorted({item["month"] for item in dated})
    quotes = tuple(_quoted(item) for item in dated)
    if len(months) > 1:
        sentence = f"The strategic assessment is dated {' and '.join(map(_month_words, months))} in different places."
        yield ReviewNote("dates_differ", "assessment", sentence, quotes)
    sections = {item["section"].split(".")[0] for item in dated}
    for figure in material.published.figures.to_dict("records"):
        if figure["section"].split(".")[0] not in sections or not _is_month(figure["period"]):
            continue
        if figure["period"] > months[0]:
            yield ReviewNote(
                "figure_after_date",
                figure["figure"],
                f"The assessment dated {_month_words(months[0])} quotes a figure of {_month_words(figure['period'])}.",
                (*quotes, _quoted(figure)),
            )


def missing_polarity(material: Material) -> Iterator[ReviewNote]:
    """An indicator has figures and it is not stated which way is better."""
    for item in material.performances:
        if item.indicator.polarity == "not stated" and item.latest:
            target = item.indicator.target(item.year)
            against = f", though it has a target of {target.printed}" if target else ""
            yield ReviewNote(
                "no_polarity",
                item.indicator.key,
                f"{item.indicator.name}: it is not stated whether higher or lower is better{against}, so it cannot "
                "be rated.",
                (_as_printed(material, item.indicator),),
            )


def missing_denominators(material: Material) -> Iterator[ReviewNote]:
    """A percentage is published without what it is a percentage of."""
    for item in material.performances:
        known = [cell for cell in item.cells if cell.printed]
        if item.indicator.unit == "percent" and any(cell.denominator is None for cell in known):
            yield ReviewNote(
                "no_denominator",
                item.indicator.key,
                f"{item.indicator.name}: the percentages are published without numbers, so no change in "
                "them can be tested.",
                tuple(_cell_text(item, cell.quarter) for cell in known),
            )


def uneven_precision(material: Material) -> Iterator[ReviewNote]:
    """Figures of one indicator are printed to different precision."""
    for item in material.performances:
        known = [cell for cell in item.cells if cell.printed]
        if len({cell.decimals for cell in known}) > 1:
            yield ReviewNote(
                "uneven_precision",
                item.indicator.key,
                f"{item.indicator.name}: {listed([cell.printed for cell in known])} are printed to "
                "different precision.",
                tuple(_cell_text(item, cell.quarter) for cell in known),
            )


def blank_quarters(material: Material) -> Iterator[ReviewNote]:
    """At least half of an indicator's quarters are blank, though not all."""
    for item in material.performances:
        blank = [cell for cell in item.cells if not cell.printed]
        if len(item.cells) > len(blank) >= len(item.cells) / 2 and blank:
            yield ReviewNote(
                "blank_quarters",
                item.indicator.key,
                f"{item.indicator.name}: {len(blank)} of {len(item.cells)} quarters are blank.",
                tuple(f"{item.indicator.name}, {cell.quarter}: blank" for cell in blank),
            )


def several_measures(material: Material) -> Iterator[ReviewNote]:
    """One topic has several percentages that are differently worded."""
    measures: dict[str, list[tuple[str, str]]] = {}
    for item in material.performances:
        if item.latest and item.indicator.unit == "percent":
            words = f"{item.indicator.measure}: {item.latest.printed} ({item.latest.quarter})"
            measures.setdefault(item.indicator.topic, []).append((item.indicator.key, words))
    for figure in material.published.figures.to_dict("records"):
        if figure["unit"] == "percent" and not figure["indicator"]:
            words = f"{figure['measure']}: {figure['value']}%"
            measures.setdefault(figure["topic"], []).append((figure["figure"], words))
    for topic, found in measures.items():
        if len(found) > 1:
            yield ReviewNote(
                "several_measures",
                topic.replace(" ", "_"),
                f"There are {len(found)} different measures of {topic}; they must not be compared with each other.",
                tuple(words for _, words in found),
            )


def moved_priorities(material: Material) -> Iterator[ReviewNote]:
    """An indicator is under another priority than the year before."""
    names = {(r["year"], r["priority"]): r["name"] for r in material.published.priorities.to_dict("records")}
    for indicator in material.indicators:
        for (before, old), (year, new) in zip(indicator.priorities, indicator.priorities[1:], strict=False):
            if old != new:
                labels = [names.get((str(y), key), key) for y, key in ((before, old), (year, new))]
                yield ReviewNote(
                    "moved_priority",
                    indicator.key,
                    f"{indicator.name} was under {labels[0]} in {before} and is under {labels[1]} in {year}: its "
                    "history must be followed across the move.",
                    tuple(f"{y}: {label}" for y, label in zip((before, year), labels, strict=True)),
                )


def missing_targets(material: Material) -> Iterator[ReviewNote]:
    """Indicators without a target in the year of the overview."""
    year = material.published.overview_year
    without = [item for item in material.indicators if item.target(year) is None]
    if without:
        yield ReviewNote(
            "no_target",
            str(year),
            f"{len(without)} of {len(material.indicators)} indicators have no target for {year}.",
            tuple(item.name for item in without),
        )


def targets_that_do_not_follow(material: Material) -> Iterator[ReviewNote]:
    """A target stated against last year is not the number that follows from last year's figures."""
    for item in material.performances:
        status = item.target
        if status and status.derived is not None and status.value != status.derived:
            yield ReviewNote(
                "target_arithmetic",
                item.indicator.key,
                f"{item.indicator.name}: the target is {status.target.printed}, but {status.derived:,g} follows from "
                f"{item.year.previous}.",
                tuple(_cell_text(item, cell.quarter) for cell in item.cells if cell.quarter.year == item.year.previous),
            )


def figures_against_cells(material: Material) -> Iterator[ReviewNote]:
    """A percentage quoted in the text is not the one in the performance overview for the quarter of its month."""
    for figure in material.published.figures.to_dict("records"):
        if figure["unit"] != "percent" or not figure["indicator"] or not _is_month(figure["period"]):
            continue
        quarter = Quarter.of(parse_month(figure["period"]))
        item = material.performance(figure["indicator"])
        printed = next((cell for cell in item.cells if cell.quarter == quarter and cell.printed), None)
        if printed and printed.value != float(figure["value"]):
            yield ReviewNote(
                "figure_against_cell",
                figure["figure"],
                f"The text gives {figure['value']}% for {_month_words(figure['period'])}; the performance overview has "
                f"{printed.printed} for {quarter}.",
                (_quoted(figure), _cell_text(item, quarter)),
            )


def priorities_miscounted(material: Material) -> Iterator[ReviewNote]:
    """The number of priorities is said to be another than the year has."""
    table = material.published.priorities
    for number, item in enumerate(material.published.document.get("priorities_counted", []), start=1):
        rows = table[table["year"] == item["year"]]
        names = rows.loc[rows["kind"] == "priority", "name"].tolist()
        other = rows.loc[rows["kind"] == "cross-cutting", "name"].tolist()
        if len(names) != item["number"]:
            beside = f" besides {listed(other)}, which is cross-cutting" if other else ""
            yield ReviewNote(
                "priorities_miscounted",
                f"{item['year']}_{number}",
                f"The text counts {item['number']} priorities; {item['year']} has {len(names)}{beside}.",
                (_quoted(item), f"{item['year']}: {listed(names)}"),
            )


def plans_of_other_length(material: Material) -> Iterator[ReviewNote]:
    """A plan of so many years is given years that are more or fewer."""
    for item in material.published.document.get("plan_years", []):
        first, last = parse_financial_year(item["first"]), parse_financial_year(item["last"])
        years = last.start - first.start + 1
        if years != item["number"]:
            yield ReviewNote(
                "plan_years",
                f"{first}_to_{last}",
                f"A plan of {item['number']} years is said to run from {first} to {last}, which is {years} years.",
                (_quoted(item),),
            )


def missing_headings(material: Material) -> Iterator[ReviewNote]:
    """The contents list has a heading that the body lacks, or the other way round."""
    contents, body = (
        {heading.split()[0]: heading for heading in material.published.document.get(part, [])}
        for part in ("contents", "body")
    )
    for number in sorted(contents.keys() ^ body.keys()):
        where, other = ("contents page", "body") if number in contents else ("body", "contents page")
        heading = contents.get(number) or body[number]
        sentence = f"The {where} of the document has the heading {heading}, and the {other} has not."
        yield ReviewNote("missing_heading", number, sentence, (f"{where}: {heading}",))


def acts_misnamed(material: Material) -> Iterator[ReviewNote]:
    """An Act is cited by a title that is not on the list of Acts, while a very similar one is."""
    acts = read_acts()
    for cited in material.published.document.get("acts_cited", []):
        near = nearest(cited, acts, cutoff=0.8)
        if cited not in acts and near and cited[-4:] == near[-4:]:
            sentence = f"No Act is known here as {cited}; the {near} is probably meant."
            yield ReviewNote("act_misnamed", cited.lower().replace(" ", "_"), sentence, (cited,))


def claimed_but_not_shown(material: Material) -> Iterator[ReviewNote]:
    """Something is said to be done, and the document shows none of it."""
    for item in material.published.document.get("shown", []):
        if item["number"] == 0:
            yield ReviewNote(
                "not_shown",
                item["what"].replace(" ", "_"),
                f"The document does not show {item['what']}, though the text speaks of it.",
                (_quoted(item),),
            )


def changes_without_base(material: Material) -> Iterator[ReviewNote]:
    """A change in per cent is quoted without the numbers it is of, and no indicator has them."""
    counted = {item.indicator.key for item in material.performances if item.rolling}
    for figure in material.published.figures.to_dict("records"):
        if figure["unit"] == "percent change" and not figure["base"] and figure["indicator"] not in counted:
            yield ReviewNote(
                "change_without_base",
                figure["figure"],
                f"{figure['measure'][0].upper()}{figure['measure'][1:]}: {abs(float(figure['value'])):g}% is quoted "
                "without the numbers, so its certainty cannot be judged.",
                (_quoted(figure),),
            )


RULES: tuple[Callable[[Material], Iterator[ReviewNote]], ...] = (
    claims_against_figures,
    claims_without_figures,
    claims_of_significance,
    dates_that_differ,
    missing_polarity,
    missing_denominators,
    uneven_precision,
    blank_quarters,
    several_measures,
    moved_priorities,
    missing_targets,
    targets_that_do_not_follow,
    figures_against_cells,
    priorities_miscounted,
    plans_of_other_length,
    missing_headings,
    acts_misnamed,
    claimed_but_not_shown,
    changes_without_base,
)

_SAID = {"rising": "higher", "falling": "lower"}


def _claims(material: Material) -> list[dict[str, str]]:
    return material.published.claims.to_dict("records")  # type: ignore[return-value]


def _quarters(period: str) -> tuple[Quarter, ...]:
    """Return the whole quarters of a period."""
    months = parse_span(period).months
    return tuple(
        dict.fromkeys(q for q in map(Quarter.of, months) if q.span.first >= months[0] and q.span.last <= months[-1])
    )


def _change_over(performance: Performance, quarters: tuple[Quarter, ...]) -> Change | None:
    every = (*performance.changes, performance.year_to_date)
    return next((change for change in every if change and change.quarters == quarters), None)


def _doubt(change: Change, claimed: str) -> str:
    numbers = f"{change.value:,g} against {change.value_before:,g} a year earlier"
    if change.direction != _SAID[claimed]:
        return f"The figures are {change.direction}: {numbers}."
    if change.certainty == "doubtful":
        return (
            f"{numbers} is a clear change (p = {change.e_test_p_value:.3f}) only if such counts vary by chance alone; "
            f"the published quarters vary {change.dispersion:.1f} times as much, and then it is not "
            f"(p = {change.p_value:.2f})."
        )
    if change.certainty == "cannot be tested":
        return f"{numbers} cannot be tested: the denominators are not published."
    return f"{numbers} is no clear change (p = {change.p_value:.2f})."


def _change_text(change: Change) -> str:
    pairs = zip(change.quarters, change.quarters_before, strict=True)
    return f"{', '.join(f'{now} on {before}' for now, before in pairs)}: {change.value:,g} on {change.value_before:,g}"


def _cell_text(performance: Performance, quarter: Quarter) -> str:
    printed = next((cell.printed for cell in performance.cells if cell.quarter == quarter), "")
    return f"{performance.indicator.name}, {quarter}: {printed or 'blank'}"


def _quoted(item: Mapping[Any, Any]) -> str:
    """Where it is said, and the words."""
    place = f"section {item['section']}" if item["section"][0].isdigit() else item["section"]
    return f"{place}: {item['quote']}"


def _as_printed(material: Material, indicator: Indicator) -> str:
    """An indicator's text, with the page that it is printed on, where that is known."""
    page = _page(material)
    return f"page {page}: {indicator.printed}" if page else indicator.printed


def _page(material: Material) -> object:
    return material.published.document.get("overview_page", "")


def _is_month(period: str) -> bool:
    """Whether a period is one month: "2012-09", but not "2011-12", which is the financial year."""
    try:
        return period != str(FinancialYear.of(parse_month(period)))
    except InputError:
        return False


def _month_words(month: str) -> str:
    return parse_month(month).strftime("%B %Y")
