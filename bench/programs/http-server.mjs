/**
 * The measured server: hello world, or one fetch per request with `UPSTREAM`; tells its CPU between two messages.
 *
 * Over the IPC channel: `mark` starts a window, `report` answers with what was spent since.
 */
import { createServer } from 'node:http';

const upstream = process.env.UPSTREAM;
let cpu = process.cpuUsage();

const BODY = '{"hello":"world"}';

const server = createServer(async (_request, response) => {
  const body = upstream === undefined ? BODY : await (await fetch(upstream)).text();
  response.setHeader('content-type', 'application/json');
  response.end(body);
});
server.keepAliveTimeout = 120_000;

process.on('message', (message) => {
  if (message === 'mark') {
    cpu = process.cpuUsage();
    process.send({ marked: true });
  }
  if (message === 'report') {
    const { user, system } = process.cpuUsage(cpu);
    process.send({ report: { cpuMicros: user + system, rss: process.memoryUsage.rss() } });
  }
});
process.on('disconnect', () => process.exit(0));
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
