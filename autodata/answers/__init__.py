"""Answers that are right or wrong: read the final answer out of a text, and decide whether it equals the reference.

Nothing is guessed: what cannot be read or decided is left to a model verifier (autodata.grading).
"""

from autodata.answers.comparing import Comparison, compare_answers
from autodata.answers.reading import FinalAnswer, read_final_answer

__all__ = ["Comparison", "FinalAnswer", "compare_answers", "read_final_answer"]
