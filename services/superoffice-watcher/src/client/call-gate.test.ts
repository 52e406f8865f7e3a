import { codedError } from '@lockstep/contracts';
import { describe, expect, it } from 'vitest';
import { CallGate, type Leave } from './call-gate.ts';

function gateAt(clock: { now: number }, running = 1, waiting = 1) {
  return new CallGate({ running, waiting, refusalsToStop: 2, probeEveryMs: 300_000, monotonic: () => clock.now });
}

const never = new AbortController().signal;

async function entered(gate: CallGate): Promise<Leave> {
  const outcome = await gate.enter(never);
  if (!outcome.ok) throw new Error(outcome.error.code);
  return outcome.value;
}

describe('the call gate', () => {
  it('lets so many run, a bounded number wait in order, and refuses the rest', async () => {
    const gate = gateAt({ now: 0 }, 1, 2);
    const order: string[] = [];
    const leave = await entered(gate);
    const second = gate.enter(never).then((outcome) => {
      order.push('second');
      return outcome;
    });
    const third = gate.enter(never).then((outcome) => {
      order.push('third');
      return outcome;
    });
    expect(await gate.enter(never)).toMatchObject({ ok: false, error: { code: 'service-busy' } });
    expect(order).toEqual([]);
    leave(undefined);
    const outcome = await second;
    expect(order).toEqual(['second']);
    if (outcome.ok) outcome.value(undefined);
    await third;
    expect(order).toEqual(['second', 'third']);
  });

  it('frees the place of one who stops waiting', async () => {
    const gate = gateAt({ now: 0 });
    const leave = await entered(gate);
    const impatient = new AbortController();
    const waiting = gate.enter(impatient.signal);
    impatient.abort();
    expect(await waiting).toMatchObject({ ok: false, error: { code: 'deadline-passed' } });
    leave(undefined);
    expect((await gate.enter(never)).ok).toBe(true);
  });

  it('sends nothing while SuperOffice asked for a pause', async () => {
    const clock = { now: 0 };
    const gate = gateAt(clock);
    (await entered(gate))(codedError('superoffice-busy', { backOffMs: 5_000 }));
    clock.now = 4_000;
    expect(await gate.enter(never)).toMatchObject({ ok: false, error: { code: 'superoffice-busy', backOffMs: 1_000 } });
    clock.now = 5_000;
    expect((await gate.enter(never)).ok).toBe(true);
  });

  it('asks once in five minutes after two refusals of the account in a row', async () => {
    const clock = { now: 0 };
    const gate = gateAt(clock);
    for (let attempt = 0; attempt < 2; attempt++) (await entered(gate))(codedError('superoffice-unauthorized'));
    expect(await gate.enter(never)).toMatchObject({ ok: false, error: { code: 'superoffice-unauthorized' } });
    clock.now = 300_000;
    const probe = await entered(gate);
    probe(undefined);
    expect((await gate.enter(never)).ok).toBe(true);
  });
});
