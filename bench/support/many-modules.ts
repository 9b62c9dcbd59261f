/**
 * An application of 500 ES modules, written into `results/` (not in git): what a hook of the module system costs it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BENCH } from './peers.ts';

const MODULES = 500;
/** Each module imports this many others: a tree of five levels, as deep as applications are. */
const IMPORTS = 4;

/** Its program under `bench/`, which reports its first line. */
export const MANY_MODULES_PROGRAM = 'results/many-modules/main.mjs';

/** Writes it, the same every time. */
export function writeManyModules(): void {
  const folder = join(BENCH, dirname(MANY_MODULES_PROGRAM));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "name": "bench-many-modules", "private": true, "type": "module" }\n');
  for (let index = 0; index < MODULES; index++) writeFileSync(join(folder, `part-${index}.mjs`), moduleText(index));
  writeFileSync(join(BENCH, MANY_MODULES_PROGRAM), MAIN);
}

function moduleText(index: number): string {
  const children = Array.from({ length: IMPORTS }, (_, at) => index * IMPORTS + at + 1).filter(
    (each) => each < MODULES,
  );
  return [
    ...children.map((child) => `import { size as size${child} } from './part-${child}.mjs';`),
    `const table = { name: 'part ${index}', describe(value) { return \`\${this.name}: \${value}\`; } };`,
    `export function work(value) { return table.describe(value * ${index}); }`,
    `export const size = ${['1', ...children.map((child) => `size${child}`)].join(' + ')};`,
    '',
  ].join('\n');
}

const MAIN = `import { size } from './part-0.mjs';
if (size !== ${MODULES}) throw new Error(\`\${size} modules\`);
const firstLine = {
  millis: performance.now(),
  cpu: process.cpuUsage(),
  rss: process.memoryUsage.rss(),
  builtins: process.moduleLoadList.length,
};
const { report } = await import('../../programs/report.mjs');
report(firstLine);
`;
