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
    core UBIGINT, bare UBIGINT, position BIGINT, bytes BIGINT, ask INTEGER, cached_tokens BIGINT, simulated BOOLEAN,
    server VARCHAR
);
-- `scores` holds scores and statuses of both sides, how many rollouts were planned and asked for, and the weak spread.
-- `saved` are the calls that a frugal round did without.
CREATE TABLE rounds (
    run INTEGER, seq BIGINT, t DOUBLE, source_id VARCHAR, round INTEGER, task_id VARCHAR, outcome VARCHAR,
    reason VARCHAR, weak DOUBLE, strong DOUBLE, gap DOUBLE, band VARCHAR, policy_name VARCHAR, policy_sha VARCHAR,
    scores VARCHAR, clauses VARCHAR, presets VARCHAR, without_flagged VARCHAR, calls INTEGER, saved INTEGER,
    feedback VARCHAR,
    parity VARCHAR, risk DOUBLE, risk_reason VARCHAR, risks VARCHAR, key UBIGINT, decision VARCHAR,
    audit VARCHAR, integrity VARCHAR, difficulty VARCHAR, validity VARCHAR, basis VARCHAR, lead VARCHAR,
    suspicion DOUBLE, certified DOUBLE, certified_low DOUBLE, certified_high DOUBLE, cluster UBIGINT, copies INTEGER,
    pressing DOUBLE, place DOUBLE
);

