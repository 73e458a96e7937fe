"""Build an edition for another program, and report progress to it in lines of JSON.

`python -m hcsp_assess.cli.reported_run EDITION FOLDER` writes `{"stage": ..., "done": ..., "total": ...}` to its output
for each step, `{"chapter": ...}` where one begins, and `{"said": ...}` at the end. An error is one sentence on its
error stream, with the exit code of `hcsp-assess run`.
"""

import json
import sys
from functools import partial

import typer

from hcsp_assess.cli.options import explain_errors
from hcsp_assess.project import find_project
from hcsp_assess.run.home import ensure_home


def run_and_report(edition: str, folder: str) -> None:
    """Build an edition of the project in a folder; raises what goes wrong."""
    home = find_project(folder)
    ensure_home(home)
    from hcsp_assess.run.build import Listener, run_edition
    from hcsp_assess.run.unattended import run_alone
    from hcsp_assess.subject.editions import edition as find_edition

    chosen = find_edition(edition, home.root)
    build = partial(run_edition, listener=Listener(chapter=_report_chapter))
    result = run_alone(chosen, home, build, progress=_report)
    if result is not None:
        _say({"said": result.summary(), "warnings": list(result.warnings)})


def _report(stage: str, done: int, total: int) -> None:
    _say({"stage": stage, "done": done, "total": total})


def _report_chapter(name: str, seconds: float | None) -> None:
    if seconds is None:
        _say({"chapter": name})


def _say(line: dict[str, object]) -> None:
    sys.stdout.write(f"{json.dumps(line)}\n")  # in one piece: chapters begin in several threads
    sys.stdout.flush()


def main() -> None:
    """Run from the command line; exits with the code of `hcsp-assess run`."""
    try:
        with explain_errors():
            run_and_report(*sys.argv[1:3])
    except typer.Exit as ended:
        sys.exit(ended.exit_code)


if __name__ == "__main__":
    main()
