import { trace } from '@opentelemetry/api';
import type { Listener, TransitionEvent } from '../events.ts';
import { FIELDS } from '../names.ts';
import { errorType } from '../outcome.ts';

/** Writes one log line. */
export type Log = (
  level: 'info' | 'warn',
  message: string,
  fields: Readonly<Record<string, unknown>>,
) => void;

/**
 * Logs each transition once. A warning where calls are refused from now on: the error lines are
 * those of the calls that failed, one each.
 *
 * @param log looked up at each line, so that it can be set after dependencies were declared.
 */
export function transitionLog(log: () => Log | undefined): Listener {
  return {
    onTransition(event: TransitionEvent): void {
      const { breaker, from, to } = event;
      const refuses = to === 'open' || to === 'isolated';
      const message = `circuit ${breaker}: ${from} -> ${to}`;
      log()?.(refuses ? 'warn' : 'info', message, fields(event));
    },
  };
}

function fields(event: TransitionEvent): Record<string, unknown> {
  const { breaker, from, to, failures, reason, lastsMs, by, why, error } = event;
  const traceId = trace.getActiveSpan()?.spanContext().traceId;
  return {
    [FIELDS.breaker]: breaker,
    [FIELDS.from]: from,
    [FIELDS.to]: to,
    [FIELDS.failures]: failures,
    [FIELDS.reason]: reason,
    ...(lastsMs === undefined ? {} : { [FIELDS.lastsMs]: lastsMs }),
    ...(by === undefined ? {} : { [FIELDS.by]: by, [FIELDS.why]: why }),
    ...(error === undefined ? {} : { [FIELDS.errorType]: errorType(error) }),
    ...(traceId === undefined ? {} : { [FIELDS.traceId]: traceId }),
  };
}
