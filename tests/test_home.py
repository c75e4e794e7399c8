import pytest

from autodata.errors import BadInput
from autodata.home import check_name, open_home


def test_home_comes_from_the_argument_before_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("AUTODATA_HOME", str(tmp_path / "environment"))
    assert open_home(tmp_path / "argument").root == tmp_path / "argument"
    assert open_home().root == tmp_path / "environment"


def test_home_that_is_a_file_is_refused_by_name(tmp_path):
    path = tmp_path / "file"
    path.write_text("x")
    with pytest.raises(BadInput, match="file is a file"):
        open_home(path)


@pytest.mark.parametrize("name", ["", "..", "../etc", "a/b", "a b", ".hidden", "x" * 81, "a\x00b", "a..b"])
def test_name_that_could_leave_its_folder_is_refused(name):
    with pytest.raises(BadInput, match="cannot be used"):
        check_name(name, "dataset")


@pytest.mark.parametrize("name", ["cs-0001", "My_set.v2", "0"])
def test_plain_name_is_taken_as_it_is(name):
    assert check_name(name, "dataset") == name
