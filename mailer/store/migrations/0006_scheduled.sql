-- When a message is to be sent; NULL: when it was accepted. A scheduled delivery is pending like the others.

ALTER TABLE emails ADD COLUMN scheduled_at BIGINT;
CREATE INDEX emails_scheduled ON emails (scheduled_at, id) WHERE scheduled_at IS NOT NULL;

DROP INDEX deliveries_pending;
CREATE INDEX deliveries_pending ON deliveries (next_attempt_at, id)
  WHERE state IN ('queued', 'delivery_delayed', 'scheduled');
