import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { detectPlatform, type Env, type Platform } from '../../../src/config/platform.ts';
import type { ProcessFacts } from '../../../src/config/process-facts.ts';

const PROCESS: ProcessFacts = {
  nodeVersion: '24.21.0',
  platform: 'linux',
  arch: 'x64',
  hostName: 'checkout-7d9f8b6c5-x2x4z',
  mainScript: '/app/server.js',
  workingDirectory: '/app',
  clusterWorkerId: 0,
  threadId: 0,
};

const CONTAINER_ID = '7be92808767a667f35c8505cbf40d14e931ef6db5b0210329cf193b15ba9d605';
const SANDBOX_ID = 'f23ec1d4b715c6531a17e9c549222fbbe1f7ffff697a29a2212b3b4cdc37f52e';
const POD_UID = '22949dce-fd8b-11ea-8ede-98f2b32c645c';

const UNIFIED_CGROUP = '0::/\n';
const POD_MOUNTS = [
  '600 599 0:60 / / rw,relatime master:1 - overlay overlay rw,lowerdir=/var/lib/containerd/x',
  `610 600 8:1 /var/lib/kubelet/pods/${POD_UID}/etc-hosts /etc/hosts rw,relatime - ext4 /dev/sda1 rw`,
  `611 600 8:1 /var/lib/kubelet/pods/${POD_UID}/containers/checkout/bd3a0a1c /dev/termination-log rw,relatime - ext4 /dev/sda1 rw`,
  `612 600 8:1 /var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/${SANDBOX_ID}/hostname /etc/hostname rw,relatime - ext4 /dev/sda1 rw`,
].join('\n');
const POD_FILES = {
  '/proc/self/cgroup': UNIFIED_CGROUP,
  '/proc/self/mountinfo': POD_MOUNTS,
  '/var/run/secrets/kubernetes.io/serviceaccount/namespace': 'shop',
  '/etc/hosts': '# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n10.1.2.3\tcheckout-7d9f8b6c5-x2x4z\n',
};
const POD_ENV = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443', HOSTNAME: PROCESS.hostName };

interface Case {
  readonly env?: Env;
  readonly files?: Readonly<Record<string, string>>;
  readonly process?: Partial<ProcessFacts>;
  readonly expect: Platform;
}

function detect({ env = {}, files = {}, process = {} }: Omit<Case, 'expect'>): Platform {
  const { serviceName, ...platform } = detectPlatform(env, { ...PROCESS, ...process }, (path) =>
    Object.hasOwn(files, path) ? (files as Record<string, string>)[path] : undefined,
  );
  return serviceName === undefined ? platform : { ...platform, serviceName };
}

function table(cases: Readonly<Record<string, Case>>): void {
  for (const [what, { expect, ...given }] of Object.entries(cases)) {
    test(what, () => assert.deepEqual(detect(given), expect));
  }
}

suite('Kubernetes', () => {
  const detected = {
    'k8s.namespace.name': 'shop',
    'k8s.pod.name': PROCESS.hostName,
    'k8s.pod.uid': POD_UID,
    'k8s.container.name': 'checkout',
  };
  const instance = { kind: 'named', name: `/shop/${PROCESS.hostName}/checkout` } as const;
  table({
    'without any downward API, files tell pod, namespace and container': {
      env: POD_ENV,
      files: POD_FILES,
      expect: { attributes: detected, instance },
    },
    'the names of the Grafana charts': {
      env: {
        ...POD_ENV,
        K8S_POD_NAME: 'web-0',
        K8S_NODE_NAME: 'node-a',
        K8S_CLUSTER_NAME: 'eu',
        K8S_DEPLOYMENT_NAME: 'web',
      },
      files: POD_FILES,
      expect: {
        attributes: {
          ...detected,
          'k8s.pod.name': 'web-0',
          'k8s.node.name': 'node-a',
          'k8s.cluster.name': 'eu',
          'k8s.deployment.name': 'web',
        },
        instance: { kind: 'named', name: 'eu/shop/web-0/checkout' },
      },
    },
    'variables alone, where no file can be read': {
      env: {
        ...POD_ENV,
        POD_NAME: 'web-0',
        POD_NAMESPACE: 'shop',
        POD_UID,
        NODE_NAME: 'node-a',
        CONTAINER_NAME: 'web',
      },
      expect: {
        attributes: {
          'k8s.pod.name': 'web-0',
          'k8s.namespace.name': 'shop',
          'k8s.pod.uid': POD_UID,
          'k8s.node.name': 'node-a',
          'k8s.container.name': 'web',
        },
        instance: { kind: 'named', name: '/shop/web-0/web' },
      },
    },
    'in the network of the host, its name is not taken for the pod': {
      env: { KUBERNETES_SERVICE_HOST: '10.96.0.1' },
      files: { ...POD_FILES, '/etc/hosts': '# Kubernetes-managed hosts file (host network).\n127.0.0.1 localhost\n' },
      process: { hostName: 'node-a' },
      expect: {
        attributes: { 'k8s.namespace.name': 'shop', 'k8s.pod.uid': POD_UID, 'k8s.container.name': 'checkout' },
        instance: { kind: 'named', name: `/shop/${POD_UID}/checkout` },
      },
    },
    'cgroup v1 tells the container id and the pod': {
      files: {
        '/proc/self/cgroup': `11:cpu:/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${POD_UID.replaceAll('-', '_')}.slice/cri-containerd-${CONTAINER_ID}.scope\n`,
      },
      expect: {
        attributes: { 'container.id': CONTAINER_ID, 'k8s.pod.uid': POD_UID },
        instance: { kind: 'named', name: `//${POD_UID}/` },
      },
    },
    'Knative is Kubernetes, not Cloud Run': {
      env: { ...POD_ENV, K_SERVICE: 'checkout', K_REVISION: 'checkout-00001' },
      files: POD_FILES,
      expect: { attributes: detected, instance },
    },
    'NAMESPACE means nothing outside of Kubernetes': {
      env: { NAMESPACE: 'shop', NODE_NAME: 'x', CONTAINER_NAME: 'y', POD_NAME: 'z' },
      expect: { attributes: {}, instance: { kind: 'host' } },
    },
  });
});
