import { posix } from 'node:path';
import { expect, test } from 'vitest';
import { compose, kubernetes, prometheusConfig } from './deploy.ts';
import { generateFiles } from './files.ts';
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

test('every Kubernetes object belongs to the same app', () => {
  for (const one of kubernetes()) expect(one).toMatchObject({ metadata: { name: 'tokenmeter-collector' } });
});
