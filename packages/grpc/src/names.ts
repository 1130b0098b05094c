/**
 * Every metric, attribute, log field and metadata name of this package, once.
 *
 * @module
 */

/** Prometheus metric names; the first is OpenTelemetry's `rpc.server.call.duration`. */
export const METRICS = {
  callDuration: 'rpc_server_call_duration_seconds',
  activeCalls: 'rpc_server_active_calls',
  /** Calls beyond this are refused with `OVERLOADED`. */
  activeCallsLimit: 'rpc_server_active_calls_limit',
  /** Failed responses by error code, where nothing else of the process counts them. */
  errors: 'service_errors_total',
} as const;

/** Attributes of spans (OpenTelemetry semantic conventions for RPC, stable since 1.45). */
export const ATTRIBUTES = {
  system: 'rpc.system.name',
  /** Fully qualified, as `todo.v1.TodoService/GetTodo`. */
  method: 'rpc.method',
  /** What was asked for where no service has it. */
  methodOriginal: 'rpc.method_original',
  /** By name, as `UNAVAILABLE`. */
  statusCode: 'rpc.status_code',
  errorType: 'error.type',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  /** The status that the error contract gives the response: 200, or the one of the error's kind. */
  contractStatus: 'breakwater.status_code',
} as const;

/** Fields of the line of a call. */
export const FIELDS = {
  system: ATTRIBUTES.system,
  method: ATTRIBUTES.method,
  statusCode: ATTRIBUTES.statusCode,
  contractStatus: ATTRIBUTES.contractStatus,
} as const;

/** Keys of metadata, in lower case. */
export const METADATA = {
  requestId: 'x-request-id',
  traceId: 'x-trace-id',
  idempotencyKey: 'idempotency-key',
  /** The `google.rpc.Status` of a failed call, as bytes. */
  statusDetails: 'grpc-status-details-bin',
} as const;

/** What stands for a method that no service has (semantic conventions for RPC). */
export const OTHER = '_OTHER';

export const SYSTEM = 'grpc';
