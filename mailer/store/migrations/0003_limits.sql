-- What administrators did about limits, and mailboxes that are closed for a time. Times are milliseconds.

CREATE TABLE audit (
  position INTEGER PRIMARY KEY, -- given by SQLite, ascending
  at BIGINT NOT NULL,
  actor TEXT NOT NULL,          -- id of an API key
  action TEXT NOT NULL,
  subject TEXT NOT NULL,        -- keyed hash of a mailbox
  reason TEXT NOT NULL
);
CREATE INDEX audit_by_subject ON audit (subject, position);

-- Here the mailbox stands in clear: the limiter has to be told again after it lost its counters.
CREATE TABLE blocks (
  mailbox TEXT NOT NULL PRIMARY KEY,
  until BIGINT NOT NULL
);
