/** Spotlight, Sentry's own receiver of envelopes, as a second opinion on what we send. */
import { join } from 'node:path';
import { cleanEnvironment, freePort, launch, programFile, waitUntilReady, type Owner } from './backends.ts';

export interface Spotlight {
  readonly dsn: string;
  /** Payloads of all items so far, as Spotlight has read them, by type. */
  items(): Promise<ReadonlyMap<string, readonly Record<string, unknown>[]>>;
}

export async function startSpotlight(owner: Owner): Promise<Spotlight> {
  const port = await freePort();
  const entry = programFile('spotlight', 'node_modules', '@spotlightjs', 'spotlight', 'dist', 'server', 'main.js');
  const server = join(import.meta.dirname, 'spotlight-server.mjs');
  const running = launch(owner, process.execPath, [server, entry, String(port)], { env: cleanEnvironment() });
  const url = `http://127.0.0.1:${port}`;
  await waitUntilReady(`${url}/health`, running);
  return {
    dsn: `http://key@127.0.0.1:${port}/42`,
    async items() {
      const envelopes = (await readStream(`${url}/stream`)).map((text) => JSON.parse(text) as Envelope);
      const items = envelopes.flatMap(([, all]) => all);
      const byType = Map.groupBy(items, ([{ type }]) => type);
      return new Map([...byType].map(([type, all]) => [type, all.map(([, payload]) => payload)]));
    },
  };
}

type Envelope = readonly [header: object, items: readonly (readonly [{ type: string }, Record<string, unknown>])[]];

/** How long the stream, which never ends, is listened to after its last piece: it begins with all there is. */
const SILENCE_MILLIS = 300;

/** Data of the events a new listener is told first. */
async function readStream(url: string): Promise<string[]> {
  const abort = new AbortController();
  const { body } = await fetch(url, { signal: abort.signal });
  let text = '';
  let timer = setTimeout(() => abort.abort(), SILENCE_MILLIS);
  try {
    for await (const piece of (body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
      text += piece;
      clearTimeout(timer);
      timer = setTimeout(() => abort.abort(), SILENCE_MILLIS);
    }
  } catch {
    // That is how it ends.
  }
  return [...text.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => data);
}
