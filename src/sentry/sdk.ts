/**
 * What envelopes say they are from.
 *
 * Layer: sentry.
 */
import { VERSION } from '../core/version.ts';

export const SDK: { readonly name: string; readonly version: string } = { name: 'duotel', version: VERSION };
