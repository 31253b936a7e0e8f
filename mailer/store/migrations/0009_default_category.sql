-- The category of sends with this key that say none; empty: none.

ALTER TABLE api_keys ADD COLUMN category TEXT NOT NULL DEFAULT '';
