/**
 * Starts the SDK beside `@hono/otel`, before the app is loaded.
 *
 * @module
 */
import { NodeSDK } from '@opentelemetry/sdk-node';

new NodeSDK().start();
