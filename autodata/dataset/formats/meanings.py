"""What the columns of the files hold, in one sentence each: docs/formats.md is written from it."""

from __future__ import annotations

SHARED = {
    "id": "the task's id; the same in every format",
    "context": "what the solvers read before the question; may be empty",
    "question": "the question",
    "reference_answer": "the answer its writer holds to be right; solvers and judge never saw it",
    "rubric": "criteria with their weights; a negative weight marks an error",
    "tags": "skills or topics, as the writer named them",
    "question_type": "kind of question, as the writer named it",
    "domain": "domain of the run",
    "source": "where it was written from: id (a hash of the text), title, document, number of the passage",
    "scores": "means of both sides, the gap, and every rollout's score; null where none was graded",
    "policy": "the acceptance policy that was in force, every field of it",
    "models": "who wrote, tried and judged it",
    "run_id": "the run it comes from",
    "round": "the round that was accepted",
    "content_sha": "SHA-256 of context, question, reference and rubric",
    "decision": "who approved it, when and why; `reviewer` may be a pseudonym",
    "simulated": "whether built-in models made it",
    "imported": "format and file it was imported from; null for a run of this program",
    "origin": "the row it was in where somebody gave it; null where it was written",
    "split": "train, validation or test; all tasks of a source are in one",
}

SFT = {
    "messages": "the prompt as the solvers got it, and one answer",
    "answer_by": "strong (the best rollout) or reference",
    "model": "the model that wrote the answer",
    "score": "the answer's score; null for a reference",
}

GRPO = {
    "prompt": "the prompt as the solvers got it, as a conversation of one message",
    "answer": "the reference answer",
    "judge": "which prompts of reward.py score it",
    "weak_mean": "mean score of the weak model: about what an untrained student gets",
    "strong_mean": "mean score of the strong model",
    "info": "JSON: id, context, question, answer, rubric, judge; for trainers that hand over nothing else",
}

DPO = {
    "prompt": "the prompt as the solvers got it",
    "chosen": "the best strong answer",
    "rejected": "the worst weak answer",
    "score_chosen": "score of the strong answer",
    "score_rejected": "score of the weak answer; always lower",
    "model_chosen": "the strong model",
    "model_rejected": "the weak model",
}

RAW = {
    "policy": "the acceptance policy as JSON text",
    "band": "where it lies on the map of weak and strong means",
    "parity": "whether weak and strong were sent the same request",
    "policy_sha": "hash of the policy",
    "recipe": "name and hash of the recipe",
    "software": "version of this program that ran the run",
    "source_text": "the passage it was written from",
    "source_metadata": "what the source's file says of it, as JSON text",
    "clauses": "the policy's conditions with what was measured, as JSON text",
    "rounds": "all rounds of the source, failed ones too",
    "rollouts": "every answer with its score and the judge's verdicts",
    "votes": "what people voted, without their names",
    "findings": "what the audit found in it",
    "audit": "the audit's verdict, with the certified gap where there is one; null before an audit",
}

PARQUET = {"policy": "the acceptance policy as JSON text"}

CSV = {
    "rubric": "one criterion a line with its weight",
    "tags": "separated by commas",
    "source_title": "title of the source",
    "source_document": "document of the source",
    "source_passage": "number of the passage",
    "weak_mean": "mean score of the weak model",
    "strong_mean": "mean score of the strong model",
    "gap": "strong mean minus weak mean",
    "policy": "name of the acceptance policy",
    "weak_model": "the weak model",
    "strong_model": "the strong model",
    "judge_model": "the judge",
    "challenger_model": "who wrote it",
    "reviewer": "who approved it; may be a pseudonym",
    "decision_reason": "why",
    "decision_time": "when, in UTC",
    "imported": "format it was imported from",
    "origin_id": "id of the row it was given in",
    "origin_row": "number of that row",
}

_OWN = {"sft": SFT, "grpo": GRPO, "dpo": DPO, "raw": RAW, "csv": CSV, "parquet": PARQUET, "hf": PARQUET, "jsonl": {}}


def explain_column(name: str, column: str) -> str:
    """What a column of format `name` holds; raises KeyError for one that is not explained."""
    own = _OWN[name]
    return own[column] if column in own else SHARED[column]
