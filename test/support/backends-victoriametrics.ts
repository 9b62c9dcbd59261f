/** A real VictoriaMetrics with Prometheus naming: the independent oracle for the names OTLP metrics get. */
import { join } from 'node:path';
import { instantQuery, type Series } from './backends-prometheus.ts';
import {
  freePort,
  getText,
  launch,
  programFile,
  temporaryFolder,
  waitUntilReady,
  type Owner,
  type Running,
} from './backends.ts';

export interface VictoriaMetrics {
  readonly running: Running;
  /** Where OTLP metrics (protobuf only) are accepted, complete with path. */
  readonly otlpMetricsUrl: string;
  /** Names of all series stored so far. */
  readonly names: () => Promise<readonly string[]>;
  readonly query: (promql: string) => Promise<readonly Series[]>;
}

export async function startVictoriaMetrics(owner: Owner): Promise<VictoriaMetrics> {
  const folder = await temporaryFolder(owner);
  const port = await freePort();
  const running = launch(owner, programFile('debian-trixie', 'usr', 'bin', 'victoria-metrics'), [
    `-storageDataPath=${join(folder, 'data')}`,
    `-httpListenAddr=127.0.0.1:${port}`,
    '-opentelemetry.usePrometheusNaming',
    '-search.latencyOffset=0s', // else the last 30 s are hidden
    '-search.disableCache',
    '-inmemoryDataFlushInterval=1s',
  ]);
  const url = `http://127.0.0.1:${port}`;
  await waitUntilReady(`${url}/health`, running);
  return {
    running,
    otlpMetricsUrl: `${url}/opentelemetry/v1/metrics`,
    names: async () => (JSON.parse(await getText(`${url}/api/v1/label/__name__/values`)) as { data: string[] }).data,
    query: (promql) => instantQuery(url, promql),
  };
}
