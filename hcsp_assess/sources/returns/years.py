"""Find the year of a period that is written without one."""

import re
from typing import Final

from hcsp_assess.periods import FinancialYear
from hcsp_assess.sources.returns.dates import to_financial_year
from hcsp_assess.sources.returns.grid import Sheet, Value
from hcsp_assess.sources.returns.values import plain

YEAR_HEADINGS: Final = frozenset({"year", "financial year", "fy", "f y", "fin year", "blwyddyn", "blwyddyn ariannol"})
_ENDING = re.compile(r"\byear (?:ending|ended|to) (?:31(?:st)? )?mar(?:ch)? (?:\d{4}|\d{2})(?!\d)", re.IGNORECASE)
_WITHIN = re.compile(r"(?<![\d/-])(?:\d{4}|\d{2})\s*[-/–]\s*(?:\d{4}|\d{2})(?![\d/-])")


def to_year(value: Value) -> FinancialYear | int | None:
    """Return a financial year, or a calendar year as a number; None for anything else."""
    text = plain(value)
    return int(text) if re.fullmatch(r"(?:19|20)\d\d", text) else to_financial_year(text)


def year_in_title(sheet: Sheet, last: int) -> FinancialYear | None:
    """Return the one financial year that the lines down to a row, or else the sheet's name, speak of, or None."""
    texts = [plain(value) for row in sheet.rows[: last + 1] for value in row if isinstance(value, str)]
    for group in (texts, [sheet.name]):
        said = [part for text in group for part in (*_WITHIN.findall(text), *_ENDING.findall(text))]
        years = {year for part in said if (year := to_financial_year(part))}
        if years:
            return years.pop() if len(years) == 1 else None
    return None
