"""Run a chapter's notebook with papermill, and refuse output that a report cannot hold."""

import ast
import importlib
import logging
import os
import shutil
import sys
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from hcsp_assess.errors import InputError, UsageError, did_you_mean
from hcsp_assess.files import read_json_object
from hcsp_assess.project import VARIABLE, Project
from hcsp_assess.report.chapter_html import Chapter, render_notebook
from hcsp_assess.run.empty_sections import without_empty_sections

#: Seconds that one cell may take before the run is given up.
CELL_TIMEOUT = 900
CHOOSE_KERNEL = "Open it in JupyterLab, choose the kernel Python 3, and save it"


class NotebookError(RuntimeError):
    """A notebook did not run to its end; the message names it, the cell, the error, and where the notebook is kept."""


def import_papermill() -> ModuleType:
    """Return papermill, imported without what takes a second and a half and no notebook needs.

    Where JupyterLab is installed, jsonschema, which papermill needs, builds a grammar of internationalised addresses
    (rfc3987_syntax, optional) each time it is imported; no schema of ours has such an address.
    """
    absent = "rfc3987_syntax" not in sys.modules and "jsonschema" not in sys.modules
    if absent:
        sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]  # so Python notes that there is none
    try:
        return importlib.import_module("papermill")
    finally:
        if absent:
            del sys.modules["rfc3987_syntax"]


def read_parameters(notebook: Path) -> dict[str, Any]:
    """Return the parameters that a notebook declares, with their defaults.

    Parameters
    ----------
    notebook : Path
        A notebook with one code cell tagged ``parameters`` that holds plain assignments of literals.

    Raises
    ------
    InputError
        If the file is missing or is no notebook, or has no such cell, or more than one, or something else than an
        assignment in it.
    """
    import_papermill()
    import nbformat

    try:
        node = nbformat.read(notebook, as_version=4)
    except FileNotFoundError as error:
        raise InputError(
            f"there is no notebook {notebook}, which the edition's definition file names: add it, or remove its name"
        ) from error
    except Exception as error:  # nbformat raises what its parsers raise
        raise InputError(f"{notebook} cannot be read as a notebook: {error}") from error
    cells = [cell for cell in node.cells if "parameters" in cell.metadata.get("tags", [])]
    if len(cells) != 1:
        raise InputError(
            f"{notebook} has {len(cells)} cells tagged 'parameters'; it needs exactly one; tag one cell only"
        )
    parameters = {}
    try:
        statements = ast.parse(cells[0].source).body
    except (SyntaxError, ValueError) as error:
        raise InputError(f"the parameters cell of {notebook} is not Python ({error}): correct it") from error
    for statement in statements:
        if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
            raise InputError(f"the parameters cell of {notebook} may only assign values: {ast.unparse(statement)}")
        target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
        try:
            parameters[ast.unparse(target)] = ast.literal_eval(statement.value)
        except (ValueError, TypeError) as error:
            raise InputError(
                f"the parameters cell of {notebook} may only assign plain values: {ast.unparse(statement)}"
            ) from error
    return parameters


