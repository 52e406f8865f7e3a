import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { logOutput, type WriteSync } from './log-output.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A disk that takes so many bytes and then is full, until it is given room. */
function disk(room: number) {
  const state = { room, text: '' };
  const write: WriteSync = (_fd, bytes, offset) => {
    const part = bytes.subarray(offset, offset + state.room);
    if (part.length === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    state.room -= part.length;
    state.text += part.toString();
    return part.length;
  };
  return { state, write };
}

describe('the output of the log', () => {
  it('writes each line at once', () => {
    const file = join(folder, 'log');
    const output = logOutput(openSync(file, 'a'));
    output.write('{"msg":"one"}\n');
    expect(readFileSync(file, 'utf8')).toBe('{"msg":"one"}\n');
  });

  it('loses lines on a full disk, says how many when there is room again, and never joins two', () => {
    const { state, write } = disk(20);
    const output = logOutput(1, write);
    for (const name of ['one', 'two', 'three']) output.write(`{"msg":"${name}"}\n`);
    state.room = 1_000;
    output.write('{"msg":"four"}\n');
    output.write('{"msg":"five"}\n');
    const lines = state.text.trim().split('\n');
    expect(lines.slice(0, 2)).toEqual(['{"msg":"one"}', '{"msg"']);
    expect(lines.slice(2).map((line) => JSON.parse(line) as unknown)).toEqual([
      { level: 'warn', msg: 'log lines lost', lines: 2 },
      { msg: 'four' },
      { msg: 'five' },
    ]);
  });

  it('waits a moment for a reader that is slow, and not for ever', () => {
    let refusals = 3;
    let text = '';
    const again = Object.assign(new Error('try again'), { code: 'EAGAIN' });
    const output = logOutput(1, (_fd, bytes, offset) => {
      if (refusals-- > 0) throw again;
      text += bytes.subarray(offset).toString();
      return bytes.length - offset;
    });
    output.write('slow\n');
    expect(text).toBe('slow\n');
    logOutput(1, () => {
      throw again;
    }).write('never read');
  });
});
