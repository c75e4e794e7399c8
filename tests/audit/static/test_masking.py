"""The judged answer is masked as the judge was shown it, so that only what stands around it is compared."""

from types import SimpleNamespace

import pytest

from autodata.audit.static.rendering import MASK, mask_answer

IMPORTED = SimpleNamespace(run=SimpleNamespace(imported=True))


def show(answer):
    return SimpleNamespace(prompt=f"Rubric.\n\nAnswer:\n{answer}\n\nGrade it.", purpose="judge", texts=())


@pytest.mark.parametrize("answer", ["A lease.", "A lease.\n", " A lease.\n\n", "\tA lease. "])
def test_blanks_around_an_imported_answer_are_masked_with_it(answer):
    assert mask_answer(IMPORTED, show(answer), answer) == f"Rubric.\n\nAnswer:{MASK}Grade it."


def test_an_answer_that_was_shown_without_its_blanks_is_masked_as_shown():
    assert mask_answer(IMPORTED, show("A lease."), "A lease.\n") == f"Rubric.\n\nAnswer:{MASK}Grade it."


def test_an_answer_that_is_not_there_is_not_found():
    assert mask_answer(IMPORTED, show("Another."), "A lease.") is None
