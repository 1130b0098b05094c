/**
 * Notifications: tells users what happened, through an outside world that misbehaves.
 *
 * @module
 */
import { createService, type Service, type ServiceOptions } from '@breakwater/kit';
import type { DeliveryService } from './peers.ts';
import { mountNotifications } from './routes/notifications.ts';

/** What the app is made of. */
export interface AppDependencies
  extends Pick<ServiceOptions, 'logger' | 'registry' | 'resilience'> {
  readonly delivery: DeliveryService;
}

/** The app of the service, before it listens. */
export function createApp({ delivery, ...options }: AppDependencies): Service {
  const service = createService({
    name: 'notifications',
    description: 'Tells users what happened; its trouble is nobody else’s.',
    deadlineMs: 2_000,
    ...options,
  });
  mountNotifications(service.app, delivery);
  return service;
}
