"""Sentences about the area beside its peers, and never a league table."""

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.places.peers import LEAST_PEERS, PeerComparison
from hcsp_assess.sources.peers import PeerList

POSITIONS = {
    "high": "higher than its peers' usual differences explain",
    "low": "lower than its peers' usual differences explain",
    "within": "within what its peers' usual differences explain",
    "too few": "based on too few records to be placed",
}


def describe_peers(named: PeerList, compared: PeerComparison) -> Finding:
    """Say the rate over the median of the peers, and where it is."""
    place = compared.place
    position = str(compared.funnel.table.loc[place, "position"])
    sentence = (
        f"{place} has {compared.rate:.1f} recorded crimes per 1,000 residents a year, {compared.ratio:.2f} times the "
        f"median of {len(compared.peers)} peers ({compared.peer_median:.1f}); that is {POSITIONS[position]}."
    )
    certainty = (
        f"95% interval of the ratio {compared.low:.2f} to {compared.high:.2f}, for chance in its own records alone. "
        f"Peers: {named.name} ({named.source}). {len(compared.months)} months that all have. Method: "
        f"{compared.method}; {compared.funnel.method}."
    )
    left_out = "; ".join(f"{name}: {reason}" for name, reason in compared.left_out.items())
    caveats = ["Forces differ in how they record; a difference is a question and not a verdict."]
    caveats += [f"Left out: {left_out}."] if left_out else []
    evidence = {"rate": compared.rate, "median": compared.peer_median, "ratio": compared.ratio, "position": position,
                "peers": len(compared.peers), "months": len(compared.months)}  # fmt: skip
    return Finding("where_peers", sentence, evidence, certainty, tuple(caveats))


def describe_no_peers(place: str, *, simulated: bool, official: bool) -> Finding:
    """Say why street-level counts are compared with no other place; `official` where official figures are."""
    if simulated:
        why = "since its records are simulated"
        return Finding("where_peers", f"{place} is not compared with other places here, {why}.")
    sentence = "This chapter does not compare street-level counts with other places."
    if official:
        sentence = f"How {place} compares with similar areas, by official figures, is in the chapter of that name."
    return Finding("where_peers", sentence)


def describe_peers_needed(key: str) -> Finding:
    """Say what a comparison of street-level counts takes; `key` is the area's."""
    sentence = (
        f"A comparison by month takes a list of at least {LEAST_PEERS} peers, such as the police's most similar group, "
        f"in a file {key}.toml in data/raw/peers, and counts of districts beside it."
    )
    return Finding("where_peers_needed", sentence, {}, "The format is in docs/methods-places.md.")
