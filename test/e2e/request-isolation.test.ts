/** The same as test/process/request-isolation.test.ts, in express: routers and middleware between request and answer. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startReceiver } from '../../src/testing.ts';
import type { ProgramName } from '../../tools/backends/programs.ts';
import { ensureNode } from '../../tools/node-versions.mjs';
import { installPacked } from '../support/backends-package.ts';
import { cleanEnvironment, launch, skipWithout, waitFor } from '../support/backends.ts';
import { askAllAtOnce, checkIsolation, CONCURRENT, isolationServer } from '../support/request-isolation.ts';

const LISTENER = `
import express from 'express';
const router = express.Router();
router.use((request, response, next) => setTimeout(next, 1));
router.all('/:n', (request, response) => answer(request, response, Number(request.params.n)));
const listener = express().use(['/work', '/inner'], router);
`;

/** The oldest and the newest follow contexts by other means than each other. */
const VERSIONS = ['22.15.0', '24.21.0', '26.10.0'] as const;

for (const version of VERSIONS) {
  const skip = skipWithout(`node-${version}` as ProgramName);
  test(`${CONCURRENT} concurrent requests of express 5 never mix on Node.js ${version}`, { skip }, async (t) => {
    const receiver = await startReceiver();
    t.after(() => receiver.close());
    const folder = await installPacked(t, ['@opentelemetry/api@1.10.0', 'express@5']);
    writeFileSync(join(folder, 'app.mjs'), isolationServer(LISTENER));
    const running = launch(t, ensureNode(version), ['--import', 'duotel/register', 'app.mjs'], {
      cwd: folder,
      env: cleanEnvironment({
        OTEL_SERVICE_NAME: 'app',
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_METRICS_EXPORTER: 'none',
      }),
    });
    const port = await waitFor('the port', () => /^(\d+)\n/.exec(running.stdout())?.[1], running);
    const ids = await askAllAtOnce(Number(port));
    await running.stop();
    await checkIsolation(receiver, ids);
    assert.equal(running.stderr(), '');
  });
}
