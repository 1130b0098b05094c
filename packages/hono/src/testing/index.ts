/**
 * A service in memory, or behind a real server, with its log and its metrics.
 *
 * @module
 */
export {
  type ListeningService,
  listeningService,
  type TestService,
  testService,
} from './test-service.ts';
