-- The index is a view of the journals: it may be deleted at any time and is built again from them.
-- No foreign keys and no secondary indexes (scans are fast enough, and both have lost data under upserts upstream).
-- `run` is the run's small number in this file; `runs` maps it to the run's id. Times are epoch seconds.
-- `key` is the first 64 bits of the SHA-256 of a task's id: comparing and joining numbers is many times cheaper.

CREATE TABLE meta (key VARCHAR, value VARCHAR);

-- How far each journal has been read. `position` is the byte after the last record taken in, `head` that record's hash.
CREATE TABLE journals (
    name VARCHAR, run INTEGER, position BIGINT, records BIGINT, head VARCHAR, inode BIGINT,
    damage VARCHAR, damaged_at BIGINT
);

-- `session` is the start of the current or last stretch of work, `active_s` the length of those before it. `imported`
-- says where a run of another system comes from and what its file never recorded; "" for a run of our own.
CREATE TABLE runs (
    run INTEGER, run_id VARCHAR, domain VARCHAR, policy_name VARCHAR, policy VARCHAR, settings VARCHAR,
    recipe VARCHAR, recipe_name VARCHAR, recipe_sha VARCHAR, software VARCHAR, warnings VARCHAR, models VARCHAR,
    simulated BOOLEAN, baseline BOOLEAN, host VARCHAR, pid BIGINT, started DOUBLE, session DOUBLE, ended DOUBLE, active_s DOUBLE,
    last DOUBLE, state VARCHAR, reason VARCHAR, calls BIGINT, prompt_tokens BIGINT, completion_tokens BIGINT,
    imported VARCHAR
);

-- Answers and source texts, each once. `key` is the first 64 bits of the text's SHA-256, for a cheap first look.
CREATE TABLE texts (no BIGINT, key UBIGINT, sha VARCHAR, text VARCHAR);

CREATE TABLE sources (
    run INTEGER, seq BIGINT, source_id VARCHAR, title VARCHAR, document VARCHAR, passage INTEGER, passages INTEGER,
    metadata VARCHAR, text_no BIGINT
);
CREATE TABLE skipped (run INTEGER, seq BIGINT, name VARCHAR, reason VARCHAR);
CREATE TABLE results (
    run INTEGER, seq BIGINT, t DOUBLE, source_id VARCHAR, outcome VARCHAR, accepted_round INTEGER, task_id VARCHAR,
    rounds INTEGER, reason VARCHAR
);
-- What the extractor took out of a source; `content` holds issues, facts and holdings.
CREATE TABLE extracts (
    run INTEGER, seq BIGINT, source_id VARCHAR, suitable BOOLEAN, note VARCHAR, document_type VARCHAR, keywords VARCHAR,
    content VARCHAR
);
CREATE TABLE tasks (
    run INTEGER, seq BIGINT, t DOUBLE, task_id VARCHAR, source_id VARCHAR, round INTEGER, question_type VARCHAR,
    context VARCHAR, question VARCHAR, reference_answer VARCHAR, rubric VARCHAR, tags VARCHAR, content_sha VARCHAR, key UBIGINT
);
CREATE TABLE qualities (
    run INTEGER, seq BIGINT, source_id VARCHAR, round INTEGER, task_id VARCHAR, passed BOOLEAN, checks VARCHAR,
    feedback VARCHAR, reviewed_by VARCHAR
);
CREATE TABLE rollouts (
    run INTEGER, seq BIGINT, source_id VARCHAR, round INTEGER, task_id VARCHAR, solver VARCHAR, idx INTEGER,
    purpose VARCHAR, status VARCHAR, finish_reason VARCHAR, answer_sha VARCHAR, text_no BIGINT, answer_call BIGINT,
    judge_call BIGINT, score DOUBLE, parts VARCHAR, verdicts VARCHAR, note VARCHAR
);
-- The two layers of a decision on a round: what the code filters found, the loop judge's word, the packet it read.
-- `word` and `suitability` are absent where the judge could not be asked. `spread` is that of the weak scores.
CREATE TABLE weighings (
    run INTEGER, seq BIGINT, source_id VARCHAR, round INTEGER, task_id VARCHAR, outcome VARCHAR, reason VARCHAR,
    word VARCHAR, suitability VARCHAR, overridden BOOLEAN, spread DOUBLE, hits VARCHAR, verdict VARCHAR, packet VARCHAR,
    key UBIGINT
);
-- One row per attempt at an endpoint. What was sent and what came back stays in the journal, at `position`, `bytes`.
-- `core` is 64 bits of the hash of a solver's request without model and seed, `bare` also without what the contract
-- lets differ.
CREATE TABLE calls (
    run INTEGER, seq BIGINT, t DOUBLE, source_id VARCHAR, round INTEGER, role VARCHAR, purpose VARCHAR,
    subject VARCHAR, model VARCHAR, finish_reason VARCHAR, prompt_tokens BIGINT, completion_tokens BIGINT,
    reasoning_tokens BIGINT, error_kind VARCHAR, error_status INTEGER, error_message VARCHAR, seconds DOUBLE,
    core UBIGINT, bare UBIGINT, position BIGINT, bytes BIGINT, ask INTEGER, cached_tokens BIGINT, simulated BOOLEAN
);
-- `scores` holds scores and statuses of both sides, how many rollouts were planned and asked for, and the weak spread.
-- `saved` are the calls that a frugal round did without.
CREATE TABLE rounds (
    run INTEGER, seq BIGINT, t DOUBLE, source_id VARCHAR, round INTEGER, task_id VARCHAR, outcome VARCHAR,
    reason VARCHAR, weak DOUBLE, strong DOUBLE, gap DOUBLE, band VARCHAR, policy_name VARCHAR, policy_sha VARCHAR,
    scores VARCHAR, clauses VARCHAR, presets VARCHAR, without_flagged VARCHAR, calls INTEGER, saved INTEGER,
    feedback VARCHAR,
    parity VARCHAR, risk DOUBLE, risk_reason VARCHAR, risks VARCHAR, key UBIGINT, decision VARCHAR
);

