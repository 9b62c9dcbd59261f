/**
 * A server: says when its first line ran, when it listened, and what was spent when everything had settled.
 *
 * `lastListenMillis` is the last listener that opened in this process: its own, or a scrape listener opened because of it.
 */
import { tracingChannel } from 'node:diagnostics_channel';
import { createServer } from 'node:http';

const SETTLE_MILLIS = 60;

const firstLine = {
  millis: performance.now(),
  cpu: process.cpuUsage(),
  rss: process.memoryUsage.rss(),
  builtins: process.moduleLoadList.length,
};
const opened = [];
tracingChannel('net.server.listen').subscribe({ asyncEnd: () => opened.push(performance.now()) });

const server = createServer((_request, response) => response.end('hello\n'));
server.listen(0, '127.0.0.1', () => {
  const listening = { millis: performance.now(), cpu: process.cpuUsage(), rss: process.memoryUsage.rss() };
  setTimeout(async () => {
    const settled = { cpu: process.cpuUsage(), rss: process.memoryUsage.rss() };
    const { report } = await import('./report.mjs');
    report({ ...firstLine, listening, settled, listeners: opened.length, lastListenMillis: opened.at(-1) });
  }, SETTLE_MILLIS);
});
