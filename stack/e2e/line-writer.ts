/**
 * Writes numbered lines through the services' own logger until it is told to stop, or killed.
 *
 * @module
 */
import { closeLogger, createLogger } from '@breakwater/otel';

const identity = { serviceName: 'line-writer', namespace: 'breakwater', environment: 'test' };
const logger = createLogger({ identity, write: () => undefined });
const bulk = 'x'.repeat(Number(process.env.LINE_BYTES ?? 0));
const perTick = Number(process.env.LINES_PER_TICK ?? 4);
let number = Number(process.env.FIRST_NUMBER ?? 0);

const timer = setInterval(() => {
  for (let i = 0; i < perTick; i++) logger.info('numbered', { number: number++, bulk });
}, 20);

process.once('SIGTERM', async () => {
  clearInterval(timer);
  await closeLogger(logger);
});
