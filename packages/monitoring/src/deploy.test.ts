import { posix } from 'node:path';
import { expect, test } from 'vitest';
import { agentConfig } from './collector/tiers.ts';
import { compose, prometheusConfig } from './deploy.ts';
import { generateFiles } from './files.ts';
import { agentManifests, GATEWAY_SERVICES, gatewayManifests } from './kubernetes.ts';
import { DEFAULT_MODEL } from './model.ts';

test('what docker-compose mounts is generated, but for the secrets', () => {
  const files = [...generateFiles(DEFAULT_MODEL).keys()];
  const { services } = compose() as { services: Record<string, { volumes?: readonly string[] }> };
  const mounts = Object.values(services).flatMap(({ volumes = [] }) =>
    volumes.map((volume) => volume.split(':')[0] as string),
  );
  const paths = mounts.filter((path) => path.startsWith('.')).map((path) => posix.join('deploy', path));
  expect(paths.length).toBeGreaterThan(6);
  for (const path of paths) {
    if (path.endsWith('/secrets')) continue;
    expect(
      files.some((file) => file === path || file.startsWith(`${path}/`)),
      path,
    ).toBe(true);
  }
});

test('Prometheus keeps samples for more than the 35 days that the rules read, and takes the labels of the collector', () => {
  const { services } = compose() as { services: Record<string, { command?: readonly string[] }> };
  const days = /retention\.time=(\d+)d/.exec((services.prometheus?.command ?? []).join(' '))?.[1];
  expect(Number(days)).toBeGreaterThanOrEqual(35);
  const { scrape_configs: jobs } = prometheusConfig({ collector: 'c', telemetry: 't', alertmanager: 'a' }) as {
    scrape_configs: readonly { honor_labels?: boolean; static_configs: readonly { targets: readonly string[] }[] }[];
  };
  expect(jobs.find((job) => job.static_configs[0]?.targets[0] === 'c')?.honor_labels).toBe(true);
});

interface Workload {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly clusterIP?: string;
    readonly selector: object;
    readonly template?: {
      readonly metadata: { readonly labels: object };
      readonly spec: {
        readonly containers: readonly {
          readonly args: readonly string[];
          readonly volumeMounts: readonly { readonly name: string }[];
        }[];
        readonly volumes: readonly { readonly name: string }[];
      };
    };
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
  };
}

test('in Kubernetes, what selects pods selects those of its own tier, and what a pod mounts is there', () => {
  const files = [...generateFiles(DEFAULT_MODEL).keys()].map((path) => posix.basename(path));
  const tiers = [agentManifests(), gatewayManifests()] as readonly (readonly Workload[])[];
  for (const tier of tiers) {
    const workload = tier.find(({ spec }) => spec.template) as Workload;
    const { template, volumeClaimTemplates = [] } = workload.spec;
    const labels = template?.metadata.labels as object;
    for (const { spec } of tier) {
      expect(spec.selector).toEqual(spec.template === undefined ? labels : { matchLabels: labels });
    }
    const volumes = [...(template?.spec.volumes ?? []), ...volumeClaimTemplates.map(({ metadata }) => metadata)];
    for (const { args, volumeMounts } of template?.spec.containers ?? []) {
      expect(volumes.map(({ name }) => name)).toEqual(expect.arrayContaining(volumeMounts.map(({ name }) => name)));
      expect(files).toEqual(expect.arrayContaining(args.map((arg) => posix.basename(arg))));
    }
  }
});

test('agents send to services of the gateways, to each by a service that has an address for each', () => {
  const services = (gatewayManifests() as readonly Workload[]).filter(({ kind }) => kind === 'Service');
  const addresses = new Map(services.map(({ metadata, spec }) => [metadata.name, spec.clusterIP]));
  expect([...addresses.keys()].sort()).toEqual(Object.values(GATEWAY_SERVICES).sort());
  expect(addresses.get(GATEWAY_SERVICES.each)).toBe('None');
  const config = JSON.stringify(agentConfig(GATEWAY_SERVICES));
  for (const name of addresses.keys()) expect(config).toContain(`:-${name}}`);
});
