"""The project's own files agree with each other: environments, lock, Makefile, ARCHITECTURE, notebooks."""

import ast
import re
import tomllib
from pathlib import Path

import nbformat
import pytest
import yaml
from architecture_page import MARK, modules_text
from IPython.core.inputtransformer2 import TransformerManager
from slow_guard import guarded_paths
from test_house import ORDER

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
#: Packages whose name on conda-forge is another one than on PyPI.
CONDA_NAMES = {"matplotlib": "matplotlib-base", "dask": "dask-core"}


def _names(requirements):
    """Name without extras, and bounds, of each requirement."""
    split = [re.fullmatch(r"([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?\s*([^;]*)", line).groups() for line in requirements]
    return {name.lower(): bounds.strip() for name, bounds in split}


def test_the_conda_environment_names_the_same_packages_and_bounds_as_pyproject():
    wanted = _names(PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"])
    lines = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    from_pip = next(line["pip"] for line in lines if isinstance(line, dict))
    conda = _names([line for line in lines if isinstance(line, str)])
    assert conda.pop("python") == PROJECT["requires-python"]
    conda.pop("pip")
    assert from_pip[-1] == "-e ."
    pypi_names = {conda_name: name for name, conda_name in CONDA_NAMES.items()}
    given = {pypi_names.get(name, name): bounds for name, bounds in conda.items()} | _names(from_pip[:-1])
    assert given == wanted


def test_the_lock_pins_every_requirement_by_checksum_and_names_no_index():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = set(re.findall(r"^([a-z0-9_.-]+)==", text, flags=re.MULTILINE))
    wanted = _names(PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"])
    assert {name.replace("_", "-") for name in wanted} <= {name.replace("_", "-") for name in pinned}
    assert "://" not in text
    assert text.count("--hash=sha256:") > len(pinned)


def test_make_help_lists_every_target_a_user_calls():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    documented = set(re.findall(r"^([a-z-]+):.*## ", text, flags=re.MULTILINE))
    assert {"assessment", "test", "lab", "bench", "lint", "clean", "help"} <= documented
    assert documented == set(re.search(r"^\.PHONY: (.*)$", text, flags=re.MULTILINE)[1].split())


def test_architecture_lists_every_module_as_its_own_docstring_says():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert text.split(MARK)[1] == modules_text(), "python tests/architecture_page.py writes the list again"


def test_every_file_that_architecture_names_is_there():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").split(MARK)[0]
    named = {name for name in re.findall(r"`([\w./]+/[\w./]*|[\w]+\.\w+)`", text) if "/" in name}
    ours = {name for name in named if name.split("/")[0] in ("hcsp_assess", "notebooks", "tests", "docs", "benchmarks")}
    assert len(ours) > 40
    assert not [name for name in sorted(ours) if not (ROOT / name).exists()]


def test_architecture_tells_the_order_of_folders_that_the_test_of_imports_holds():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    told = re.search(r"```order\n(.*?)```", text, flags=re.DOTALL)[1]
    assert tuple(re.findall(r"[a-z]+", told)) == ORDER


def test_slow_tests_are_guarded_by_what_they_import_whatever_moves():
    paths = guarded_paths()
    assert {"hcsp_assess/run/lock.py", "hcsp_assess/trends/level_shifts.py", "tests/test_unattended_runs.py"} <= set(
        paths
    )
    assert not [path for path in paths if not (ROOT / path).exists()]
    assert "tests/slow_guard.py" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_only_calls_and_shows(path):
    node = nbformat.read(path, as_version=4)
    code = [cell for cell in node.cells if cell.cell_type == "code"]
    assert sum("parameters" in cell.metadata.get("tags", []) for cell in code) == 1
    assert not any(cell.outputs or cell.execution_count for cell in code)
    forbidden = (ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While, ast.comprehension, ast.Try, ast.If)
    for cell in code:
        source = TransformerManager().transform_cell(cell.source)  # what begins with % is IPython's, not Python's
        found = [type(node).__name__ for node in ast.walk(ast.parse(source)) if isinstance(node, forbidden)]
        assert not found, f"{path.name} computes in a cell: {found}\n{cell.source}"
