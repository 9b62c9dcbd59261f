// One instrument of each kind for each unit, every one recorded once; then waits to be scraped or to push.
// Prints the port of a server it opens, because only a process that listens serves its metrics; /instruments lists
// them. Each has an attribute of its own, by which it is found whatever it is called.
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
const KINDS = { counter, updown, gauge, histogram };
const meter = metrics.getMeter('instruments', '1.0.0');
const made = [];

function make(instrument, [unit, kind], value, attributes = {}) {
  const id = made.push({ instrument, unit, kind }) - 1;
  const description = `Measured in ${unit === '' ? 'nothing' : unit}`;
  KINDS[kind](instrument, { unit, description }, value, { id, ...attributes });
}

function counter(name, options, value, attributes) {
  meter.createCounter(name, options).add(value, attributes);
}

function updown(name, options, value, attributes) {
  meter.createUpDownCounter(name, options).add(-value, attributes);
}

function histogram(name, options, value, attributes) {
  meter.createHistogram(name, options).record(value + 0.5, attributes);
}

function gauge(name, options, value, attributes) {
  meter.createObservableGauge(name, options).addCallback((result) => result.observe(value + 0.25, attributes));
}

UNITS.forEach((unit, index) => {
  for (const kind of Object.keys(KINDS)) make(`made.${kind}.n${index}`, [unit, kind], index + 1, { kind: 'book' });
});
// Names that need care: a suffix that is there already, every punctuation the specification allows. (Repeated
// underscores are left out: VictoriaMetrics keeps them, the specification and otlptranslator make them one.)
make('made.total', ['', 'counter'], 1);
make('made.duration.seconds', ['s', 'counter'], 1);
make('made.size_bytes', ['By', 'histogram'], 1);
make('made.hit.ratio', ['1', 'gauge'], 1);
make('made-with/all.of_it', ['', 'gauge'], 1, { 'http.route': '/a "b" \\c\nd', '2nd': 'digit', flag: true });

const server = http.createServer((request, response) =>
  response.end(request.url === '/instruments' ? JSON.stringify(made) : ''),
);
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
