import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readContainerLimits } from '../../../../src/instrument/runtime/container.ts';

const GIBIBYTE = 2 ** 30;

function limitsOf(files: Readonly<Record<string, string>>): ReturnType<typeof readContainerLimits> {
  return readContainerLimits((path) => files[path]);
}

test('version 2, a container that sees its own group as the root', () => {
  const limits = limitsOf({
    '/proc/self/cgroup': '0::/\n',
    '/sys/fs/cgroup/memory.max': '536870912\n',
    '/sys/fs/cgroup/cpu.max': '150000 100000\n',
  });
  assert.deepEqual(limits, { memoryBytes: GIBIBYTE / 2, cpus: 1.5 });
});

test('version 2, the lowest limit of the group and those around it holds', () => {
  const limits = limitsOf({
    '/proc/self/cgroup': '0::/system.slice/app.service\n',
    '/sys/fs/cgroup/system.slice/memory.max': `${GIBIBYTE}\n`,
    '/sys/fs/cgroup/system.slice/cpu.max': 'max 100000\n',
    '/sys/fs/cgroup/system.slice/app.service/memory.max': 'max\n',
    '/sys/fs/cgroup/system.slice/app.service/cpu.max': '50000 100000\n',
  });
  assert.deepEqual(limits, { memoryBytes: GIBIBYTE, cpus: 0.5 });
});

test('version 1, told a path of the host that the container does not see', () => {
  const limits = limitsOf({
    '/proc/self/cgroup': '9:memory:/docker/ab12\n4:cpu,cpuacct:/docker/ab12\n1:name=systemd:/docker/ab12\n',
    '/sys/fs/cgroup/memory/memory.limit_in_bytes': `${2 * GIBIBYTE}\n`,
    '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '200000\n',
    '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
  });
  assert.deepEqual(limits, { memoryBytes: 2 * GIBIBYTE, cpus: 2 });
});

test('what is unlimited, as each version writes it, is no limit', () => {
  const none = { memoryBytes: undefined, cpus: undefined };
  const version1 = limitsOf({
    '/proc/self/cgroup': '4:memory:/\n3:cpu:/\n',
    '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
    '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
    '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
  });
  const version2 = limitsOf({
    '/proc/self/cgroup': '0::/\n',
    '/sys/fs/cgroup/memory.max': 'max\n',
    '/sys/fs/cgroup/cpu.max': 'max 100000\n',
  });
  assert.deepEqual([version1, version2, limitsOf({})], [none, none, none]);
});

test('files that hold anything else are no limit', () => {
  for (const text of ['', '\n', 'garbage', '12 apples', '0 0', '-5']) {
    const { cpus } = limitsOf({ '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': text });
    assert.equal(cpus, undefined, text);
  }
});
