/**
 * Instrumentations given to `start()`: used as the official SDK uses them.
 *
 * Layer: instrument. Loaded when there are some.
 */
import { degrade, guard } from '../core/guard.ts';
import { acceptPart, listOf, type PartKind } from '../core/user-part.ts';
import { connect, type InstrumentationPart, type Providers } from './instrumentation-part.ts';

const KIND: PartKind<InstrumentationPart, InstrumentationPart> = {
  noun: 'an Instrumentation',
  methods: ['setTracerProvider', 'setMeterProvider', 'getConfig', 'enable', 'disable'],
  remaining: 'It is left out; everything else works.',
  guard: (given) => given,
};

/** Those that a shutdown has disabled; their own settings still say that they are enabled. */
const stopped = new WeakSet<InstrumentationPart>();

/** Instrumentations in use. */
export interface OptionParts {
  readonly parts: readonly InstrumentationPart[];
  /** Disables them: another `start()` may bring others for the same modules. */
  readonly stop: () => void;
}

/**
 * Points each at our providers and enables it unless it is enabled. What is no instrumentation is left out with a line.
 *
 * @param given - instrumentations, or lists of them as `getNodeAutoInstrumentations()` gives
 */
export function acceptInstrumentations(given: unknown, providers: Providers): OptionParts {
  const guarded = { ...KIND, guard: (part: InstrumentationPart) => begin(part, providers) };
  const parts = listOf('instrumentations', given)
    .flat()
    .flatMap((each, index) => acceptPart(`instrumentations[${index}]`, each, guarded) ?? []);
  return {
    parts,
    stop() {
      for (const [index, part] of parts.entries()) {
        try {
          part.disable();
          stopped.add(part);
        } catch (cause) {
          degrade(`instrumentations[${index}]`, cause);
        }
      }
    },
  };
}

function begin(part: InstrumentationPart, providers: Providers): InstrumentationPart {
  connect(part, providers);
  if (part.getConfig().enabled !== true || stopped.delete(part)) part.enable();
  return part;
}

/** Names of the modules an instrumentation is for, as far as it tells. */
export function modulesOf(part: InstrumentationPart): string[] {
  return guard('instrumentations.modules', () => part.getModuleDefinitions?.().map(({ name }) => name) ?? [], []);
}
