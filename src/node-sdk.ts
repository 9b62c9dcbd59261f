/**
 * Door `duotel/node-sdk`: our parts for a `NodeSDK` the application already has.
 *
 * @example
 * import { NodeSDK } from '@opentelemetry/sdk-node';
 * import { nodeSdkParts } from 'duotel/node-sdk';
 * const sdk = new NodeSDK({ ...nodeSdkParts(), instrumentations: [new HttpInstrumentation()] });
 * sdk.start();
 */
import type { NodeSDKConfiguration } from '@opentelemetry/sdk-node';
import type { StartOptions } from './config/options.ts';
import { createNodeSdkParts } from './run/node-sdk-parts.ts';

/** Pieces of a NodeSDK's configuration; spread them, and add to the lists what else there should be. */
export type NodeSdkParts = Required<
  Pick<NodeSDKConfiguration, 'resource' | 'spanProcessors' | 'logRecordProcessors' | 'metricReaders'>
>;

/**
 * Makes a resource, a processor for spans and log records per destination, and one metric reader that pushes and serves
 * `/metrics`, all from the same configuration as `start()`. The `NodeSDK` starts, flushes and shuts them down.
 *
 * Do not call `start()` as well.
 */
export function nodeSdkParts(options: StartOptions = {}): NodeSdkParts {
  return createNodeSdkParts(options);
}
