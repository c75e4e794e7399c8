"""Token counts as servers report them, those taken from a cache included."""

import orjson
import pytest

from autodata.llm.completion import parse_completion
from autodata.model import Usage


def read_usage(usage: object) -> Usage:
    choices = [{"message": {"content": "yes"}, "finish_reason": "stop"}]
    return parse_completion(orjson.dumps({"choices": choices, "usage": usage}), "here").usage


def test_cached_prompt_tokens_are_kept():
    usage = {"prompt_tokens": 100, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 64}}
    assert read_usage(usage) == Usage(100, 5, None, 64)


@pytest.mark.parametrize("details", [None, {}, [], "64", {"cached_tokens": -1}, {"cached_tokens": "64"}])
def test_details_that_say_nothing_are_not_reported(details: object):
    usage = {"prompt_tokens": 100, "completion_tokens": 5, "prompt_tokens_details": details}
    assert read_usage(usage).cached_tokens is None
