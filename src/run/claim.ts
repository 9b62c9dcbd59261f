/**
 * Takes the API's global slots for this run and tells when somebody else has one.
 *
 * Layer: run.
 */
import type { Meter } from '@opentelemetry/api';
import { notify } from '../core/notices.ts';
import { guard } from '../core/guard.ts';
import type { ApplicationPackage } from '../config/application-package.ts';
import type { Config } from '../config/config.ts';
import type { ProcessFacts } from '../config/process-facts.ts';
import { watchEarlyInstruments } from '../metrics/early-instruments.ts';
import { type ApiCopies, findApiCopies } from './api-copies.ts';
import { createDiagLogger } from './diag-logger.ts';
import { type Claim, claimGlobals, type Slots } from './globals.ts';

/** The program the slots are claimed for. */
export interface Program {
  readonly facts: ProcessFacts;
  /** The application, if its code may have run before telemetry. */
  readonly early: ApplicationPackage | undefined;
}

/** Fills the slots, then probes that every copy of the API in the process sees them. */
export function claimApi(slots: Omit<Slots, 'diag'>, config: Config, program: Program): Claim {
  const entry = program.facts.mainScript ?? `${program.facts.workingDirectory}/[eval]`;
  const nothing: ApiCopies = { loaded: [], installedVersion: undefined };
  const copies = guard('api.copies', () => findApiCopies(entry, program.early), nothing);
  const diag = config.logLevel === undefined ? {} : { diag: createDiagLogger(config.logLevel) };
  const claim = claimGlobals({ ...slots, ...diag }, copies.loaded, copies.installedVersion);
  report(claim);
  if (program.early === undefined || claim.held.some(({ slot }) => slot === 'metrics')) return claim;
  const unwatch = guard(
    'api.early',
    () => watchEarly(copies, slots),
    () => undefined,
  );
  return {
    ...claim,
    release() {
      unwatch();
      claim.release();
    },
  };
}

function watchEarly({ loaded }: ApiCopies, { metrics }: Omit<Slots, 'diag'>): () => void {
  let meter: Meter | undefined;
  return watchEarlyInstruments(loaded, () => (meter ??= metrics.getMeter('')));
}

function report({ held, foundVersion, blind }: Claim): void {
  if (held.length > 0) {
    const holders = held.map(({ slot, holder }) => `${slot} (${holder})`).join(', ');
    notify({
      code: 'DUOTEL_API_TAKEN',
      message:
        `Another OpenTelemetry SDK, registered with API ${foundVersion}, holds ${holders}; duotel leaves that to it. ` +
        'Remove the other SDK, or start with `node --import duotel/register` so that duotel comes first.',
    });
  } else if (blind > 0) {
    notify({
      code: 'DUOTEL_API_TAKEN',
      message: `${blind} loaded cop${blind === 1 ? 'y' : 'ies'} of @opentelemetry/api cannot see duotel, so what is recorded through them is lost. \`npm ls @opentelemetry/api\` shows them.`,
    });
  }
}
