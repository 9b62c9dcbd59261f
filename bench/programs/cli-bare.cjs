/** A command line program without telemetry in its code, CommonJS: says how long its first line took. */
'use strict';

const firstLine = {
  millis: performance.now(),
  cpu: process.cpuUsage(),
  rss: process.memoryUsage.rss(),
  builtins: process.moduleLoadList.length,
};
void import('./report.mjs').then(({ report }) => report(firstLine));
