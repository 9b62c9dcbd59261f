/** A command line program that starts duotel itself, CommonJS: says how long its first line took. */
'use strict';
require('duotel').start();
const firstLine = {
  millis: performance.now(),
  cpu: process.cpuUsage(),
  rss: process.memoryUsage.rss(),
  builtins: process.moduleLoadList.length,
};
void import('./report.mjs').then(({ report }) => report(firstLine));
