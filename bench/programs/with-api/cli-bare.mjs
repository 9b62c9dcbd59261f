/** A command line program that uses the API without anything behind it, ESM: says how long its first line took. */

import { trace } from '@opentelemetry/api';

trace.getTracer('bench');
const firstLine = {
  millis: performance.now(),
  cpu: process.cpuUsage(),
  rss: process.memoryUsage.rss(),
  builtins: process.moduleLoadList.length,
};
// Loaded after the first line, so that it costs the measurement nothing.
const { report } = await import('../report.mjs');
report(firstLine);
