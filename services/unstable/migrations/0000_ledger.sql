CREATE TABLE "charges" (
	"idempotency_key" text PRIMARY KEY NOT NULL,
	"id" text NOT NULL UNIQUE,
	"amount_cents" integer NOT NULL CHECK ("amount_cents" > 0),
	"currency" text NOT NULL,
	"reference" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "charges_reference" ON "charges" ("reference");