-- Roll-up, one row per source of a run: its accepted round, or else its latest with a task. `calls` is the sum over
-- its rounds. `decision` here and in `rounds` repeats `verdicts.state` (open where there is none), and what is behind it
-- repeats `audits` ("" and absent where there is no row), so that no page has to join. `audit` is violated, flagged,
-- clear or unchecked, `copies` counts near copies in the run, `pressing` and `place` order the table and the queue.
CREATE TABLE trajectories (
    run INTEGER, seq BIGINT, t DOUBLE, source_id VARCHAR, title VARCHAR, task_id VARCHAR, question VARCHAR,
    round INTEGER, rounds INTEGER, gaps DOUBLE[], outcome VARCHAR, accepted BOOLEAN, weak DOUBLE, strong DOUBLE,
    gap DOUBLE, band VARCHAR, parity VARCHAR, risk DOUBLE, risk_reason VARCHAR, key UBIGINT, decision VARCHAR,
    calls BIGINT,
    audit VARCHAR, integrity VARCHAR, difficulty VARCHAR, validity VARCHAR, basis VARCHAR, lead VARCHAR,
    suspicion DOUBLE, certified DOUBLE, certified_low DOUBLE, certified_high DOUBLE, cluster UBIGINT, copies INTEGER,
    pressing DOUBLE, place DOUBLE
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
-- Measured tasks by cell of the weak x strong map; `strong` is absent where only the weak side was run. Of every round
-- (`scope` all) and of every trajectory (last); `violations` of them have a violation.
CREATE TABLE cells (
    run INTEGER, scope VARCHAR, weak INTEGER, strong INTEGER, band VARCHAR, n BIGINT, violations BIGINT
);
-- Tasks by what pages count them by, of every round (`scope` all) and of every trajectory (last). `risky` ones have a
-- risk; `audited` ones have a row in `audits`. `certified` of them have a certified gap, `certified_gap` is its sum.
CREATE TABLE piles (
    run INTEGER, scope VARCHAR, outcome VARCHAR, decision VARCHAR, parity VARCHAR, audit VARCHAR, difficulty VARCHAR,
    audited BOOLEAN, risky BOOLEAN, n BIGINT, certified BIGINT, certified_gap DOUBLE
);
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
    second_opinion BOOLEAN, quorum INTEGER, blind BOOLEAN, adjudicates BOOLEAN, bulk_id VARCHAR, key UBIGINT
);
-- Roll-up, one row per task that somebody decided on. `state` is approved, rejected, flagged, skipped, waiting (for more
-- votes: `given` of `needed`) or disputed; of the last two no decision is in force, and what belongs to it is "".
CREATE TABLE verdicts (
    task_id VARCHAR, decision_id VARCHAR, state VARCHAR, reason VARCHAR, note VARCHAR, reviewer VARCHAR, t DOUBLE,
    content_sha VARCHAR, key UBIGINT, given INTEGER, needed INTEGER
);
-- Roll-up, one row per task and person: their latest verdict that is no skip, and apart from it a lead's last word. `own`
-- is the verdict they gave before they could know of another; "" without one.
CREATE TABLE votes (
    task_id VARCHAR, key UBIGINT, run_id VARCHAR, reviewer VARCHAR, verdict VARCHAR, reason VARCHAR, note VARCHAR,
    t DOUBLE, decision_id VARCHAR, adjudicates BOOLEAN, own VARCHAR, seconds_on_item DOUBLE
);
-- Rules of the team, the last row in force; `rules` as recorded. Without any, everybody may do everything.
CREATE TABLE teams (seq BIGINT, t DOUBLE, rules VARCHAR, reviewer VARCHAR);
-- Planted tasks: never counted, never exported.
CREATE TABLE canaries (task_id VARCHAR, key UBIGINT, run_id VARCHAR, fault VARCHAR, copied_from VARCHAR);
-- What a person says of single verdicts of the judge on one answer: `judged` the judge's, `met` the person's, 0 to 1.
CREATE TABLE criterion_checks (
    seq BIGINT, t DOUBLE, task_id VARCHAR, key UBIGINT, run_id VARCHAR, solver VARCHAR, idx INTEGER,
    criterion_id VARCHAR, judged DOUBLE, met DOUBLE, reviewer VARCHAR
);
-- Comments as they were recorded (`kind`: comment or comment_settled; `data` the payload), and the roll-up of them: one
-- row per task somebody commented on, with how many of its threads are open.
CREATE TABLE comments (seq BIGINT, t DOUBLE, kind VARCHAR, task_id VARCHAR, key UBIGINT, data VARCHAR);
CREATE TABLE threads (task_id VARCHAR, key UBIGINT, comments INTEGER, open INTEGER);
-- Edited texts of tasks: `task_id` and `key` are the original's, `task` the new text, which has no scores. A trial is a
-- source made out of an edit; its task is the new version.
CREATE TABLE edits (
    seq BIGINT, t DOUBLE, edit_id VARCHAR, task_id VARCHAR, key UBIGINT, run_id VARCHAR, content_sha VARCHAR,
    reviewer VARCHAR, note VARCHAR, changed VARCHAR, task VARCHAR
);
CREATE TABLE trials (run INTEGER, seq BIGINT, source_id VARCHAR, edit_id VARCHAR, key UBIGINT);
CREATE TABLE exports (
    seq BIGINT, t DOUBLE, name VARCHAR, version VARCHAR, path VARCHAR, hash VARCHAR, items BIGINT, excluded VARCHAR,
    formats VARCHAR
);
CREATE TABLE members (task_id VARCHAR, name VARCHAR, version VARCHAR, key UBIGINT);
-- Versions that a lead withdrew, and reasons of the gate that one set aside for a task (`undoes` takes one back).
CREATE TABLE withdrawals (seq BIGINT, t DOUBLE, name VARCHAR, version VARCHAR, reason VARCHAR, reviewer VARCHAR);
CREATE TABLE overrides (
    seq BIGINT, t DOUBLE, override_id VARCHAR, task_id VARCHAR, key UBIGINT, content_sha VARCHAR, code VARCHAR,
    reason VARCHAR, reviewer VARCHAR, undoes VARCHAR
);

