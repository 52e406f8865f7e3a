// What the watcher asks of a kind: which rows are of it, what they say, and what to send so that they say something else.
// A row is an entry of SuperOffice's appointment table, which holds more than appointments. Pure.
import type { ItemContent, ZoneName } from '@lockstep/contracts';
import type { AppointmentEntity } from '../client/entities.ts';
import type { ListedPriority } from '../client/list-api.ts';

/** Whose row it is, and in which zone its days are days. */
export interface Owner {
  readonly associateId: number;
  readonly zone: ZoneName;
}

/** What a row refers to in the administrator's lists, in the order of the list; empty for a kind that needs none. */
export interface Lists {
  readonly priorities: readonly ListedPriority[];
}

/** Fields of an entity by SuperOffice's names. */
export type Fields = Readonly<Record<string, unknown>>;

export interface KindMapping<C = ItemContent> {
  /** The numbers of AppointmentType that its rows have, as archives show and take them. */
  readonly rowTypes: readonly number[];
  /** The follow-up type whose template a new row starts from; undefined for SuperOffice's default. */
  readonly template: string | undefined;
  readonly usesPriorities: boolean;
  /** True for a row of this kind; no row is of two kinds. */
  holds(entity: AppointmentEntity): boolean;
  /** `single` is what can be synchronized; anything else parks the item. */
  shapeOf(entity: AppointmentEntity): string;
  /** What the row says. @throws UnreadableDate */
  read(entity: AppointmentEntity, zone: ZoneName): C;
  /** A new row, whole, from the server's template. */
  newRow(template: Fields, content: C, owner: Owner, lists: Lists): Fields;
  /** The fields of a row that is to say `changes`; those that say so already may be among them. @throws UnreadableDate */
  fieldsFor(entity: AppointmentEntity, changes: Partial<C>, owner: Owner, lists: Lists): Fields;
}