-- Roll-up, one row per source of a run: its accepted round, or else its latest with a task. `calls` is the sum over
-- its rounds. `decision` here and in `rounds` repeats `verdicts.state` (open where there is none), so that no page
-- has to join.
CREATE TABLE trajectories (
    run INTEGER, seq BIGINT, t DOUBLE, source_id VARCHAR, title VARCHAR, task_id VARCHAR, question VARCHAR,
    round INTEGER, rounds INTEGER, gaps DOUBLE[], outcome VARCHAR, accepted BOOLEAN, weak DOUBLE, strong DOUBLE,
    gap DOUBLE, band VARCHAR, parity VARCHAR, risk DOUBLE, risk_reason VARCHAR, key UBIGINT, decision VARCHAR,
    calls BIGINT
);

-- Roll-ups of one run, brought up to date with every batch: what pages count again and again.
CREATE TABLE standings (
    run INTEGER, sources BIGINT, documents BIGINT, tasks BIGINT, done BIGINT, exhausted BIGINT, undecided BIGINT,
    skipped BIGINT, rounds_to_accept DOUBLE
);
-- Rounds by number, outcome and band (none where not measured). `judged` of them have a gap, `gap` is its sum;
-- `saved` are calls.
CREATE TABLE tallies (
    run INTEGER, round INTEGER, outcome VARCHAR, band VARCHAR, n BIGINT, judged BIGINT, gap DOUBLE, saved BIGINT
);
-- Measured rounds by cell of the weak x strong map; `strong` is absent where only the weak side was run.
CREATE TABLE cells (run INTEGER, weak INTEGER, strong INTEGER, n BIGINT);
-- Calls by role, and calls by the second. Of the answered ones `silent` have no token counts, `simulated` were made by
-- simulated models, and `asked_again` because an earlier reply could not be read.
CREATE TABLE uses (
    run INTEGER, role VARCHAR, model VARCHAR, calls BIGINT, errors BIGINT, prompt_tokens BIGINT,
    completion_tokens BIGINT, answered BIGINT, seconds DOUBLE, silent BIGINT, simulated BIGINT, cached_tokens BIGINT,
    asked_again BIGINT
);
CREATE TABLE paces (run INTEGER, second BIGINT, calls BIGINT, tokens BIGINT);

CREATE TABLE decisions (
    seq BIGINT, t DOUBLE, decision_id VARCHAR, task_id VARCHAR, run_id VARCHAR, verdict VARCHAR, reason VARCHAR,
    note VARCHAR, reviewer VARCHAR, seconds_on_item DOUBLE, content_sha VARCHAR, seen VARCHAR, undoes VARCHAR,
    second_opinion BOOLEAN
);
-- Roll-up, one row per task with a decision in force. `state` is approved, rejected, flagged or skipped.
CREATE TABLE verdicts (
    task_id VARCHAR, decision_id VARCHAR, state VARCHAR, reason VARCHAR, note VARCHAR, reviewer VARCHAR, t DOUBLE,
    content_sha VARCHAR, key UBIGINT
);
CREATE TABLE exports (
    seq BIGINT, t DOUBLE, name VARCHAR, version VARCHAR, path VARCHAR, hash VARCHAR, items BIGINT, excluded VARCHAR,
    formats VARCHAR
);
CREATE TABLE members (task_id VARCHAR, name VARCHAR, version VARCHAR, key UBIGINT);

-- Every round's task in the shape of `trajectories`, for views that are not about one task per source.
CREATE VIEW all_tasks AS
SELECT r.run, r.seq, r.t, r.source_id, coalesce(x.title, '') AS title, r.task_id, k.question, r.round,
    coalesce(x.rounds, 1) AS rounds, coalesce(x.gaps, []) AS gaps, r.outcome, r.outcome = 'accepted' AS accepted,
    r.weak, r.strong, r.gap, r.band, r.parity, r.risk, r.risk_reason, r.key, r.decision
FROM rounds r
JOIN tasks k ON k.key = r.key AND k.run = r.run
LEFT JOIN trajectories x ON x.run = r.run AND x.source_id = r.source_id;
