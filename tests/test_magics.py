"""The short commands of `%load_ext hcsp_assess`, in a real IPython shell: what they show, complete and refuse."""

import shutil
from dataclasses import is_dataclass
from importlib import import_module

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from conftest import ROOT
from IPython.core.completer import provisionalcompleter
from IPython.core.error import UsageError as Refused
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from hcsp_assess import open_edition
from hcsp_assess.edition.series import assess_edition
from hcsp_assess.lab import chosen
from hcsp_assess.lab.rich_display import RESULTS
from hcsp_assess.report.charts import Chart
from hcsp_assess.run.notebooks import read_parameters
from hcsp_assess.trends import Question, mann_kendall


@pytest.fixture(scope="module")
def shell(tmp_path_factory):
    """A shell in a project that holds the counts of 2025 alone, with the extension loaded."""
    root = tmp_path_factory.mktemp("magics")
    (root / "notebooks").mkdir()
    shutil.copytree(ROOT / "data" / "raw" / "herefordshire_2025", root / "data" / "raw" / "herefordshire_2025")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HCSP_ASSESS_PROJECT", str(root))
        open_edition("2025")
        shell = InteractiveShell.instance()
        shell.run_line_magic("load_ext", "hcsp_assess")
        yield shell


def run(shell, line):
    name, _, rest = line.partition(" ")
    return shell.run_line_magic(name, rest)


def complete(shell, line):
    """What JupyterLab is offered at the end of a line: by the way that its kernel asks."""
    with provisionalcompleter():
        found = list(shell.Completer.completions(line, len(line)))
    return {line[: each.start] + each.text for each in found}


def test_a_verdict_is_the_series_itself_with_its_sentence_and_chart(shell):
    series = run(shell, "trend shoplifting --place rural --from 2025-01")
    expected = chosen.choose(open_edition("2025"), "shoplifting", place="rural", first="2025-01")
    assert series.counts.equals(expected.counts)
    assert series._repr_html_() == expected._repr_html_()
    assert repr(series).startswith(
        "<Chosen: Shoplifting in rural areas: we hold 12 months with 73 offences, too few to say whether there is a trend"
    )


def test_season_and_where_show_what_the_explorer_shows(shell):
    said = run(shell, "season burglary").sentence
    assert said.startswith("We do not draw trend and season of burglary: that needs most months, and we hold 46 of 144")
    drawn = run(shell, "where burglary --place town-ledbury")
    assert isinstance(drawn, Chart)
    assert drawn.title.startswith("Burglary in Ledbury: most in ")
    explorer = run(shell, "explore burglary --place rural")
    assert explorer.choice.place == "rural"


def test_code_goes_into_the_next_cell_and_shows_the_same(shell):
    run(shell, "trend burglary --place urban --code")
    written = shell.rl_next_input
    assert 'chosen.choose(open_edition("2025"), "burglary", place="urban")' in written
    with capture_output() as captured:
        assert shell.run_cell(written).success
    assert captured.outputs[0].data["text/html"] in run(shell, "trend burglary --place urban")._repr_html_()


def test_the_edition_is_chosen_once_and_listed(shell):
    assert list(run(shell, "editions").frame["Used by the commands"]) == ["no", "yes"]
    assert list(run(shell, "editions 2013-14").frame["Used by the commands"]) == ["yes", "no"]
    run(shell, "editions 2025")


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("%trend shop", {"%trend shoplifting"}),
        ("%trend other", {"%trend other_crime", "%trend other_theft"}),
        ("trend shop", {"trend shoplifting"}),
        ("%season burglary --pl", {"%season burglary --place"}),
        ("%where burglary --place town-le", {"%where burglary --place town-ledbury", "%where burglary --place town-leominster"}),
        ("%where burglary --place E01014005", {"%where burglary --place E01014005"}),
        ("%trend burglary --from 2024-1", {f"%trend burglary --from 2024-1{number}" for number in range(3)}),
        ("%trend burglary --edition 20", {"%trend burglary --edition 2013-14", "%trend burglary --edition 2025"}),
        ("%editions 2025", {"%editions 2025"}),
    ],
)  # fmt: skip
def test_tab_offers_what_fits_where_the_cursor_is(shell, line, offered):
    assert complete(shell, line) == offered


@pytest.mark.parametrize(("module", "name"), [(module, name) for module, names in RESULTS.items() for name in names])
def test_each_result_that_is_named_exists_and_has_no_form_of_its_own(module, name):
    found = getattr(import_module(f"hcsp_assess.{module}"), name)
    assert is_dataclass(found)
    assert not hasattr(found, "_repr_html_")


def test_what_has_no_form_of_its_own_is_shown_by_its_fields(shell):
    opened = open_edition("2025")
    verdicts = assess_edition(opened)
    shown = [
        _displayed(shell, each) for each in (opened, verdicts, mann_kendall(pd.Series([1, 2, 4, 3, 5])), opened.area)
    ]
    assert shown[0]["edition"] == "Strategic assessment 2025 (open data)"
    assert shown[1]["series"].startswith("22: recorded_crime, anti_social_behaviour, ")
    assert shown[1]["series"].endswith(" and 16 more")
    assert shown[2]["method"]
    assert shown[3]["small_areas"].startswith("116: Herefordshire ")


def test_nothing_in_a_result_can_break_out_of_its_table(shell):
    asked = Question(1.0, 0.0, 2.0, 0.0, 2.0, 0.5, 0.5, "<script>alert(1)</script>")
    data, _ = shell.display_formatter.format(asked)
    assert "<script>" not in data["text/html"]


def _displayed(shell, result):
    data, _ = shell.display_formatter.format(result)
    rows = BeautifulSoup(data["text/html"], "html.parser").find_all("tr")
    return {row.th.get_text(): row.td.get_text() for row in rows}


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").rglob("*.ipynb")), ids=lambda path: path.stem)
def test_no_parameter_of_a_notebook_is_taken_for_a_command(shell, path):
    for name in read_parameters(path):
        assert shell.find_line_magic(name) is None


def test_elsewhere_python_completes_as_before_and_loading_twice_changes_nothing(shell):
    shell.run_line_magic("reload_ext", "hcsp_assess")
    assert complete(shell, "%trend shop") == {"%trend shoplifting"}
    assert "trend_of = len" in complete(shell, "trend_of = le")
    assert "%where" in complete(shell, "%wher")


def test_after_the_crime_type_only_options_are_offered(shell):
    assert complete(shell, "%trend burglary ") == {
        f"%trend burglary {option}" for option in ("--place", "--from", "--to", "--edition", "--code")
    }


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("trend shopliftin", "there is no comparable series 'shopliftin': did you mean 'shoplifting'?"),
        ("editions 2024", "there is no edition '2024'; choose one of 2013-14, 2025"),
        ("where burglary --from 2025-13", "'2025-13' is not a month: write 2012-04, from 1980-04 to 2079-12"),
        ("trend", "the following arguments are required: crime_type"),
    ],
)
def test_what_is_wrong_is_one_line_without_a_traceback(shell, line, message):
    with pytest.raises(Refused) as caught:
        run(shell, line)
    assert str(caught.value) == message


def test_outside_a_project_tab_offers_nothing_and_a_command_says_why(shell, tmp_path, monkeypatch):
    monkeypatch.setenv("HCSP_ASSESS_PROJECT", str(tmp_path))
    assert not any(each.startswith("%trend burg") for each in complete(shell, "%trend burg"))
    with pytest.raises(Refused, match="is not in a project: neither it nor any folder above it has notebooks/"):
        run(shell, "trend burglary")
