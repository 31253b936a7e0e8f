-- The limit that holds a delivery back, which is then not charged to anybody yet; an empty text means "none".

ALTER TABLE deliveries ADD COLUMN held_by TEXT NOT NULL DEFAULT '';
