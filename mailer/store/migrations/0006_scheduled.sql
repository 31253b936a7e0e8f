-- When a message is to be sent; NULL: when it was accepted. A scheduled delivery is pending like the others.

ALTER TABLE emails ADD COLUMN scheduled_at BIGINT;

-- When a limit was asked again, because it held the delivery or its time had come, and let it go.
ALTER TABLE deliveries ADD COLUMN let_out_at BIGINT;
CREATE INDEX deliveries_let_out ON deliveries (let_out_at, id) WHERE let_out_at IS NOT NULL;

DROP INDEX deliveries_pending;
CREATE INDEX deliveries_pending ON deliveries (next_attempt_at, id)
  WHERE state IN ('queued', 'delivery_delayed', 'scheduled');
