import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Reads what is appended to a growing file, line by line; starts at the end it has now. */
export class LogFollower {
  readonly #path: string;
  #position: number;
  #rest = '';

  constructor(path: string) {
    this.#path = path;
    this.#position = this.#open((_, size) => size) ?? 0;
  }

  /** The complete lines that were appended since the last call. */
  read(): string[] {
    const text = this.#open((file, size) => {
      if (size < this.#position) this.#position = 0;
      const bytes = Buffer.alloc(size - this.#position);
      readSync(file, bytes, 0, bytes.length, this.#position);
      this.#position = size;
      return bytes.toString('utf8');
    });
    const lines = (this.#rest + (text ?? '')).split('\n');
    this.#rest = lines.pop() ?? '';
    return lines;
  }

  #open<T>(use: (file: number, size: number) => T): T | undefined {
    try {
      const file = openSync(this.#path, 'r');
      try {
        return use(file, fstatSync(file).size);
      } finally {
        closeSync(file);
      }
    } catch {
      return undefined;
    }
  }
}

const LOOK_EVERY_MS = 200;

/** Writes every new line of several logs until it is disposed of. */
export function followLogs(
  logs: readonly { readonly name: string; readonly log: string }[],
  write: (line: string) => void,
): Disposable {
  const followers = logs.map(({ name, log }) => ({ name, follower: new LogFollower(log) }));
  const readAll = () => {
    for (const { name, follower } of followers) {
      for (const line of follower.read()) write(`${name} | ${readableLine(line)}`);
    }
  };
  const timer = setInterval(readAll, LOOK_EVERY_MS);
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      readAll();
    },
  };
}

/** A service's JSON line as people read it; any other line as it is. */
export function readableLine(line: string): string {
  const fields = parseObject(line);
  if (!fields || typeof fields.message !== 'string') return line;
  const time = String(fields.timestamp ?? '').slice(11, 23);
  const extra = [
    'http.route',
    'http.response.status_code',
    'rpc.status_code',
    'error_code',
    'trace_id',
  ]
    .filter((key) => fields[key] !== undefined)
    .map((key) => `${key}=${fields[key]}`);
  return [time, fields.level, fields.message, ...extra].filter(Boolean).join(' ');
}

function parseObject(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
