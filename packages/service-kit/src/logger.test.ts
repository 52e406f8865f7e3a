import { BusError } from '@lockstep/bus';
import { codedError } from '@lockstep/contracts';
import { describe, expect, it } from 'vitest';
import { createLogger } from './logger.ts';

function logged(write: (log: ReturnType<typeof createLogger>) => void): Record<string, unknown> {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  write(createLogger({ service: 'settings', instance: 'i1', level: 'info', destination }));
  return JSON.parse(lines.join('')) as Record<string, unknown>;
}

describe('the log', () => {
  it('says who and when in one line', () => {
    const line = logged((log) => log.info({ mailbox: 'aaaabbbbccccdddd' }, 'read'));
    expect(line).toMatchObject({
      level: 'info',
      service: 'settings',
      instance: 'i1',
      mailbox: 'aaaabbbbccccdddd',
      msg: 'read',
    });
  });

  it('hides what is personal or secret by its name', () => {
    const line = logged((log) =>
      log.info({ password: 'p1', link: { address: 'alice@x.test' }, item: { content: { title: 'Lunch' } } }, 'read'),
    );
    for (const secret of ['p1', 'alice', 'Lunch']) expect(JSON.stringify(line)).not.toContain(secret);
  });

  it('shows of an error its type, code and frames, and its message only when code wrote it', () => {
    const parse = () => JSON.parse('Alice: private');
    const foreign = logged((log) => {
      try {
        parse();
      } catch (error) {
        log.error({ err: error }, 'failed');
      }
    });
    expect(foreign['err']).toMatchObject({
      type: 'SyntaxError',
      frames: expect.arrayContaining([expect.stringMatching(/^at /)]),
    });
    expect(JSON.stringify(foreign)).not.toContain('Alice');
    const own = new BusError(codedError('bus-unavailable', { detail: 'timeout: x' }), new Error('Alice'));
    const line = logged((log) => log.error({ err: own }, 'failed'));
    expect(line['err']).toMatchObject({
      type: 'BusError',
      code: 'bus-unavailable',
      detail: 'timeout: x',
      cause: { type: 'Error' },
    });
    expect(JSON.stringify(line)).not.toContain('Alice');
  });
});
