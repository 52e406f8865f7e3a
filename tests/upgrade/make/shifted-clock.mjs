// Preloaded into a process (`--import …?file=<path>`): its wall clock is off by the milliseconds in that file. Some records
// need an hour between two changes; timers and the monotonic clock run as ever.
import { readFileSync } from 'node:fs';

const offsetMs = Number(readFileSync(new URL(import.meta.url).searchParams.get('file'), 'utf8'));
const RealDate = Date;

globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + offsetMs);
    else super(...given);
  }

  static now() {
    return RealDate.now() + offsetMs;
  }

  // Dates that Node itself makes are of the other class.
  static [Symbol.hasInstance](value) {
    return value instanceof RealDate;
  }
};
