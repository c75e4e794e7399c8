"""autosynth, through its own command line: `autosynth run --config`, `autosynth resume` (its README).

Settings: `dispatcher.concurrency` is the slots, three attempts a side, the weak side first as by its default
(`loop.short_circuit_strong`), its thresholds as they come. It has no single calls, only the loop.
"""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path

from benchmarks.peering.work import MAX_ROUNDS, PADDING, ROLLOUTS, Done, Job, finish, read_job

os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")


def main() -> None:
    job = read_job()
    from autosynth.cli import app

    folder = Path(job.folder)
    config = folder / "config.yaml"
    if not job.resume:
        write_sources(folder / "sources", job.count)
        # JSON is YAML.
        config.write_text(json.dumps(describe_config(job)))
    command = ["resume", str(folder / "runs" / "run")] if job.resume else ["run", "--config", str(config)]
    app(command, standalone_mode=False)
    with sqlite3.connect(folder / "runs" / "run" / "run.db") as db:
        accepted = db.execute("SELECT count(*) FROM accepted").fetchone()[0]
    finish(job, Done(accepted))


def describe_config(job: Job) -> dict[str, object]:
    """The run's configuration."""

    def model(name: str) -> dict[str, object]:
        extra = {"api_base": f"{job.address}/v1", "api_key": "none"}
        return {"provider_model": f"openai/fixed-{name}", "max_tokens": 900, "extra": extra}

    return {
        "run_id": "run",
        "output_dir": str(Path(job.folder) / "runs"),
        "max_examples": job.count,
        "domain": {"name": "qa_from_documents", "params": {"source_dir": str(Path(job.folder) / "sources")}},
        "loop": {"max_rounds": MAX_ROUNDS, "weak_samples": ROLLOUTS, "strong_samples": ROLLOUTS},
        "challenger": model("challenger"),
        "weak_solver": model("weak"),
        "strong_solver": model("strong"),
        "judge": model("judge"),
        "orchestrator": model("verifier"),
        "dispatcher": {"concurrency": job.slots},
    }


def write_sources(folder: Path, count: int) -> None:
    """Documents of about 4 kB."""
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:04d}.md").write_text(f"Source {number}. {PADDING * 52}")


if __name__ == "__main__":
    main()
