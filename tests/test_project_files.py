"""The project's own files agree with each other: environments, lock, Makefile, ARCHITECTURE, notebooks."""

import ast
import re
import tomllib
from pathlib import Path

import nbformat
import pytest
import yaml
from IPython.core.inputtransformer2 import TransformerManager

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
#: Packages whose name on conda-forge is another one than on PyPI.
CONDA_NAMES = {"matplotlib": "matplotlib-base"}


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


def test_architecture_names_every_module_and_no_other():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(hcsp_assess/[a-z0-9_/]+\.py)`", text))
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "hcsp_assess").rglob("*.py")}
    assert {name for name in modules if not name.endswith("__init__.py")} == {
        name for name in named if not name.endswith("__init__.py")
    }


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
