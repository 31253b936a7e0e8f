-- What became known about attacks and surges, and which victims were told. Times are milliseconds. Subjects are keyed
-- hashes, but that of a key.surge, which is the id of an API key.

CREATE TABLE limit_signals (
  id TEXT NOT NULL PRIMARY KEY, -- sorts by its time
  at BIGINT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL
);
CREATE INDEX limit_signals_by_subject ON limit_signals (subject, id);

CREATE TABLE attack_notices (
  subject TEXT NOT NULL PRIMARY KEY,
  at BIGINT NOT NULL
);

-- A block has two parts: `until` is an administrator's, this is the recipient's own. The later one holds.
ALTER TABLE blocks ADD COLUMN braked_until BIGINT NOT NULL DEFAULT 0;
