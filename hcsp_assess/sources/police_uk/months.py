"""Read a month as spreadsheets and people write it: "Oct-25", "10/2025", "2025-10-01", "October 2025"."""

import datetime as dt
import re
from collections.abc import Iterable

_SHORT = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONG = ("uary", "ruary", "ch", "il", "", "e", "y", "ust", "tember", "ober", "ember", "ember")  # after the short name
_NAMES = {name: number for number, name in enumerate(_SHORT, start=1)} | {"sept": 9}
_NAMES |= {short + rest: number for number, (short, rest) in enumerate(zip(_SHORT, _LONG, strict=True), start=1)}
_LAST_DAY = 31
_TIME = r"(?:[ t][0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?:\.[0-9]+)?(?:z|[+-][0-9]{2}:?[0-9]{2})?)?"
_YEAR_FIRST = re.compile(
    r"(?P<year>20[0-9]{2})(?:[-/. ](?=[0-9])|(?=[0-9]{2}))(?P<month>[0-9]{1,2})"
    rf"(?:[-/.](?P<day>[0-9]{{1,2}}){_TIME})?"
)
_MONTH_FIRST = re.compile(r"(?P<month>[0-9]{1,2})[-/.](?P<year>20[0-9]{2})")
_NAMED = re.compile(r"(?P<day>[0-9]{1,2}[-/ ])?(?P<name>[a-z]+)\.?[-/., ]*(?P<year>20[0-9]{2}|[0-9]{2})")
_YEAR_NAMED = re.compile(r"(?P<year>20[0-9]{2})[-/ ]?(?P<name>[a-z]+)")
_DATE = re.compile(
    rf"(?P<first>[0-9]{{1,2}})[-/.](?P<second>[0-9]{{1,2}})[-/.](?P<year>20[0-9]{{2}}|[0-9]{{2}}){_TIME}"
)
_SERIAL = re.compile(r"[345][0-9]{4}(?:\.0)?")  # a day as spreadsheets count them: 36526 is 1 January 2000
_DAY_NOUGHT = dt.date(1899, 12, 30)


def possible_months(text: str) -> tuple[str, ...]:
    """Return the months that a text can be, as "2025-10": one, two where day and month may be either, or none.

    Examples
    --------
    >>> possible_months("Oct-25"), possible_months("2025-10-01"), possible_months("01/11/2025")
    (('2025-10',), ('2025-10',), ('2025-11', '2025-01'))
    >>> possible_months("October")
    ()
    """
    text = " ".join(text.lower().split())
    if found := _YEAR_FIRST.fullmatch(text) or _MONTH_FIRST.fullmatch(text):
        return _months((found["year"], int(found["month"])))
    if found := _NAMED.fullmatch(text) or _YEAR_NAMED.fullmatch(text):
        return _months((found["year"], _NAMES.get(found["name"], 0)))
    if found := _DATE.fullmatch(text):
        first, second = int(found["first"]), int(found["second"])
        orders = ((first, second), (second, first))  # day and month, as in Britain, or the other way round
        return _months(*((found["year"], month) for day, month in orders if 1 <= day <= _LAST_DAY))
    if _SERIAL.fullmatch(text):
        return (f"{_DAY_NOUGHT + dt.timedelta(days=int(text[:5])):%Y-%m}",)
    return ()


def _months(*found: tuple[str, int]) -> tuple[str, ...]:
    """Years and months as "2025-10", each once, without what is no month; years of two digits are of this century."""
    return tuple(dict.fromkeys(f"20{year[-2:]}-{month:02}" for year, month in found if 1 <= month <= len(_SHORT)))


def read_months(texts: Iterable[str], month: str = "") -> dict[str, str]:
    """Return the month of each text that leaves no doubt.

    Parameters
    ----------
    texts : iterable of str
        The texts in a column of months.
    month : str, optional
        The month that the file is of, as "2025-10". A text that can be this month is read as it.

    Returns
    -------
    dict of str to str
        Without those that are no month. Where day and month may be either, the file's month decides. Without it, the
        column does: a month is written as its first day, so 01/10/2025 beside 01/11/2025 is 1 October.

    Examples
    --------
    >>> read_months(["01/10/2025", "Nov-25"], "2025-10")
    {'01/10/2025': '2025-10', 'Nov-25': '2025-11'}
    >>> read_months(["01/10/2025", "01/11/2025"]), read_months(["02/10/2025"])
    ({'01/10/2025': '2025-10', '01/11/2025': '2025-11'}, {})
    """
    possible = {text: possible_months(text) for text in texts}
    dates = [found.groups()[:2] for text in possible if (found := _DATE.fullmatch(text.strip()))]
    firsts = [all(int(day) == 1 for day in days) for days in zip(*dates, strict=True)]
    order = firsts.index(True) if sum(firsts) == 1 else None
    read = {}
    for text, months in possible.items():
        if month in months:
            read[text] = month
        elif len(months) == 1:
            read[text] = months[0]
        elif months and order is not None and not month:
            read[text] = months[order]
    return read
