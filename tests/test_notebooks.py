import os
import socket
import sys
import tempfile
import threading
import time

import nbformat
import pytest
from jupyter_client.connect import LocalPortCache
from jupyter_client.provisioning import KernelProvisionerFactory

from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.project import Project
from hcsp_assess.run import engine, kernel_sockets, notebooks, warm_kernels
from hcsp_assess.run.notebooks import NotebookError, chapter_kernels, check_parameters, read_parameters
from hcsp_assess.run.side_by_side import run_side_by_side


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
    with pytest.raises(InputError, match="has 0 cells tagged 'parameters'; it needs exactly one; tag one cell only"):
        read_parameters(_notebook(tmp_path / "a.ipynb", parameters=""))
    with pytest.raises(InputError, match=r"may only assign values: import os"):
        read_parameters(_notebook(tmp_path / "a.ipynb", parameters="import os"))
    with pytest.raises(InputError, match="there is no notebook"):
        read_parameters(tmp_path / "none.ipynb")
    (tmp_path / "b.ipynb").write_text("{not json", encoding="utf-8")
    with pytest.raises(InputError, match=r"b\.ipynb cannot be read as a notebook"):
        read_parameters(tmp_path / "b.ipynb")


def run(notebook, project, **parameters):
    """Run one chapter as a run does, in a kernel forked from the warm process."""
    with chapter_kernels(Project(project)):
        return notebooks.run_chapter(notebook, parameters, work=project / "work", evidence=project / "failed")


def test_a_chapter_shows_its_text_and_output_but_no_code(tmp_path):
    chapter = run(_notebook(tmp_path / "a.ipynb", SHOW), tmp_path, limit=7)
    assert "<p>2025 7</p>" in chapter.html
    assert "Title &amp; more</h1>" in chapter.html
    assert "IPython" not in chapter.html
    assert chapter.parameters == {"edition": "2025", "limit": 7}
    assert not (tmp_path / "failed").exists()


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("raise ValueError('bad month')", "chapter a: cell 3 failed: ValueError: bad month"),
        ("print('hello')", "chapter a: code cell 3 prints text"),
        ("object()", "chapter a: code cell 3 shows something without an HTML form"),
        ("import os; os._exit(1)", "chapter a: its kernel died"),
        ("while True: pass", "chapter a: a cell took longer than 1 seconds"),
    ],
)
def test_a_chapter_that_fails_names_the_cell_and_keeps_the_notebook(tmp_path, monkeypatch, source, problem):
    monkeypatch.setattr(notebooks, "CELL_TIMEOUT", 1 if source.startswith("while") else 60)
    with pytest.raises(NotebookError, match=f"^{problem}") as caught:
        run(_notebook(tmp_path / "a.ipynb", SHOW, source), tmp_path)
    assert str(caught.value).endswith(f"The notebook is kept as {tmp_path / 'failed' / 'a.ipynb'}")
    kept = nbformat.read(tmp_path / "failed" / "a.ipynb", as_version=4)
    shown = [
        output.data.get("text/html") for cell in kept.cells for output in cell.get("outputs", []) if "data" in output
    ]
    assert shown[0] == "<p>2025 3</p>"  # as far as it got


@pytest.mark.parametrize(
    ("kernelspec", "problem"),
    [
        (
            {"name": "python2", "display_name": "old", "language": "python"},
            "its kernel 'python2' is not installed here",
        ),
        ({"display_name": "none", "language": "python"}, "it has no kernel"),
        ({"name": "python3", "display_name": "?", "language": "klingon"}, None),
    ],
)
def test_each_way_in_which_a_kernel_cannot_be_had_has_its_own_message(tmp_path, kernelspec, problem):
    notebook = _notebook(tmp_path / "a.ipynb", SHOW)
    node = nbformat.read(notebook, as_version=4)
    node.metadata["kernelspec"] = kernelspec
    nbformat.write(node, notebook)
    if problem is None:  # papermill goes by the kernel's name, and this one is there
        assert "<p>2025 3</p>" in run(notebook, tmp_path).html
        return
    with pytest.raises(
        NotebookError, match=f"^chapter a: {problem}. Open it in JupyterLab, choose the kernel Python 3"
    ):
        run(notebook, tmp_path, limit=3)


@pytest.fixture
def started(monkeypatch):
    """Receives each kernel that is forked."""
    kernels, fork = [], warm_kernels.ForkedKernel

    def begin(*arguments, **options):
        kernels.append(fork(*arguments, **options))
        return kernels[-1]

    monkeypatch.setattr(warm_kernels, "ForkedKernel", begin)
    return kernels


def test_a_kernel_that_does_not_start_is_the_failure_of_one_chapter(tmp_path, monkeypatch, started):
    monkeypatch.setattr(engine, "STARTS", 2)
    monkeypatch.setattr(warm_kernels, "_be_kernel", os._exit)
    with pytest.raises(NotebookError, match="^chapter a: its kernel did not start"):
        run(_notebook(tmp_path / "a.ipynb", SHOW), tmp_path)
    assert len(started) == (0 if sys.platform == "win32" else 2)


