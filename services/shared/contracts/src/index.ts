/**
 * Versioned schemas that two services agree on; one file per service that owns them.
 *
 * @module
 */
export * from './catalog-v1.ts';
export * from './consumers.ts';
export * from './notifications-v1.ts';
export * from './orders-v1.ts';
export * from './payments-v1.ts';
export * from './payments-v2.ts';
export * from './provider-v1.ts';
export * from './users-v1.ts';
export * from './values.ts';
