// One instrument of each kind for each unit, every one recorded once; then waits to be scraped or to push.
// Prints the port of a server it opens, because only a process that listens serves its metrics.
import http from 'node:http';
import { metrics } from '@opentelemetry/api';

const UNITS = [
  '',
  '1',
  's',
  'ms',
  'min',
  'h',
  'By',
  'KiBy',
  'MBy',
  '%',
  'USD',
  '{question}',
  'Cel',
  'By/s',
  'm/s',
  'W',
  '{fault}/s',
];
const meter = metrics.getMeter('instruments', '1.0.0');

UNITS.forEach((unit, index) => {
  const options = { unit, description: `Measured in ${unit === '' ? 'nothing' : unit}` };
  meter.createCounter(`made.counter.n${index}`, options).add(index + 1);
  meter.createUpDownCounter(`made.updown.n${index}`, options).add(-index - 1, { kind: 'book' });
  meter.createHistogram(`made.histogram.n${index}`, options).record(index + 0.5);
  meter.createObservableGauge(`made.gauge.n${index}`, options).addCallback((result) => result.observe(index + 0.25));
});
// Names that need care: a suffix that is there already, every punctuation the specification allows. (Repeated
// underscores are left out: VictoriaMetrics keeps them, the specification and otlptranslator make them one.)
meter.createCounter('made.total', { description: 'Ends like a counter' }).add(1);
meter.createCounter('made.duration.seconds', { unit: 's', description: 'Ends like its unit' }).add(1);
meter.createHistogram('made.size_bytes', { unit: 'By', description: 'Ends like its unit' }).record(1);
meter.createGauge('made-with/all.of_it', { description: 'Punctuation' }).record(1, { 'http.route': '/a "b" \\c\nd' });

const server = http.createServer((_, response) => response.end());
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
