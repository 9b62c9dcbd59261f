/**
 * Text of a declarative configuration file → plain tree of texts, with `${…}` filled in.
 *
 * Scalars stay the text that was written (`1.10` is not `1.1`): what they mean is decided by the table of variables,
 * as for the environment. Values of the file never appear in a reason: they may be credentials.
 * Source: OpenTelemetry configuration data model, "YAML file format" and "Environment variable substitution".
 * Layer: config; loaded only when a configuration file is set.
 */
import { isMap, LineCounter, parseDocument, visit, type Document, type Scalar } from 'yaml';

/** A mapping, a sequence, a text, or nothing. */
export type Tree = string | null | readonly Tree[] | { readonly [key: string]: Tree };

export type TreeResult =
  | { readonly status: 'read'; readonly root: { readonly [key: string]: Tree } }
  /** `reason` completes the sentence "The file …". */
  | { readonly status: 'unusable'; readonly reason: string };

type Env = Readonly<Record<string, string | undefined>>;

const NULL = /^(?:~|null|Null|NULL)?$/;

/** Reads the YAML and substitutes variables. Never throws. */
export function parseConfigTree(yaml: string, env: Env): TreeResult {
  const lines = new LineCounter();
  const lineOf = (offset: number | undefined) => `line ${lines.linePos(offset ?? 0).line || 1}`;
  // `failsafe` keeps every scalar as text.
  const document = parseDocument(yaml, {
    schema: 'failsafe',
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'error',
  });
  const [error] = document.errors;
  if (error !== undefined) return unusable(`is not valid YAML (${lineOf(error.pos[0])}, ${error.code})`);
  const broken = substitute(document, env);
  if (broken !== undefined) {
    return unusable(`has an invalid reference (${lineOf(broken.range?.[0])}); write \${NAME} or \${NAME:-default}`);
  }
  if (!isMap(document.contents)) return unusable('is not a mapping at its top level');
  try {
    return { status: 'read', root: document.toJS() as { readonly [key: string]: Tree } };
  } catch {
    return unusable('repeats aliases beyond measure');
  }
}

function unusable(reason: string): TreeResult {
  return { status: 'unusable', reason };
}

/** Fills in the document; returns the first scalar with an invalid reference. Keys are no candidates by the rules. */
function substitute(document: Document, env: Env): Scalar | undefined {
  let broken: Scalar | undefined;
  visit(document, {
    Scalar(key, node) {
      if (key === 'key' || typeof node.value !== 'string') return undefined;
      const text = substituteText(node.value, env);
      if (text === undefined) {
        broken = node;
        return visit.BREAK;
      }
      node.value = node.type === 'PLAIN' && NULL.test(text) ? null : text;
      return undefined;
    },
  });
  return broken;
}

const TOKEN = /\$\$|\$\{([^}\r\n]*)\}/g;
const REFERENCE = /^(?:env:)?([A-Za-z_]\w*)(?::-(.*))?$/;

/**
 * Replaces `${NAME}`, `${env:NAME}` and `${NAME:-default}`; `$$` is a `$`. An unset or empty variable gives the
 * default, else nothing. What comes in is not looked at again.
 *
 * @returns `undefined` when a reference is invalid
 */
export function substituteText(text: string, env: Env): string | undefined {
  let valid = true;
  const filled = text.replaceAll(TOKEN, (token, inner: string | undefined) => {
    if (token === '$$' || inner === undefined) return '$';
    const [, name, fallback = ''] = REFERENCE.exec(inner) ?? [];
    if (name === undefined) {
      valid = false;
      return '';
    }
    return env[name] || fallback;
  });
  return valid ? filled : undefined;
}
