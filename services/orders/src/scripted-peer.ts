/**
 * A peer for tests that keeps what it is asked and answers as told.
 *
 * @module
 */
import { type PeerServer, servePeer } from '@breakwater/testing';

/** One request, as it came in. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** A peer that answers every request alike. */
export interface ScriptedPeer extends PeerServer {
  readonly seen: SeenRequest[];
  /** What it throws is answered by the contract. */
  answer: (request: SeenRequest) => Response | Promise<Response>;
  /** Forgets what it has seen and answers as it did at first. */
  reset(): void;
}

/** Starts a peer that answers with `answer` until told otherwise. */
export async function serveScripted(
  name: string,
  answer: ScriptedPeer['answer'],
): Promise<ScriptedPeer> {
  const peer: ScriptedPeer = Object.assign(await servePeer(name), {
    seen: [],
    answer,
    reset() {
      peer.seen.length = 0;
      peer.answer = answer;
    },
  });
  peer.app.all('*', async (c) => {
    const text = await c.req.text();
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    const request = { method: c.req.method, path: c.req.path, body };
    peer.seen.push(request);
    return peer.answer(request);
  });
  return peer;
}
