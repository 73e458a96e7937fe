"""`new partnership` names every national file that is missing at once, with its address and how to go on without."""

import pytest
from conftest import call, said

from hcsp_assess.setup.needed_files import missing_files
from hcsp_assess.sources.fetch.addresses import addresses

SHROPSHIRE, POWYS = "E06000051", "W06000023"


@pytest.fixture
def folder(tmp_path):
    """A folder of national files with a population and nothing else."""
    (tmp_path / "data" / "raw").mkdir(parents=True)
    (tmp_path / "notebooks").mkdir()
    path = tmp_path / "national"
    path.mkdir()
    (path / "people.csv").write_text("lsoa,pop\nE01028826,1500\n", encoding="utf-8")
    return path


def test_every_missing_file_is_named_with_its_address_and_the_way_without(folder):
    result = call("new", "partnership", "--code", SHROPSHIRE, "--from", folder, "--project", folder.parent)
    assert result.exit_code == 1
    told = said(result)
    named = (
        "the lookup from 2011 LSOAs to wards and districts",
        "the rural-urban classification of LSOAs",
        "the 2011 census population and households of LSOAs",
        "the Index of Multiple Deprivation 2019 rank of LSOAs",
        "the boundaries of 2011 LSOAs",
        "the boundaries of 2021 LSOAs",
        "the boundaries of wards",
    )
    assert "7 national files are not in national/" in told
    for number, what in enumerate(named, start=1):
        assert f"{number}. {what} (recognised by " in told
    assert "the mid-2019 population of LSOAs" not in told
    for key in ("ons", "small_area_census", "rural_urban"):
        assert addresses()[key].by_hand in told
    assert "hcsp-assess fetch geography" in told
    assert "add --no-boundaries, which needs the lookup from 2011 LSOAs" in told
    assert "empty data/raw/geography and leave --from out" in told
    assert not (folder.parent / "areas").exists()


def test_without_boundaries_fewer_files_are_needed(folder):
    needed = [file.what for file in missing_files(SHROPSHIRE, folder, boundaries=False)]
    assert needed == [
        "the lookup from 2011 LSOAs to wards and districts",
        "the rural-urban classification of LSOAs",
        "the lookup from 2011 LSOAs to 2021 LSOAs",
    ]


def test_wales_needs_its_own_index(folder):
    needed = [file.what for file in missing_files(POWYS, folder, boundaries=True)]
    assert "the scores of the Welsh Index of Multiple Deprivation 2019, in mySociety's composite index," in needed
    assert not any("Index of Multiple Deprivation 2019 rank" in what for what in needed)


def test_the_projects_own_address_is_named(folder):
    (folder.parent / "addresses.toml").write_text(
        '[rural_urban]\nwhat = "x"\nurl = "https://e.example"\nsure = "general"\nknown_from = "y"\n'
        'by_hand = "ask the county research team"\nfolder = "data/raw/geography"\n',
        encoding="utf-8",
    )
    result = call("new", "partnership", "--code", SHROPSHIRE, "--from", folder, "--project", folder.parent)
    assert "ask the county research team" in said(result)
