import { describe, expect, it } from 'vitest';
import { exchangePurpose, hostAndPort, purposeCovers, superofficePurpose } from './sealed-purpose.ts';
import { defaultSuperOfficeSettings } from './settings/superoffice.ts';
import { defaultTechnicalSettings } from './settings/technical.ts';

describe('the purpose of a sealed secret', () => {
  it('names host and port, with the default port written out', () => {
    expect(hostAndPort('https://Mail.Example.com/EWS/Exchange.asmx')).toBe('mail.example.com:443');
    expect(hostAndPort('http://127.0.0.1:8090/')).toBe('127.0.0.1:8090');
    expect(hostAndPort('http://mail.example.com')).toBe('mail.example.com:80');
    expect(hostAndPort('https://[::1]:444/')).toBe('[::1]:444');
  });

  it('knows no host in what is not an http address', () => {
    expect(hostAndPort('')).toBeUndefined();
    expect(hostAndPort('ftp://mail.example.com')).toBeUndefined();
    expect(hostAndPort('mail.example.com')).toBeUndefined();
  });

  it('lists each host of the technical settings once', () => {
    const purpose = exchangePurpose({
      ...defaultTechnicalSettings,
      userName: 'sync',
      domain: 'EXAMPLE',
      ewsUrl: 'https://mail.example.com/EWS/Exchange.asmx',
      oabUrl: 'https://mail.example.com/OAB/',
      autodiscoverUrl: 'https://autodiscover.example.com/autodiscover/autodiscover.xml',
    });
    expect(purpose).toEqual({
      use: 'exchange',
      account: 'EXAMPLE\\sync',
      authentication: 'basic',
      hosts: ['autodiscover.example.com:443', 'mail.example.com:443'],
    });
  });

  it('covers fewer hosts, and no other host, account, authentication or use', () => {
    const sealed = exchangePurpose({
      ...defaultTechnicalSettings,
      userName: 'sync',
      ewsUrl: 'https://a.example',
      oabUrl: 'https://b.example',
    });
    expect(purposeCovers(sealed, { ...sealed, hosts: ['a.example:443'] })).toBe(true);
    expect(purposeCovers(sealed, { ...sealed, hosts: ['c.example:443'] })).toBe(false);
    expect(purposeCovers(sealed, { ...sealed, hosts: ['a.example:80'] })).toBe(false);
    expect(purposeCovers(sealed, { ...sealed, account: 'other' })).toBe(false);
    expect(purposeCovers(sealed, { ...sealed, authentication: 'ntlm' })).toBe(false);
    expect(purposeCovers(sealed, superofficePurpose({ ...defaultSuperOfficeSettings, userName: 'sync' }))).toBe(false);
  });
});
