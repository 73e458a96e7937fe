"""The sentence of rural crime beside urban crime: its share of residents, its share of crime, and both rates."""

from hcsp_assess.assessment.findings import Finding

WHAT_IS_COUNTED = (
    "This counts every crime recorded in rural areas, shoplifting and burglary included. It does not measure farm or "
    "wildlife crime."
)
VISITORS = "Towns have shoppers, workers and visitors who are not counted as residents, which raises the urban rate."
HALF = (0.45, 0.55)  # of the urban rate, between which a rural one is "about half"


def describe_rural_share(
    rural: int, urban: int, rural_people: int, urban_people: int, when: str, *, part: float = 1.0
) -> Finding:
    """Say which share of residents and of crime is rural, and what the rates are.

    Parameters
    ----------
    rural, urban : int
        Recorded crimes in the months of the year assessed that are held.
    rural_people, urban_people : int
        Residents.
    when : str
        Those months, as they follow "in".
    part : float
        Share of a year that they are, by which rates are made yearly.

    Returns
    -------
    Finding
        Key "rural_share". Every number of its sentence is in its evidence.

    Examples
    --------
    >>> describe_rural_share(340, 660, 5_300, 4_700, "2025").message
    '53% of residents live in rural areas, where 34% of crime was recorded in 2025: about half the urban rate.'
    """
    people, crimes = rural_people + urban_people, rural + urban
    rate, urban_rate = 1000 * rural / rural_people / part, 1000 * urban / urban_people / part
    people_percent, crime_percent = 100 * rural_people / people, 100 * rural / crimes
    evidence = {
        "people_percent": people_percent,
        "crime_percent": crime_percent,
        "rural": rural,
        "urban": urban,
        "rural_rate": rate,
        "urban_rate": urban_rate,
        "below_percent": 100 * (1 - rate / urban_rate),
        "per": 1000,
        **{f"year_{number}": int(word) for number, word in enumerate(when.split()) if word.isdigit()},
    }
    message = (
        f"{people_percent:.0f}% of residents live in rural areas, where {crime_percent:.0f}% of crime was recorded in "
        f"{when}: {_beside(rate / urban_rate)}."
    )
    a_year = "" if part == 1 else ", at a yearly rate"
    rates = (
        f"There were {rate:.0f} crimes for each 1,000 rural residents and {urban_rate:.0f} for each 1,000 urban "
        f"residents{a_year}."
    )
    return Finding(
        "rural_share",
        f"{message} {rates}",
        evidence,
        caveats=(WHAT_IS_COUNTED, VISITORS),
        message=message,
        measure="Recorded crime in rural areas: share of all",
        period=when,
    )


def _beside(ratio: float) -> str:
    low, high = HALF
    if low <= ratio <= high:
        return "about half the urban rate"
    if ratio < low:
        return "less than half the urban rate"
    percent = 100 * (1 - ratio)
    return f"{abs(percent):.0f}% {'below' if percent > 0 else 'above'} the urban rate"
