/** The set-ups whose cost per request is measured: how each is preloaded and pointed at its own receiver. */
import type { Peer } from './support/peers.ts';

export interface HttpSetup {
  readonly name: string;
  readonly duotel?: boolean;
  readonly peer?: Peer;
  readonly execArgv: readonly string[];
  /** Environment, given the port of the receiver that counts for this set-up. */
  readonly env: (sinkPort: number) => Readonly<Record<string, string>>;
}

const STOCK = ['--import', './peers/stock.mjs'];

const otlp = (port: number): Record<string, string> => ({
  OTEL_SERVICE_NAME: 'bench',
  OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
  OTEL_METRIC_EXPORT_INTERVAL: '10000',
  OTEL_EXPORTER_PROMETHEUS_PORT: '0',
});

const dsn = (port: number): Record<string, string> => ({ SENTRY_DSN: `http://key@127.0.0.1:${port}/1` });

export const HTTP_SETUPS: readonly HttpSetup[] = [
  { name: 'bare', execArgv: [], env: () => ({}) },
  { name: 'duotel', duotel: true, execArgv: ['--import', 'duotel/register'], env: otlp },
  { name: 'stock', peer: 'stock', execArgv: STOCK, env: otlp },
  {
    name: 'dd-trace',
    peer: 'ddtrace',
    execArgv: ['--import', 'dd-trace/initialize.mjs'],
    env: (port) => ({
      DD_TRACE_AGENT_URL: `http://127.0.0.1:${port}`,
      DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
      DD_REMOTE_CONFIGURATION_ENABLED: 'false',
      DD_TRACE_STARTUP_LOGS: 'false',
    }),
  },
  {
    name: 'duotel + Sentry',
    duotel: true,
    execArgv: ['--import', 'duotel/register'],
    env: (port) => ({ ...otlp(port), ...dsn(port), SENTRY_TRACES_SAMPLE_RATE: '1' }),
  },
  { name: 'stock + Sentry', peer: 'sentry', execArgv: STOCK, env: (port) => ({ ...otlp(port), ...dsn(port) }) },
];
