import { rmSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { StackError } from './errors.ts';

/** What another command may ask the running supervisor to do to one process. */
export type ControlAction = 'stop' | 'restart' | 'kill';

/** Does one action; a rejection's message goes back to who asked. */
export type ControlHandler = (action: ControlAction, name: string) => Promise<void>;

const ACTIONS = new Set<string>(['stop', 'restart', 'kill'] satisfies ControlAction[]);

/**
 * Listens for actions on a Unix socket, which only this user can reach.
 *
 * @param socket - relative to the working directory: absolute paths are too long for some systems
 */
export function serveControl(socket: string, handle: ControlHandler): Server {
  rmSync(socket, { force: true });
  const server = createServer((incoming, outgoing) => {
    const [, action = '', name = ''] = (incoming.url ?? '').split('/').map(decodeURIComponent);
    const end = (status: number, sentence: string) => {
      outgoing.writeHead(status, { 'content-type': 'text/plain' });
      outgoing.end(sentence);
    };
    if (incoming.method !== 'POST' || !ACTIONS.has(action)) return end(404, 'unknown action');
    handle(action as ControlAction, name).then(
      () => end(200, 'done'),
      (error: Error) => end(500, error.message),
    );
  });
  return server.listen(socket);
}

/**
 * Asks the supervisor behind a socket to do one action and waits until it is done.
 *
 * @throws StackError with the supervisor's sentence, or that none is running.
 */
export function askControl(socket: string, action: ControlAction, name: string): Promise<void> {
  const path = `/${action}/${encodeURIComponent(name)}`;
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath: socket, path, method: 'POST' }, (incoming) => {
      let sentence = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (text: string) => {
        sentence += text;
      });
      incoming.on('end', () => {
        if (incoming.statusCode === 200) resolve();
        else reject(new StackError(sentence));
      });
    });
    outgoing.on('error', () => {
      reject(
        new StackError('The stack is not running. "npm start" or "npm run stack -- up" starts it.'),
      );
    });
    outgoing.end();
  });
}
