// The manifests in deploy/k8s: they are what Kubernetes accepts, and they agree with what the code declares.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { startNatsServer } from '@lockstep/bus/testing/nats-server';
import { until } from '@lockstep/bus/testing/until';
import { environment, serviceNames, servicePorts, webhookPort } from '@lockstep/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { kubernetesSecrets } from '../../deploy/k8s/make-secrets.ts';
import { secretsOf } from '../../scripts/system/secrets.ts';
import { kubernetesFaults } from './support/kubernetes-schema.ts';

const root = path.resolve(import.meta.dirname, '..', '..');
const base = path.join(root, 'deploy', 'k8s', 'base');
const declared: readonly string[] = Object.values(environment).map(({ name }) => name);

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe: unknown;
  readonly livenessProbe: { readonly httpGet: { readonly path: string; readonly port: string } };
  readonly readinessProbe: { readonly httpGet: { readonly path: string; readonly port: string } };
  readonly resources: { readonly requests: object; readonly limits: object };
  readonly securityContext: object;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}
interface SecretVolume {
  readonly name: string;
  readonly secret?: {
    readonly secretName: string;
    readonly items?: readonly { readonly key: string; readonly path: string }[];
  };
}
interface Manifest {
  readonly file: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec: {
    readonly selector: unknown;
    readonly ports: readonly { readonly name: string; readonly port: number; readonly targetPort: string }[];
    readonly template: {
      readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
      readonly spec: {
        readonly containers: readonly Container[];
        readonly volumes: readonly SecretVolume[];
        readonly securityContext: object;
        readonly terminationGracePeriodSeconds: number;
      };
    };
  };
}