-- The audit. One row per audited task of a run: what its record shows, joined with what fresh answers showed since.
-- `severity` is the worst finding's ("" for none); `lead` the detector that ranks it; `flagged` by Benjamini-Hochberg
-- over the run. `suspicion` is -log10 p against clean tasks, or with `basis` = rank within the run, which is no test.
-- `recorded` is what the record alone gave, from which the row is made again; `merged` the last check joined with it.
-- `lacking` maps detectors to what the record misses, `coverage` detectors to done, not_recorded, not_run or failed,
-- `evidence` detectors to numbers. `request` and `cluster` tell tasks that share a weak request or a text, `alike` how
-- many others of the run share the latter.
CREATE TABLE audits (
    run INTEGER, key UBIGINT, task_id VARCHAR, source_id VARCHAR, round INTEGER, t DOUBLE,
    integrity VARCHAR, difficulty VARCHAR, validity VARCHAR, tampered BOOLEAN, cause VARCHAR, action VARCHAR,
    severity VARCHAR, violations INTEGER, flags INTEGER,
    suspicion DOUBLE, p DOUBLE, basis VARCHAR, lead VARCHAR, flagged BOOLEAN, luck DOUBLE,
    claimed DOUBLE, certified DOUBLE, certified_low DOUBLE, certified_high DOUBLE, chance DOUBLE,
    fresh_weak INTEGER, fresh_strong INTEGER,
    coverage VARCHAR, lacking VARCHAR, evidence VARCHAR, sentence VARCHAR, request UBIGINT, cluster UBIGINT,
    recorded VARCHAR, merged BIGINT, alike INTEGER
);
-- `fresh`: found by an audit with model calls, not in the record alone.
CREATE TABLE findings (
    run INTEGER, key UBIGINT, task_id VARCHAR, detector VARCHAR, severity VARCHAR, cause VARCHAR, sentence VARCHAR,
    fresh BOOLEAN
);
-- What speaks of a run's tasks together (Z2, Z4, Z5, Z6, Z8, Z9 and pooled tests). `numbers` is a JSON object.
CREATE TABLE run_findings (
    run INTEGER, detector VARCHAR, severity VARCHAR, coverage VARCHAR, sentence VARCHAR, numbers VARCHAR
);
-- How far a run has been audited from its record: tasks that can be, and that were; `settled` when the run ended since.
-- `fitted` tasks were there when the run's statistics were last made, with the run's end, its damage and the last check
-- (`checked`) of that moment.
CREATE TABLE run_audits (
    run INTEGER, tasks BIGINT, audited BIGINT, settled BOOLEAN, fitted BIGINT, ended DOUBLE, damage VARCHAR,
    checked BIGINT
);
-- From the journals of audits (data/audits/<run>/journal.jsonl). `run` is the audited run's number here too.
CREATE TABLE audit_sessions (
    run INTEGER, seq BIGINT, audit_id VARCHAR, plan VARCHAR, tasks VARCHAR, seats VARCHAR, simulated BOOLEAN,
    started DOUBLE, ended DOUBLE, last DOUBLE, state VARCHAR, reason VARCHAR, calls BIGINT, solver_calls BIGINT,
    judge_calls BIGINT, planned DOUBLE, pid BIGINT, host VARCHAR
);
CREATE TABLE fresh (
    run INTEGER, seq BIGINT, key UBIGINT, task_id VARCHAR, arm VARCHAR, solver VARCHAR, idx INTEGER, status VARCHAR,
    finish_reason VARCHAR, text_no BIGINT, score DOUBLE, parts VARCHAR, verdicts VARCHAR, judge VARCHAR, note VARCHAR
);
CREATE TABLE checks (
    run INTEGER, seq BIGINT, t DOUBLE, key UBIGINT, task_id VARCHAR, audit_id VARCHAR, detector VARCHAR,
    coverage VARCHAR, numbers VARCHAR, findings VARCHAR, missing VARCHAR
);
-- What reviewers called a finding after looking: sabotage, artefact, luck, invalid, honest_hard, unsure. `inclusion` is
-- the chance with which the task was drawn for a random look, absent where it was not; `blind`: suspicion not shown.
CREATE TABLE labels (
    seq BIGINT, t DOUBLE, label_id VARCHAR, task_id VARCHAR, run_id VARCHAR, key UBIGINT, label VARCHAR, note VARCHAR,
    reviewer VARCHAR, blind BOOLEAN, inclusion DOUBLE, detectors VARCHAR, undoes VARCHAR
);

