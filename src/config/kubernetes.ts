/**
 * Identity of a pod, without asking the API server.
 *
 * The downward API has no fixed variable names; those of the OpenTelemetry operator, the Grafana charts and the
 * Kubernetes documentation are known here. Without any, mounted files tell the rest.
 * Layer: config.
 */
import type { ReadFile } from './application-package.ts';
import { toIdentifier } from './attribute-text.ts';
import type { ContainerFacts } from './container.ts';
import type { Env, Platform } from './platform.ts';

const NAMESPACE_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';
// Written by the kubelet. Pods in the host's network have `(host network)` in it: their host name is the node's.
const POD_HOSTS_HEADER = /^# Kubernetes-managed hosts file\.\s/;

// Mounted files say what is so; a variable such as NAMESPACE may mean something else and only fills what is missing.
const DOWNWARD_VARIABLES = {
  'k8s.namespace.name': ['K8S_NAMESPACE_NAME', 'K8S_NAMESPACE', 'POD_NAMESPACE', 'KUBERNETES_NAMESPACE', 'NAMESPACE'],
  'k8s.pod.name': ['K8S_POD_NAME', 'POD_NAME', 'KUBERNETES_POD_NAME', 'MY_POD_NAME'],
  'k8s.pod.uid': ['K8S_POD_UID', 'POD_UID', 'KUBERNETES_POD_UID', 'MY_POD_UID'],
  'k8s.node.name': ['K8S_NODE_NAME', 'NODE_NAME', 'KUBERNETES_NODE_NAME', 'MY_NODE_NAME'],
  'k8s.container.name': ['K8S_CONTAINER_NAME', 'CONTAINER_NAME'],
  'k8s.deployment.name': ['K8S_DEPLOYMENT_NAME'],
  'k8s.cluster.name': ['K8S_CLUSTER_NAME'],
} as const;

/** Describes the pod; `undefined` outside of Kubernetes. */
export function detectKubernetes(
  env: Env,
  hostName: string,
  container: ContainerFacts,
  readFile: ReadFile,
): Platform | undefined {
  if (!env['KUBERNETES_SERVICE_HOST'] && container.podUid === undefined) return undefined;
  const attributes: Record<string, string> = {};
  const fill = (name: string, value: string | undefined): void => {
    const usable = name in attributes ? undefined : toIdentifier(value);
    if (usable !== undefined) attributes[name] = usable;
  };
  fill('k8s.pod.uid', container.podUid);
  fill('k8s.container.name', container.containerName);
  fill('k8s.namespace.name', readFile(NAMESPACE_FILE));
  for (const [name, variables] of Object.entries(DOWNWARD_VARIABLES)) {
    for (const variable of variables) fill(name, env[variable]);
  }
  if (POD_HOSTS_HEADER.test(readFile('/etc/hosts') ?? '')) fill('k8s.pod.name', hostName);
  return { attributes, instance: { kind: 'named', name: nameInstance(attributes, hostName) } };
}

/** The pod's name rather than its uid: that of a StatefulSet's pod outlives the pod. */
function nameInstance(attributes: Readonly<Record<string, string>>, hostName: string): string {
  const pod = attributes['k8s.pod.name'] ?? attributes['k8s.pod.uid'] ?? hostName;
  const { 'k8s.cluster.name': cluster = '', 'k8s.namespace.name': namespace = '' } = attributes;
  return [cluster, namespace, pod, attributes['k8s.container.name'] ?? ''].join('/');
}
