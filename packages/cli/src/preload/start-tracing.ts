/**
 * Starts the OpenTelemetry SDK in the program, unless it brings its own.
 *
 * @module
 */
import { findPackage } from './find-package.ts';

/** What in `NODE_OPTIONS` or on the command line starts an SDK by itself. */
const OWN_SDK = /@opentelemetry\/auto-instrumentations-node|@breakwater\/otel\/register/;

/** By `@breakwater/otel` of the program's installation, or else by the one of this command line. */
export async function startTracing(): Promise<void> {
  if (OWN_SDK.test([process.env.NODE_OPTIONS, ...process.execArgv].join(' '))) return;
  const register =
    findPackage('@breakwater/otel', './register') ??
    import.meta.resolve('@breakwater/otel/register');
  try {
    await import(register);
  } catch (error) {
    process.stderr.write(`breakwater: the program is not traced: ${(error as Error).message}\n`);
  }
}
