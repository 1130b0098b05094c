/**
 * The errors of an orchestrator: sessions, plans and long tasks over other services. Their codes
 * are numbered by range: 0xx configuration, 1xx connection, 2xx sessions, 3xx execution,
 * 4xx authentication, 5xx tenants.
 *
 * A family of its own: `instanceof OrchestratorError` holds for each member, and importing this
 * module is what enters its codes into the catalogue.
 *
 * @module
 */
import { AppError, type AppErrorOptions } from './app-error.ts';
import { type FieldIssue, InvalidRequestError } from './client-errors.ts';
import { defineKind, type ErrorKind } from './kind.ts';

/** Something in the orchestrator failed; the members say what. ORCH-000, 500. */
export class OrchestratorError extends AppError {
  static override readonly kind: ErrorKind = defineKind(AppError.kind, {
    name: 'OrchestratorError',
    code: 'ORCH-000',
    meaning: 'The orchestrator failed in a way that has no code of its own.',
  });
}

/** The orchestrator is configured wrongly: found at start-up, or when a plan first needs it. */
export class ConfigurationError extends OrchestratorError {
  static override readonly kind: ErrorKind = defineKind(OrchestratorError.kind, {
    name: 'ConfigurationError',
    code: 'ORCH-001',
    meaning: 'The orchestrator is configured wrongly.',
    client: 'Report the trace_id.',
    operator: 'Correct the setting that the error line names.',
  });
}

/** A service that the orchestrator conducts cannot be used. ORCH-100, 503. */
export class ServiceConnectionError extends OrchestratorError {
  static override readonly kind: ErrorKind = defineKind(OrchestratorError.kind, {
    name: 'ServiceConnectionError',
    code: 'ORCH-100',
    status: 503,
    retryable: true,
    meaning: 'The connection to a service that the orchestrator conducts failed.',
    client: 'Retry after Retry-After seconds if the operation is idempotent.',
    operator: 'details.service says which; look at its circuit and its own error lines.',
  });

  constructor(service: string, message?: string, options: AppErrorOptions = {}) {
    super(message ?? `The connection to ${service} failed.`, {
      ...options,
      context: { service, ...options.context },
    });
  }
}

/** A service did not answer in time; whether it did the work is not known. */
export class ServiceTimeoutError extends ServiceConnectionError {
  static override readonly kind: ErrorKind = defineKind(ServiceConnectionError.kind, {
    name: 'ServiceTimeoutError',
    code: 'ORCH-101',
    status: 504,
    meaning: 'A service that the orchestrator conducts did not answer in time.',
  });

  constructor(service: string, options: AppErrorOptions = {}) {
    super(service, `${service} did not answer in time.`, options);
  }
}

/** A service says that it is down, cannot be reached, or its circuit is open. */
export class ServiceUnavailableError extends ServiceConnectionError {
  static override readonly kind: ErrorKind = defineKind(ServiceConnectionError.kind, {
    name: 'ServiceUnavailableError',
    code: 'ORCH-102',
    meaning: 'A service that the orchestrator conducts is unavailable.',
  });

  constructor(service: string, options: AppErrorOptions = {}) {
    super(service, `${service} is unavailable.`, options);
  }
}

/** A session cannot do what was asked of it. ORCH-200, 400. */
export class SessionError extends OrchestratorError {
  static override readonly kind: ErrorKind = defineKind(InvalidRequestError.kind, {
    name: 'SessionError',
    code: 'ORCH-200',
    meaning: 'The session cannot do what was asked of it.',
    client: 'Read the session and decide anew.',
  });
}

/** No session has this id, or it has expired. */
export class SessionNotFoundError extends SessionError {
  static override readonly kind: ErrorKind = defineKind(SessionError.kind, {
    name: 'SessionNotFoundError',
    code: 'ORCH-201',
    status: 404,
    meaning: 'The session does not exist, or has expired.',
    client: 'Begin a new session.',
  });

  constructor(sessionId: string, options: AppErrorOptions = {}) {
    super(`Session ${sessionId} was not found.`, {
      ...options,
      context: { session_id: sessionId, ...options.context },
    });
  }
}

/** What was sent for a session does not match its schema; `details.fields` lists the fields. */
export class SessionValidationError extends SessionError {
  static override readonly kind: ErrorKind = defineKind(SessionError.kind, {
    name: 'SessionValidationError',
    code: 'ORCH-202',
    status: 422,
    meaning: 'What was sent for the session is malformed or does not match its schema.',
    client: 'Correct the fields listed in details.fields.',
  });

  constructor(message: string, fields: readonly FieldIssue[] = [], options: AppErrorOptions = {}) {
    super(message, { ...options, context: { fields, ...options.context } });
  }
}

