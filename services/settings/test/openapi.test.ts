import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SettingsUnderTest, startSettings } from './settings-under-test.ts';

const file = new URL('../../../docs/reference/openapi.json', import.meta.url);

interface Described {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
}
interface DescribedOperation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly responses: Readonly<Record<string, unknown>>;
}

let settings: SettingsUnderTest;
let described: Described;
beforeAll(async () => {
  settings = await startSettings();
  described = (await (await fetch(`${settings.kit.url}/docs/json`)).json()) as Described;
});
afterAll(() => settings?.end());

describe('the description of the API', () => {
  it('is the one in docs/reference', async () => {
    const kept: unknown = JSON.parse(await readFile(file, 'utf8'));
    expect(kept, 'run node_modules/.bin/node services/settings/scripts/generate-openapi.ts').toEqual(described);
  });

  it('is OpenAPI 3.1 and covers every operation with a name, a summary and its errors', () => {
    expect(described.openapi).toBe('3.1.0');
    const operations = Object.values(described.paths).flatMap((path) => Object.values(path));
    expect(operations.length).toBeGreaterThanOrEqual(26);
    const names = operations.map(({ operationId }) => operationId);
    expect(new Set(names).size).toBe(operations.length);
    for (const { operationId, summary, tags, responses } of operations) {
      expect(summary, operationId).toEqual(expect.any(String));
      expect(tags, operationId).toHaveLength(1);
      expect(Object.keys(responses), operationId).toEqual(expect.arrayContaining(['4XX', '5XX']));
    }
  });

  it('speaks the words of the panel', () => {
    const text = JSON.stringify(described);
    for (const words of [
      'Username',
      'Domain',
      'Autodiscover EWS',
      'Autodiscover via URL',
      'EWS URL',
      'OAB URL',
      'Impersonation / Delegation',
      'Test Connection',
      'Events Optimizer Interval (minutes)',
      'Optimize for High Server load environments',
      'Use Incremental Change Detection only',
      'Limit number of concurrent requests',
    ])
      expect(text).toContain(words);
  });

  it('is shown to people at /docs', async () => {
    const page = await fetch(`${settings.kit.url}/docs/`);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).toContain('swagger-ui');
  });
});
