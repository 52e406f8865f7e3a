// The kind `appointment`: what both sides can hold of it, group by group, and what to write where.
import type {
  AppointmentChanges,
  AppointmentContent,
  AppointmentTime,
  kinds,
  Side,
  ZoneName,
} from '@lockstep/contracts';
import { commonLine, commonPrivacy } from '../common-text.ts';
import type { Kind, TimeSpan, WriteContext } from '../kind.ts';
import { plainText } from '../plain-text.ts';
import { startOfDay } from '../zones.ts';

/** Exchange takes a subject of 255 characters, SuperOffice a location of 254. */
export const appointmentLimits = { titleChars: 255, locationChars: 254 } as const;

const dayMs = 86_400_000;

type Group = (typeof kinds.appointment.groups)[number];

export const appointment: Kind<AppointmentContent> = {
  groups: {
    title: ['title'],
    time: ['time'],
    text: ['text'],
    place: ['location'],
    busy: ['busy'],
    privacy: ['privacy'],
  } satisfies Record<Group, readonly (keyof AppointmentContent)[]>,
  identity: ['title', 'time'] satisfies readonly Group[],
  listedByTime: true,
  commonForm: (content, group) => common[group as Group](content),
  wholeForm({ title, time, location, text, busy, privacy }) {
    return [title, Object.entries(time).sort(), location, text.format, text.content, busy, privacy];
  },
  fieldsFor: (side, content, groups, context) =>
    Object.assign({}, ...groups.map((group) => fields[group as Group](content, side, context))),
  cutGroups: ({ text }) => (text.truncated === true ? ['text'] : []),
  spanOf,
};

const common: Readonly<Record<Group, (content: AppointmentContent) => unknown>> = {
  title: ({ title }) => commonLine(title, appointmentLimits.titleChars),
  time: ({ time }) => commonTime(time),
  text: ({ text }) => plainText(text),
  place: ({ location }) => commonLine(location, appointmentLimits.locationChars),
  busy: ({ busy }) => commonBusy(busy),
  privacy: ({ privacy }) => commonPrivacy(privacy),
};

type Fields = (
  content: AppointmentContent,
  side: Side,
  context: WriteContext<AppointmentContent>,
) => AppointmentChanges;

const fields: Readonly<Record<Group, Fields>> = {
  title: ({ title }) => ({ title: commonLine(title, appointmentLimits.titleChars) }),
  time: ({ time }, side, context) => ({ time: timeFor(side, time, context) }),
  text: ({ text }) => ({ text: { format: 'plain', content: plainText(text) } }),
  place: ({ location }) => ({ location: commonLine(location, appointmentLimits.locationChars) }),
  busy: ({ busy }) => ({ busy: commonBusy(busy) }),
  privacy: ({ privacy }) => ({ privacy: commonPrivacy(privacy) }),
};

/** A new item is planned in its own zone, else the owner's. What was moved in SuperOffice stays in the zone it has in Exchange. */
function timeFor(
  side: Side,
  time: AppointmentTime,
  { zone, target }: WriteContext<AppointmentContent>,
): AppointmentTime {
  if (target === undefined) return { ...time, zone: time.zone ?? zone };
  if (side === 'superoffice') return time;
  const planned = target.time.zone ?? zone;
  return { ...time, zone: time.kind === 'timed' ? planned : (time.zone ?? planned) };
}

/** SuperOffice keeps whole seconds and no zone. */
function commonTime(time: AppointmentTime): unknown {
  if (time.kind === 'all-day') return ['all-day', time.firstDate, time.lastDate];
  return ['timed', time.start.slice(0, 19), time.end.slice(0, 19)];
}

/** SuperOffice knows only free and not free. */
function commonBusy(busy: string): 'free' | 'busy' {
  return busy === 'free' ? 'free' : 'busy';
}

/** A whole-day one takes place from the start of its first day to the end of its last. */
function spanOf({ time }: AppointmentContent, zone: ZoneName): TimeSpan {
  if (time.kind === 'timed') return { start: time.start, end: time.end };
  const lastDay = startOfDay(time.lastDate, time.zone ?? zone);
  return {
    start: startOfDay(time.firstDate, time.zone ?? zone),
    end: new Date(Date.parse(lastDay) + dayMs).toISOString(),
  };
}