def kernel_problem(notebook: Path) -> str:
    """Say why a notebook's kernel cannot be started here, or ""; a file that is not a notebook has none to say."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    spec = read_json_object(notebook).get("metadata", {})
    spec = spec.get("kernelspec", {}) if isinstance(spec, dict) else {}
    name = spec.get("name") if isinstance(spec, dict) else None
    if not isinstance(name, str) or not name:
        return f"it has no kernel. {CHOOSE_KERNEL}"
    try:
        KernelSpecManager().get_kernel_spec(name)
    except (NoSuchKernel, ValueError):  # a ValueError where the name has characters that no kernel's name may have
        return f"its kernel {name!r} is not installed here. {CHOOSE_KERNEL}"
    return ""


def check_parameters(notebook: Path, given: Mapping[str, Any]) -> None:
    """Refuse a parameter that the notebook does not declare; papermill itself would only warn.

    Raises
    ------
    UsageError
        Naming the notebook, the parameter, the ones there are, and the nearest.
    """
    declared = read_parameters(notebook)
    for name in given:
        if name not in declared:
            hint = did_you_mean(name, declared)
            raise UsageError(f"{notebook.name} has no parameter {name!r}; it has {', '.join(declared)}.{hint}")


@contextmanager
def chapter_kernels(project: Project) -> Iterator[None]:
    """Have kernels forked from a warm process where that is possible, and tell them their project.

    A kernel is a process of its own, and its notebook may be in another folder than the project. Threads of one process
    may be within this at the same time, for one project; for another project they wait.
    """
    with _sharing:
        _sharing.wait_for(lambda: _users[:1] in ([], [project]))
        if not _users:
            _shared.enter_context(_prepared(project))
        _users.append(project)
    try:
        yield
    finally:
        with _sharing:
            _users.pop()
            if not _users:
                _shared.close()
                _sharing.notify_all()


_sharing = threading.Condition()
_users: list[Project] = []
_shared = ExitStack()


@contextmanager
def _prepared(project: Project) -> Iterator[None]:
    from hcsp_assess.run.warm_kernels import warm_kernels

    own = {VARIABLE: str(project.root), "OPENBLAS_NUM_THREADS": os.environ.get("OPENBLAS_NUM_THREADS", "1")}
    before = {name: os.environ.get(name) for name in own}
    os.environ.update(own)  # threads would slow the small matrices of the trend models
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # of a kernel that Ctrl-C stopped it prints a traceback
    try:
        with warnings.catch_warnings(), warm_kernels():
            warnings.simplefilter("ignore")  # zmq and nbformat talk to their developers, not to ours
            yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def run_chapter(notebook: Path, parameters: Mapping[str, Any], *, work: Path, evidence: Path) -> Chapter:
    """Execute one notebook and render what it shows; call it within `chapter_kernels`.

    Parameters
    ----------
    notebook : Path
        The chapter.
    parameters : mapping
        Values for its parameters; one that it does not declare is refused.
    work : Path
        Folder for the executed notebook.
    evidence : Path
        Folder where the notebook is kept, as far as it got, if it fails.

    Raises
    ------
    NotebookError
        If a cell fails, takes longer than `CELL_TIMEOUT`, the kernel dies or does not start, or the notebook shows
        something that the report cannot hold.
    UsageError, InputError
        See `check_parameters` and `read_parameters`.
    """
    check_parameters(notebook, parameters)
    work.mkdir(parents=True, exist_ok=True)
    executed = work / notebook.name
    executed.unlink(missing_ok=True)
    import_papermill()
    node, problem = None, ""
    restarts: list[str] = []
    try:
        node = _execute(notebook, executed, parameters, restarts)
    except Exception as error:
        problem = _problem(error)
        if not problem:
            raise
    if not problem:
        problem = _unfit_output(node)
    if problem:
        evidence.mkdir(parents=True, exist_ok=True)
        kept = evidence / notebook.name
        shutil.copyfile(executed if executed.exists() else notebook, kept)
        raise NotebookError(f"chapter {notebook.stem}: {problem}. The notebook is kept as {kept}")
    return Chapter(
        notebook.stem,
        render_notebook(without_empty_sections(node)),
        read_parameters(notebook) | dict(parameters),
        (*(f"its kernel did not start and was started again: {why}" for why in restarts), *_complaints(node)),
    )


def _problem(error: Exception) -> str:
    """What kept a notebook from running to its end, in our words; "" for an error that is not papermill's."""
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillException, PapermillExecutionError

    match error:
        case PapermillExecutionError():
            return f"cell {error.exec_count} failed: {error.ename}: {error.evalue}"
        case CellTimeoutError():
            return f"a cell took longer than {CELL_TIMEOUT} seconds"
        case TimeoutError():
            return f"its kernel stopped answering: {error}"
        case DeadKernelError():
            return "its kernel died (out of memory, or killed)"
        case NoSuchKernel():
            return f"its kernel {error.name!r} is not installed here. {CHOOSE_KERNEL}"
        case PapermillException():
            return f"papermill cannot run it: {error}"
        case ValueError() if "kernel name" in str(error) or "language" in str(error):
            return f"it has no kernel. {CHOOSE_KERNEL}"
        case RuntimeError():
            return f"its kernel did not start: {error}"
    return ""


def _execute(notebook: Path, executed: Path, parameters: Mapping[str, Any], restarts: list[str]) -> Any:
    papermill = import_papermill()
    from hcsp_assess.run.engine import NAME

    return papermill.execute_notebook(
        notebook,
        executed,
        executed=executed,
        restarts=restarts,
        engine_name=NAME,
        request_save_on_cell_execute=False,
        parameters=dict(parameters),
        resources={"metadata": {"path": str(notebook.parent)}},  # the kernel's folder; this process keeps its own
        progress_bar=False,
        execution_timeout=CELL_TIMEOUT,
        shutdown_kernel="immediate",  # all is here by then; asked politely, one in hundreds aborts loudly
        extra_arguments=["--IPKernelApp.log_level=50"],  # what it logs is for its developers
    )


def _outputs(node: Any) -> list[tuple[int, Any]]:
    cells = [cell for cell in node.cells if cell.cell_type == "code"]
    return [(number, output) for number, cell in enumerate(cells, start=1) for output in cell.outputs]


def _unfit_output(node: Any) -> str:
    """Say which cell shows something that has no place in a report, or ""."""
    for number, output in _outputs(node):
        if output.output_type == "stream" and output.name == "stdout":
            return f"code cell {number} prints text: show a table, chart or finding instead ({output.text[:60]!r})"
        if output.output_type in ("display_data", "execute_result") and "text/html" not in output.data:
            shown = str(output.data.get("text/plain", ""))[:60]
            return (
                f"code cell {number} shows something without an HTML form ({shown!r}): show a table, chart or finding"
            )
    return ""


def _complaints(node: Any) -> tuple[str, ...]:
    texts = [output.text.strip() for _, output in _outputs(node) if output.output_type == "stream"]
    return tuple(text for text in texts if text)
