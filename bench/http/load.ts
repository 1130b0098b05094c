/**
 * The load, in a process of its own: so many connections, each with one request in flight.
 *
 * A bare socket client: on two cores a heavier one would be what is measured.
 *
 * @module
 */
import { connect } from 'node:net';
import { quantile } from '../statistics.ts';

/** One measurement to make. */
export interface LoadOrder {
  readonly port: number;
  readonly path: string;
  readonly connections: number;
  readonly seconds: number;
}

/** What came of it. */
export interface LoadResult {
  readonly requests: number;
  /** Answers whose status is not 200. */
  readonly failed: number;
  readonly seconds: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

process.on('message', (order: LoadOrder) => {
  void run(order).then((result) => process.send?.(result));
});
process.on('disconnect', () => process.exit());

async function run({ port, path, connections, seconds }: LoadOrder): Promise<LoadResult> {
  const started = performance.now();
  const end = started + seconds * 1000;
  const latencies: number[] = [];
  let failed = 0;
  await Promise.all(
    Array.from({ length: connections }, () =>
      converse(port, path, end, (status, ms) => {
        latencies.push(ms);
        if (status !== 200) failed++;
      }),
    ),
  );
  return {
    requests: latencies.length,
    failed,
    seconds: (performance.now() - started) / 1000,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
  };
}

/** Sends requests one after the other until `end`, on one connection. */
function converse(
  port: number,
  path: string,
  end: number,
  answered: (status: number, ms: number) => void,
): Promise<void> {
  const request = `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nuser-agent: bench\r\naccept: */*\r\n\r\n`;
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1').setNoDelay(true);
    let sentAt = 0;
    let received = '';
    const send = () => {
      sentAt = performance.now();
      socket.write(request);
    };
    socket.setEncoding('latin1').once('connect', send);
    socket.on('data', (chunk: string) => {
      received += chunk;
      const length = answerLength(received);
      if (length === undefined || received.length < length) return;
      const now = performance.now();
      answered(Number(received.slice(9, 12)), now - sentAt);
      received = received.slice(length);
      if (now < end) send();
      else socket.end(resolve);
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the server closed the connection')));
  });
}

/** Bytes of the answer at the start of `text`, once its head is complete. */
function answerLength(text: string): number | undefined {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1];
  if (length === undefined) throw new Error('the answer has no content-length');
  return headEnd + 4 + Number(length);
}
