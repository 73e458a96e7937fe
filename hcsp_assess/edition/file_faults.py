"""Files as received that look wrong, each named: cut short, with hardly a row, or with many rows set aside."""

from typing import Any, Final

import pandas as pd

#: Per cent of a file's rows; above it a run says that they were set aside. The same as the command line's default.
MANY: Final = 1.0
#: A file with fewer rows, of a force of which too few other months are held to compare it with, is named.
HARDLY_ANY: Final = 3
#: Share of a file's rows that repeat a Crime ID of the same file; published files have hardly any.
TWICE: Final = 0.2


def worst_file(account: pd.DataFrame) -> tuple[str, float]:
    """Return the file of which most rows were set aside, with the percentage; ("", 0.0) if there are none.

    Parameters
    ----------
    account : pandas.DataFrame
        One row for each file, as `CountTable.account`.
    """
    shares = _percent_aside(account)
    if shares.empty or not shares.max():
        return "", 0.0
    return str(account["file"].iloc[int(shares.argmax())]), float(shares.max())


def file_faults(account: pd.DataFrame) -> list[str]:
    """Return a sentence for each fault of a file: what is wrong with it, and what to do.

    Parameters
    ----------
    account : pandas.DataFrame
        One row for each file, as `CountTable.account`.

    Notes
    -----
    A file with far fewer rows than its force's other months is found by `edition.incomplete.judge_files`; here is what
    one file shows alone. A file that was cut at the end of a line, with many rows left, shows nothing alone.

    Examples
    --------
    >>> import pandas as pd
    >>> one = {"file": "2025-06-west-mercia-street.csv", "rows_in": 5000, "quarantined": 4900, "last_line": ""}
    >>> file_faults(pd.DataFrame([one]))
    ['2025-06-west-mercia-street.csv: 4,900 of its 5,000 rows (98%) were set aside; see the quarantine files']
    """
    shares = _percent_aside(account)
    return [
        f"{row.file}: {fault}"
        for row, share in zip(account.itertuples(), shares, strict=True)
        for fault in _faults(row, float(share))
    ]


def files_read_otherwise(account: pd.DataFrame) -> list[str]:
    """Return a sentence for each file that is not in the published form and was read all the same: how it was read.

    Examples
    --------
    >>> import pandas as pd
    >>> one = {"file": "2025-06-west-mercia-street.csv", "read_as": "semicolons between the columns"}
    >>> files_read_otherwise(pd.DataFrame([one]))
    ['2025-06-west-mercia-street.csv: semicolons between the columns']
    """
    if "read_as" not in account:
        return []
    forms = account.dropna(subset="read_as")
    return [f"{row.file}: {row.read_as}" for row in forms[forms["read_as"] != ""].itertuples()]


def repeats_of_earlier_months(account: pd.DataFrame) -> int:
    """Return how many rows repeat a Crime ID that an earlier month has; they are counted in the earlier month alone."""
    return int(account["duplicates_of_earlier_month"].sum()) if "duplicates_of_earlier_month" in account else 0


def _faults(row: Any, share: float) -> list[str]:
    found = []
    last_line = getattr(row, "last_line", "")
    if isinstance(last_line, str) and last_line:
        found.append("it ends within a row, as a download that broke off does; download it again")
    if share > MANY:
        found.append(
            f"{row.quarantined:,} of its {row.rows_in:,} rows ({share:.0f}%) were set aside; see the quarantine files"
        )
    if row.rows_in < HARDLY_ANY:
        held = {0: "no row", 1: "1 row"}.get(row.rows_in, f"{row.rows_in} rows")
        found.append(f"it holds {held}, where a force has hundreds a month or more; download it again")
    twice = getattr(row, "duplicates", 0) - getattr(row, "duplicates_of_earlier_month", 0)
    if twice > TWICE * row.rows_in:
        found.append(
            f"{twice:,} of its {row.rows_in:,} rows repeat a Crime ID of the same file, as a file with its rows in it "
            "twice does: download it again, because anti-social behaviour has no ID and is counted twice"
        )
    odd = getattr(row, "repeated_odd_ids", 0)
    if odd == odd and odd:
        found.append(
            f"{int(odd):,} rows repeat a Crime ID that is not in the published form (64 hexadecimal digits); they are "
            "counted, because such an ID does not prove that two rows are one crime"
        )
    return found


def _percent_aside(account: pd.DataFrame) -> "pd.Series[float]":
    return (100 * account["quarantined"] / account["rows_in"].clip(lower=1)).astype(float)
