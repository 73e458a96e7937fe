"""A partnership's governance, the same from edition to edition: `areas/KEY/governance.toml` of the project."""

from typing import Any

from hcsp_assess.subject.areas import Area
from hcsp_assess.subject.own_definitions import GOVERNANCE, label, own_text, own_texts, read_own

_LISTS = ("members", "responsible_authorities", "both_boards")


def own_governance(area: Area) -> dict[str, Any]:
    """Return the body, its members and the responsible authorities of an area; nothing if it has no such file.

    Raises
    ------
    InputError
        If the file cannot be read, has an unknown field, or a field is of another kind.
    """
    fields = read_own(area.own, GOVERNANCE, ("body", "other_board", *_LISTS))
    if area.own is None or not fields:
        return {}
    where = label(area.own, GOVERNANCE)
    texts = {
        "body": own_text(where, fields, "body"),
        "other_board": own_text(where, fields, "other_board", needed=False),
    }
    lists = {name: list(own_texts(where, fields, name)) for name in _LISTS if name in fields}
    return {name: value for name, value in texts.items() if value} | lists
