import { describe, expect, it } from 'vitest';
import { isLoopback, isPlausibleAddress, knownZone, urlFault } from './addresses.ts';

describe('an e-mail address', () => {
  it.each([
    'alice@example.com',
    'a@b.no',
    "o'brien+calendar@mail.example.co.uk",
    'åse@blåbær.example',
    `${'a'.repeat(64)}@example.com`,
  ])('%s is plausible', (address) => expect(isPlausibleAddress(address)).toBe(true));

  it.each([
    '',
    'alice',
    '@example.com',
    'alice@',
    'alice@localhost',
    'alice@example..com',
    'alice@-example.com',
    'alice.@example.com',
    '.alice@example.com',
    'al..ice@example.com',
    'al ice@example.com',
    'alice@exam ple.com',
    'a@b@example.com',
    'Alice <alice@example.com>',
    'alice@example.com,bob@example.com',
    'alice@[127.0.0.1]',
    `${'a'.repeat(65)}@example.com`,
    `a@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.${'e'.repeat(60)}.${'f'.repeat(20)}.com`,
  ])('%j is not', (address) => expect(isPlausibleAddress(address)).toBe(false));
});

describe('this machine', () => {
  it.each(['localhost', 'exchange.localhost', '127.0.0.1', '127.9.9.9', '[::1]'])('has the name %s', (host) =>
    expect(isLoopback(host)).toBe(true),
  );
  it.each(['localhost.example.com', '127.0.0.1.example.com', '128.0.0.1', '[::2]', '0.0.0.0', '10.0.0.1'])(
    'has not the name %s',
    (host) => expect(isLoopback(host)).toBe(false),
  );
  it('is recognised in every spelling of its number', () => {
    for (const url of ['http://2130706433/', 'http://0x7f.1/', 'http://127.1/'])
      expect(urlFault({ field: 'ewsUrl', url, readableSecretOf: 'basic' }), url).toBeUndefined();
  });
});

describe('a time zone', () => {
  it('is known by every name that this Node knows, in its usual spelling', () => {
    expect(knownZone('Europe/Oslo')).toBe('Europe/Oslo');
    expect(knownZone('europe/oslo')).toBe('Europe/Oslo');
    expect(knownZone('Europe/Kyiv')).toBe('Europe/Kyiv');
    expect(knownZone('UTC')).toBe('UTC');
  });
  it('is not known as an offset, a Windows name or nonsense', () => {
    for (const name of ['+01:00', '-05', 'W. Europe Standard Time', 'Europe/Atlantis', '']) {
      expect(knownZone(name), name).toBeUndefined();
    }
  });
});
