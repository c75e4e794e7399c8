import pytest

from autodata.home import Home
from autodata.optimize.trajectories import ALL_MAX, TRAJECTORY_MAX, read_trajectories, render_trajectories
from tests.support.journals import write_run


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("run"))
    return home, write_run(home, "cs-0001", 6)


def read(written, prefix="i4-t"):
    home, run = written
    return read_trajectories(home.journal(run.run_id), run.run_id, run.sources, prefix)


def test_every_source_has_one_and_failures_come_first(written):
    found = read(written)
    assert {own.source_id for own in found} == set(written[1].sources)
    assert [own.id for own in found] == [f"i4-t{n}" for n in range(1, len(found) + 1)]
    ends = [own.outcome == "accepted" for own in found]
    assert ends == sorted(ends)


def test_answers_and_criteria_are_shown_without_saying_who_is_who(written):
    text = render_trajectories(read(written))
    assert "an answer of A:" in text
    assert "[met by A " in text
    ours = [line for line in text.splitlines() if not line.startswith("an answer of ")]
    assert "weak" not in "\n".join(ours).replace("weak_zero", "").casefold()


def test_a_trajectory_is_bounded(written):
    assert all(len(own.text) <= TRAJECTORY_MAX for own in read(written))


def test_many_trajectories_are_bounded_together(tmp_path):
    home = Home(tmp_path)
    run = write_run(home, "cs-0001", 30)
    found = read_trajectories(home.journal(run.run_id), run.run_id, run.sources, "t")
    assert sum(len(own.text) for own in found) <= ALL_MAX


def test_no_text_can_begin_a_trajectory_of_its_own(written):
    heads = [line for line in render_trajectories(read(written)).splitlines() if line.startswith("trajectory ")]
    assert len(heads) == len(read(written))


def test_reading_twice_gives_the_same(written):
    assert read(written) == read(written)
