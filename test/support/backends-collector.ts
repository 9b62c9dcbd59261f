/**
 * A real OpenTelemetry Collector that writes what it receives to a file, which the tests read.
 *
 * Content type and encoding of each request become attributes of its items, so that a test can tell how they came.
 */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readOtlpJson, type Telemetry } from './backends-otlp-json.ts';
import {
  freePort,
  launch,
  programFile,
  temporaryFolder,
  waitFor,
  waitUntilReady,
  type Owner,
  type Running,
} from './backends.ts';

export interface Collector {
  /** Base URL for OTLP over HTTP. */
  readonly url: string;
  readonly running: Running;
  /** Everything received so far. */
  readonly received: () => Promise<Telemetry>;
  /** Waits until `pick` finds what it looks for in what was received. */
  readonly find: <T>(what: string, pick: (telemetry: Telemetry) => T | undefined | false) => Promise<T>;
}

/** Attribute with the request's Content-Type. */
export const CONTENT_TYPE = 'test.content_type';
/** Attribute with the request's Content-Encoding; absent without one. */
export const CONTENT_ENCODING = 'test.content_encoding';

export async function startCollector(owner: Owner): Promise<Collector> {
  const folder = await temporaryFolder(owner);
  const [otlp, health] = [await freePort(), await freePort()];
  const output = join(folder, 'received.jsonl');
  const config = join(folder, 'collector.yaml');
  await writeFile(config, configuration(otlp, health, output));
  const running = launch(owner, programFile('collector', 'otelcol'), ['--config', config]);
  await waitUntilReady(`http://127.0.0.1:${health}`, running);
  const received = async (): Promise<Telemetry> =>
    readOtlpJson(existsSync(output) ? await readFile(output, 'utf8') : '');
  return {
    url: `http://127.0.0.1:${otlp}`,
    running,
    received,
    find: (what, pick) => waitFor(`${what} at the Collector`, async () => pick(await received()), running),
  };
}

function configuration(otlp: number, health: number, output: string): string {
  const pipeline = '{receivers: [otlp], processors: [attributes], exporters: [file]}';
  return `
extensions:
  health_check: {endpoint: "127.0.0.1:${health}"}
receivers:
  otlp: {protocols: {http: {endpoint: "127.0.0.1:${otlp}", include_metadata: true}}}
processors:
  attributes:
    actions:
      - {key: ${CONTENT_TYPE}, from_context: metadata.content-type, action: insert}
      - {key: ${CONTENT_ENCODING}, from_context: metadata.content-encoding, action: insert}
exporters:
  file: {path: ${JSON.stringify(output)}, flush_interval: 100ms}
service:
  extensions: [health_check]
  telemetry: {metrics: {level: none}}
  pipelines: {traces: ${pipeline}, metrics: ${pipeline}, logs: ${pipeline}}
`;
}
