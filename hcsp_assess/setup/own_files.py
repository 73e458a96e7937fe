"""Write a partnership's own definitions, `areas/KEY/`, with that area's own bodies, commented and ready to edit."""

import json
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from hcsp_assess.files import csv_bytes, write_whole
from hcsp_assess.sources.returns.definitions import return_definition, return_names
from hcsp_assess.subject.areas import Area
from hcsp_assess.subject.holders import Body, bodies_by_role, holder_in
from hcsp_assess.subject.own_definitions import CHANGES, GOVERNANCE, HOLDERS, INDICATORS, PEERS, PLACES, RETURNS

#: The authorities that must work together under the Crime and Disorder Act 1998, by role.
RESPONSIBLE = ("Council", "Council (roads)", "Police", "Fire and rescue service", "Health commissioner", "Probation")


def write_own_files(area: Area, root: Path, month: pd.Period) -> tuple[Path, ...]:
    """Write those of an area's own definitions that are not there yet; what is there is never changed.

    Parameters
    ----------
    area : Area
        Its bodies are looked up: council, county council, police force, fire and rescue service. One that cannot be
        looked up is in a comment, for a person to fill in.
    root : Path
        Root of the project: the files go into `areas/KEY/`.
    month : pandas.Period
        When the bodies are wanted for.

    Returns
    -------
    tuple of Path
        What was written.
    """
    folder, written = root / "areas" / area.key, []
    for name, content in own_files(area, month).items():
        if not (folder / name).exists():
            write_whole(folder / name, content)
            written.append(folder / name)
    return tuple(written)


def own_files(area: Area, month: pd.Period) -> dict[str, bytes]:
    """Return the files of an area's own definitions by name, as `write_own_files` writes them."""
    texts = {
        HOLDERS: _holders(area, month),
        RETURNS: _returns(area, month),
        GOVERNANCE: _governance(area, month),
        INDICATORS: _INDICATORS.format(name=area.name, key=area.key),
        CHANGES: _CHANGES.format(name=area.name),
        PEERS: _PEERS.format(name=area.name),
    }
    files = {name: text.encode() for name, text in texts.items()}
    return files | ({PLACES: _places(area)} if area.small_areas else {})


def _holders(area: Area, month: pd.Period) -> str:
    """Bodies whose names are known, and in comments the roles whose are not."""
    known = bodies_by_role(area, month)
    lines = [
        f"# Who holds the figures that the partnership of {area.name} asks its partners for. Check each name.",
        "# One [[holder]] for each body: its role, its name, and the first and last month in which it had that role",
        '# (from = "2022-07", until = "2026-03"), if it changed. Of several in a month, the first is used.',
    ]
    for role, bodies in known.items():
        for body in bodies:
            lines += ["", *_holder_lines(role, body)]
    for role in known:
        if not known[role]:
            lines += ["", f"# Reports say “{holder_in(role, area, month)}” until you name it and remove the # here:"]
            lines += [f"# {line}" for line in ("[[holder]]", f"role = {_quoted(role)}", 'name = ""')]
    return "\n".join(lines) + "\n"


def _holder_lines(role: str, body: Body) -> Iterable[str]:
    yield from ("[[holder]]", f"role = {_quoted(role)}", f"name = {_quoted(body.name)}")
    if body.first is not None:
        yield f'from = "{body.first}"'
    if body.last is not None:
        yield f'until = "{body.last}"'


def _returns(area: Area, month: pd.Period) -> str:
    names = return_names()
    width = max(map(len, names)) + 3
    lines = [
        f"# The returns that the partnership of {area.name} asks its partners for. Remove the line of a return that it",
        "# does not ask for: it is then neither overdue nor listed as missing. Blank templates: hcsp-assess templates.",
        "asked_for = [",
    ]
    for name in names:
        definition = return_definition(name)
        holder = holder_in(definition.holder, area, month)
        lines.append(f"  {_quoted(name) + ',':<{width}}  # {definition.title}: {holder}")
    lines += [
        "]",
        "",
        "# The first and the last month for which a return is asked, where that is not every month:",
        "# [since]",
        '# marac = "2025-04"',
        "# [until]",
        '# iom_cohort = "2026-03"',
    ]
    return "\n".join(lines) + "\n"


def _governance(area: Area, month: pd.Period) -> str:
    bodies = dict.fromkeys(holder_in(role, area, month) for role in RESPONSIBLE)
    members = [f"  {_quoted(body)}," for body in bodies]
    return "\n".join(
        [
            f"# Who carries out the duties of the partnership of {area.name}; shown in the chapter on the plan, unless",
            "# plan.toml of an edition has [governance]. Check every name.",
            f"body = {_quoted(f'{area.name} Community Safety Partnership')}",
            "members = [",
            *members,
            "]",
            "# The authorities that must take part by law (Crime and Disorder Act 1998, section 5):",
            "responsible_authorities = [",
            *members,
            "]",
            "# Another board with the same members, and who sits on both:",
            '# other_board = "Health and Wellbeing Board"',
            '# both_boards = ["Director of Public Health"]',
            "",
        ]
    )


def _places(area: Area) -> bytes:
    """Every small area, with a blank for the name that residents use."""
    rows = [(small.code, small.name, small.ward_name, small.place_name) for small in area.small_areas]
    return csv_bytes(pd.DataFrame(rows, columns=["lsoa11_code", "lsoa11_name", "ward", "place_name"]))


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


_INDICATORS = """\
# The performance indicators of the partnership of {name}. With an indicator here, and its figures in
# performance.xlsx (or .csv, .ods) beside this file, each report has a chapter on performance.
#
# The easy way:  hcsp-assess new indicator "Fly-tipping on farm land" --area {key}
# It writes an entry like the one below, and a spreadsheet to fill in. docs/indicators.md explains each field.
#
# [[indicator]]
# key = "fly_tipping"
# name = "Fly-tipping on farm land"
# unit = "count"          # count or percent
# polarity = "lower"      # which way is better: lower, higher, or not stated
# [[indicator.target]]    # without it, there is no target
# year = "2026-27"
# kind = "change"         # value, maintain, change or band
# percent = -5
# printed = "Reduce by 5%"
"""
_CHANGES = """\
# Changes in what is recorded that only people in {name} know of; national ones come with the software.
# Remove the # and complete the lines; repeat from [[change]] for another.
#
# [[change]]
# key = "new-crime-system"
# month = "2025-04"       # the first month that it can show in
# kind = "recording"      # recording or geography
# direction = "up"        # up, down or either: what it does to the figures
# crime_types = ["Violence and sexual offences"]    # as data.police.uk has them; leave out for every type
# what = "The force moved to a new system, which counts each victim of violence separately."
# brief = "a new system counted each victim of violence separately"    # follows "From April 2025, "
# source = "letter from the force's crime registrar, March 2025"
"""
_PEERS = """\
# The places that {name} is compared with. Until there are some here, it is compared with the areas that the Office
# for National Statistics finds most similar. Remove the # and complete the lines.
#
# name = "Areas that the partnership compares itself with"
# source = "chosen by the partnership, March 2026"
# peers = ["Wiltshire", "Cornwall"]
"""
