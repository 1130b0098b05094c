/**
 * The client of the fuzz: writes bytes, reads whatever comes back.
 *
 * @module
 */
import { connect } from 'node:net';
import type { Case } from './case.ts';

/** One response as it came over the wire. */
export interface RawResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** What became of a connection. */
export interface Outcome {
  readonly responses: readonly RawResponse[];
  /** What came after the last response and is none. */
  readonly rest: string;
  /** The server ended the connection; false where the client gave up waiting. */
  readonly ended: boolean;
  /** What the network said against it, such as ECONNRESET; undefined when nothing. */
  readonly trouble: string | undefined;
}

/**
 * So long after its last byte, without an end, the client sends {@link FILLER}: where the server waits for more of
 * a request, this is more of it than any request may have. It changes how long a case takes, not
 * what may come of it.
 */
const FILL_AFTER_MS = 1_000;
/** Longer than the server waits for a request. */
const GIVE_UP_AFTER_MS = 30_000;
/** More than the largest body, and in the end no HTTP whatever it is taken for. */
const FILLER = Buffer.alloc(1_200_000, 'z\0');

/** Sends a case and waits until the server ends the connection. */
export function converse({ pieces, leaves }: Case, port: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    let ended = true;
    let filling: NodeJS.Timeout | undefined;
    const giving = setTimeout(() => {
      ended = false;
      socket.destroy();
    }, GIVE_UP_AFTER_MS);
    // A reset after the last response is an end like another.
    let trouble: string | undefined;
    socket.on('error', ({ message }) => {
      trouble = message;
    });
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', () => socket.end());
    socket.on('close', () => {
      clearTimeout(filling);
      clearTimeout(giving);
      resolve({ ...readResponses(Buffer.concat(chunks).toString('latin1')), ended, trouble });
    });
    socket.setNoDelay(true);
    const send = (i: number) => {
      const piece = pieces[i];
      if (socket.destroyed) return;
      if (piece) socket.write(piece, () => setImmediate(send, i + 1));
      else if (leaves) socket.resetAndDestroy();
      else filling = setTimeout(() => socket.write(FILLER), FILL_AFTER_MS);
    };
    socket.on('connect', () => send(0));
  });
}

/** Splits what came over the wire; interim responses are passed over (RFC 9110, section 15.2). */
export function readResponses(text: string): Pick<Outcome, 'responses' | 'rest'> {
  const responses: RawResponse[] = [];
  let rest = text;
  for (;;) {
    const found = /^HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n/.exec(rest);
    if (!found) return { responses, rest };
    const [whole, status = '', lines = ''] = found;
    rest = rest.slice(whole.length);
    if (status.startsWith('1')) continue;
    const headers = new Headers(
      lines.split('\r\n').flatMap((line): [string, string][] => {
        const [, name, value] = /^([^:]+): ?(.*)$/.exec(line) ?? [];
        return name === undefined ? [] : [[name, value ?? '']];
      }),
    );
    let body = '';
    [body, rest] = headers.has('transfer-encoding') ? takeChunks(rest) : take(rest, headers);
    responses.push({ status: Number(status), headers, body });
  }
}

/** A body of known length; the response to a HEAD states the length of one that is not there. */
function take(text: string, headers: Headers): [body: string, rest: string] {
  const isAbsent = text === '' || text.startsWith('HTTP/1.1 ');
  const length = isAbsent ? 0 : Number(headers.get('content-length') ?? 0);
  return [text.slice(0, length), text.slice(length)];
}

function takeChunks(text: string): [body: string, rest: string] {
  let [body, rest] = ['', text];
  for (;;) {
    const found = /^([0-9a-f]+)\r\n/i.exec(rest);
    if (!found) return [body, rest];
    const size = Number.parseInt(found[1] ?? '0', 16);
    const start = found[0].length;
    body += rest.slice(start, start + size);
    rest = rest.slice(start + size + 2);
    if (size === 0) return [body, rest];
  }
}
