import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { degradations } from '../../../src/core/guard.ts';
import { PLAIN_TEXT } from '../../../src/encode/text-format.ts';
import { createPageRenderer } from '../../../src/encode/text.ts';
import { gauge, handMade } from '../../support/metric-page.ts';

const countOf = (site: string): number => degradations()[site]?.count ?? 0;

test('what is merged or left out is counted once for each name, however often it is scraped', () => {
  const metrics = handMade(
    {
      name: 'a',
      metrics: [
        gauge('twice', [{ attributes: { 'a.b': 1, a_b: 2 }, value: 1 }]),
        gauge('same', [{ attributes: {}, value: 1 }]),
        gauge('...', [{ attributes: {}, value: 1 }]),
      ],
    },
    { name: 'b', metrics: [gauge('same', [{ attributes: {}, value: 2 }])] },
  );
  const renderer = createPageRenderer();
  const before = { merged: countOf('scrape.merged'), left: countOf('scrape.metric') };
  for (let scrape = 0; scrape < 3; scrape += 1) {
    const steps = renderer.render(metrics, PLAIN_TEXT);
    while (steps.next().done !== true);
  }
  equal(countOf('scrape.merged') - before.merged, 2);
  equal(countOf('scrape.metric') - before.left, 1);
});

test('labels of a series are rendered once for as long as its attribute object is there', () => {
  let reads = 0;
  const attributes = {
    get path(): string {
      reads += 1;
      return '/';
    },
  };
  const metrics = handMade({ name: 'a', metrics: [gauge('g', [{ attributes, value: 1 }])] });
  const renderer = createPageRenderer();
  const pages = [1, 2].map(() => {
    const steps = renderer.render(metrics, PLAIN_TEXT);
    let step = steps.next();
    while (step.done !== true) step = steps.next();
    return Buffer.concat(step.value).toString();
  });
  equal(reads, 1);
  deepEqual(pages[0], pages[1]);
});
