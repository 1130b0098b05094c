/**
 * The reconciliation queue on pg-boss, in a schema of its own beside the orders.
 *
 * @module
 */
import type { Logger } from '@breakwater/otel';
import { sql } from 'drizzle-orm';
import { fromDrizzle, PgBoss, type WorkOptions } from 'pg-boss';
import type { Transaction } from './order-repository.ts';
import type { ReconciliationQueue } from './settle-order.ts';

/** Where jobs are kept. */
export interface JobQueueOptions {
  /** The database of the orders: a job and its order are written in one transaction. */
  readonly url: string;
  readonly logger: Logger;
}

interface Job {
  readonly order_id: string;
}

const QUEUE = 'settle-order';

/** Seconds: the first retry comes after about 1, then 2, 4, … and never later than 30; no end. */
const RETRY = { retryDelay: 1, retryBackoff: true, retryDelayMax: 30, retryLimit: 2_147_483_647 };

/** Seconds; a job of a process that died is taken over after this, a year is pg-boss's longest. */
const LIFE = { expireInSeconds: 15, retentionSeconds: 31_536_000, deleteAfterSeconds: 600 };

/** A durable retry for each order: kept in the database until a handler succeeds. */
export class JobQueue implements ReconciliationQueue {
  readonly #boss: PgBoss;
  readonly #logger: Logger;
  #sweeping: NodeJS.Timeout | undefined;
  #sweep: Promise<void> = Promise.resolve();

  constructor({ url, logger }: JobQueueOptions) {
    this.#logger = logger;
    this.#boss = new PgBoss({
      connectionString: url,
      application_name: 'orders-jobs',
      max: 3,
      connectionTimeoutMillis: 1_000,
      schedule: false,
      superviseIntervalSeconds: 10,
      monitorIntervalSeconds: 10,
    });
    this.#boss.on('error', (error) => this.#warn('the job queue has trouble', error));
  }

  /** Makes the queue's tables when they are missing. Wanted before anything else. */
  async start(): Promise<void> {
    await this.#boss.start();
    await this.#boss.createQueue(QUEUE, { policy: 'exclusive', ...RETRY, ...LIFE });
  }

  /** One job an order, however often it is asked for. */
  async enqueue(orderIds: readonly string[], within?: Transaction): Promise<void> {
    const jobs = orderIds.map((id) => ({
      data: { order_id: id },
      singletonKey: id,
      startAfter: RETRY.retryDelay,
    }));
    await this.#boss.insert(QUEUE, jobs, within ? { db: fromDrizzle(within, sql) } : {});
  }

  /**
   * Works off jobs, ten at a time; one that throws is retried. Runs `sweep` now and then every
   * `sweepMs` milliseconds.
   */
  async work(
    reconcile: (orderId: string) => Promise<void>,
    sweep: () => Promise<void>,
    sweepMs: number,
  ): Promise<void> {
    await this.#boss.work<Job, unknown, WorkOptions & { perJobResults: true }>(
      QUEUE,
      { batchSize: 10, burstWhenBatchFull: true, pollingIntervalSeconds: 1, perJobResults: true },
      (jobs) =>
        Promise.all(
          jobs.map(async ({ id, data }) => {
            const done = await reconcile(data.order_id).then(
              () => true,
              () => false,
            );
            return { id, status: done ? ('completed' as const) : ('failed' as const) };
          }),
        ),
    );
    const run = () => {
      this.#sweep = sweep().catch((error) => this.#warn('the sweep for orders failed', error));
    };
    run();
    this.#sweeping = setInterval(run, sweepMs);
    this.#sweeping.unref();
  }

  /** Waits for the jobs in hand; the others stay in the queue. */
  async stop(): Promise<void> {
    clearInterval(this.#sweeping);
    await this.#sweep;
    await this.#boss.stop({ graceful: true, timeout: 5_000 });
  }

  #warn(message: string, error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    this.#logger.warn(message, { 'exception.message': text });
  }
}
