/**
 * The console's own errors.
 *
 * @module
 */
import { AuthorizationError, ConflictError, defineKind, type ErrorKind } from '@breakwater/errors';

/** The request names a host that is not this console: how DNS rebinding arrives. 403. */
export class ForeignHostError extends AuthorizationError {
  static override readonly kind: ErrorKind = defineKind(AuthorizationError.kind, {
    name: 'ForeignHostError',
    code: 'FOREIGN_HOST',
    meaning: 'The request was made for a host name that is not the one of the console.',
    client: 'Open the console as 127.0.0.1 or localhost, or name the host in ALLOWED_HOSTS.',
    operator: 'Set ALLOWED_HOSTS if the name is yours; else a page tries to reach the console.',
  });

  constructor() {
    super('The console does not answer under this host name.');
  }
}

/** Another page's script made the request. 403. */
export class ForeignOriginError extends AuthorizationError {
  static override readonly kind: ErrorKind = defineKind(AuthorizationError.kind, {
    name: 'ForeignOriginError',
    code: 'FOREIGN_ORIGIN',
    meaning: 'The request was made by a page of another origin.',
    client: 'Use the pages of the console; a program sends no Origin.',
    operator: 'A page of another origin tries to reach the console: find out which one is open.',
  });

  constructor() {
    super('The console takes requests of its own pages only.');
  }
}

/** There is no command that runs experiments, as in a container. 409. */
export class ExperimentsUnavailableError extends ConflictError {
  static override readonly kind: ErrorKind = defineKind(ConflictError.kind, {
    name: 'ExperimentsUnavailableError',
    code: 'EXPERIMENTS_UNAVAILABLE',
    meaning: 'Experiments cannot be run from where the console runs.',
    client: 'Run them where the repository is: npm run chaos -- NAME.',
  });

  constructor() {
    super('Experiments cannot run here: EXPERIMENTS_COMMAND is not set.');
  }
}

/** One experiment runs at a time: two would spoil each other's figures. 409. */
export class ExperimentRunningError extends ConflictError {
  static override readonly kind: ErrorKind = defineKind(ConflictError.kind, {
    name: 'ExperimentRunningError',
    code: 'EXPERIMENT_RUNNING',
    meaning: 'An experiment runs already.',
    client: 'Wait for its verdict, or stop it first.',
  });

  constructor(name: string) {
    super(`${name} runs already.`, { context: { experiment: name } });
  }
}

/** There is no experiment to stop. 409. */
export class NoExperimentRunningError extends ConflictError {
  static override readonly kind: ErrorKind = defineKind(ConflictError.kind, {
    name: 'NoExperimentRunningError',
    code: 'NO_EXPERIMENT_RUNNING',
    meaning: 'No experiment that the console started is running.',
    client: 'Look at the page again: it may have ended.',
  });

  constructor() {
    super('No experiment is running.');
  }
}
