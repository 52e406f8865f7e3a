// What we read of SuperOffice's answers, and nothing more: unknown fields are left alone, so that a newer server is no
// failure. Names are SuperOffice's own.
import { LinkId } from '@lockstep/contracts';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';

const nullable = <S extends import('typebox').TSchema>(schema: S) => Type.Union([schema, Type.Null()]);
const text = Type.Optional(nullable(Type.String()));
const flag = Type.Optional(nullable(Type.Boolean()));
const associate = Type.Optional(nullable(Type.Object({ AssociateId: Type.Integer() })));

export const AppointmentEntity = Type.Object({
  AppointmentId: Type.Integer({ minimum: 1 }),
  /** Absent on servers before 10. */
  Title: text,
  Description: text,
  StartDate: text,
  EndDate: text,
  IsAlldayEvent: flag,
  IsFree: flag,
  Location: text,
  Private: text,
  VisibleFor: Type.Optional(
    nullable(Type.Array(Type.Object({ VisibleId: Type.Integer(), Visibility: Type.String() }))),
  ),
  Type: text,
  /** The follow-up type; its own `Type` tells a to-do from a meeting. */
  Task: Type.Optional(nullable(Type.Object({ Type: text }))),
  Priority: Type.Optional(nullable(Type.Object({ Id: Type.Integer(), Value: text }))),
  /** ActivityStatus. */
  Completed: text,
  MotherId: Type.Optional(nullable(Type.Integer())),
  Associate: associate,
  Recurrence: Type.Optional(
    nullable(Type.Object({ RecurrenceId: Type.Optional(nullable(Type.Integer())), IsRecurrence: flag })),
  ),
  CreatedDate: text,
  CreatedBy: associate,
  UpdatedDate: text,
  UpdatedBy: associate,
  ExtraFields: Type.Optional(nullable(Type.Record(Type.String(), Type.Unknown()))),
});
export type AppointmentEntity = Static<typeof AppointmentEntity>;
export const appointmentEntity = Compile(AppointmentEntity);

/** The template of a new appointment: all of it goes back, so it stays as it came. */
export const appointmentTemplate = Compile(Type.Record(Type.String(), Type.Unknown()));

export const principal = Compile(Type.Object({ AssociateId: Type.Integer({ minimum: 1 }) }));

/** Ids come as numbers from generated answers and as text from others. */
const id = Type.Union([Type.Integer(), Type.String({ pattern: '^\\d+$' })]);
const cell = Type.Object({ RawValue: Type.Optional(Type.Unknown()) });

/** One row of an archive in full mode: `Column.<name>.RawValue`. */
export const ArchiveRow = Type.Object({ PrimaryKey: id, Column: Type.Record(Type.String(), cell) });
export type ArchiveRow = Static<typeof ArchiveRow>;
export const archivePage = Compile(Type.Object({ value: Type.Array(ArchiveRow) }));

/** One entry of an administrator's list. */
export const mdoList = Compile(Type.Array(Type.Object({ Id: Type.Integer(), Name: text, Deleted: flag })));

export const foreignKey = Compile(Type.Object({ RecordId: Type.Integer(), Value: nullable(LinkId) }));

export const WebhookEntity = Type.Object({
  WebhookId: Type.Integer({ minimum: 1 }),
  Name: text,
  Events: Type.Optional(nullable(Type.Array(Type.String()))),
  TargetUrl: text,
  State: text,
});
export type WebhookEntity = Static<typeof WebhookEntity>;
export const webhookEntity = Compile(WebhookEntity);
export const webhookList = Compile(Type.Array(WebhookEntity));
