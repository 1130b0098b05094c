/**
 * What the tests of several services share: requests to an app, peers that can be scripted, and
 * services as processes of their own.
 *
 * @module
 */
export { eventually } from './eventually.ts';
export {
  ORDER_SERVICES,
  type OrderService,
  type OrderServices,
  startOrderServices,
} from './order-services.ts';
export { type PeerServer, servePeer } from './peer-server.ts';
export {
  type Answer,
  type Requester,
  type RequestOptions,
  type RequestTarget,
  requester,
} from './requester.ts';
export { type ServiceProcess, startService } from './service-process.ts';
export { type LogLine, type TestTelemetry, testTelemetry } from './test-telemetry.ts';
