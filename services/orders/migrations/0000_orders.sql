CREATE TABLE orders (
  id text PRIMARY KEY,
  idempotency_key text NOT NULL UNIQUE,
  user_id text NOT NULL,
  item_id text NOT NULL,
  quantity integer NOT NULL CHECK (quantity > 0),
  total_cents integer,
  currency text,
  status text NOT NULL CHECK (
    status IN ('pending', 'paid', 'rejected', 'failed', 'payment_failed', 'payment_pending')
  ),
  rejection jsonb,
  error_code text,
  -- Grows each time somebody takes the order up; whoever holds an older number has lost it.
  attempt integer NOT NULL DEFAULT 1,
  leased_until timestamptz,
  -- True from before payments is asked until its answer is known.
  payment_asked boolean NOT NULL DEFAULT false,
  stock_to_release boolean NOT NULL DEFAULT false,
  traceparent text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
--> statement-breakpoint
CREATE INDEX orders_by_status ON orders (status, created_at DESC);
--> statement-breakpoint
-- Small however many orders there are: what the sweep looks through.
CREATE INDEX orders_unsettled ON orders (updated_at)
  WHERE status IN ('pending', 'payment_pending') OR stock_to_release;
