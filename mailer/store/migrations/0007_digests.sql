-- When a mailbox was last told in one message what had been held for it. Times are milliseconds.

CREATE TABLE digests (
  mailbox TEXT NOT NULL,
  sender TEXT NOT NULL,   -- the address in From
  topic_id TEXT NOT NULL, -- an empty text means "none"
  category TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (mailbox, sender, topic_id, category)
);
