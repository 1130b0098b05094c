import { type ErrorFormat, record, text } from './failure.ts';

/** The default: six fields, always all of them. */
export const universal: ErrorFormat = {
  name: 'universal',
  mediaType: 'application/json',
  render: ({ error, traceId, serviceName }, status, context) => ({
    trace_id: traceId,
    error_code: error.code,
    message: error.message,
    status_code: status,
    service_name: serviceName,
    context,
  }),
  read(body) {
    const code = text(body.error_code);
    const message = text(body.message);
    if (code === undefined || message === undefined) return undefined;
    return {
      code,
      message,
      context: record(body.context),
      traceId: text(body.trace_id),
      serviceName: text(body.service_name),
    };
  },
};
