/**
 * The metrics of runtime, process and container, as one table: instruments are made and the reference is written from it.
 *
 * Layer: instrument. Source: OpenTelemetry semantic conventions 1.43, "Node.js runtime metrics", "V8 JS engine runtime
 * metrics", "OS process metrics"; there is no convention for the limits of a container.
 */

export interface RuntimeMetric {
  readonly name: string;
  readonly kind: 'counter' | 'updown' | 'gauge' | 'histogram';
  /** UCUM. */
  readonly unit: string;
  readonly description: string;
  /** The attribute that tells its series apart. */
  readonly attribute?: string;
}

/** Metrics under short names. */
export type Catalogue<Name extends string> = Readonly<Record<Name, RuntimeMetric>>;

const delay = (statistic: string, words: string): RuntimeMetric => ({
  name: `nodejs.eventloop.delay.${statistic}`,
  kind: 'gauge',
  unit: 's',
  description: `Event loop ${words} delay.`,
});

export const EVENT_LOOP: Catalogue<'min' | 'max' | 'mean' | 'stddev' | 'p50' | 'p90' | 'p99' | 'utilization' | 'time'> =
  {
    min: delay('min', 'minimum'),
    max: delay('max', 'maximum'),
    mean: delay('mean', 'mean'),
    stddev: delay('stddev', 'standard deviation'),
    p50: delay('p50', '50th percentile'),
    p90: delay('p90', '90th percentile'),
    p99: delay('p99', '99th percentile'),
    utilization: {
      name: 'nodejs.eventloop.utilization',
      kind: 'gauge',
      unit: '1',
      description: 'Share of time in which the event loop was busy.',
    },
    time: {
      name: 'nodejs.eventloop.time',
      kind: 'counter',
      unit: 's',
      description: 'Time the event loop has been in each state.',
      attribute: 'nodejs.eventloop.state',
    },
  };

export const GARBAGE_COLLECTION: Catalogue<'duration'> = {
  duration: {
    name: 'v8js.gc.duration',
    kind: 'histogram',
    unit: 's',
    description: 'Garbage collection duration.',
    attribute: 'v8js.gc.type',
  },
};

const heap = (name: string, description: string): RuntimeMetric => ({
  name: `v8js.memory.heap.${name}`,
  kind: 'updown',
  unit: 'By',
  description,
  attribute: 'v8js.heap.space.name',
});

export const ENGINE: Catalogue<'used' | 'size' | 'available' | 'physical' | 'resources'> = {
  used: heap('used', 'Heap memory in use.'),
  size: heap('space.size', 'Heap memory set aside for the space.'),
  available: heap('space.available_size', 'Heap memory of the space that is free.'),
  physical: heap('space.physical_size', 'Committed size of the heap space.'),
  resources: {
    name: 'v8js.resource.active',
    kind: 'gauge',
    unit: '{resource}',
    description: 'Resources that keep the event loop alive.',
    attribute: 'v8js.resource.type',
  },
};

export const PROCESS: Catalogue<'cpu' | 'memory' | 'virtual' | 'descriptors' | 'uptime'> = {
  cpu: {
    name: 'process.cpu.time',
    kind: 'counter',
    unit: 's',
    description: 'CPU time of the process.',
    attribute: 'cpu.mode',
  },
  memory: {
    name: 'process.memory.usage',
    kind: 'updown',
    unit: 'By',
    description: 'Physical memory in use by the process.',
  },
  virtual: {
    name: 'process.memory.virtual',
    kind: 'updown',
    unit: 'By',
    description: 'Virtual memory of the process.',
  },
  descriptors: {
    name: 'process.unix.file_descriptor.count',
    kind: 'updown',
    unit: '{file_descriptor}',
    description: 'File descriptors in use by the process.',
  },
  uptime: { name: 'process.uptime', kind: 'gauge', unit: 's', description: 'Time the process has been running.' },
};

/** Named by the pattern of `k8s.container.memory.limit.current`, which belongs to what Kubernetes says of itself. */
export const CONTAINER: Catalogue<'memoryLimit' | 'cpuLimit'> = {
  memoryLimit: {
    name: 'container.memory.limit',
    kind: 'updown',
    unit: 'By',
    description: 'Memory the container may use.',
  },
  cpuLimit: {
    name: 'container.cpu.limit',
    kind: 'updown',
    unit: '{cpu}',
    description: 'CPUs the container may use.',
  },
};