const files = globSync('**/*.yaml', { cwd: base }).filter((file) => file !== 'kustomization.yaml');
const manifests = files.flatMap((file) =>
  parseAllDocuments(readFileSync(path.join(base, file), 'utf8')).map((document) => {
    expect(document.errors, file).toEqual([]);
    return { file, ...document.toJS() } as Manifest;
  }),
);
const workloads = manifests.filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet');
const one = (kind: string, name: string): Manifest => {
  const found = manifests.filter((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  expect(found, `${kind} ${name}`).toHaveLength(1);
  return found[0] as Manifest;
};
const containerOf = ({ spec, file }: Manifest): Container => {
  const [container, ...others] = spec.template.spec.containers;
  if (container === undefined || others.length > 0) throw new Error(`${file} has not one container`);
  return container;
};

describe('the Kubernetes manifests', () => {
  it('are all in the kustomization, as files, and it names nothing else', () => {
    const { resources } = parse(readFileSync(path.join(base, 'kustomization.yaml'), 'utf8'));
    expect([...resources].sort()).toEqual([...files].sort());
  });

  it.each(manifests.map((manifest) => [`${manifest.file} (${manifest.kind})`, manifest] as const))(
    '%s is what the Kubernetes schema describes, without a field that it does not know',
    async (_, { file, ...document }) => {
      expect(await kubernetesFaults(document)).toEqual([]);
    },
  );

  it("use only versions of the API that Kubernetes 1.20 and today's both have", () => {
    const versions = new Set(manifests.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`));
    expect([...versions].sort()).toEqual(
      ['apps/v1 Deployment', 'apps/v1 StatefulSet', 'v1 ConfigMap', 'v1 Namespace', 'v1 Service'].sort(),
    );
  });

  it('have each of the six services, by its name, on its port', () => {
    expect(
      manifests
        .filter(({ kind }) => kind === 'Deployment')
        .map(({ metadata }) => metadata.name)
        .sort(),
    ).toEqual([...serviceNames].sort());
    for (const name of serviceNames) {
      const deployment = one('Deployment', name);
      const container = containerOf(deployment);
      expect(container.args, name).toEqual([name]);
      expect(globSync(`services/${name}/src/main.ts`, { cwd: root }), name).toHaveLength(1);
      const webhooks = name === 'superoffice-watcher' ? [{ name: 'webhooks', containerPort: webhookPort }] : [];
      expect(container.ports, name).toEqual([{ name: 'http', containerPort: servicePorts[name] }, ...webhooks]);
      const service = one('Service', name);
      expect(service.spec.ports, name).toEqual(
        container.ports.map((port) => ({ name: port.name, port: port.containerPort, targetPort: port.name })),
      );
      expect(deployment.spec.selector).toEqual({ matchLabels: service.spec.selector });
      expect(deployment.spec.template.metadata.annotations).toEqual({
        'prometheus.io/scrape': 'true',
        'prometheus.io/port': String(servicePorts[name]),
        'prometheus.io/path': '/metrics',
      });
      expect(container.livenessProbe.httpGet).toEqual({ path: '/healthz', port: 'http' });
      expect(container.readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'http' });
      expect(deployment.spec.template.spec.terminationGracePeriodSeconds).toBe(30);
    }
  });

  it('let no container run as root, write to its file system or take a capability', () => {
    expect(workloads).toHaveLength(serviceNames.length + 1);
    for (const workload of workloads) {
      expect(workload.spec.template.spec.securityContext, workload.file).toMatchObject({
        runAsNonRoot: true,
        runAsUser: 1000,
      });
      expect(containerOf(workload).securityContext, workload.file).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(containerOf(workload).resources, workload.file).toMatchObject({
        requests: { cpu: expect.any(String), memory: expect.any(String) },
        limits: { memory: expect.any(String) },
      });
      expect(containerOf(workload).startupProbe, workload.file).toBeDefined();
    }
  });

  it('set only variables that are declared, and each one where it is read', () => {
    const shared = Object.keys(one('ConfigMap', 'lockstep').data ?? {});
    for (const name of shared) expect(declared).toContain(name);
    for (const service of serviceNames) {
      for (const { name } of containerOf(one('Deployment', service)).env ?? []) {
        expect(declared, `${service}: ${name}`).toContain(name);
        const variable = Object.values(environment).find((each) => each.name === name);
        expect(['every service', service], `${service}: ${name}`).toContain(variable?.usedBy);
      }
    }
    const set = serviceNames.flatMap((service) => containerOf(one('Deployment', service)).env ?? []);
    const fileVariables = declared.filter((name) => name.endsWith('_FILE'));
    expect(set.map(({ name }) => name)).toEqual(expect.arrayContaining(fileVariables));
  });
});

describe('the check of manifests', () => {
  const probe = (container: object, spec: object = {}) =>
    kubernetesFaults({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      spec: { selector: {}, template: { spec: { containers: [{ name: 'a', ...container }] } }, ...spec },
    });

  it('finds a field that Kubernetes does not know, however deep', async () => {
    expect(await probe({ image: 'lockstep' })).toEqual([]);
    expect(await probe({ imagee: 'lockstep' })).toEqual(['/spec/template/spec/containers/0/imagee: unknown field']);
    expect(await probe({ livenessProbe: { httpGet: { port: 1, route: '/' } } })).toEqual([
      '/spec/template/spec/containers/0/livenessProbe/httpGet/route: unknown field',
    ]);
  });

  it('finds a missing field and a value of the wrong type', async () => {
    expect(await probe({}, { selector: undefined })).toEqual([expect.stringContaining('selector')]);
    expect(await probe({}, { replicas: 'two' })).toEqual([expect.stringContaining('/spec/replicas')]);
  });
});

describe('the Secrets', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'lockstep-deploy-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('that make-secrets.ts prints are those that the manifests mount, key by key', async () => {
    const secrets = kubernetesSecrets(await secretsOf({ dataFolder: folder }, undefined));
    for (const secret of secrets) expect(await kubernetesFaults(secret)).toEqual([]);
    const keys = new Map(secrets.map(({ metadata, stringData }) => [metadata.name, Object.keys(stringData)]));
    const mounted = workloads.flatMap(({ spec }) => spec.template.spec.volumes);
    const named = mounted.flatMap(({ secret }) => (secret === undefined ? [] : [secret.secretName]));
    expect([...new Set(named)].sort()).toEqual([...keys.keys()].sort());
    for (const { secret } of mounted)
      for (const { key } of secret?.items ?? []) expect(keys.get(secret?.secretName ?? '')).toContain(key);
  });

  it('reach each service at the path that its variable names, and only its own password does', () => {
    for (const service of serviceNames) {
      const { spec } = one('Deployment', service).spec.template;
      const { env = [], volumeMounts } = containerOf(one('Deployment', service));
      const paths = volumeMounts.flatMap(({ name, mountPath }) => {
        const volume = spec.volumes.find((each) => each.name === name);
        return (volume?.secret?.items ?? []).map((item) => `${mountPath}/${item.path}`);
      });
      const named = env.filter(({ name }) => name.endsWith('_FILE')).map(({ value }) => value ?? '');
      expect(named.sort(), service).toEqual(paths.sort());
      const password = spec.volumes.find(({ secret }) => secret?.secretName === 'lockstep-nats-users');
      expect(password?.secret?.items).toEqual([{ key: service, path: 'password' }]);
    }
  });

  it('are made once: a second run prints the same', async () => {
    const made = async () => JSON.stringify(kubernetesSecrets(await secretsOf({ dataFolder: folder }, undefined)));
    expect(await made()).toBe(await made());
  });
});

describe('the image', () => {
  it('names the services when it is asked for none of them', () => {
    for (const args of [[], ['simulators'], ['../packages']]) {
      const ran = spawnSync(process.execPath, [path.join(root, 'deploy', 'run-service.mjs'), ...args]);
      expect(ran.status).toBe(64);
      for (const name of serviceNames) expect(ran.stderr.toString()).toContain(name);
    }
  });

  const dockerfile = readFileSync(path.join(root, 'Dockerfile'), 'utf8');

  it('runs a service that ends in order on SIGTERM', async () => {
    const nats = await startNatsServer();
    const service = spawn(process.execPath, [path.join(root, 'deploy', 'run-service.mjs'), 'settings'], {
      env: { ...process.env, NATS_URL: nats.url, LOCKSTEP_PORT: '0', LOCKSTEP_HOST: '127.0.0.1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(service, 'exit');
    let log = '';
    service.stdout.on('data', (chunk) => {
      log += chunk;
    });
    try {
      await until(() => log.includes('"msg":"started"'), 'the service to start', 50_000);
      service.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
      expect(log).toContain('"msg":"stopped"');
    } finally {
      service.kill('SIGKILL');
      await nats.stop();
    }
  });

  it('runs as a user who is not root, on the Node that the project pins', () => {
    expect(dockerfile.match(/^USER .*/gm)).toEqual(['USER 1000:1000']);
    const { devDependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    const major = String(devDependencies.node).split('.')[0];
    expect(dockerfile.match(/^FROM \S+/gm)).toEqual([
      `FROM node:${major}-bookworm-slim`,
      `FROM node:${major}-bookworm-slim`,
    ]);
  });
});
