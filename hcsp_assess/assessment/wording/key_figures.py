"""What is said of a key figure: its change in words, and what it is compared with."""

from hcsp_assess.assessment.wording.words import PERCENT_FROM, say_percent
from hcsp_assess.periods import Span


def say_change(now: float, before: float, when: str) -> str:
    """Say how many more or fewer than before, with the per cent where there are enough to speak of one.

    Examples
    --------
    >>> say_change(9659, 11144, "in 2023")
    '1,485 fewer (13%) than in 2023'
    >>> say_change(24, 44, "a year earlier")
    '20 fewer than a year earlier'
    >>> say_change(5, 5, "a year earlier")
    'the same as a year earlier'
    """
    difference = round(now - before)
    if not difference:
        return f"the same as {when}"
    percent = f" ({say_percent(100 * difference / before)})" if before >= PERCENT_FROM else ""
    return f"{abs(difference):,} {'more' if difference > 0 else 'fewer'}{percent} than {when}"


def say_points(now: float, before: float, when: str) -> str:
    """Say a change of a percentage: from what, when.

    Examples
    --------
    >>> say_points(36, 41, "a year earlier")
    'down from 41% a year earlier'
    """
    if round(now) == round(before):
        return f"{before:.0f}% {when} too"
    return f"{'up' if now > before else 'down'} from {before:.0f}% {when}"


def say_rates(own: float, similar: float) -> str:
    """Say a rate beside that of similar areas.

    Examples
    --------
    >>> say_rates(50.87, 60.94)
    '50.9 per 1,000 residents; similar areas 60.9'
    """
    return f"{own:.1f} per 1,000 residents; similar areas {similar:.1f}"


def say_span(span: Span) -> str:
    """A span of months in words, a year that both ends share said once.

    Examples
    --------
    >>> from hcsp_assess.periods import parse_span
    >>> say_span(parse_span("Q1 12/13"))
    'April to June 2012'
    >>> say_span(parse_span("2012"))
    '2012'
    """
    if span.first.year == span.last.year and len(span.months) > 1:
        if len(span.months) == 12:
            return str(span.first.year)
        return f"{span.first.strftime('%B')} to {span.last.strftime('%B %Y')}"
    return span.words
