-- Mailboxes that proved to an application that somebody reads them. Times are milliseconds.

CREATE TABLE confirmed_mailboxes (
  mailbox TEXT NOT NULL PRIMARY KEY,
  at BIGINT NOT NULL -- the latest time it was asserted
);
CREATE INDEX confirmed_mailboxes_by_age ON confirmed_mailboxes (at);
