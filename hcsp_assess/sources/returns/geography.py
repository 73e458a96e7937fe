"""Count a return's records by LSOA for maps, and refuse other areas."""

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.sources.returns.reading import ReturnResult
from hcsp_assess.sources.returns.values import LSOA


def counts_by_lsoa(result: ReturnResult) -> pd.Series:
    """Count the records of a return by LSOA.

    Parameters
    ----------
    result : ReturnResult
        A return of records that has a column of LSOAs.

    Returns
    -------
    pandas.Series of Int64
        Records by LSOA code as sent; the missing code counts the records without one.

    Raises
    ------
    InputError
        If the return's finest place is not an LSOA: hospital admissions are known by outward postcode only.
    """
    definition = result.definition
    if definition.geography == "outward postcode":
        raise InputError(
            f"{definition.title} are known by outward postcode, and postcodes do not fit LSOAs: show them by outward "
            "postcode, not on a map of LSOAs."
        )
    if definition.geography != "lsoa":
        raise InputError(f"{definition.title} have no LSOA, so they cannot be mapped")
    return result.rows["lsoa"].value_counts(dropna=False).sort_index().astype("Int64").rename("records")


def check_lsoa_map(counts: pd.Series) -> None:
    """Stop anything but LSOA codes from reaching a map of LSOAs.

    Parameters
    ----------
    counts : pandas.Series
        What is to be mapped, by code of the area.

    Raises
    ------
    InputError
        If any code is not that of an LSOA in England or Wales: an outward postcode, a ward, a parish.
    """
    strange = sorted({str(code) for code in counts.index if not LSOA.fullmatch(str(code))})
    if strange:
        raise InputError(
            f"a map of LSOAs includes {',  '.join(strange[:3])}, which {'is' if len(strange) == 1 else 'are'} not LSOA "
            "codes: data by outward postcode or another area cannot be mapped to LSOAs"
        )
