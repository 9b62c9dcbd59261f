/**
 * Every coded message people can see, in one table.
 *
 * `docs/reference/notices.md` is generated from it. A retired code is never reused.
 * Layer: core.
 */

/** How grave it is, what happened and what to do about it, a sentence or two each, by code. */
export const NOTICES = {
  DUOTEL_CONFIG_INVALID: {
    level: 'warn',
    meaning: 'A variable or option has a value that cannot be used; the default stays in force.',
    remedy: 'Set one of the values the line names, or remove the variable.',
  },
  DUOTEL_CONFIG_REPAIRED: {
    level: 'info',
    meaning: 'A variable had a common mistake (quotes, a doubled path, wrapped base64) that could be repaired.',
    remedy:
      'Nothing has to be done; writing the value as the line shows it removes the note. Shown only with OTEL_LOG_LEVEL=info or lower.',
  },
  DUOTEL_CONFIG_ENDPOINT: {
    level: 'warn',
    meaning: 'An endpoint is well formed but cannot be the right one, for example the port of the gRPC protocol.',
    remedy: 'Set the address the line proposes.',
  },
  DUOTEL_CONFIG_CREDENTIAL: {
    level: 'warn',
    meaning: 'A credential is missing, empty or of the wrong kind.',
    remedy: 'Create the credential the line names and set the variable it names.',
  },
  DUOTEL_CONFIG_CONFLICT: {
    level: 'warn',
    meaning: 'Two settings contradict each other; the line says which one is in force.',
    remedy: 'Remove one of the two.',
  },
  DUOTEL_FEATURE_UNAVAILABLE: {
    level: 'warn',
    meaning: 'A variable asks for a feature this version does not have; everything else works.',
    remedy: 'Remove the variable, or upgrade once the changelog lists the feature.',
  },
  DUOTEL_SERVICE_UNNAMED: {
    level: 'warn',
    meaning: 'Telemetry leaves the process without a service name, so back ends file it under unknown_service.',
    remedy: 'Set OTEL_SERVICE_NAME, or a name in the package.json of the application.',
  },
  DUOTEL_NODE_UNSUPPORTED: {
    level: 'warn',
    meaning: 'This version of Node.js is older than the ones that are supported; telemetry runs as well as it can.',
    remedy: 'Run Node.js 22.15 or newer.',
  },
  DUOTEL_API_TAKEN: {
    level: 'warn',
    meaning: 'Another copy of an OpenTelemetry SDK or API registered itself first; what it holds is left to it.',
    remedy: 'Remove the other SDK, or load duotel with --import so that it comes first.',
  },
  DUOTEL_EARLY_INSTRUMENTS: {
    level: 'warn',
    meaning:
      'Metric instruments were made before telemetry started. The OpenTelemetry API gives such instruments nothing to record into; their measurements are lost and counted in status().degraded, metrics.early-instrument.',
    remedy:
      'Start with `node --import duotel/register`, or call start() in a module that is imported before all others.',
  },
  DUOTEL_MODULES_EARLY: {
    level: 'warn',
    meaning:
      'Modules were loaded before telemetry started. They are instrumented from then on; what the program had already made of them is not.',
    remedy:
      'Start with `node --import duotel/register`, or call start() in a module that is imported before all others.',
  },
  DUOTEL_MODULES_BUNDLED: {
    level: 'warn',
    meaning: "A bundler has put modules into the application's own file, where they cannot be instrumented.",
    remedy: 'Declare the modules the line names external in the bundler, or switch their instrumentations off.',
  },
  DUOTEL_HTTP_UPSTREAM_MISSING: {
    level: 'warn',
    meaning:
      'DUOTEL_HTTP=upstream asks for the official instrumentations of HTTP and fetch, but one cannot be loaded from the application; duotel observes that part itself.',
    remedy: 'Install the packages the line names, or remove DUOTEL_HTTP.',
  },
  DUOTEL_SECOND_COPY: {
    level: 'warn',
    meaning: 'A second copy of duotel was loaded; the first one stays in charge and serves both.',
    remedy: 'Deduplicate the installation: `npm ls duotel` shows the copies.',
  },
  DUOTEL_PORT_IN_USE: {
    level: 'warn',
    meaning: 'The port of the Prometheus endpoint is taken; metrics are not served there. Everything else works.',
    remedy: 'Set OTEL_EXPORTER_PROMETHEUS_PORT to a free port, to 0 for any, or DUOTEL_METRICS_PORT_BUSY=ephemeral.',
  },
  DUOTEL_SCRAPE_FAILED: {
    level: 'warn',
    meaning: 'The Prometheus endpoint could not be opened, or a page could not be made. Everything else works.',
    remedy: 'See the cause in the line: host and port of the endpoint, or metrics that do not answer in time.',
  },
  DUOTEL_METRIC_OVERFLOW: {
    level: 'warn',
    meaning:
      'A metric, or all metrics together, have more attribute sets than are kept apart; the rest is counted in one series.',
    remedy:
      'Leave out the attribute the line names, keep its first values only (DUOTEL_METRICS_FIRST_VALUES), or raise the limit.',
  },
  DUOTEL_METRIC_NAME_TAKEN: {
    level: 'warn',
    meaning: 'A metric of a prom-client registry has the name of another metric and is left out.',
    remedy: 'Remove one of the two, or rename it.',
  },
  DUOTEL_EXPORT_FAILED: {
    level: 'warn',
    meaning: 'A destination does not accept telemetry; it is kept while it fits and tried again where that can help.',
    remedy: 'See the cause in the line: address, credential, certificate or the state of the destination.',
  },
  DUOTEL_EXPORT_RECOVERED: {
    level: 'info',
    meaning: 'A destination that failed accepts telemetry again; the line counts what was lost meanwhile.',
    remedy: 'Nothing has to be done.',
  },
  DUOTEL_PARTIAL_SUCCESS: {
    level: 'warn',
    meaning: 'A destination accepted a request but rejected some of its items; its own words are in the line.',
    remedy: 'Follow the words of the destination; they usually name a limit.',
  },
  DUOTEL_VOLUME_LIMIT: {
    level: 'warn',
    meaning:
      'A destination was sent as much of a signal in an hour as DUOTEL_HOURLY_LIMIT_MB allows; the rest is dropped.',
    remedy:
      'Find what makes so much telemetry (duotel.exporter.sent shows where it goes), sample it, or raise the limit.',
  },
  DUOTEL_LOGS_LIMITED: {
    level: 'warn',
    meaning: 'More log records came in a second than DUOTEL_LOGS_RATE_LIMIT allows; the rest is not exported.',
    remedy: 'Log less, set DUOTEL_LOGS_LEVEL, or raise the limit. duotel.exporter.filtered counts what is left out.',
  },
  DUOTEL_EXIT_LOSS: {
    level: 'warn',
    meaning:
      'The process ended before its last telemetry was accepted, or telemetry was lost earlier and no other line has counted it; the line counts what was lost and says why.',
    remedy:
      'See the cause in the line: a destination that does not answer, or worker threads that are not permitted. DUOTEL_SHUTDOWN_TIMEOUT gives the end more time.',
  },
  DUOTEL_USER_PART_FAILED: {
    level: 'warn',
    meaning:
      'A processor, sampler, propagator, reader, view or instrumentation that was handed to start() threw, rejected or gave a useless answer; only its own work is missing.',
    remedy: 'Repair the part the line names. How often it failed is in status().degraded.',
  },
  DUOTEL_SENTRY_UNLINKED: {
    level: 'warn',
    meaning:
      'The application uses a Sentry that cannot be joined; its events go their own way, without the ids of traces.',
    remedy: 'Follow the line: install @sentry/node 11, or keep it out of the bundle of the application.',
  },
  DUOTEL_SENTRY_UNPROFILED: {
    level: 'warn',
    meaning: 'Profiles were asked for, but nothing is profiled; errors and spans are sent.',
    remedy: 'Follow the line: give Sentry.init() the integration of @sentry/profiling-node, or remove the variable.',
  },
  DUOTEL_START_FAILED: {
    level: 'warn',
    meaning: 'Telemetry could not start; the program runs without it.',
    remedy: 'Report the cause given in the line.',
  },
} as const;

/** A stable, documented message code. */
export type NoticeCode = keyof typeof NOTICES;
