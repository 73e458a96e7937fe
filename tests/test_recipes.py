"""The start notebook, the explorer's and every recipe: they run to the end, say what they should, and leave no trace."""

import ast
import re
import shutil
from hashlib import sha256

import nbformat
import pytest
from bs4 import BeautifulSoup
from conftest import ROOT
from IPython.core.inputtransformer2 import TransformerManager
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient

from hcsp_assess.run.notebooks import read_parameters

RECIPES = sorted(path.stem for path in (ROOT / "notebooks" / "recipes").glob("*.ipynb"))
GUIDES = ["start", "explorer", *(f"recipes/{name}" for name in RECIPES)]
FORBIDDEN = (ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While, ast.comprehension, ast.Try, ast.If)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The project as it comes, with the edition 2025 opened once, so that what a recipe writes there is seen."""
    root = tmp_path_factory.mktemp("guides")
    shutil.copytree(ROOT / "notebooks", root / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    shutil.copytree(ROOT / "data" / "raw" / "herefordshire_2025", root / "data" / "raw" / "herefordshire_2025")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HCSP_ASSESS_PROJECT", str(root))
        from hcsp_assess import open_edition

        open_edition("2025")
        yield root


@pytest.fixture(scope="module")
def kernel(project):
    """One kernel for all: what each needs is imported once. The names of each are taken away before the next."""
    manager, client = start_new_kernel(kernel_name="python3", extra_arguments=["--IPKernelApp.log_level=50"])
    client.stop_channels()
    yield manager
    manager.shutdown_kernel(now=True)


@pytest.fixture
def shown(project, kernel):
    """Run a notebook and return the text of what each code cell shows, with nothing on any stream."""

    def run(name):
        path = project / "notebooks" / f"{name}.ipynb"
        before = _files(project)
        node = nbformat.read(path, as_version=4)
        clear = nbformat.v4.new_code_cell("%reset -f\n%cd -q " + str(path.parent))
        node.cells = [clear, *node.cells]
        NotebookClient(node, km=kernel, timeout=120).execute()
        assert _files(project) == before
        outputs = [output for cell in node.cells if cell.cell_type == "code" for output in cell.outputs]
        assert {output.output_type for output in outputs} <= {"execute_result", "display_data"}
        return [_text(output.data) for output in outputs]

    return run


def _files(folder):
    """Checksum of each file of a project, without what working an edition out leaves for the next time."""
    files = [
        path for path in folder.rglob("*") if path.is_file() and path.name != "run.lock" and "kept" not in path.parts
    ]
    return {path: sha256(path.read_bytes()).hexdigest() for path in files}


def _text(data):
    if "text/html" not in data:
        return data["text/plain"]
    return re.sub(r"\s+", " ", BeautifulSoup(data["text/html"], "html.parser").get_text(" ")).strip()


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_calls_and_shows_and_has_its_parameters_and_no_stored_output(name):
    path = ROOT / "notebooks" / f"{name}.ipynb"
    cells = nbformat.read(path, as_version=4).cells
    nbformat.validate(nbformat.read(path, as_version=4))
    assert cells[0].source.startswith("# ")
    assert read_parameters(path)
    assert len({cell.id for cell in cells}) == len(cells)
    for cell in (cell for cell in cells if cell.cell_type == "code"):
        assert (cell.outputs, cell.execution_count) == ([], None)
        tree = ast.parse(TransformerManager().transform_cell(cell.source))
        assert not [node for node in ast.walk(tree) if isinstance(node, FORBIDDEN)], cell.source


def test_the_links_of_the_start_notebook_lead_somewhere_and_to_every_recipe():
    cells = nbformat.read(ROOT / "notebooks" / "start.ipynb", as_version=4).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    linked = re.findall(r"\]\(([^)]+)\)", text)
    assert all((ROOT / "notebooks" / link).is_file() for link in linked if not link.startswith("attachment:"))
    assert {f"recipes/{name}.ipynb" for name in RECIPES} <= set(linked)
    assert all((ROOT / page).is_file() for page in re.findall(r"`(docs/[a-z-]+\.md)`", text))


def test_the_start_notebook_shows_the_way_around_in_ten_cells(shown):
    cells = nbformat.read(ROOT / "notebooks" / "start.ipynb", as_version=4).cells
    assert sum(cell.cell_type == "code" for cell in cells) == 10
    said = shown("start")
    assert said[0].startswith("Total recorded crime: most in Hereford city centre (Central ward)")
    assert "Received 432,073" in said[2]
    assert said[3].startswith(
        "Police recorded 9,978 crimes in 2025. Only January to April can be compared with 2024: 3,093 crimes, down from 3,484."
    )


def test_the_explorer_opens_with_the_verdict(shown):
    (opened,) = shown("explorer")
    assert opened.startswith("Explorer(children=")


def test_a_trend_from_a_csv_is_told_with_its_gaps(shown):
    said = shown("recipes/trend_from_a_csv")
    assert said[1].startswith("Noise complaints fell over the seven years to December 2025, by about ")
    assert "level" in said[2] or "no clear trend" in said[2]
    assert all("Simulated data" in text for text in said[3:5])


def test_a_map_has_every_small_area_of_the_edition(shown):
    said = shown("recipes/a_map")
    assert "Areas 116" in said[1]
    assert said[2].startswith("Where violence is recorded most for the people who live there")


def test_a_partners_file_is_read_and_nothing_of_it_is_lost(shown):
    said = shown("recipes/a_partners_file")
    assert "wardens-q3.csv: 6 rows in, 4 kept, 2 set aside" in said[-1]
    assert "B6 Kind is not one of: Begging; Street drinking; Litter Buskers" in said[-1]
    assert "A8 Month a total, not a separate row Total" in said[-1]


def test_an_indicator_follows_from_its_target_and_its_quarters(shown):
    said = shown("recipes/an_indicator")
    total = 61 + 70 + 66 + 58
    target = int(0.95 * total)  # rounded to the side that meets it
    assert "104 between April and September 2025, 21% fewer than a year earlier (131)." in said[1]
    assert re.search(rf"The target for [^.]* {target}\b", said[1])
    assert f"eaves room for {target - 49 - 55} in October 2025 to March 2026" in said[1]
    assert "on track" in said[2]


def test_a_new_theme_is_counted_by_its_rule_and_found_to_rise_as_planted(shown):
    said = shown("recipes/a_new_theme")
    assert said[0] == "'1160 rows in, 1160 kept, 0 set aside'"
    assert sum(int(number) for number in re.findall(r"(\d+)\n", said[1])) == 260
    assert said[3].startswith("Theft of farm machinery probably rose over the six years to December 2025, by about ")


def test_another_partnership_is_compared_over_the_months_that_all_have(shown):
    said = shown("recipes/another_partnership")
    assert "Eastshire: 5 of 72 months are not held" in said[1]
    assert "Times the median 0.76" in said[1]  # 4.1 records for 1,000 a month against a median of 5.4 among those left
    assert "Recorded crime in Ourshire was level over the six years" in said[3]
