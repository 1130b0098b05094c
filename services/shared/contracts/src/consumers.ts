/**
 * The services that ask others, by the product in their `User-Agent`.
 *
 * @module
 */

/** Everybody else is counted as one. */
export const CONSUMERS = ['gateway', 'notifications', 'orders', 'payments', 'users'] as const;
