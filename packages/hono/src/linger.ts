/**
 * The end of a connection whose client may still be sending.
 *
 * @module
 */
import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** How long a client may go on sending after its last response, in milliseconds. */
const LINGER_MS = 1_000;

/**
 * Half-closes and reads on for a moment: a connection closed over bytes that nobody has read is
 * reset, and takes the response along (RFC 9112, section 9.6).
 */
export function closeSoon(socket: Duplex, lastBytes = ''): void {
  if (!socket.writable) return;
  socket.end(lastBytes);
  const cut = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('close', () => clearTimeout(cut));
}

/** Ends connections so also where Node ends them: it would close both ways at once. */
export function lingerOnClose(server: Server): void {
  server.on('connection', (socket) => {
    socket.destroySoon = () => closeSoon(socket);
  });
}
