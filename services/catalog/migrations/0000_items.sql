CREATE TABLE items (
  id text PRIMARY KEY,
  name text NOT NULL,
  price_cents integer NOT NULL CHECK (price_cents > 0),
  currency text NOT NULL,
  stock integer NOT NULL CHECK (stock >= 0)
);
--> statement-breakpoint
-- item_id is null where an attempt was given up before its reservation arrived.
CREATE TABLE reservations (
  order_id text PRIMARY KEY,
  item_id text REFERENCES items (id),
  quantity integer NOT NULL DEFAULT 0 CHECK (quantity >= 0),
  unit_price_cents integer NOT NULL DEFAULT 0,
  status text NOT NULL CHECK (status IN ('reserved', 'released')),
  attempt integer NOT NULL CHECK (attempt >= 1),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
--> statement-breakpoint
INSERT INTO items (id, name, price_cents, currency, stock) VALUES
  ('item1', 'Health Potion', 500, 'EUR', 1000000),
  ('item2', 'Sword of Light', 12000, 'EUR', 2),
  ('item3', 'Cursed Ring', 66600, 'EUR', 1000);
