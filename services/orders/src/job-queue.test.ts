import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type TemporaryPostgres, temporaryPostgres } from '@breakwater/embedded-postgres';
import { type Database, openDatabase } from '@breakwater/kit';
import { eventually, testTelemetry } from '@breakwater/testing';
import { JobQueue } from './job-queue.ts';

let postgres: TemporaryPostgres;
let database: Database;
let queue: JobQueue;
const { logger } = testTelemetry('orders');

before(async () => {
  postgres = await temporaryPostgres();
  const migrations = fileURLToPath(new URL('../migrations', import.meta.url));
  database = await openDatabase({ url: postgres.url, schema: {}, migrations, logger });
  queue = new JobQueue({ url: postgres.url, logger });
  await queue.start();
});

after(async () => {
  await queue.stop();
  await database.close();
  await postgres.stop();
});

async function jobs(state: string): Promise<string[]> {
  const { rows } = await database.pool.query(
    `select data->>'order_id' as id from pgboss.job where state::text = $1 order by 1`,
    [state],
  );
  return rows.map(({ id }) => id);
}

test('keeps jobs, one an order, with the transaction they are part of, until they succeed', async () => {
  await queue.enqueue(['order-1', 'order-2', 'order-1']);
  await queue.enqueue(['order-2']);
  await database.db.transaction((transaction) => queue.enqueue(['order-3'], transaction));
  await assert.rejects(
    database.db.transaction(async (transaction) => {
      await queue.enqueue(['order-4'], transaction);
      throw new Error('undone');
    }),
  );
  assert.deepEqual(await jobs('created'), ['order-1', 'order-2', 'order-3']);

  const tries: string[] = [];
  let sweeps = 0;
  await queue.work(
    async (orderId) => {
      tries.push(orderId);
      if (orderId === 'order-2' && tries.filter((id) => id === orderId).length === 1) {
        throw new Error('not yet');
      }
    },
    async () => {
      sweeps += 1;
      throw new Error('a sweep that fails harms nothing');
    },
    60_000,
  );
  await eventually(async () => {
    assert.deepEqual(await jobs('completed'), ['order-1', 'order-2', 'order-3']);
  });
  assert.deepEqual(tries.toSorted(), ['order-1', 'order-2', 'order-2', 'order-3']);
  assert.equal(sweeps, 1);
});
