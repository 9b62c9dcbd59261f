/**
 * A real OpenTelemetry Collector that hands on what it receives before it answers, and can be killed and started again.
 *
 * Without a queue of its own what it has acknowledged has arrived, so that a loss is never the Collector's.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CERTIFICATE } from '../unit/instrument/certificate.ts';
import {
  freePort,
  launch,
  programFile,
  temporaryFolder,
  waitUntilReady,
  type Owner,
  type Running,
} from './backends.ts';

export interface CollectorRelay {
  /** Base URL for OTLP over HTTP; the same after a restart. */
  readonly url: string;
  /** PEM file to trust, when it serves HTTPS. */
  readonly certificateFile: string;
  /** Ends it with SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again on the same port. */
  restart(): Promise<void>;
}

/**
 * Starts one.
 *
 * @param to - base URL it hands on to
 */
export async function startCollectorRelay(
  owner: Owner,
  to: string,
  scheme: 'http' | 'https' = 'http',
): Promise<CollectorRelay> {
  const folder = await temporaryFolder(owner);
  const [otlp, health] = [await freePort(), await freePort()];
  const file = (name: string): string => join(folder, name);
  await writeFile(file('cert.pem'), CERTIFICATE.cert);
  await writeFile(file('key.pem'), CERTIFICATE.key);
  const tls = scheme === 'https' ? `, tls: {cert_file: "${file('cert.pem')}", key_file: "${file('key.pem')}"}` : '';
  await writeFile(file('collector.yaml'), configuration({ otlp, health, to, tls }));
  const begin = async (): Promise<Running> => {
    const running = launch(owner, programFile('collector', 'otelcol'), ['--config', file('collector.yaml')]);
    await waitUntilReady(`http://127.0.0.1:${health}`, running);
    return running;
  };
  let running = await begin();
  return {
    url: `${scheme}://127.0.0.1:${otlp}`,
    certificateFile: file('cert.pem'),
    kill: async () => void (await running.stop('SIGKILL')),
    restart: async () => void (running = await begin()),
  };
}

interface Settings {
  readonly otlp: number;
  readonly health: number;
  readonly to: string;
  readonly tls: string;
}

function configuration({ otlp, health, to, tls }: Settings): string {
  const pipeline = '{receivers: [otlp], exporters: [otlp_http]}';
  return `
extensions:
  health_check: {endpoint: "127.0.0.1:${health}"}
receivers:
  otlp: {protocols: {http: {endpoint: "127.0.0.1:${otlp}"${tls}}}}
exporters:
  otlp_http:
    endpoint: ${to}
    sending_queue: {enabled: false}
    retry_on_failure: {enabled: false}
service:
  extensions: [health_check]
  telemetry: {metrics: {level: none}}
  pipelines: {traces: ${pipeline}, metrics: ${pipeline}, logs: ${pipeline}}
`;
}
