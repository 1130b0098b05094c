/**
 * Lets calls end on a connection that its server is draining.
 *
 * A keepalive ping that is due after a graceful GOAWAY fails in `@grpc/grpc-js`, which then takes
 * the connection for broken and ends the calls on it (grpc-node#3068). Such a connection gets no
 * new calls and each of its calls has a deadline: it needs no pings.
 *
 * @module
 */
import type { ClientHttp2Session } from 'node:http2';
import { createRequire } from 'node:module';

/** What makes the connections of all channels; no part of the documented interface. */
interface Connector {
  connect(...args: unknown[]): Promise<object>;
}

const NO_ERROR = 0;
const { Http2SubchannelConnector } = createRequire(import.meta.url)(
  '@grpc/grpc-js/build/src/transport.js',
) as { readonly Http2SubchannelConnector: { readonly prototype: Connector } };
const { connect } = Http2SubchannelConnector.prototype;

Http2SubchannelConnector.prototype.connect = async function (...args) {
  const transport = await connect.apply(this, args);
  stopPings(Reflect.get(transport, 'session'));
  return transport;
};

type Confirm = (error: null, durationMs: number) => void;

function stopPings(session: ClientHttp2Session): void {
  session.once('goaway', (code) => {
    if (code !== NO_ERROR) return;
    session.ping = (...args: readonly unknown[]) => {
      const confirm = args.find((argument) => typeof argument === 'function') as Confirm;
      setImmediate(() => confirm?.(null, 0));
      return true;
    };
  });
}
