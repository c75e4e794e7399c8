"""Named views: kept whole or not at all, one default, a damaged file never written over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.errors import BadInput
from autodata.home import Home
from autodata.ui.tasks.saved import (
    SavedView,
    check_view_name,
    delete_view,
    find_default,
    list_views,
    rename_view,
    save_view,
    set_default,
)


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home")


def names(home):
    return [view.name for view in list_views(home)]


def test_no_file_is_no_view(home):
    assert list_views(home) == []


def test_a_view_comes_back_as_it_was_kept(home):
    view = SavedView("Lucky", {"tasks.band": ["right"], "tasks.answers": True}, {"box": "0.1,0.2,0.3,0.4"})
    save_view(home, view)
    assert list_views(home) == [view]


def test_saving_again_replaces_the_view_of_that_name(home):
    save_view(home, SavedView("Lucky", {"tasks.search": "a"}))
    save_view(home, SavedView(" Lucky ", {"tasks.search": "b"}))
    assert [view.widgets for view in list_views(home)] == [{"tasks.search": "b"}]


def test_one_view_is_the_default(home):
    save_view(home, SavedView("a"))
    save_view(home, SavedView("b"))
    set_default(home, "a")
    set_default(home, "b")
    assert find_default(home) == SavedView("b", default=True)


def test_the_default_stays_when_its_view_is_saved_again(home):
    save_view(home, SavedView("a"))
    set_default(home, "a")
    save_view(home, SavedView("a", {"tasks.search": "x"}))
    assert find_default(home) == SavedView("a", {"tasks.search": "x"}, default=True)


def test_the_default_can_be_taken_off(home):
    save_view(home, SavedView("a"))
    set_default(home, "a")
    set_default(home, "")
    assert find_default(home) is None


def test_renaming_keeps_the_view(home):
    save_view(home, SavedView("a", {"tasks.search": "x"}))
    rename_view(home, "a", "b")
    assert list_views(home) == [SavedView("b", {"tasks.search": "x"})]


def test_a_name_that_is_taken_is_refused(home):
    save_view(home, SavedView("a"))
    save_view(home, SavedView("b"))
    with pytest.raises(BadInput, match="already"):
        rename_view(home, "a", "b")
    assert names(home) == ["a", "b"]


def test_a_view_that_somebody_deleted_cannot_be_renamed(home):
    with pytest.raises(BadInput, match="no view named"):
        rename_view(home, "a", "b")


def test_a_deleted_view_is_gone(home):
    save_view(home, SavedView("a"))
    delete_view(home, "a")
    assert names(home) == []


@pytest.mark.parametrize("text", ["", "[]", '{"views": 3}', '{"views": [{}]}', "\x00"])
def test_a_damaged_file_says_so_and_is_set_aside(home, text):
    home.root.mkdir()
    path = home.root / "views.json"
    path.write_text(text)
    with pytest.raises(BadInput, match="damaged"):
        list_views(home)
    assert find_default(home) is None
    save_view(home, SavedView("a"))
    assert names(home) == ["a"]
    assert [aside.read_text() for aside in home.root.glob("views.json.damaged-*")] == [text]


def test_nothing_half_written_is_left(home):
    save_view(home, SavedView("a"))
    assert [path.name for path in home.root.iterdir()] == ["views.json"]


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "a\x07b"])
def test_a_bad_name_is_refused(name):
    with pytest.raises(BadInput, match="name"):
        check_view_name(name)


@given(st.text(min_size=1, max_size=60).filter(lambda name: name.isprintable() and name.strip()))
def test_any_printable_name_is_kept_in_one_form(name):
    once = check_view_name(name)
    assert check_view_name(once) == once
