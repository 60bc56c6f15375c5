-- The tables of the local platform. Times are nanoseconds since the epoch; blobs named *_pb or
-- `spec`, `error`, `value` are serialised protobuf messages; an org is never part of a key.

CREATE TABLE IF NOT EXISTS project (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    labels      TEXT NOT NULL DEFAULT '{}',
    state       INTEGER NOT NULL DEFAULT 0,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
);

-- Specs repeat for every child of a fan-out: stored once, by the hash of their bytes.
CREATE TABLE IF NOT EXISTS spec (
    id TEXT PRIMARY KEY,
    pb BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS task (
    id                INTEGER PRIMARY KEY,
    project           TEXT NOT NULL,
    domain            TEXT NOT NULL,
    name              TEXT NOT NULL,
    version           TEXT NOT NULL,
    environment       TEXT NOT NULL DEFAULT '',
    env_description   TEXT NOT NULL DEFAULT '',
    function_name     TEXT NOT NULL DEFAULT '',
    short_name        TEXT NOT NULL DEFAULT '',
    short_description TEXT NOT NULL DEFAULT '',
    deployed_by       TEXT NOT NULL DEFAULT '',
    spec_id           TEXT NOT NULL REFERENCES spec (id),
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    UNIQUE (project, domain, name, version)
);

CREATE TABLE IF NOT EXISTS run (
    project  TEXT NOT NULL,
    domain   TEXT NOT NULL,
    name     TEXT NOT NULL,
    run_spec BLOB NOT NULL,
    started  INTEGER NOT NULL,
    PRIMARY KEY (project, domain, name)
) WITHOUT ROWID;

-- One row per node of a run; the root (parent '') stands for the run itself in lists.
CREATE TABLE IF NOT EXISTS action (
    id                INTEGER PRIMARY KEY,
    project           TEXT NOT NULL,
    domain            TEXT NOT NULL,
    run               TEXT NOT NULL,
    name              TEXT NOT NULL,
    parent            TEXT NOT NULL DEFAULT '',
    depth             INTEGER NOT NULL DEFAULT 0,
    kind              INTEGER NOT NULL,
    grp               TEXT NOT NULL DEFAULT '',
    phase             INTEGER NOT NULL,
    attempts          INTEGER NOT NULL DEFAULT 1,
    max_attempts      INTEGER NOT NULL DEFAULT 1,
    task_project      TEXT NOT NULL DEFAULT '',
    task_domain       TEXT NOT NULL DEFAULT '',
    task_name         TEXT NOT NULL DEFAULT '',
    task_version      TEXT NOT NULL DEFAULT '',
    task_type         TEXT NOT NULL DEFAULT '',
    short_name        TEXT NOT NULL DEFAULT '',
    function_name     TEXT NOT NULL DEFAULT '',
    environment       TEXT NOT NULL DEFAULT '',
    spec_id           TEXT NOT NULL DEFAULT '',
    input_uri         TEXT NOT NULL DEFAULT '',
    run_base          TEXT NOT NULL DEFAULT '',
    output_uri        TEXT NOT NULL DEFAULT '',
    cache_key         TEXT NOT NULL DEFAULT '',
    cache_status      INTEGER NOT NULL DEFAULT 0,
    error             BLOB,
    recoverable       INTEGER NOT NULL DEFAULT 0,
    abort_reason      TEXT NOT NULL DEFAULT '',
    ended_by          TEXT NOT NULL DEFAULT '',
    value             BLOB,
    source            INTEGER NOT NULL DEFAULT 0,
    created_by        TEXT NOT NULL DEFAULT '',
    trigger_name      TEXT NOT NULL DEFAULT '',
    trigger_task_name TEXT NOT NULL DEFAULT '',
    trigger_revision  INTEGER NOT NULL DEFAULT 0,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    ended_at          INTEGER,
    duration_ms       INTEGER,
    UNIQUE (project, domain, run, name)
);
CREATE INDEX IF NOT EXISTS action_children ON action (project, domain, run, parent, id);
CREATE INDEX IF NOT EXISTS action_of_run ON action (project, domain, run, id);
CREATE INDEX IF NOT EXISTS action_open ON action (phase) WHERE phase IN (1, 2, 3, 4, 9);
CREATE INDEX IF NOT EXISTS run_newest ON action (project, domain, created_at, id)
    WHERE parent = '';
CREATE INDEX IF NOT EXISTS run_changed ON action (project, domain, updated_at, id)
    WHERE parent = '';
CREATE INDEX IF NOT EXISTS run_newest_anywhere ON action (created_at, id) WHERE parent = '';
CREATE INDEX IF NOT EXISTS run_of_task
    ON action (task_project, task_domain, task_name, created_at, id) WHERE parent = '';
CREATE INDEX IF NOT EXISTS run_by_phase ON action (project, domain, phase, created_at, id)
    WHERE parent = '';

CREATE TABLE IF NOT EXISTS attempt (
    action_id   INTEGER NOT NULL REFERENCES action (id),
    number      INTEGER NOT NULL,
    phase       INTEGER NOT NULL,
    started_at  INTEGER NOT NULL,
    ended_at    INTEGER,
    error       BLOB,
    transitions TEXT NOT NULL,
    events      TEXT NOT NULL DEFAULT '[]',
    output_uri  TEXT NOT NULL DEFAULT '',
    pid         INTEGER NOT NULL DEFAULT 0,
    pid_start   INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (action_id, number)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS attempt_process ON attempt (pid) WHERE pid != 0;

CREATE TABLE IF NOT EXISTS cache (
    project    TEXT NOT NULL,
    domain     TEXT NOT NULL,
    key        TEXT NOT NULL,
    output_uri TEXT NOT NULL,
    run        TEXT NOT NULL,
    action     TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (project, domain, key)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS secret (
    project    TEXT NOT NULL,
    domain     TEXT NOT NULL,
    name       TEXT NOT NULL,
    type       INTEGER NOT NULL DEFAULT 0,
    value      BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (project, domain, name)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS trigger (
    id              INTEGER PRIMARY KEY,
    project         TEXT NOT NULL,
    domain          TEXT NOT NULL,
    task_name       TEXT NOT NULL,
    name            TEXT NOT NULL,
    task_version    TEXT NOT NULL DEFAULT '',
    automation_type INTEGER NOT NULL DEFAULT 0,
    active          INTEGER NOT NULL DEFAULT 0,
    revision        INTEGER NOT NULL,
    spec            BLOB NOT NULL,
    automation      BLOB NOT NULL,
    deployed_at     INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    deployed_by     TEXT NOT NULL DEFAULT '',
    updated_by      TEXT NOT NULL DEFAULT '',
    fired_at        INTEGER NOT NULL DEFAULT 0,
    UNIQUE (project, domain, task_name, name)
);

CREATE TABLE IF NOT EXISTS trigger_revision (
    project    TEXT NOT NULL,
    domain     TEXT NOT NULL,
    task_name  TEXT NOT NULL,
    name       TEXT NOT NULL,
    revision   INTEGER NOT NULL,
    change     INTEGER NOT NULL,
    details    BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (project, domain, task_name, name, revision)
) WITHOUT ROWID;

-- The org's level has neither project nor domain, a domain's has no project.
CREATE TABLE IF NOT EXISTS settings (
    project    TEXT NOT NULL,
    domain     TEXT NOT NULL,
    version    INTEGER NOT NULL,
    settings   BLOB NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (project, domain)
) WITHOUT ROWID;
