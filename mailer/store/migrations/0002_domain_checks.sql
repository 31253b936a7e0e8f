-- What looks at the sender domains' DNS records found. Times are milliseconds; an empty text means "none".

CREATE TABLE domain_checks (
  domain TEXT NOT NULL PRIMARY KEY,
  checked_at BIGINT NOT NULL,
  known_at BIGINT,              -- the latest look that could tell yes or no
  verdict TEXT NOT NULL,
  since BIGINT NOT NULL,
  failing_since BIGINT,
  seen_keys TEXT NOT NULL,      -- JSON
  report TEXT NOT NULL,         -- JSON, of the latest look
  known_report TEXT NOT NULL    -- JSON, of the look at known_at if that is another one
);

CREATE TABLE domain_changes (
  position INTEGER PRIMARY KEY, -- given by SQLite, ascending
  domain TEXT NOT NULL,
  at BIGINT NOT NULL,
  was TEXT NOT NULL,
  verdict TEXT NOT NULL,
  findings TEXT NOT NULL        -- JSON
);
CREATE INDEX domain_changes_by_domain ON domain_changes (domain, position);
