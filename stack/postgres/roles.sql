-- A role for each service, which owns the database of its name and may not enter the others. The
-- image runs this for a new volume. After a change of a password, or for a server of your own:
--   docker compose exec postgres psql -U postgres -f /docker-entrypoint-initdb.d/roles.sql
\set ON_ERROR_STOP on
\encoding UTF8

\set role catalog
\getenv password CATALOG_DATABASE_PASSWORD
\ir role.psql

\set role orders
\getenv password ORDERS_DATABASE_PASSWORD
\ir role.psql

\set role payments
\getenv password PAYMENTS_DATABASE_PASSWORD
\ir role.psql

\set role unstable
\getenv password UNSTABLE_DATABASE_PASSWORD
\ir role.psql

\set role users
\getenv password USERS_DATABASE_PASSWORD
\ir role.psql
