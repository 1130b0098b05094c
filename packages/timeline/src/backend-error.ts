/**
 * Asks a backend over HTTP, and says in one sentence why it cannot be read.
 *
 * @module
 */

/** A backend does not respond, or responds with something unreadable. */
export class BackendError extends Error {
  readonly backend: string;
  readonly url: string;

  constructor(backend: string, url: string, problem: string, cause?: unknown) {
    super(`${backend} at ${new URL(url).origin} ${problem}`, { cause });
    this.backend = backend;
    this.url = url;
  }

  override get name(): string {
    return 'BackendError';
  }
}

/** How a question is asked. */
export interface Question<T> {
  /** Name of the backend, for people. */
  readonly backend: string;
  readonly url: string;
  /** Makes of the JSON what is wanted; whatever it throws says that the response is unreadable. */
  readonly read: (json: unknown) => T;
  /** Whether a 404 with this JSON says that there is nothing, rather than that nobody knows the path. */
  readonly isAbsence?: (json: unknown) => boolean;
}

const TIMEOUT_MS = 10_000;
/** More than a backend has for one question; beyond it the response is not a reply to it. */
const MAX_BYTES = 64 * 1024 * 1024;
/** Of a response that is no reply, so much is shown, in characters. */
const SHOWN = 120;

/**
 * What a backend responds with; undefined where it says that there is nothing.
 *
 * @throws {BackendError} when there is no response in time, an error, or something unreadable
 */
export async function ask<T>({
  backend,
  url,
  read,
  isAbsence,
}: Question<T>): Promise<T | undefined> {
  const { status, text } = await get(backend, url, TIMEOUT_MS);
  const json = parse(text);
  if (status === 404 && json !== undefined && isAbsence?.(json)) return undefined;
  if (status < 200 || status > 299) {
    throw new BackendError(backend, url, `responded ${status}: ${excerpt(text)}`);
  }
  if (json === undefined) {
    const what = text === '' ? 'nothing' : `what is no JSON: ${excerpt(text)}`;
    throw new BackendError(backend, url, `responded ${status} with ${what}`);
  }
  try {
    return read(json);
  } catch (cause) {
    const what = `responded ${status} with JSON of another shape: ${excerpt(text)}`;
    throw new BackendError(backend, url, what, cause);
  }
}

/**
 * The text a backend responds with.
 *
 * @throws {BackendError} when there is no response in time, or an error
 */
export async function askText(backend: string, url: string, timeoutMs: number): Promise<string> {
  const { status, text } = await get(backend, url, timeoutMs);
  if (status >= 200 && status <= 299) return text;
  throw new BackendError(backend, url, `responded ${status}: ${excerpt(text)}`);
}

async function get(backend: string, url: string, timeoutMs: number) {
  let began = false;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    began = true;
    return { status: response.status, text: await bounded(response) };
  } catch (cause) {
    throw new BackendError(backend, url, problemOf(cause, began, timeoutMs), cause);
  }
}

async function bounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new RangeError('too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes).toString();
}

function problemOf(cause: unknown, began: boolean, timeoutMs: number): string {
  if (cause instanceof RangeError) return `responded with more than ${MAX_BYTES / 1024 / 1024} MiB`;
  if (cause instanceof Error && cause.name === 'TimeoutError') {
    return `did not respond within ${timeoutMs / 1000} s`;
  }
  if (began) return 'broke its response off';
  // `fetch` rejects with a TypeError whose cause is the socket's error.
  const code = ((cause as Error).cause as NodeJS.ErrnoException | undefined)?.code;
  return code === undefined ? 'does not respond' : `does not respond (${code})`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function excerpt(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line;
}
