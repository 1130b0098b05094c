/**
 * The console's own errors.
 *
 * @module
 */
import { ConflictError, defineKind, type ErrorKind } from '@breakwater/errors';

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
