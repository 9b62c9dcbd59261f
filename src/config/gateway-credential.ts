/**
 * Recognises credentials that cannot be right for the OTLP gateway of Grafana Cloud.
 *
 * People take the organisation id, the name of the stack or the wrong kind of token for the right one, and the
 * gateway only answers 401. No part of a credential appears in what is said.
 * Layer: config.
 */
import { type BasicCredentials, readBasic } from './authorization.ts';

/** What is wrong with the value of `Authorization`, as a sentence; `undefined` when nothing can be told. */
export function reviewGatewayCredential(authorization: string | undefined): string | undefined {
  if (authorization === undefined) return MISSING;
  const credentials = readBasic(authorization);
  return credentials && reviewBasic(credentials);
}

const MISSING =
  'The OTLP gateway of Grafana Cloud needs a credential. Set GRAFANA_CLOUD_INSTANCE_ID and GRAFANA_CLOUD_OTLP_TOKEN.';

function reviewBasic({ user, password }: BasicCredentials): string | undefined {
  if (password === '') {
    return 'The token is empty. Create an access policy token that may write traces, metrics and logs.';
  }
  if (/^gl(c|sa)_/.test(user)) return 'Instance id and token are swapped. The instance id comes first.';
  if (password.startsWith('glsa_')) {
    return 'The token is a service account token (glsa_…) of Grafana itself. Create an access policy token (glc_…).';
  }
  if (!/^\d+$/.test(user)) {
    return 'The user is not an instance id, which is a number. Set the instance id of the stack, not a name.';
  }
  if (organisationOf(password) === user) {
    return 'The user is the number of the organisation, as the token says. Set the instance id of the stack.';
  }
  return undefined;
}

/** Number of the organisation a `glc_` token belongs to: its payload is base64 of JSON with the field `o`. */
function organisationOf(token: string): string | undefined {
  if (!token.startsWith('glc_')) return undefined;
  const payload = Buffer.from(token.slice(4), 'base64').toString('utf8');
  return /"o"\s*:\s*"?(\d+)/.exec(payload)?.[1];
}
