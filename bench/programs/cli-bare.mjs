/** A command line program without telemetry in its code, ESM: says how long its first line took. */

const firstLine = {
  millis: performance.now(),
  cpu: process.cpuUsage(),
  rss: process.memoryUsage.rss(),
  builtins: process.moduleLoadList.length,
};
// Loaded after the first line, so that it costs the measurement nothing.
const { report } = await import('./report.mjs');
report(firstLine);