/** A plan or a task went wrong. ORCH-300, 500. */
export class OrchestrationError extends OrchestratorError {
  static override readonly kind: ErrorKind = defineKind(OrchestratorError.kind, {
    name: 'OrchestrationError',
    code: 'ORCH-300',
    meaning: 'The execution of a plan failed.',
  });
}

/** One step of a plan failed for good. */
export class PlanExecutionError extends OrchestrationError {
  static override readonly kind: ErrorKind = defineKind(OrchestrationError.kind, {
    name: 'PlanExecutionError',
    code: 'ORCH-301',
    meaning: 'A step of the plan failed, and the plan with it.',
    operator: 'details.step says where; its cause is on the error line.',
  });

  constructor(planId: string, step: string, options: AppErrorOptions = {}) {
    super(`Plan ${planId} failed at step ${step}.`, {
      ...options,
      context: { plan_id: planId, step, ...options.context },
    });
  }
}

/** A plan needs a service that is not there now; the plan may be run again. */
export class ServiceDependencyError extends OrchestrationError {
  static override readonly kind: ErrorKind = defineKind(OrchestrationError.kind, {
    name: 'ServiceDependencyError',
    code: 'ORCH-302',
    status: 503,
    retryable: true,
    meaning: 'The plan needs a service that is not available now.',
    client: 'Run the plan again after Retry-After seconds.',
    operator: 'details.service says which; look at its circuit and its own error lines.',
  });

  constructor(service: string, options: AppErrorOptions = {}) {
    super(`The plan needs ${service}, which is not available.`, {
      ...options,
      context: { service, ...options.context },
    });
  }
}

/** The caller did not say who it is, or not credibly. */
export class AuthenticationError extends OrchestratorError {
  static override readonly kind: ErrorKind = defineKind(InvalidRequestError.kind, {
    name: 'AuthenticationError',
    code: 'ORCH-401',
    status: 401,
    logLevel: 'warn',
    meaning: 'Credentials for the orchestrator are missing or not valid.',
    client: 'Send valid credentials, as WWW-Authenticate says.',
    operator: 'A sudden rise may be an attack or an expired secret.',
  });

  constructor(message = 'Authentication is required.', challenge = 'Bearer') {
    super(message, { internal: { challenge } });
  }
}

/** A tenant may not do this. ORCH-500, 403. */
export class TenantError extends OrchestratorError {
  static override readonly kind: ErrorKind = defineKind(InvalidRequestError.kind, {
    name: 'TenantError',
    code: 'ORCH-500',
    status: 403,
    logLevel: 'warn',
    meaning: 'The tenant is not allowed to do this.',
    client: 'Use a tenant that may; repeating the request is useless.',
    operator: 'A sudden rise may be an attack or a wrong tenant setting.',
  });

  constructor(tenant: string, message?: string, options: AppErrorOptions = {}) {
    super(message ?? `Tenant ${tenant} is not allowed to do this.`, {
      ...options,
      context: { tenant, ...options.context },
    });
  }
}

/** No such tenant. */
export class TenantNotFoundError extends TenantError {
  static override readonly kind: ErrorKind = defineKind(TenantError.kind, {
    name: 'TenantNotFoundError',
    code: 'ORCH-501',
    status: 404,
    logLevel: 'info',
    meaning: 'The tenant named in the request does not exist.',
    client: 'Check the tenant.',
  });

  constructor(tenant: string, options: AppErrorOptions = {}) {
    super(tenant, `Tenant ${tenant} was not found.`, options);
  }
}

/** The tenant has used up what it may use for now. */
export class TenantQuotaError extends TenantError {
  static override readonly kind: ErrorKind = defineKind(TenantError.kind, {
    name: 'TenantQuotaError',
    code: 'ORCH-502',
    status: 429,
    retryable: true,
    meaning: 'The tenant has used up its quota.',
    client: 'Wait as long as Retry-After says.',
    operator: 'One tenant in a loop, or a quota that is too tight.',
  });

  constructor(tenant: string, options: AppErrorOptions = {}) {
    super(tenant, `Tenant ${tenant} has used up its quota.`, options);
  }
}

/** A bug of the orchestrator, or an error nobody mapped. The original is its `cause`. */
export class UnhandledError extends OrchestratorError {
  static override readonly kind: ErrorKind = defineKind(OrchestratorError.kind, {
    name: 'UnhandledError',
    code: 'ORCH-999',
    meaning: 'The orchestrator has a bug: something happened that its code does not handle.',
  });

  constructor(cause: unknown, options: AppErrorOptions = {}) {
    super('Something went wrong on our side.', { ...options, cause });
  }
}
