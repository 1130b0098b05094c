import { type Attributes, trace } from '@opentelemetry/api';
import type {
  FallbackEvent,
  Listener,
  RejectionEvent,
  RetryEvent,
  TransitionEvent,
} from '../events.ts';
import { ATTRIBUTES, EVENTS } from '../names.ts';
import { errorType } from '../outcome.ts';

/** Writes what happens to a call on the span that is active around it. */
export const spanEvents: Listener = {
  onTransition({ breaker, from, to, reason, failures }: TransitionEvent): void {
    addEvent(EVENTS.transition, {
      [ATTRIBUTES.breaker]: breaker,
      [ATTRIBUTES.from]: from,
      [ATTRIBUTES.to]: to,
      [ATTRIBUTES.reason]: reason,
      [ATTRIBUTES.failures]: failures,
    });
  },

  onRejection({ dependency, reason, attempt }: RejectionEvent): void {
    addEvent(EVENTS.rejection, {
      [ATTRIBUTES.dependency]: dependency,
      [ATTRIBUTES.reason]: reason,
      [ATTRIBUTES.attempt]: attempt,
    });
  },

  onRetry({ dependency, reason, attempt, delayMs, error }: RetryEvent): void {
    addEvent(EVENTS.retry, {
      [ATTRIBUTES.dependency]: dependency,
      [ATTRIBUTES.reason]: reason,
      [ATTRIBUTES.attempt]: attempt,
      [ATTRIBUTES.delayMs]: delayMs,
      [ATTRIBUTES.errorType]: errorType(error),
    });
  },

  onFallback({ dependency, source, error }: FallbackEvent): void {
    addEvent(EVENTS.fallback, {
      [ATTRIBUTES.dependency]: dependency,
      [ATTRIBUTES.source]: source ?? 'none',
      [ATTRIBUTES.errorType]: errorType(error),
    });
  },
};

function addEvent(name: string, attributes: Attributes): void {
  const span = trace.getActiveSpan();
  if (span?.isRecording()) span.addEvent(name, attributes);
}
