/** One counter as Prometheus scrapes it and as OTLP delivers it, side by side. */
import type { Receiver } from '../../src/testing.ts';
import { bold, green, red } from './style.ts';

const OUTCOMES = ['placed', 'failed'];

/** Lines of the section; `scraped` is the text of `/metrics`. */
export function counterSection(scraped: string, receiver: Receiver): string[] {
  const title = `${bold('One counter, two ways out')}${' '.repeat(21)}`;
  const rows = OUTCOMES.map((outcome) => {
    const pulled = scrapedValue(scraped, outcome);
    const pushed = receiver.metric('demo.orders', { outcome })?.value;
    const verdict = pulled !== undefined && pulled === pushed ? green('equal') : red('different');
    const name = `demo_orders_total{outcome="${outcome}"}`.padEnd(44);
    return `  ${name}${column(pulled, 21)}${column(pushed, 21)}   ${verdict}`;
  });
  return [`${title}${'/metrics scraped'.padStart(21)}${'OTLP pushed'.padStart(21)}`, ...rows];
}

/** Orders pushed over OTLP so far, of all outcomes. */
export function pushedOrders(receiver: Receiver): number {
  return OUTCOMES.reduce((sum, outcome) => sum + (receiver.metric('demo.orders', { outcome })?.value ?? 0), 0);
}

function scrapedValue(text: string, outcome: string): number | undefined {
  const sample = text
    .split('\n')
    .find((line) => line.startsWith('demo_orders_total{') && line.includes(`outcome="${outcome}"`));
  return sample === undefined ? undefined : Number(/\} (\S+)/.exec(sample)?.[1]);
}

function column(value: number | undefined, width: number): string {
  return String(value ?? 'missing').padStart(width);
}
