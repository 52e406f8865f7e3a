// What Exchange fills in and refuses when a task is saved: status, per cent and date of completion go together.
import { midnightOf } from '../properties/value-reader.ts';
import { EwsError } from '../soap/ews-error.ts';
import { ianaOf } from '../time/zones.ts';
import type { SaveContext, Values } from './save-context.ts';

const dayMs = 86_400_000;

/** The values as they are stored. @throws EwsError for a share or a date of completion that cannot be */
export function taskRules(given: Values, save: SaveContext): Values {
  const values: Values = { Status: 'NotStarted', PercentComplete: 0, ...given };
  const { touched } = save;
  const percent = Number(values['PercentComplete']);
  if (percent < 0 || percent > 100) throw new EwsError('ErrorInvalidPercentCompleteValue');
  const completed = values['CompleteDate'];
  if (touched.has('CompleteDate') && typeof completed === 'number' && completed > save.nowMs + dayMs) {
    throw new EwsError('ErrorInvalidCompleteDate');
  }
  const done =
    (touched.has('Status') && values['Status'] === 'Completed') ||
    (touched.has('PercentComplete') && percent === 100) ||
    (touched.has('CompleteDate') && completed !== undefined);
  const undone =
    (touched.has('Status') && values['Status'] !== 'Completed') || (touched.has('PercentComplete') && percent < 100);
  if (done) {
    const today = midnightOf(save.nowMs, ianaOf(save.timeZone) ?? 'UTC');
    return { ...values, Status: 'Completed', PercentComplete: 100, CompleteDate: completed ?? today };
  }
  return undone ? opened(values, percent, touched.has('Status')) : values;
}

/** A task that is not complete: nothing of a completion stays, and one that is not started has nothing done. */
function opened(values: Values, percent: number, byStatus: boolean): Values {
  const { CompleteDate: _gone, ...open } = values;
  if (open['Status'] === 'Completed') open['Status'] = percent > 0 ? 'InProgress' : 'NotStarted';
  if (open['Status'] === 'NotStarted' && percent > 0 && !byStatus) open['Status'] = 'InProgress';
  if (open['Status'] === 'NotStarted' || percent === 100) open['PercentComplete'] = 0;
  return open;
}
