import { type ErrorFormat, record, text } from './failure.ts';

/** The orchestrator's format: a flag, a code, and the request it belongs to. */
export const coded: ErrorFormat = {
  name: 'coded',
  mediaType: 'application/json',
  render: ({ error, requestId }, _status, context) => ({
    error: true,
    code: error.code,
    message: error.message,
    details: context,
    request_id: requestId,
  }),
  read(body) {
    const code = text(body.code);
    if (body.error !== true || code === undefined) return undefined;
    return { code, message: text(body.message) ?? '', context: record(body.details) };
  },
};
