/**
 * What the tests of this package share: a service of the shop in memory, or behind a real server.
 *
 * @module
 */
import {
  type ListeningService,
  listeningService as listen,
  testService as make,
  type TestService,
} from '../../../../packages/hono/src/testing/test-service.ts';
import { createService, type Service, type ServiceOptions } from './create-service.ts';

export function testService(options: Partial<ServiceOptions> = {}): TestService<Service> {
  return make(options, createService);
}

export function listeningService(options: Partial<ServiceOptions> = {}): Promise<ListeningService> {
  return listen(options, createService);
}
