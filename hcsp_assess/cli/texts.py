"""Commands for the texts that people write: `hcsp-assess texts`."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from hcsp_assess.cli.options import (
    FAILED,
    EditionArgument,
    JsonOption,
    ProjectOption,
    QuietOption,
    print_json,
    print_table,
    say,
)
from hcsp_assess.project import find_project

if TYPE_CHECKING:
    from hcsp_assess.errors import Problem
    from hcsp_assess.setup.text_conversion import Converted

commands = typer.Typer()
texts = typer.Typer(name="texts", no_args_is_help=True, help="Start, list, check and convert an edition's texts.")
commands.add_typer(texts)


@texts.command("list")
def list_texts(
    edition: EditionArgument, project: ProjectOption = None, quiet: QuietOption = False, as_json: JsonOption = False
) -> None:
    """List the texts of an edition, with role, date and state.

    Example: [bold]hcsp-assess texts list 2026-27[/bold]
    """
    from hcsp_assess.setup.edition_texts import text_files

    home = find_project(project)
    rows = [
        {"file": f"{item.kind}/{item.path.name}", "title": item.title, "state": item.state, "role": item.role,
         "date": item.date}
        for item in text_files(edition, home.root)
    ]  # fmt: skip
    if as_json:
        print_json(rows)
    elif not rows:
        say(f"Edition {edition} has no Markdown texts: hcsp-assess texts start {edition} starts them.", quiet=quiet)
    elif not quiet:
        print_table(["File", "Title", "State", "Role", "Date"], [list(row.values()) for row in rows])


@texts.command()
def start(
    edition: EditionArgument,
    kind: Annotated[
        str, typer.Argument(help="Kind of text, such as reasons (default: those that every edition has).")
    ] = "",
    name: Annotated[str, typer.Argument(help="Theme, finding or letter, such as shoplifting.")] = "",
    project: ProjectOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Start texts, with evidence from the last report quoted above the writing space. Nothing is overwritten.

    Examples: [bold]hcsp-assess texts start 2026-27[/bold] or
    [bold]hcsp-assess texts start 2026-27 reasons shoplifting[/bold]
    """
    from hcsp_assess.errors import UsageError
    from hcsp_assess.setup.edition_parts import add_chapters
    from hcsp_assess.setup.edition_texts import start_text, write_edition_texts
    from hcsp_assess.sources.text_kinds import CHAPTER_OF_TEXT
    from hcsp_assess.subject.areas import area
    from hcsp_assess.subject.editions import edition as find_edition

    home = find_project(project)
    chosen = find_edition(edition, home.root)
    if bool(kind) != bool(name):
        raise UsageError(f"say which text too: hcsp-assess texts start {edition} {kind} shoplifting")
    added: tuple[str, ...] = ()
    if kind:
        there = (home.root / "editions" / edition / kind / f"{name}.md").is_file()
        lacking = kind in CHAPTER_OF_TEXT and CHAPTER_OF_TEXT[kind] not in chosen.chapters
        made = [] if there and lacking else [start_text(edition, home, kind, name)]
        added = add_chapters(edition, [CHAPTER_OF_TEXT[kind]], home) if lacking else ()
    else:
        made = list(write_edition_texts(edition, home, country=area(chosen.area, home.root).country))
    if as_json:
        print_json({"files": [str(path) for path in made], "added": list(added)})
        return
    for path in made:
        say(f"Written: {path}", quiet=quiet)
    for part in added:
        say(f"The edition {edition} now has {part}, which prints it.", quiet=quiet)
    if not made and not added:
        say("Every text is there already: nothing was written.", quiet=quiet)


@texts.command()
def check(
    edition: EditionArgument, project: ProjectOption = None, quiet: QuietOption = False, as_json: JsonOption = False
) -> None:
    """Check all texts and spreadsheets of an edition; exit code 1 if a run would stop.

    Example: [bold]hcsp-assess texts check 2026-27[/bold]
    """
    from hcsp_assess.setup.edition_texts import texts_problems
    from hcsp_assess.subject.editions import edition as find_edition

    home = find_project(project)
    problems = texts_problems(find_edition(edition, home.root), home)
    if as_json:
        print_json([asdict(item) for item in problems])
    elif problems:
        _print_problems(problems)
    else:
        say("The texts can be used.", quiet=quiet)
    if any(item.stops for item in problems):
        raise typer.Exit(FAILED)


@texts.command()
def refresh(
    edition: EditionArgument, project: ProjectOption = None, quiet: QuietOption = False, as_json: JsonOption = False
) -> None:
    """Renew the evidence quoted in the texts from the last report; what people wrote stays as it is.

    Example: [bold]hcsp-assess texts refresh 2026-27[/bold]
    """
    from hcsp_assess.setup.edition_texts import refresh_evidence

    changed, left = refresh_evidence(edition, find_project(project))
    if as_json:
        print_json({"renewed": [str(path) for path in changed], "left": [asdict(item) for item in left]})
        return
    for path in changed:
        say(f"Renewed: {path}", quiet=quiet)
    _print_problems(tuple(left))
    if not changed and not left:
        say("The quoted evidence is up to date.", quiet=quiet)


@texts.command()
def convert(
    edition: EditionArgument,
    undo: Annotated[bool, typer.Option("--undo", help="Bring the TOML files back.")] = False,
    project: ProjectOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Turn the TOML texts of an edition into Markdown and spreadsheets. They are kept in the folder old-toml.

    Example: [bold]hcsp-assess texts convert 2025-26[/bold]
    """
    from hcsp_assess.setup.text_conversion import convert_texts, undo_conversion

    home = find_project(project)
    if undo:
        back = undo_conversion(edition, home)
        if as_json:
            print_json({"back": list(back)})
        for name in back if not as_json else ():
            say(f"Back: editions/{edition}/{name}", quiet=quiet)
        return
    made = convert_texts(edition, home)
    if as_json:
        print_json(asdict(made))
    else:
        _say_converted(made, edition, quiet=quiet)
    if made.left:
        raise typer.Exit(FAILED)


def _say_converted(made: "Converted", edition: str, *, quiet: bool) -> None:
    from hcsp_assess.setup.text_conversion import OLD

    for name in made.written:
        say(f"Written: editions/{edition}/{name}", quiet=quiet)
    for name in made.moved:
        say(f"Moved: {name} is now in editions/{edition}/{OLD}/", quiet=quiet)
    for name, remarks in made.remarks.items():
        lines = "a line" if len(remarks) == 1 else f"{len(remarks)} lines"
        say(f"{name} has {lines} of comments, kept in {OLD}/{name} alone.", quiet=quiet)
    for name, reason in made.left.items():
        say(f"Left as it is: {name}: {reason}")
    if not made.moved and not made.left:
        say("There are no TOML texts to convert.", quiet=quiet)


def _print_problems(problems: "tuple[Problem, ...]") -> None:
    for item in problems:
        say(f"{item.where}: {item.what}{'' if item.stops else ' (does not stop a run)'}")
