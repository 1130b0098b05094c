import { type ErrorFormat, record, text } from './failure.ts';

/**
 * RFC 9457, with the universal format's fields as extension members. `type` leads to the entry of
 * the code on the documentation page of the service that made the response.
 */
export const problem: ErrorFormat = {
  name: 'problem',
  mediaType: 'application/problem+json',
  render: ({ error, traceId, serviceName, path }, status, context) => ({
    type: `/docs#${error.code}`,
    title: error.kind.meaning,
    status,
    detail: error.message,
    instance: path,
    trace_id: traceId,
    error_code: error.code,
    service_name: serviceName,
    context,
  }),
  read(body) {
    const type = text(body.type);
    const code = text(body.error_code) ?? type?.split('#')[1];
    if (type === undefined || code === undefined) return undefined;
    return {
      code,
      message: text(body.detail) ?? text(body.title) ?? '',
      context: record(body.context),
      traceId: text(body.trace_id),
      serviceName: text(body.service_name),
    };
  },
};
