/** Threads and processes beside the main one push totals of their own at their end, under an identity of their own. */
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { type Receiver, startReceiver } from '../../src/testing.ts';
import { runApp } from '../support/run-app.ts';

const ENDS = ['ends', 'exits', 'throws', 'rejects'];

const COUNT = `
  const { metrics } = require('@opentelemetry/api');
  const meter = metrics.getMeter('app'), worked = meter.createCounter('worked'), took = meter.createHistogram('took');
  let total = 0;
  meter.createObservableCounter('seen').addCallback((result) => result.observe(total));
  const count = (end) => { for (let item = 0; item < 1000; item++) { total++; worked.add(1, { end }); took.record(item, { end }); } };
  const finish = (end) => {
    if (end === 'exits') process.exit(2);
    if (end === 'throws') throw new Error('mine');
    if (end === 'rejects') Promise.reject(new Error('mine'));
  };`;

interface Totals {
  readonly counts: Readonly<Record<string, number>>;
  readonly seen: number;
  readonly instances: number;
}

/** What the newest points of each instance say. */
function totalsOf({ metrics }: Receiver): Totals {
  const newest = new Map<string, number>();
  const instances = new Set<string>();
  for (const { name, resource, points } of metrics) {
    for (const { attributes, value } of points) {
      const instance = String(resource['service.instance.id']);
      if (name === 'worked' || name === 'seen')
        newest.set(`${name} ${String(attributes['end'])} ${instance}`, Number(value));
      if (name === 'worked') instances.add(instance);
    }
  }
  const entries = [...newest].map(([key, value]) => [key.split(' '), value] as const);
  const worked = entries
    .filter(([[name]]) => name === 'worked')
    .map(([[, end], value]) => [end as string, value] as const);
  const seen = entries.filter(([[name]]) => name === 'seen').reduce((sum, [, value]) => sum + value, 0);
  return { counts: Object.fromEntries(worked), seen, instances: instances.size };
}

async function run(t: { after(done: () => unknown): void }, code: string): Promise<Totals> {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  const result = await runApp({
    code,
    type: 'cjs',
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SERVICE_NAME: 'crowd', DUOTEL_SHUTDOWN_TIMEOUT: '5000' },
  });
  equal(result.code, 0, result.stderr);
  deepEqual(
    result.stderr.split('\n').filter((line) => line.startsWith('DUOTEL_')),
    [],
  );
  return totalsOf(receiver);
}

const EVERYTHING: Totals = {
  counts: { ends: 1000, exits: 1000, main: 1000, rejects: 1000, throws: 1000 },
  seen: 5000,
  instances: 5,
};

test('worker threads that end, exit, throw or reject push what they counted, each once', async (t) => {
  const totals = await run(
    t,
    `${COUNT} const { Worker, isMainThread, workerData } = require('node:worker_threads');
     if (isMainThread) {
       count('main');
       for (const end of ${JSON.stringify(ENDS)}) new Worker(__filename, { workerData: end }).on('error', () => {});
     } else { count(workerData); finish(workerData); }`,
  );
  deepEqual(totals, EVERYTHING);
});

test('cluster workers that end, exit, throw or reject push what they counted, each once', async (t) => {
  const totals = await run(
    t,
    `${COUNT} const cluster = require('node:cluster');
     if (cluster.isPrimary) {
       count('main');
       cluster.setupPrimary({ silent: true });
       for (const end of ${JSON.stringify(ENDS)}) cluster.fork({ END: end });
     } else { count(process.env.END); if (process.env.END === 'ends') cluster.worker.disconnect(); else finish(process.env.END); }`,
  );
  deepEqual(totals, EVERYTHING);
});
