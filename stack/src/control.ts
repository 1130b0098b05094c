import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { StackError } from './errors.ts';
import { isLease, type StackFaultRequest } from './faults/stack-fault.ts';
import type { StackFaults } from './faults/stack-faults.ts';

/** What another command may ask the running supervisor to do to one process. */
export type ControlAction = 'stop' | 'restart' | 'kill';

/** Does one action; a rejection's message goes back to who asked. */
export type ControlHandler = (action: ControlAction, name: string) => Promise<void>;

const ACTIONS = new Set<string>(['stop', 'restart', 'kill'] satisfies ControlAction[]);

/** What the supervisor answers: a sentence, or JSON. */
interface Answer {
  readonly status: number;
  readonly text: string;
}

/**
 * Listens on a Unix socket, which only this user can reach, for actions and for faults:
 * `GET` and `PUT /faults`, `PUT` and `DELETE /faults/{id}`, as the services' own.
 *
 * @param socket - relative to the working directory: absolute paths are too long for some systems
 */
export function serveControl(socket: string, handle: ControlHandler, faults: StackFaults): Server {
  rmSync(socket, { force: true });
  const answer = async (incoming: IncomingMessage): Promise<Answer> => {
    const [, action = '', name = ''] = (incoming.url ?? '').split('/').map(decodeURIComponent);
    if (action === 'faults') return answerFaults(faults, incoming, name);
    if (incoming.method !== 'POST' || !ACTIONS.has(action)) {
      return { status: 404, text: 'unknown action' };
    }
    await handle(action as ControlAction, name);
    return { status: 200, text: 'done' };
  };
  const server = createServer((incoming, outgoing) => {
    answer(incoming)
      .catch((error: Error) => ({ status: 500, text: error.message }))
      .then(({ status, text }) => {
        outgoing.writeHead(status, { 'content-type': 'text/plain' });
        outgoing.end(text);
      });
  });
  return server.listen(socket);
}

async function answerFaults(
  faults: StackFaults,
  incoming: IncomingMessage,
  id: string,
): Promise<Answer> {
  const json = (value: unknown) => ({ status: 200, text: JSON.stringify(value) });
  const gone = { status: 404, text: `There is no fault ${id}; its lease may have ended.` };
  switch (`${incoming.method} ${id ? 'one' : 'all'}`) {
    case 'GET all':
      return json({ faults: await faults.list() });
    case 'PUT all':
      return json(await faults.add((await bodyOf(incoming)) as StackFaultRequest));
    case 'PUT one': {
      const { for_s } = (await bodyOf(incoming)) as { for_s?: unknown };
      if (!isLease(for_s)) return { status: 422, text: '"for_s" is a number of seconds.' };
      const renewed = await faults.renew(id, for_s);
      return renewed ? json(renewed) : gone;
    }
    case 'DELETE one':
      return (await faults.remove(id)) ? { status: 200, text: '{}' } : gone;
    default:
      return { status: 405, text: 'unknown method' };
  }
}

async function bodyOf(incoming: IncomingMessage): Promise<object> {
  let text = '';
  for await (const chunk of incoming.setEncoding('utf8')) text += chunk;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below.
  }
  throw new StackError('The body is no JSON object.');
}

/**
 * Asks the supervisor behind a socket to do one action and waits until it is done.
 *
 * @throws StackError with the supervisor's sentence, or that none is running.
 */
export async function askControl(
  socket: string,
  action: ControlAction,
  name: string,
): Promise<void> {
  await requestControl(socket, 'POST', `/${action}/${encodeURIComponent(name)}`);
}

/**
 * Sends one request to the supervisor behind a socket.
 *
 * @returns the text of its answer
 * @throws StackError with the supervisor's sentence, or that none is running.
 */
export function requestControl(
  socket: string,
  method: string,
  path: string,
  body?: object,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath: socket, path, method }, (incoming) => {
      let sentence = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (text: string) => {
        sentence += text;
      });
      incoming.on('end', () => {
        if (incoming.statusCode === 200) resolve(sentence);
        else reject(new StackError(sentence));
      });
    });
    outgoing.on('error', () => {
      reject(
        new StackError('The stack is not running. "npm start" or "npm run stack -- up" starts it.'),
      );
    });
    outgoing.end(body ? JSON.stringify(body) : undefined);
  });
}
