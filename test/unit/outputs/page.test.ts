import { equal, notEqual, ok, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { DataPointType, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { createPageMaker, type Page } from '../../../src/outputs/page.ts';

const OPENMETRICS = 'application/openmetrics-text;version=1.0.0';

/** A snapshot of one counter with `series` series, all of one value. */
function snapshot(series: number, value: number): { resourceMetrics: ResourceMetrics } {
  const dataPoints = Array.from({ length: series }, (_, n) => ({
    attributes: { 'url.path': `/a/path/that/takes/some/room/${n}` },
    value,
  }));
  const descriptor = { name: 'c', unit: '', description: '' };
  const metric = { descriptor, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints };
  return {
    resourceMetrics: {
      resource: resourceFromAttributes({}),
      scopeMetrics: [{ scope: { name: 'a' }, metrics: [metric as never] }],
    },
  };
}

const textOf = ({ body }: Page): string => Buffer.concat(body).toString();

test('scrapes that come together share one page for each format', async () => {
  let snapshots = 0;
  const makePage = createPageMaker(async () => {
    snapshots += 1;
    return snapshot(1, snapshots);
  });
  const pages = await Promise.all([makePage(undefined), makePage('*/*'), makePage(OPENMETRICS), makePage(OPENMETRICS)]);
  equal(pages[0], pages[1]);
  equal(pages[2], pages[3]);
  notEqual(pages[0], pages[2]);
  equal(snapshots, 2);
  notEqual(await makePage(undefined), pages[0]);
});

test('a page keeps its bytes until everybody who asked for it is done with it', async () => {
  let value = 0;
  const makePage = createPageMaker(async () => snapshot(5_000, (value += 1)));
  const [first, second] = await Promise.all([makePage(undefined), makePage(undefined)]);
  const text = textOf(first);
  equal(text.length, first.bytes);
  first.release();
  await makePage(undefined);
  equal(textOf(second), text);
  second.release();
  const third = await makePage(undefined);
  ok(
    third.body.some(({ buffer }) => first.body.some((piece) => piece.buffer === buffer)),
    'memory is used again',
  );
  equal(textOf(third), text.replaceAll(/ 1$/gm, ' 3').replace('target_info 3', 'target_info 1'));
});

test('the event loop runs while a large page is made', async () => {
  const given = snapshot(100_000, 1);
  const makePage = createPageMaker(async () => given);
  let turns = 0;
  const count = setInterval(() => (turns += 1), 1);
  const { bytes } = await makePage(undefined).finally(() => clearInterval(count));
  ok(bytes > 5_000_000);
  ok(turns >= 3, `${turns} turns`);
});

test('a snapshot that does not come in time is a failure, and the next scrape tries again', async () => {
  let isStuck = true;
  const makePage = createPageMaker(
    () => (isStuck ? new Promise<never>(() => {}) : Promise.resolve(snapshot(1, 1))),
    {},
    20,
  );
  const alive = setTimeout(() => {}, 5_000);
  await rejects(makePage(undefined), /not ready within 20 ms/).finally(() => clearTimeout(alive));
  isStuck = false;
  ok((await makePage(undefined)).bytes > 0);
});
