"""Short commands for notebook cells: `%load_ext hcsp_assess`, then `%trend shoplifting --place rural`.

Each replaces an import and two calls; `--code` writes those calls into the next cell, ready for a notebook that others
will read. Pressing Tab completes the names.
"""

from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from IPython.core import completer, magic_arguments
from IPython.core.completer import CompletionContext, SimpleCompletion
from IPython.core.error import UsageError as Refused
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_magic, magics_class

from hcsp_assess.edition.opened import open_edition
from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.lab.chosen import Choice, Chosen, choose, code_of, map_records, show_decomposition
from hcsp_assess.lab.chosen_place import WHOLE, places_of
from hcsp_assess.lab.rich_display import register
from hcsp_assess.project import Project, find_project
from hcsp_assess.report.tables import Table
from hcsp_assess.subject.areas import area
from hcsp_assess.subject.crime_types import comparable_series
from hcsp_assess.subject.editions import editions

#: IPython's own helpers, whose functions carry no types.
ARGUMENTS: Any = magic_arguments
COMPLETER: Any = completer
#: Magics that take a crime type and options.
CHOOSING = ("trend", "season", "where", "explore")
OPTIONS = ("--place", "--from", "--to", "--edition", "--code")


def _choosing(function: Callable[..., Any]) -> Any:
    """Add the arguments that choose a series to a magic."""
    for each in (
        ARGUMENTS.argument("--code", action="store_true", help="Write the code into the next cell too."),
        ARGUMENTS.argument(
            "--edition",
            default="",
            help="Edition (default: the one set by %%editions, otherwise the newest with real records).",
        ),
        ARGUMENTS.argument("--to", dest="last", default="", help="Last month, such as 2025-12."),
        ARGUMENTS.argument("--from", dest="first", default="", help="First month, such as 2014-01."),
        ARGUMENTS.argument(
            "--place", default=WHOLE, help="A place such as rural, town-ledbury, ward-bircher or an LSOA code."
        ),
        ARGUMENTS.argument("crime_type", help="A crime type, such as shoplifting."),
    ):
        function = each(function)
    return line_magic(ARGUMENTS.magic_arguments()(function))


@magics_class
class AssessMagics(Magics):
    """`%editions`, `%trend`, `%season`, `%where` and `%explore`."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self.chosen_edition = ""

    @_choosing
    def trend(self, line: str) -> Any:
        """Show whether a series is rising or falling, with its chart: `%trend shoplifting --place rural`."""
        return self._show(self.trend, line, lambda series: series)

    @_choosing
    def season(self, line: str) -> Any:
        """Split a series into trend, season and remainder: `%season burglary`."""
        return self._show(self.season, line, show_decomposition)

    @_choosing
    def where(self, line: str) -> Any:
        """Map the records of a series: `%where burglary --from 2025-01`."""
        return self._show(self.where, line, map_records)

    @_choosing
    def explore(self, line: str) -> Any:
        """Open the explorer at a series: `%explore shoplifting`."""
        from hcsp_assess.lab.explorer import Explorer

        with _in_one_line():
            project = find_project()
            return Explorer(project, self._choice(ARGUMENTS.parse_argstring(self.explore, line), project))

    @line_magic
    def editions(self, line: str) -> Table:
        """List the editions, and choose one for the commands that follow: `%editions 2025`.

        Not called `%edition`, because IPython would mistake a chapter's parameter `edition: str = ...` for it.
        """
        with _in_one_line():
            project = find_project()
            known = editions(project.root)
            key = line.strip()
            if key and key not in known:
                raise UsageError(f"there is no edition {key!r}; choose one of {', '.join(known)}")
            self.chosen_edition = key or self.chosen_edition
            return _table_editions(project, self._edition(project))

    def _show(self, magic: Any, line: str, make: Callable[[Chosen], Any]) -> Any:
        with _in_one_line():
            project = find_project()
            asked = ARGUMENTS.parse_argstring(magic, line)
            choice = self._choice(asked, project)
            result = make(choose(open_edition(choice.edition, project), choice.crime_type, **choice.options))
            if asked.code and self.shell is not None:
                self.shell.set_next_input(code_of(choice))
            return result

    def _choice(self, asked: Namespace, project: Project) -> Choice:
        edition = asked.edition or self._edition(project)
        return Choice(edition, asked.crime_type, asked.place, asked.first, asked.last)

    def _edition(self, project: Project) -> str:
        known = editions(project.root)
        real = [item for item in known.values() if not item.simulated] or list(known.values())
        return self.chosen_edition or max(real, key=lambda item: item.span.last).key

    def complete(self, text: str) -> tuple[str, list[str]]:
        """Return what is typed of a line's final word, and its completions; none if the line is not a command."""
        words = text.split()
        typed = words.pop() if words and not text[-1].isspace() else ""
        if not words or words[0].lstrip("%") not in ("editions", *CHOOSING):
            return typed, []
        try:
            fitting = self._fitting(find_project(), words[0].lstrip("%"), words[1:])
        except (InputError, UsageError):
            fitting = []  # outside a project there is nothing to complete; running the command says so
        return typed, [word for word in fitting if word.startswith(typed)]

    def _fitting(self, project: Project, command: str, given: list[str]) -> list[str]:
        option, known = given[-1] if given else "", editions(project.root)
        if command == "editions" or option == "--edition":
            return list(known)
        edition = _after("--edition", given) or self._edition(project)
        if edition not in known:
            return []
        if option == "--place":
            return list(places_of(area(known[edition].area, project.root)))
        if option in ("--from", "--to"):
            return _months(edition, project)
        types = [entry.key for entry in comparable_series()]
        return [*(() if set(given) & set(types) else types), *(name for name in OPTIONS if name not in given)]


def load(shell: InteractiveShell) -> None:
    """Register the commands, their completions (without Python's own) and the display of results."""
    magics = AssessMagics(shell)
    shell.register_magics(magics)
    if shell.display_formatter is not None:
        register(shell.display_formatter.formatters["text/html"])

    def offer(context: CompletionContext) -> Any:
        typed, words = magics.complete(context.text_until_cursor)
        offered = [SimpleCompletion(word, type="hcsp_assess") for word in words]
        return {"completions": offered, "matched_fragment": typed, "suppress": bool(words)}

    matcher = COMPLETER.context_matcher(identifier="hcsp_assess")(offer)
    others = [
        each for each in shell.Completer.custom_matchers if getattr(each, "matcher_identifier", "") != "hcsp_assess"
    ]
    shell.Completer.custom_matchers = [*others, matcher]


@contextmanager
def _in_one_line() -> Iterator[None]:
    """Turn an error that the user can fix into one line, without a traceback."""
    try:
        yield
    except (InputError, UsageError) as error:
        raise Refused(str(error)) from error


def _after(option: str, given: list[str]) -> str:
    """The value after an option, or ""."""
    place = given.index(option) + 1 if option in given else len(given)
    return given[place] if place < len(given) else ""


def _months(edition: str, project: Project) -> list[str]:
    """Months of an edition that has been counted: pressing Tab must not start counting."""
    if not (project.processed / edition / "SOURCE.toml").exists():
        return []
    return [str(month) for month in open_edition(edition, project).counts("headline").index]


def _table_editions(project: Project, current: str) -> Table:
    import pandas as pd

    rows = [
        {
            "Edition": key,
            "Period": item.span.words,
            "Records": "simulated" if item.simulated else "real",
            "Used by the commands": "yes" if key == current else "no",
        }
        for key, item in editions(project.root).items()
    ]
    return Table(pd.DataFrame(rows), "Editions of this project", "editions")