-- Every round's task in the shape of `trajectories`, for views that are not about one task per source.
CREATE VIEW all_tasks AS
SELECT r.run, r.seq, r.t, r.source_id, coalesce(x.title, '') AS title, r.task_id, k.question, r.round,
    coalesce(x.rounds, 1) AS rounds, coalesce(x.gaps, []) AS gaps, r.outcome, r.outcome = 'accepted' AS accepted,
    r.weak, r.strong, r.gap, r.band, r.parity, r.risk, r.risk_reason, r.key, r.decision, r.audit, r.integrity,
    r.difficulty, r.validity, r.suspicion, r.certified, r.cluster, r.pressing
FROM rounds r
JOIN tasks k ON k.key = r.key AND k.run = r.run
LEFT JOIN trajectories x ON x.run = r.run AND x.source_id = r.source_id;

-- Runs that hold canaries only.
CREATE VIEW planted AS SELECT run FROM runs WHERE run_id IN (SELECT run_id FROM canaries);

-- Searches for better recipes, one row each, as they were started; `search_phases` says what became of them since.
-- Their runs and audits lie in a home of their own and are not in this index.
CREATE TABLE optimizations (
    run INTEGER, seq BIGINT, t DOUBLE, name VARCHAR, mode VARCHAR, domain VARCHAR, policy VARCHAR, simulated BOOLEAN,
    settings VARCHAR, sets VARCHAR, warnings VARCHAR, iterations INTEGER, pid BIGINT, host VARCHAR
);
CREATE TABLE search_phases (
    run INTEGER, seq BIGINT, t DOUBLE, state VARCHAR, reason VARCHAR, iterations INTEGER, totals VARCHAR, pid BIGINT
);
CREATE TABLE search_sources (
    run INTEGER, seq BIGINT, source_id VARCHAR, title VARCHAR, document VARCHAR, part VARCHAR
);
CREATE TABLE search_iterations (
    run INTEGER, seq BIGINT, t DOUBLE, iteration INTEGER, parent VARCHAR, minibatch VARCHAR, shown VARCHAR
);
CREATE TABLE search_analyses (
    run INTEGER, seq BIGINT, t DOUBLE, iteration INTEGER, root_cause VARCHAR, suggestion VARCHAR, file VARCHAR,
    citations VARCHAR, trajectories VARCHAR, call_seq BIGINT
);
CREATE TABLE search_edits (
    run INTEGER, seq BIGINT, t DOUBLE, iteration INTEGER, summary VARCHAR, files VARCHAR, refusals VARCHAR,
    child VARCHAR, call_seq BIGINT
);
CREATE TABLE search_decisions (
    run INTEGER, seq BIGINT, t DOUBLE, iteration INTEGER, parent VARCHAR, child VARCHAR, state VARCHAR, reason VARCHAR,
    evidence VARCHAR, numbers VARCHAR
);
-- `begun` is the state a version was written with; what became of it stands in decisions and events.
CREATE TABLE recipe_versions (
    run INTEGER, seq BIGINT, t DOUBLE, version VARCHAR, name VARCHAR, parent VARCHAR, iteration INTEGER, author VARCHAR,
    note VARCHAR, begun VARCHAR, length BIGINT, files VARCHAR
);
-- One block of sources each. `run_id` is a run in the search's own home.
CREATE TABLE recipe_evaluations (
    run INTEGER, seq BIGINT, t DOUBLE, slot VARCHAR, block INTEGER, run_id VARCHAR, version VARCHAR, iteration INTEGER,
    purpose VARCHAR, accepted INTEGER, failed INTEGER, undecided INTEGER, calls BIGINT, outcomes VARCHAR
);
CREATE TABLE recipe_certified (
    run INTEGER, seq BIGINT, t DOUBLE, label VARCHAR, version VARCHAR, population INTEGER, real INTEGER,
    not_real INTEGER, undecided INTEGER, unmeasured INTEGER, tasks VARCHAR
);
CREATE TABLE recipe_samples (
    run INTEGER, seq BIGINT, iteration INTEGER, side VARCHAR, number INTEGER, version VARCHAR, run_id VARCHAR,
    task VARCHAR
);
-- alarm, confirmation, promoted
CREATE TABLE recipe_events (run INTEGER, seq BIGINT, t DOUBLE, kind VARCHAR, version VARCHAR, data VARCHAR);
