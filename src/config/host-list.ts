/**
 * Lists of hosts, written as in `NO_PROXY`.
 *
 * Layer: config. Read by the proxy settings, and by `instrument/` for what outgoing requests may carry.
 */

/** Whom a request goes to. */
export interface Host {
  /** IPv6 with or without brackets. */
  readonly host: string;
  readonly port: string;
}

/**
 * Whether a list names a host.
 *
 * Entries are separated by commas or blanks: `*`, or a host or domain in any case that holds for what is below it too,
 * with or without a leading `.` or `*.`, and with a port or for all ports. IP addresses are compared as text.
 */
export function isListedHost({ host, port }: Host, list: string): boolean {
  const bare = host.toLowerCase().replace(/\.$/, '');
  const name = bare.includes(':') && !bare.startsWith('[') ? `[${bare}]` : bare;
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry === '*' || names(entry, name, port));
}

function names(entry: string, host: string, port: string): boolean {
  const isBareIpv6 = !entry.startsWith('[') && entry.split(':').length > 2;
  const [, written = '', ownPort = port] = /^(.*?)(?::(\d+))?$/.exec(isBareIpv6 ? `[${entry}]` : entry) ?? [];
  const name = written.replace(/^\*?\./, '').replace(/\.$/, '');
  return name !== '' && ownPort === port && (host === name || host.endsWith(`.${name}`));
}