def test_where_no_warm_process_can_be_had_a_kernel_is_started_as_ever(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise OSError("no sockets here")

    monkeypatch.setattr(warm_kernels, "ForkedKernel", refuse)
    assert "<p>2025 3</p>" in run(_notebook(tmp_path / "a.ipynb", SHOW), tmp_path).html


@pytest.fixture
def taken(monkeypatch):
    """A port of this computer that a program uses, and which jupyter_client believes to be free, as often as is set."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        given = {"times": 0, "port": server.getsockname()[1]}
        find = LocalPortCache.find_available_port

        def choose(cache, ip):
            given["times"] -= 1
            return given["port"] if given["times"] >= 0 else find(cache, ip)

        monkeypatch.setattr(LocalPortCache, "find_available_port", choose)
        yield given


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no sockets in folders for kernels")
def test_a_port_that_another_program_takes_is_no_matter_for_a_kernel(tmp_path, taken, monkeypatch):
    """Its sockets are in a folder that this user alone may open, and that is gone afterwards."""
    (tmp_path / "t").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "t"))
    folder = str(tmp_path / "t")
    look = f"import os\nf = os.scandir({folder!r})\n" + HTML_OF.format("[oct(e.stat().st_mode & 0o777) for e in f]")
    taken["times"] = 99
    monkeypatch.setattr(kernel_sockets, "LONGEST", 107)  # pytest's folders are long
    chapter = run(_notebook(tmp_path / "a.ipynb", look), tmp_path)
    assert "['0o700']" in chapter.html.replace("&#39;", "'")
    assert chapter.warnings == ()
    assert list((tmp_path / "t").iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot fork")
def test_where_ports_are_used_and_one_is_taken_the_kernel_starts_again_and_the_record_says_so(
    tmp_path, taken, monkeypatch, capfd
):
    monkeypatch.setattr(kernel_sockets, "LONGEST", 1)
    taken["times"] = 5  # all ports of the first start
    chapter = run(_notebook(tmp_path / "a.ipynb", SHOW), tmp_path)
    assert "<p>2025 3</p>" in chapter.html
    why = "another program took a network port that it was about to use"
    assert chapter.warnings == (f"its kernel did not start and was started again: {why}",)
    assert capfd.readouterr().err == ""


def test_a_kernel_that_ends_in_a_cell_is_not_started_again(tmp_path):
    """What the cells before it did must not be done twice."""
    source = f"open({str(tmp_path / 'starts')!r}, 'a').write('x'); import os; os._exit(1)"
    with pytest.raises(NotebookError, match="^chapter a: its kernel died"):
        run(_notebook(tmp_path / "a.ipynb", source), tmp_path)
    assert (tmp_path / "starts").read_text(encoding="utf-8") == "x"


HTML_OF = "from IPython.display import HTML\nHTML(str({}))"


def test_nothing_that_a_chapter_does_is_seen_by_the_next(tmp_path):
    """Names, modules, settings, variables, the folder: each kernel begins as the warm process was."""
    spoil = (
        "import os, sys, builtins, pandas, hcsp_assess.chapters\n"
        "x = 1; builtins.spoilt = 1; sys.path.insert(0, 'spoilt'); os.environ['SPOILT'] = '1'; os.chdir('/')\n"
        "pandas.set_option('display.max_rows', 7); hcsp_assess.chapters.spoilt = 1"
    )
    look = (
        "import os, sys, builtins, pandas, hcsp_assess.chapters\n"
        "found = {'x' in globals(), hasattr(builtins, 'spoilt'), 'spoilt' in sys.path, 'SPOILT' in os.environ,\n"
        "         pandas.get_option('display.max_rows') == 7, hasattr(hcsp_assess.chapters, 'spoilt'),\n"
        f"         os.getcwd() != {str(tmp_path)!r}}}\n" + HTML_OF.format("found")
    )
    with chapter_kernels(Project(tmp_path)):
        folders = {"work": tmp_path / "work", "evidence": tmp_path / "failed"}
        notebooks.run_chapter(_notebook(tmp_path / "a.ipynb", spoil), {}, **folders)
        chapter = notebooks.run_chapter(_notebook(tmp_path / "b.ipynb", look), {}, **folders)
    assert "{False}" in chapter.html


def test_kernels_of_a_run_are_forked_from_one_process_and_know_their_project(tmp_path, monkeypatch):
    monkeypatch.setenv("JPY_PARENT_PID", "1")  # as in a terminal of JupyterLab
    source = "import os, sys\n" + HTML_OF.format(
        "[os.getppid(), 'hcsp_assess.run.warm_imports' in sys.modules, os.environ['HCSP_ASSESS_PROJECT']]"
    )
    found = {run(_notebook(tmp_path / f"{name}.ipynb", source), tmp_path).html for name in "ab"}
    (html,) = found
    assert f"True, '{tmp_path}'" in html.replace("&#39;", "'")
    assert os.environ.get("HCSP_ASSESS_PROJECT") != str(tmp_path)
    assert KernelProvisionerFactory.instance().default_provisioner_name == "local-provisioner"


def test_a_forked_kernel_can_use_what_works_in_threads(tmp_path):
    source = (
        "import polars, pyarrow.compute, numpy\n"
        "frame = polars.DataFrame({'a': range(100_000)}).lazy().group_by(polars.col('a') % 7).len().collect()\n"
        "total = pyarrow.compute.sum(pyarrow.array(range(100_000))).as_py()\n"
        + HTML_OF.format("[int(frame['len'].sum()), total, float((numpy.eye(300) @ numpy.eye(300)).sum())]")
    )
    assert "[100000, 4999950000, 300.0]" in run(_notebook(tmp_path / "a.ipynb", source), tmp_path).html


def test_chapters_run_side_by_side_and_stay_in_order(tmp_path):
    """The first waits for what the second does: one after the other would never end."""
    wait = f"import time, pathlib\nwhile not pathlib.Path({str(tmp_path / 'sign')!r}).exists(): time.sleep(0.05)\n"
    first = _notebook(tmp_path / "first.ipynb", wait + SHOW)
    second = _notebook(tmp_path / "second.ipynb", f"import pathlib\npathlib.Path({str(tmp_path / 'sign')!r}).touch()")
    seen = []
    folders = {"work": tmp_path / "work", "evidence": tmp_path / "failed"}
    chapters = run_side_by_side(
        lambda notebook, given: notebooks.run_chapter(notebook, given, **folders),
        {first: {}, second: {}},
        Project(tmp_path),
        progress=lambda done, total: seen.append((done, total)),
        at_a_time=2,
    )
    assert [chapter.name for chapter in chapters] == ["first", "second"]
    assert seen == [(0, 2), (1, 2), (2, 2)]


def test_where_two_chapters_fail_the_first_in_order_is_named_and_what_ran_is_finished(tmp_path):
    slow = _notebook(tmp_path / "slow.ipynb", "import time; time.sleep(1); raise ValueError('one')")
    fast = _notebook(tmp_path / "fast.ipynb", "raise ValueError('two')")
    never = _notebook(tmp_path / "never.ipynb", SHOW)
    begun, folders = [], {"work": tmp_path / "work", "evidence": tmp_path / "failed"}

    def build(notebook, given):
        begun.append(notebook.stem)
        return notebooks.run_chapter(notebook, given, **folders)

    books = {book: {} for book in (slow, fast, never)}
    with pytest.raises(NotebookError, match="chapter slow: cell 2 failed: ValueError: one"):
        run_side_by_side(build, books, Project(tmp_path), progress=lambda *_: None, at_a_time=2)
    assert {"slow", "fast"} <= set(begun)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_run_ends_when_a_chapter_fails_while_others_have_not_begun(tmp_path, error):
    """Chapters that are called off before they begin are not waited for; a thread of its own, so that it cannot hang."""
    books = {tmp_path / f"{number}.ipynb": {} for number in range(8)}
    ended = []

    def build(notebook, given):
        if notebook.stem != "0":
            time.sleep(0.3)
        elif error is ValueError:
            raise ValueError("no figures")

    def progress(done, total):
        if error is KeyboardInterrupt and done:
            raise KeyboardInterrupt

    def run_all():
        try:
            run_side_by_side(build, books, Project(tmp_path), progress=progress, at_a_time=2)
        except BaseException as caught:
            ended.append(type(caught))

    thread = threading.Thread(target=run_all, daemon=True)
    thread.start()
    thread.join(60)
    assert ended == [error]


def test_a_run_that_is_stopped_leaves_no_kernel_and_starts_none_again(tmp_path, started):
    hang = _notebook(tmp_path / "hang.ipynb", "import time; time.sleep(600)")
    folders = {"work": tmp_path / "work", "evidence": tmp_path / "failed"}

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_side_by_side(
            lambda notebook, given: notebooks.run_chapter(notebook, given, **folders),
            {hang: {}},
            Project(tmp_path),
            progress=stop,
        )
    assert not warm_kernels.running_kernels()
    assert len(started) <= 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot fork")
def test_a_kernel_of_another_python_is_started_as_ever(tmp_path):
    """Only what `python -m ipykernel_launcher` of this environment would be is forked."""
    assert warm_kernels.can_be_forked([sys.executable, "-m", "ipykernel_launcher", "-f", "x"])
    assert warm_kernels.can_be_forked([sys.executable, "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "x"])
    assert not warm_kernels.can_be_forked(["/usr/bin/env", "-m", "ipykernel_launcher", "-f", "x"])
    assert not warm_kernels.can_be_forked([sys.executable, "-m", "another_kernel", "-f", "x"])
