import { describe, expect, it } from 'vitest';
import { type DiscoverWish, discover, type Heard, type Question } from './discover.ts';

const address = 'alice@example.com';
const pox = (account: string): Heard =>
  answer(200, `<Autodiscover><Response><Account>${account}</Account></Response></Autodiscover>`);
const settings =
  '<Action>settings</Action><Protocol><Type>EXCH</Type><EwsUrl>https://inside/EWS</EwsUrl></Protocol><Protocol><Type>EXPR</Type><EwsUrl>https://mail.example.com/EWS</EwsUrl><OABUrl>https://mail.example.com/OAB/</OABUrl></Protocol>';

function answer(status: number, text = '', location?: string): Heard {
  return { kind: 'answered', status, text, ...(location === undefined ? {} : { location }) };
}

/** Looks with a world in which the question for each URL is answered by `world`; what it does not know cannot be reached. */
async function look(
  world: (question: Question) => Heard | undefined,
  wish: Partial<DiscoverWish> = {},
  remainingMs = 1000,
) {
  const asked: Question[] = [];
  const found = await discover(
    {
      ask: async (question) => {
        asked.push(question);
        return world(question) ?? { kind: 'failed', code: 'exchange-unreachable' };
      },
      monotonic: () => 0,
      remainingMs: () => remainingMs,
      maxQuestions: 17,
      signsIn: true,
    },
    { address, hosts: [], ...wish },
  );
  return { found, asked: asked.map(({ url, signedIn }) => `${signedIn ? 'signed ' : ''}${url.href}`) };
}

describe('Autodiscover by address', () => {
  it('asks the places in the documented order, and none outside of the domain', async () => {
    const { found, asked } = await look(() => answer(404));
    expect(asked).toEqual([
      'signed https://example.com/autodiscover/autodiscover.xml',
      'signed https://example.com/autodiscover/autodiscover.svc',
      'signed https://autodiscover.example.com/autodiscover/autodiscover.xml',
      'signed https://autodiscover.example.com/autodiscover/autodiscover.svc',
      'http://autodiscover.example.com/autodiscover/autodiscover.xml',
      'https://example.com/autodiscover/autodiscover.json?Email=alice%40example.com&Protocol=EWS',
      'https://autodiscover.example.com/autodiscover/autodiscover.json?Email=alice%40example.com&Protocol=EWS',
    ]);
    expect(found).toMatchObject({ ok: false, wantsConsent: [] });
    expect(found.steps.map(({ result }) => result)).toEqual(Array(7).fill('not-here'));
  });

  it('never looks further up: not for a deep domain, not for a single label', async () => {
    const { asked } = await look(() => undefined, { address: 'a@mail.sub.example.com' });
    expect(asked.length).toBeGreaterThan(0);
    for (const url of asked) expect(url).toMatch(/\/\/(autodiscover\.)?mail\.sub\.example\.com\//);
    for (const bad of ['a@com', 'a@', 'com', 'a@b@c.com', 'a@evil.com/x', 'a@10.0.0.1'])
      expect((await look(() => answer(200), { address: bad })).asked, bad).toEqual([]);
  });

  it('takes the addresses for the outside', async () => {
    const { found, asked } = await look(({ url }) =>
      url.hostname === 'autodiscover.example.com' ? pox(settings) : undefined,
    );
    expect(found).toMatchObject({
      ok: true,
      ewsUrl: 'https://mail.example.com/EWS',
      oabUrl: 'https://mail.example.com/OAB/',
    });
    // The host that cannot be reached is asked once, not in each form.
    expect(asked).toHaveLength(2);
  });

  it.each([
    ['an HTTP redirect', answer(302, '', 'https://evil.test/autodiscover/autodiscover.xml')],
    ['a redirect in the answer', pox('<Action>redirectUrl</Action><RedirectUrl>https://evil.test/x</RedirectUrl>')],
    ['another address', pox('<Action>redirectAddr</Action><RedirectAddr>alice@evil.test</RedirectAddr>')],
  ])('sends nothing to a foreign host that %s names, and says which one wants consent', async (_, heard) => {
    const { found, asked } = await look(() => heard);
    expect(asked.filter((url) => url.includes('evil'))).toEqual([]);
    expect(found.ok).toBe(false);
    expect(found.wantsConsent).toContain('evil.test:443');
  });

  it('asks a foreign host with consent', async () => {
    const world = ({ url }: Question) =>
      url.hostname === 'other.test' ? pox(settings) : answer(302, '', 'https://other.test/a.xml');
    const { found, asked } = await look(world, { hosts: ['other.test:443'] });
    expect(found.ok).toBe(true);
    expect(asked[1]).toBe('signed https://other.test/a.xml');
    // Consent is for this port alone.
    expect((await look(world, { hosts: ['other.test:444'] })).found).toMatchObject({
      ok: false,
      wantsConsent: ['other.test:443'],
    });
  });

  it.each(['http://example.com/a.xml', 'file:///etc/passwd', 'https://user:pw@example.com/', '//['])(
    'follows no redirect to %s',
    async (target) => {
      const { found, asked } = await look(({ signedIn }) => (signedIn ? answer(302, '', target) : answer(404)));
      expect(asked).toHaveLength(7);
      expect(found.steps.filter(({ result }) => result === 'unsafe-redirect')).toHaveLength(4);
    },
  );

  it('ends when redirects go in a circle or never end', async () => {
    const circle = await look(({ url }) => answer(302, '', url.href));
    expect(circle.found.steps.some(({ result }) => result === 'loop')).toBe(true);
    let hop = 0;
    const endless = await look(() => answer(302, '', `https://example.com/${hop++}.xml`));
    expect(endless.asked.length).toBeLessThanOrEqual(17);
    expect(endless.found.steps.at(-1)?.result).toBe('ended');
    const same = await look(() => pox(`<Action>redirectAddr</Action><RedirectAddr>${address}</RedirectAddr>`));
    expect(same.asked.length).toBeLessThanOrEqual(7);
    expect((await look(() => answer(404), {}, 0)).asked).toEqual([]);
  });

  it('sends a refused password to no other place', async () => {
    const { found, asked } = await look(() => answer(401));
    expect(asked.filter((url) => url.startsWith('signed'))).toHaveLength(1);
    expect(found.steps.filter(({ result }) => result === 'skipped')).toHaveLength(3);
  });

  it('takes what is no Autodiscover for what it is', async () => {
    const { found } = await look(() => answer(200, '<html><body>Welcome<br></body></html>'));
    expect(new Set(found.steps.map(({ result }) => result))).toEqual(new Set(['unreadable', 'not-here']));
    const script = await look(() => pox('<Protocol><EwsUrl>javascript:alert(1)</EwsUrl></Protocol>'));
    expect(script.found).not.toHaveProperty('ewsUrl');
  });
});

describe('Autodiscover via URL', () => {
  it('asks there and nowhere else', async () => {
    const url = new URL('https://mail.example.com/autodiscover/autodiscover.svc');
    const { asked } = await look(() => answer(404), { url, hosts: ['mail.example.com:443'] });
    expect(asked).toEqual([`signed ${url.href}`]);
  });
});
