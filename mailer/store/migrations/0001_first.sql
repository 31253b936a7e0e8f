-- The first schema. Times are milliseconds since 1970 UTC; an empty text means "none".

CREATE TABLE emails (
  id TEXT NOT NULL PRIMARY KEY,
  created_at BIGINT NOT NULL,
  key_id TEXT NOT NULL,
  from_domain TEXT NOT NULL,
  topic_id TEXT NOT NULL,
  category TEXT NOT NULL,
  expires_at BIGINT,
  details TEXT NOT NULL, -- JSON: what is shown but never searched for
  raw BLOB              -- last, so that reading the rest does not touch its pages
);

CREATE TABLE deliveries (
  id TEXT NOT NULL PRIMARY KEY,
  email_id TEXT NOT NULL REFERENCES emails (id),
  recipient TEXT NOT NULL,
  mailbox TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts BIGINT NOT NULL,
  next_attempt_at BIGINT NOT NULL
);
CREATE INDEX deliveries_by_email ON deliveries (email_id);
CREATE INDEX deliveries_pending ON deliveries (next_attempt_at, id) WHERE state IN ('queued', 'delivery_delayed');

CREATE TABLE events (
  position INTEGER PRIMARY KEY, -- given by SQLite, ascending
  email_id TEXT NOT NULL REFERENCES emails (id),
  delivery_id TEXT NOT NULL,
  type TEXT NOT NULL,
  at BIGINT NOT NULL,
  recipient TEXT NOT NULL,
  attempt BIGINT NOT NULL,
  host TEXT NOT NULL,
  reply TEXT NOT NULL,
  tls TEXT NOT NULL,
  next_attempt_at BIGINT,
  uncertain BIGINT NOT NULL
);
CREATE INDEX events_by_email ON events (email_id);

CREATE TABLE idempotency (
  key TEXT NOT NULL PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  status BIGINT NOT NULL,
  body TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX idempotency_by_age ON idempotency (created_at);

CREATE TABLE templates (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  alias TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  published_at BIGINT,
  draft TEXT NOT NULL,    -- JSON
  published TEXT NOT NULL -- JSON
);
CREATE UNIQUE INDEX templates_by_alias ON templates (alias) WHERE alias <> '';

CREATE TABLE topics (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  default_subscription TEXT NOT NULL,
  visibility TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

-- No reference to topics: an opt-out is never refused, not even for a topic that is gone.
CREATE TABLE choices (
  topic_id TEXT NOT NULL,
  mailbox TEXT NOT NULL,
  choice TEXT NOT NULL,
  source TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (topic_id, mailbox)
);

CREATE TABLE api_keys (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  token_hash TEXT NOT NULL UNIQUE,
  permission TEXT NOT NULL,
  may_assert_trust BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);

-- One row, written to find out whether a disk that failed takes writes again.
CREATE TABLE probe (
  id BIGINT NOT NULL PRIMARY KEY,
  content BLOB
);
INSERT INTO probe (id, content) VALUES (1, NULL);
