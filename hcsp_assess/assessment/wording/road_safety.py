"""Sentences about the national files of road casualties: what they hold."""

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.sources.road_safety import RoadCasualties


def describe_national(national: RoadCasualties) -> Finding:
    """Say how many casualties the national files hold, and what became of every row."""
    account, first, last = national.account, national.years[0], national.years[-1]
    sentence = (
        f"The national files for {first} to {last} hold {account['kept']:,} casualties of the area, of "
        f"{account['in']:,} in all; {account['set aside']:,} were set aside."
    )
    evidence = {"kept": account["kept"], "in": account["in"], "set_aside": account["set aside"]}
    evidence |= {"first": first, "last": last}
    reasons = tuple(f"Set aside: {number:,}, {reason}." for reason, number in national.reasons)
    return Finding("road_national", sentence, evidence, national.method, reasons)


def describe_no_national() -> Finding:
    """Say that the edition has no national files."""
    return Finding(
        "road_national_missing",
        "This edition does not include the national road casualty files of the Department for Transport.",
    )
