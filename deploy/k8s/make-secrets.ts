// Prints the Secrets that the base needs, as one list for `kubectl apply -f -`:
//   node deploy/k8s/make-secrets.ts <folder> | kubectl apply --namespace lockstep -f -
// The folder keeps what was made (passwords, keys, token; files of mode 0600), so that a second run prints the same again, with
// the permissions of the present release. Guard it: whoever has it can open the stored credentials.
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { natsServerConfig } from '@lockstep/bus/nats-config';
import { serviceNames } from '@lockstep/contracts';
import { type Secrets, secretsOf } from '../../scripts/system/secrets.ts';

const GiB = 1024 ** 3;

interface KubernetesSecret {
  readonly apiVersion: 'v1';
  readonly kind: 'Secret';
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly type: 'Opaque';
  readonly stringData: Readonly<Record<string, string>>;
}

/** Every Secret that the manifests name. */
export function kubernetesSecrets(secrets: Secrets): readonly KubernetesSecret[] {
  const { natsPasswords, exchangeKey, superofficeKey, adminToken } = secrets;
  const users = Object.fromEntries(serviceNames.map((name) => [name, natsPasswords[name]]));
  const read = (file: string) => readFileSync(file, 'utf8');
  const config = natsServerConfig({
    host: '0.0.0.0',
    port: 4222,
    monitoringPort: 8222,
    storeDir: '/data',
    // Below the volume of the StatefulSet, and above what the streams reserve.
    maxStorageBytes: 36 * GiB,
    users: natsPasswords,
  });
  return [
    secret('lockstep-nats', { 'nats.conf': config }),
    secret('lockstep-nats-users', users),
    secret('lockstep-exchange-key', { 'private.jwk': read(exchangeKey.privateKeyFile) }),
    secret('lockstep-superoffice-key', { 'private.jwk': read(superofficeKey.privateKeyFile) }),
    secret('lockstep-public-keys', {
      'exchange.jwk': read(exchangeKey.publicKeyFile),
      'superoffice.jwk': read(superofficeKey.publicKeyFile),
    }),
    secret('lockstep-administrator', { token: adminToken }),
  ];
}

const secret = (name: string, stringData: Readonly<Record<string, string>>): KubernetesSecret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, labels: { 'app.kubernetes.io/part-of': 'lockstep' } },
  type: 'Opaque',
  stringData,
});

if (import.meta.main) {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) {
    process.stderr.write('Name the folder that keeps the secrets: node deploy/k8s/make-secrets.ts <folder>\n');
    process.exit(64);
  }
  const items = kubernetesSecrets(await secretsOf({ dataFolder: folder }, undefined));
  process.stdout.write(`${JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, undefined, 2)}\n`);
}
