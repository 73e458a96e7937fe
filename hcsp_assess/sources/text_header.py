"""Read the short header above a text, and find what is wrong with it, each with its line."""

import re
from dataclasses import dataclass

import yaml

BOM = "\ufeff"
CURLY = "“”„‘’"
_EDGE = re.compile(r"-{3,}|\.{3}")
_ENTRY = re.compile(r"(?P<name>[^\s:#'\"\[\]{}-][^:]*?)\s*:(?:\s+(?P<value>.*))?$")
_LIST_ITEM = re.compile(r"\s*-\s+\S")
#: Values that YAML does not take as plain text.
_SPECIAL = re.compile(r"[&*!|>%@`{}]|\?\s|-\s")


@dataclass(frozen=True)
class Fault:
    """Something wrong in a text: its line, counted from 1, what to do, and whether it stops a run."""

    line: int
    what: str
    stops: bool = True


@dataclass(frozen=True)
class Header:
    """What is above a text, and the text.

    Attributes
    ----------
    values : dict of str to (str or tuple of str)
        By name, in lower case; an entry without a value is not among them.
    lines : dict of str to int
        Line of each name, counted from 1.
    body : str
        What is below the header.
    body_line : int
        Line on which that begins, counted from 1.
    faults : tuple of Fault
        What is wrong; a header with faults that stop has no values.
    """

    values: dict[str, str | tuple[str, ...]]
    lines: dict[str, int]
    body: str
    body_line: int
    faults: tuple[Fault, ...] = ()


def split_header(text: str) -> Header:
    """Split a text into its header and what is below.

    Examples
    --------
    >>> found = split_header("---\\ntitle: Shoplifting\\nabout: [shoplifting, theft]\\n---\\nShops report more.")
    >>> found.values, found.body
    ({'title': 'Shoplifting', 'about': ('shoplifting', 'theft')}, 'Shops report more.')
    >>> split_header("title: Shoplifting\\n").faults[0].line
    1
    """
    lines = text.removeprefix(BOM).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    if not _EDGE.fullmatch(lines[first].strip()):
        what = "the file has no header: its first line must be ---, then role, date and state, and --- below them"
        return Header({}, {}, "\n".join(lines), 1, (Fault(first + 1, what),))
    last = next((number for number in range(first + 1, len(lines)) if _EDGE.fullmatch(lines[number].strip())), None)
    if last is None:
        what = "the header is not closed: add a line with --- below its last entry, above the text"
        return Header({}, {}, "", len(lines), (Fault(first + 1, what),))
    inside = lines[first + 1 : last]
    faults = [fault for number, line in enumerate(inside, first + 2) if (fault := _fault_of(number, line))]
    body = "\n".join(lines[last + 1 :])
    if faults:
        return Header({}, {}, body, last + 2, tuple(faults))
    values, places, faults = _values("\n".join(inside), first + 2)
    return Header(values, places, body, last + 2, tuple(faults))


def _fault_of(number: int, line: str) -> Fault | None:
    """What a person usually does wrong in one line of a header."""
    bare = line.strip()
    if not bare or bare.startswith("#"):
        return None
    if "\t" in line:
        return Fault(number, "the header has a tab: replace it with a space")
    if _LIST_ITEM.match(line):
        return None
    if line[0] == " ":
        return Fault(number, "the line begins with spaces: remove them. Each entry is on one line, as in role: analyst")
    entry = _ENTRY.fullmatch(bare)
    if entry is None or len(entry["name"]) > 40:
        what = (
            f"“{bare[:40]}” is no entry of a header, which are written as role: analyst. If the text begins here, add "
            "a line with --- above it"
        )
        return Fault(number, what)
    value = (entry["value"] or "").strip()
    if not value or value[0] in "\"'[":
        return None
    if value[0] in CURLY:
        return Fault(number, f"{entry['name']} is in curly quotation marks: use straight ones, or none")
    if ": " in value or value.endswith(":"):
        return Fault(number, f'{entry["name"]} has a colon in its value: write it in quotation marks, as in "a: b"')
    if " #" in value:
        return Fault(number, f'{entry["name"]} has a # in its value: write it in quotation marks, as in "shop #2"')
    if _SPECIAL.match(value):
        return Fault(number, f"{entry['name']} begins with {value[0]}: put the value in quotation marks")
    return None


def _values(text: str, first: int) -> tuple[dict[str, str | tuple[str, ...]], dict[str, int], list[Fault]]:
    """The entries of a header as texts, with their lines and faults."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = first + (error.problem_mark.line if error.problem_mark else 0)
        return {}, {}, [Fault(line, f"the header cannot be read here ({error.problem}): check quotation marks")]
    except yaml.YAMLError:
        return {}, {}, [Fault(first, "the header has a character that cannot be used: type the line again")]
    if node is None:
        return {}, {}, []
    if not isinstance(node, yaml.MappingNode):
        return {}, {}, [Fault(first, "the header has no entries: write role: analyst, and so on, each on its own line")]
    values: dict[str, str | tuple[str, ...]] = {}
    places: dict[str, int] = {}
    faults = []
    for key, value in node.value:
        name, line = str(key.value).strip().lower().replace("_", "-"), first + key.start_mark.line
        if name in places:
            faults.append(Fault(line, f"{name} is there twice (line {places[name]} too): remove one of the lines"))
            continue
        places[name] = line
        found = _plain(value)
        if found is None:
            faults.append(Fault(line, f"{name} must be a text, or a list such as [one, two]"))
        elif found:
            values[name] = found
    return values, places, faults


def _plain(node: yaml.Node) -> str | tuple[str, ...] | None:
    """A text or a list of texts; None for anything else."""
    if isinstance(node, yaml.ScalarNode):
        return str(node.value).strip()
    if isinstance(node, yaml.SequenceNode) and all(isinstance(item, yaml.ScalarNode) for item in node.value):
        return tuple(text for item in node.value if (text := str(item.value).strip()))
    return None
