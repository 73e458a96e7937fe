import nbformat
import pytest

from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.project import Project
from hcsp_assess.run.notebooks import NotebookError, check_parameters, read_parameters, run_chapter


def _notebook(path, *sources, parameters='edition: str = "2025"  # edition assessed\nlimit = 3'):
    cells = [nbformat.v4.new_markdown_cell("# Title & more")]
    cells += [nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})] if parameters else []
    cells += [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(
        nbformat.v4.new_notebook(
            cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        ),
        path,
    )
    return path


SHOW = "from IPython.display import HTML\nHTML(f'<p>{edition} {limit}</p>')"


def test_parameters_are_read_with_their_defaults(tmp_path):
    assert read_parameters(_notebook(tmp_path / "a.ipynb")) == {"edition": "2025", "limit": 3}


def test_a_misspelt_parameter_is_refused_with_the_nearest(tmp_path):
    notebook = _notebook(tmp_path / "a.ipynb")
    with pytest.raises(
        UsageError, match=r"^a\.ipynb has no parameter 'editon'; it has edition, limit\. Did you mean edition\?$"
    ):
        check_parameters(notebook, {"editon": "2025"})


def test_a_notebook_without_its_parameters_cell_or_with_code_in_it_is_refused(tmp_path):
    with pytest.raises(InputError, match="has 0 cells tagged 'parameters'; it needs exactly one"):
        read_parameters(_notebook(tmp_path / "a.ipynb", parameters=""))
    with pytest.raises(InputError, match=r"may only assign values: import os"):
        read_parameters(_notebook(tmp_path / "a.ipynb", parameters="import os"))
    with pytest.raises(InputError, match="there is no notebook"):
        read_parameters(tmp_path / "none.ipynb")
    (tmp_path / "b.ipynb").write_text("{not json", encoding="utf-8")
    with pytest.raises(InputError, match=r"b\.ipynb is not a notebook that can be read"):
        read_parameters(tmp_path / "b.ipynb")


def folders(root):
    return {"work": root / "work", "evidence": root / "failed"}


def test_a_chapter_shows_its_text_and_output_but_no_code(tmp_path):
    chapter = run_chapter(_notebook(tmp_path / "a.ipynb", SHOW), {"limit": 7}, Project(tmp_path), **folders(tmp_path))
    assert "<p>2025 7</p>" in chapter.html
    assert "Title &amp; more</h1>" in chapter.html
    assert "IPython" not in chapter.html
    assert chapter.parameters == {"edition": "2025", "limit": 7}
    assert not (tmp_path / "failed").exists()


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("raise ValueError('bad month')", "chapter a: cell 2 failed: ValueError: bad month"),
        ("print('hello')", "chapter a: code cell 2 prints text"),
        ("object()", "chapter a: code cell 2 shows something without an HTML form"),
        ("import os; os._exit(1)", "chapter a: its kernel died"),
    ],
)
def test_a_chapter_that_fails_names_the_cell_and_keeps_the_notebook(tmp_path, source, problem):
    with pytest.raises(NotebookError, match=f"^{problem}") as caught:
        run_chapter(_notebook(tmp_path / "a.ipynb", source), {}, Project(tmp_path), **folders(tmp_path))
    assert str(caught.value).endswith(f"The notebook is kept as {tmp_path / 'failed' / 'a.ipynb'}")
    assert (tmp_path / "failed" / "a.ipynb").exists()
