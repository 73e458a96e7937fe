"""Sentences about the area beside its peers, and never a league table."""

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.places.peers import PeerComparison
from hcsp_assess.sources.peers import PeerList

POSITIONS = {
    "high": "more than usual differences between these areas explain",
    "low": "less than usual differences between these areas explain",
    "within": "a usual difference between these areas",
    "too few": "too few crimes to say more",
}


def describe_peers(named: PeerList, compared: PeerComparison) -> Finding:
    """Say the rate beside the middle of the peers, and whether the difference is a usual one."""
    place = compared.place
    position = str(compared.funnel.table.loc[place, "position"])
    sentence = (
        f"Police recorded {compared.rate:.1f} crimes for every 1,000 residents of {place}, {compared.ratio:.2f} times "
        f"the middle of {len(compared.peers)} similar areas ({compared.peer_median:.1f}). "
        f"That is {POSITIONS[position]}."
    )
    method = (
        f"95% interval of the ratio {compared.low:.2f} to {compared.high:.2f}, for chance in its own records alone. "
        f"{len(compared.months)} months that all have. {compared.method}; {compared.funnel.method}."
    )
    left_out = "; ".join(f"{name}: {reason}" for name, reason in compared.left_out.items())
    caveats = [f"Similar areas: {named.name} ({named.source})."]
    caveats += [f"Left out: {left_out}."] if left_out else []
    evidence = {"rate": compared.rate, "median": compared.peer_median, "ratio": compared.ratio, "position": position,
                "peers": len(compared.peers), "months": len(compared.months)}  # fmt: skip
    certainty = "Police forces record crime differently, so a difference is a question to ask first."
    return Finding("where_peers", sentence, evidence, certainty, tuple(caveats), method=method)
