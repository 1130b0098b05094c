/**
 * The one stream of all pages of a browser, in a worker that they share: six streams take all the
 * connections that a browser has to an origin over HTTP/1.1, and the seventh page would not load.
 */
import { LiveSource } from './live-source.js';

const source = new LiveSource();

self.addEventListener('connect', ({ ports: [port] }) => {
  const tell = (message) => port.postMessage(message);
  port.addEventListener('message', ({ data: { topic } }) => {
    if (topic) source.join(topic, tell);
    else source.leave(tell);
  });
  port.start();
});
