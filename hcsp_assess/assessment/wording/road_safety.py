"""The sentence of the national files of road casualties: what they hold."""

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.sources.road_safety import RoadCasualties


def describe_national(national: RoadCasualties) -> Finding:
    """Say how many casualties of the area the national files hold; what became of every row is method."""
    account, first, last = national.account, national.years[0], national.years[-1]
    years = f"in {first}" if first == last else f"from {first} to {last}"
    sentence = f"Police reported {account['kept']:,} people killed or injured on the area's roads {years}."
    evidence = {"kept": account["kept"], "in": account["in"], "set_aside": account["set aside"]}
    evidence |= {"first": first, "last": last}
    reasons = " ".join(f"Not used: {number:,}, {reason}." for reason, number in national.reasons)
    method = f"{national.method} Of {account['in']:,} rows read, {account['set aside']:,} were not used. {reasons}"
    return Finding(
        "road_national",
        sentence,
        evidence,
        method=method.strip(),
        measure="people killed or injured on the roads",
        period=f"{first} to {last}",
    )
