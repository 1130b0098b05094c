import { findKindNamed } from '../kind.ts';
import { type ErrorFormat, record, text } from './failure.ts';

/**
 * A format with everything inside one `error` object. `type` is the name of the
 * error's class and `details.code` the code; a `code` in the error's own context gives way to it.
 */
export const envelope: ErrorFormat = {
  name: 'envelope',
  mediaType: 'application/json',
  render: ({ error }, _status, context) => ({
    error: {
      message: error.message,
      type: error.name,
      details: { ...record(context), code: error.code },
    },
  }),
  /** The code, or else the one that the class's name and the status stand for. */
  read(body, status) {
    const inner = record(body.error);
    const type = text(inner.type);
    if (type === undefined) return undefined;
    const { code: own, ...context } = record(inner.details);
    const code = text(own) ?? findKindNamed(type, status, 'envelope')?.code ?? type;
    return { code, message: text(inner.message) ?? '', context };
  },
};
