/**
 * Reads the address of a Sentry project.
 *
 * Layer: config. Loaded only when `SENTRY_DSN` is set. Source: develop.sentry.dev, “Parsing the DSN”.
 */
import type { SentryDsn } from './config.ts';

/** A DSN, or what is wrong with the text; never any part of the text itself. */
export type ParsedDsn =
  | { readonly ok: true; readonly dsn: SentryDsn }
  | { readonly ok: false; readonly problem: string };

/** Reads `https://PUBLIC_KEY@HOST/PROJECT`, with a port or a path where there are any; a secret key is left out. */
export function parseDsn(text: string): ParsedDsn {
  if (!URL.canParse(text)) return broken('is no address');
  const { protocol, username, hostname, port, pathname } = new URL(text);
  if (protocol !== 'https:' && protocol !== 'http:') return broken('does not start with https:// or http://');
  if (hostname === '') return broken('has no host');
  if (!/^\w+$/.test(username)) return broken('has no public key in front of the @');
  const [projectId = '', ...path] = pathname
    .split('/')
    .filter((part) => part !== '')
    .toReversed();
  if (!/^\d+$/.test(projectId)) return broken('has no number of a project at its end');
  return {
    ok: true,
    dsn: {
      protocol: protocol === 'https:' ? 'https' : 'http',
      host: hostname,
      port: port === '' ? undefined : Number(port),
      path: path.toReversed().join('/'),
      publicKey: username,
      projectId,
    },
  };
}

function broken(problem: string): ParsedDsn {
  return { ok: false, problem };
}

/** Address of the API of the project, ending in a slash: `envelope/` takes envelopes, `integration/otlp/v1/traces/` spans. */
export function projectUrl({ protocol, host, port, path, projectId }: SentryDsn): string {
  const origin = `${protocol}://${host}${port === undefined ? '' : `:${port}`}`;
  return `${origin}/${path === '' ? '' : `${path}/`}api/${projectId}/`;
}
