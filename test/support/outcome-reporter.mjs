// Reporter of node:test: one line per test, with its file, its depth, its name and how it went.
import { relative } from 'node:path';

export default async function* report(source) {
  for await (const { type, data } of source) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const outcome = data.skip !== undefined ? 'skip' : type === 'test:pass' ? 'pass' : 'fail';
    yield `${JSON.stringify([relative('.', data.file ?? ''), data.nesting, data.name, outcome])}\n`;
  }
}
