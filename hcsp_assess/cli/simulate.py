"""Command that writes a simulated archive: `hcsp-assess simulate`."""

from pathlib import Path
from typing import Annotated

import typer

from hcsp_assess.cli.options import JsonOption, QuietOption, print_json, say
from hcsp_assess.cli.progress import show_progress

commands = typer.Typer()


@commands.command()
def simulate(
    folder: Annotated[
        Path, typer.Argument(help="Folder to write the archive to; it must be new or empty.", show_default=False)
    ],
    seed: Annotated[int, typer.Option(help="Random seed; the same seed gives the same files.")] = 2013,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write a simulated street-level archive, April 2008 to December 2012, whose true trends are known.

    Example: [bold]hcsp-assess simulate data/raw/simulated_2013-14[/bold]
    """
    from hcsp_assess.simulation.archive import simulate_archive

    with show_progress(quiet=quiet or as_json) as progress:
        simulate_archive(folder, seed=seed, progress=progress)
    if as_json:
        print_json({"folder": str(folder), "seed": seed})
    say(f"Simulated archive written to {folder}", quiet=quiet or as_json)
