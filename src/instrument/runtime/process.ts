/**
 * CPU time, memory, file descriptors and age of the process.
 *
 * Layer: instrument. Source: semantic conventions, "OS process metrics".
 */
import type { Meter } from '@opentelemetry/api';
import { PROCESS } from './catalogue.ts';
import { observe, type Observation } from './observe.ts';

const USER = { 'cpu.mode': 'user' };
const SYSTEM = { 'cpu.mode': 'system' };
const MICROS_PER_SECOND = 1e6;

/** Watches the process. For the main thread only: what all threads say, a back end adds up. */
export function observeProcess(meter: Meter): Observation {
  return observe(meter, PROCESS, (say) => {
    const { user, system } = process.cpuUsage();
    say('cpu', user / MICROS_PER_SECOND, USER);
    say('cpu', system / MICROS_PER_SECOND, SYSTEM);
    say('memory', process.memoryUsage.rss());
    say('uptime', process.uptime());
    const virtual = readVirtualBytes();
    if (virtual !== undefined) say('virtual', virtual);
    const descriptors = countDescriptors();
    if (descriptors !== undefined) say('descriptors', descriptors);
  });
}

/** `VmSize` of the Linux kernel, which unlike `/proc/self/statm` does not count in pages of unknown size. */
function readVirtualBytes(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const status = attempt(() => process.getBuiltinModule('node:fs').readFileSync('/proc/self/status', 'utf8'));
  const kibibytes = /^VmSize:\s+(\d+) kB$/m.exec(status ?? '')?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1_024;
}

/** Linux only: elsewhere counting them means starting a program. */
function countDescriptors(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const open = attempt(() => process.getBuiltinModule('node:fs').readdirSync('/proc/self/fd').length);
  // Reading the folder opens one more.
  return open === undefined ? undefined : open - 1;
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
