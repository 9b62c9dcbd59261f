import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { readContainerFacts, type ContainerFacts } from '../../../src/config/container.ts';

const CONTAINER_ID = '7be92808767a667f35c8505cbf40d14e931ef6db5b0210329cf193b15ba9d605';
const SANDBOX_ID = 'f23ec1d4b715c6531a17e9c549222fbbe1f7ffff697a29a2212b3b4cdc37f52e';
const POD_UID = '22949dce-fd8b-11ea-8ede-98f2b32c645c';
const UNIFIED_CGROUP = '0::/\n';

function read(cgroup: string, mountinfo: string): ContainerFacts {
  const files: Readonly<Record<string, string>> = { '/proc/self/cgroup': cgroup, '/proc/self/mountinfo': mountinfo };
  return readContainerFacts((path) => files[path]);
}

function mount(root: string, point: string): string {
  return `700 600 8:1 ${root} ${point} rw,relatime - ext4 /dev/sda1 rw\n`;
}

suite('container id', () => {
  const cases: Readonly<Record<string, readonly [cgroup: string, mountinfo: string, id: string | undefined]>> = {
    'Docker, cgroup v1': [`13:pids:/docker/${CONTAINER_ID}\n12:cpu:/docker/${CONTAINER_ID}\n`, '', CONTAINER_ID],
    'Docker, cgroup v1 with systemd': [`1:name=systemd:/system.slice/docker-${CONTAINER_ID}.scope\n`, '', CONTAINER_ID],
    'Docker, cgroup v2 with the namespace of the host': [
      `0::/system.slice/docker-${CONTAINER_ID}.scope\n`,
      '',
      CONTAINER_ID,
    ],
    'Docker, cgroup v2': [
      UNIFIED_CGROUP,
      mount(`/var/lib/docker/containers/${CONTAINER_ID}/resolv.conf`, '/etc/resolv.conf') +
        mount(`/var/lib/docker/containers/${CONTAINER_ID}/hostname`, '/etc/hostname'),
      CONTAINER_ID,
    ],
    'Podman, cgroup v1': [`1:name=systemd:/machine.slice/libpod-${CONTAINER_ID}.scope/container\n`, '', CONTAINER_ID],
    'Podman, cgroup v2': [
      UNIFIED_CGROUP,
      mount(`/containers/overlay-containers/${CONTAINER_ID}/userdata/hostname`, '/etc/hostname'),
      CONTAINER_ID,
    ],
    'containerd, cgroup v1': [`8:cpu:/system.slice:cri-containerd:${CONTAINER_ID}\n`, '', CONTAINER_ID],
    'CRI-O, cgroup v1': [`8:cpu:/kubepods.slice/crio-${CONTAINER_ID}.scope\n`, '', CONTAINER_ID],
    'a host that sees the mounts of its containers': [
      '0::/init.scope\n',
      mount('/', `/var/lib/docker/containers/${CONTAINER_ID}/mounts/shm`),
      undefined,
    ],
    'a sandbox': [UNIFIED_CGROUP, mount(`/containerd/sandboxes/${SANDBOX_ID}/hostname`, '/etc/hostname'), undefined],
    'half an id': [`1:cpu:/docker/${CONTAINER_ID.slice(1)}\n`, '', undefined],
    'no /proc': ['', '', undefined],
  };
  for (const [what, [cgroup, mountinfo, id]] of Object.entries(cases)) {
    test(what, () => {
      assert.equal(read(cgroup, mountinfo).containerId, id);
    });
  }
});

suite('pod', () => {
  const hosts = mount(`/var/lib/kubelet/pods/${POD_UID}/etc-hosts`, '/etc/hosts');
  const log = mount(`/var/lib/kubelet/pods/${POD_UID}/containers/checkout/bd3a0a1c`, '/dev/termination-log');

  test('the files the kubelet mounts tell the uid of the pod and the name of the container', () => {
    const expected = { containerId: undefined, podUid: POD_UID, containerName: 'checkout' };
    assert.deepEqual(read(UNIFIED_CGROUP, hosts + log), expected);
  });

  test('the files of its sandbox give no container id, under any runtime', () => {
    for (const root of [`/overlay-containers/${SANDBOX_ID}/userdata`, `/var/lib/docker/containers/${SANDBOX_ID}`]) {
      assert.equal(read(UNIFIED_CGROUP, mount(`${root}/hostname`, '/etc/hostname') + hosts).containerId, undefined);
    }
  });

  test('the uid of a static pod gets its dashes', () => {
    const bare = POD_UID.replaceAll('-', '');
    assert.equal(read(UNIFIED_CGROUP, mount(`/pods/${bare}/etc-hosts`, '/etc/hosts')).podUid, POD_UID);
  });

  test('cgroup v1 tells container id and uid, with either driver', () => {
    for (const group of [
      `/kubepods/burstable/pod${POD_UID}/${CONTAINER_ID}`,
      `/kubepods.slice/kubepods-burstable-pod${POD_UID.replaceAll('-', '_')}.slice/cri-containerd-${CONTAINER_ID}.scope`,
    ]) {
      const expected = { containerId: CONTAINER_ID, podUid: POD_UID, containerName: 'checkout' };
      assert.deepEqual(read(`11:cpu:${group}\n`, log), expected);
    }
  });
});
