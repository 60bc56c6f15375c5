-- What the authorization server keeps. Codes and tokens are only here as SHA-256 digests.
-- Moments are whole seconds since the epoch.

CREATE TABLE IF NOT EXISTS people (
    subject TEXT PRIMARY KEY,
    given_name TEXT NOT NULL,
    family_name TEXT NOT NULL,
    email TEXT NOT NULL,
    groups TEXT NOT NULL                -- a JSON array of strings; read whenever tokens are made
);

CREATE TABLE IF NOT EXISTS signing_keys (
    created_at INTEGER NOT NULL,
    private_key TEXT NOT NULL           -- PEM
);

-- One consent of one person to one client. All that was issued from it falls with it.
CREATE TABLE IF NOT EXISTS sign_ins (
    id TEXT PRIMARY KEY,
    client_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    scope TEXT NOT NULL,
    at INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS codes (
    digest TEXT PRIMARY KEY,
    sign_in TEXT NOT NULL REFERENCES sign_ins (id) ON DELETE CASCADE,
    redirect_uri TEXT NOT NULL,
    challenge TEXT NOT NULL,            -- always S256
    nonce TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    used INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE IF NOT EXISTS refresh_tokens (
    digest TEXT PRIMARY KEY,
    sign_in TEXT NOT NULL REFERENCES sign_ins (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL,
    used INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS refresh_tokens_sign_in ON refresh_tokens (sign_in);

CREATE TABLE IF NOT EXISTS devices (
    digest TEXT PRIMARY KEY,
    user_code TEXT NOT NULL UNIQUE,     -- a digest too
    client_id TEXT NOT NULL,
    scope TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    interval_s INTEGER NOT NULL,
    polled_at REAL NOT NULL DEFAULT 0,
    refused INTEGER NOT NULL DEFAULT 0,
    sign_in TEXT NOT NULL DEFAULT '',   -- '' until a person agreed
    used INTEGER NOT NULL DEFAULT 0
);

-- Token ids and sign-in ids that no longer count, until the last token that they may name is over.
CREATE TABLE IF NOT EXISTS revoked (
    id TEXT PRIMARY KEY,
    until INTEGER NOT NULL
);
