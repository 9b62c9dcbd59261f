/**
 * Reads from /proc what a Linux container may know about itself: container id, and under Kubernetes the pod's uid.
 *
 * The formats are those of cgroup v1 and v2 under Docker, Podman, containerd, CRI-O and ECS.
 * Layer: config.
 */
import type { ReadFile } from './application-package.ts';

export interface ContainerFacts {
  /** `container.id`: 64 hexadecimal digits, or ECS Fargate's shorter form. */
  readonly containerId: string | undefined;
  /** `k8s.pod.uid` in its dashed form, as the API server shows it. */
  readonly podUid: string | undefined;
  /** `k8s.container.name`. */
  readonly containerName: string | undefined;
}

// Last path segment of a cgroup: `<id>`, `docker-<id>.scope`, `cri-containerd-<id>.scope`, `crio-<id>.scope`, `libpod-<id>.scope`.
const CGROUP_ID = /[/:-]([0-9a-f]{64}|[0-9a-f]{32}-\d{1,20})(?:\.scope)?(?:\/container)?$/m;
// `…/kubepods/burstable/pod<uid>/…`; the systemd driver writes the uid with underscores.
const CGROUP_POD =
  /pod([0-9a-f]{8}[_-]?[0-9a-f]{4}[_-]?[0-9a-f]{4}[_-]?[0-9a-f]{4}[_-]?[0-9a-f]{12})(?:\.slice)?(?:\/|$)/m;
// A host process may see mounts below …/containers/<id>/ too: only the files every container gets count.
const OWN_FILE_MOUNT = /^\S+ \S+ \S+ (\S+) (?:\/etc\/(?:hostname|hosts|resolv\.conf)|\/dev\/termination-log) /gm;
const MOUNT_ID = /\/(?:overlay-)?containers\/([0-9a-f]{64})\//;
const MOUNT_POD = /\/pods\/([0-9a-f-]{32,36})\/(?:etc-hosts$|containers\/([\w.-]{1,63})\/)/;

/** Reads the facts; at most two small files. Nothing is found outside of a container or where /proc is hidden. */
export function readContainerFacts(readFile: ReadFile): ContainerFacts {
  const cgroup = readFile('/proc/self/cgroup') ?? '';
  const containerId = CGROUP_ID.exec(cgroup)?.[1];
  const podUid = CGROUP_POD.exec(cgroup)?.[1];
  if (containerId !== undefined && podUid === undefined) return { containerId, podUid, containerName: undefined };
  const mounted = readMounts(readFile('/proc/self/mountinfo') ?? '');
  return {
    // In a pod these files belong to the pod's sandbox, under every runtime: its id is not this container's.
    containerId: containerId ?? (mounted.podUid === undefined ? mounted.containerId : undefined),
    podUid: dashed(podUid ?? mounted.podUid),
    containerName: mounted.containerName,
  };
}

function readMounts(mountinfo: string): ContainerFacts {
  const roots = [...mountinfo.matchAll(OWN_FILE_MOUNT)].map((match) => match[1] ?? '');
  const find = (pattern: RegExp, group: number) =>
    roots.map((root) => pattern.exec(root)?.[group]).find((found) => found !== undefined);
  return { containerId: find(MOUNT_ID, 1), podUid: find(MOUNT_POD, 1), containerName: find(MOUNT_POD, 2) };
}

function dashed(uid: string | undefined): string | undefined {
  return uid?.replaceAll(/[_-]/g, '').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
