import { type ErrorFormat, record, text } from './failure.ts';

/** The users service's format: everything inside one `error` object. */
export const envelope: ErrorFormat = {
  name: 'envelope',
  mediaType: 'application/json',
  render: ({ error }, _status, context) => ({
    error: { message: error.message, type: error.code, details: context },
  }),
  read(body) {
    const inner = record(body.error);
    const code = text(inner.type);
    if (code === undefined) return undefined;
    return { code, message: text(inner.message) ?? '', context: record(inner.details) };
  },
};
