CREATE TABLE "payments" (
	"order_id" text PRIMARY KEY NOT NULL,
	"status" text NOT NULL CHECK ("status" IN ('outcome_unknown', 'not_charged', 'declined', 'paid')),
	"charge_id" text CHECK (("charge_id" IS NOT NULL) = ("status" = 'paid')),
	"amount_cents" integer NOT NULL CHECK ("amount_cents" > 0),
	"currency" text NOT NULL,
	"attempts" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
