/**
 * Limits the container sets, so that usage can be shown as a share of them.
 *
 * Layer: instrument. Source: Linux kernel, "Control Group v2" (`memory.max`, `cpu.max`) and "CFS Bandwidth Control"
 * (`cpu.cfs_quota_us`, `cpu.cfs_period_us`).
 */
import type { Meter } from '@opentelemetry/api';
import type { ReadFile } from '../../config/application-package.ts';
import { CONTAINER } from './catalogue.ts';
import { observe, type Observation } from './observe.ts';

export interface ContainerLimits {
  /** `undefined` = no limit, or not to be seen. */
  readonly memoryBytes: number | undefined;
  /** Whole and parts of CPUs. */
  readonly cpus: number | undefined;
}

const ROOT = '/sys/fs/cgroup';
/** Version 1 writes “no limit” as the largest number of pages; no machine has a tenth of it. */
const UNLIMITED_BYTES = 2 ** 60;

/** Watches the limits: a running container can be resized. Says nothing where there are none. */
export function observeContainer(meter: Meter, readFile: ReadFile): Observation {
  return observe(meter, CONTAINER, (say) => {
    const { memoryBytes, cpus } = readContainerLimits(readFile);
    if (memoryBytes !== undefined) say('memoryLimit', memoryBytes);
    if (cpus !== undefined) say('cpuLimit', cpus);
  });
}

/** Reads the limits of the process's control group and of those around it; the lowest one holds. */
export function readContainerLimits(readFile: ReadFile): ContainerLimits {
  const groups = parseGroups(readFile('/proc/self/cgroup') ?? '');
  const isVersion1 = groups.has('memory') || groups.has('cpu');
  const folders = (controller: string): readonly string[] =>
    isVersion1 ? foldersOf(`${ROOT}/${controller}`, groups.get(controller)) : foldersOf(ROOT, groups.get(''));
  const numbers = (path: string): readonly number[] => parseNumbers(readFile(path));
  const memory = folders('memory').map((folder) => {
    const [bytes = Infinity] = numbers(`${folder}/${isVersion1 ? 'memory.limit_in_bytes' : 'memory.max'}`);
    return bytes < UNLIMITED_BYTES ? bytes : Infinity;
  });
  const cpus = folders('cpu').map((folder) => {
    const [quota = -1, period = 0] = isVersion1
      ? [...numbers(`${folder}/cpu.cfs_quota_us`), ...numbers(`${folder}/cpu.cfs_period_us`)]
      : numbers(`${folder}/cpu.max`);
    return quota > 0 && period > 0 ? quota / period : Infinity;
  });
  return { memoryBytes: lowest(memory), cpus: lowest(cpus) };
}

/** Path of the process by controller; that of version 2 has the empty name. */
function parseGroups(cgroup: string): Map<string, string> {
  const groups = new Map<string, string>();
  for (const [, controllers = '', path = ''] of cgroup.matchAll(/^\d+:([^:]*):(.*)$/gm)) {
    for (const controller of controllers.split(',')) groups.set(controller, path);
  }
  return groups;
}

/**
 * The folder of a group and those above it.
 *
 * A container sees its own group as the root, whatever path it is told: folders that are missing are no limit.
 */
function foldersOf(root: string, path = '/'): readonly string[] {
  const names = path.split('/').filter((name) => name !== '');
  return [root, ...names.map((_, index) => `${root}/${names.slice(0, index + 1).join('/')}`)];
}

/** Words that are no numbers, as `max`, are left out with what follows them. */
function parseNumbers(text: string | undefined): readonly number[] {
  return (
    /^-?\d+(?: \d+)*/
      .exec(text ?? '')?.[0]
      .split(' ')
      .map(Number) ?? []
  );
}

function lowest(limits: readonly number[]): number | undefined {
  const least = Math.min(...limits);
  return Number.isFinite(least) ? least : undefined;
}
