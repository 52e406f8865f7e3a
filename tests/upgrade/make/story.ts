// What happens in the system before its storage is saved. Half-done work is had by killing the engine while a call hangs,
// so that every record is one that the release itself wrote.
import { type MailboxKey, partitionOf } from '@lockstep/contracts';
import { call, provision, settingsApi } from '../../../scripts/system/provision.ts';
import { addressOf, at, link, mailboxKeys, type Name, names, Player, seedOthers } from './cast.ts';
import { type Stage, until } from './stage.ts';

const hourMs = 3_600_000;
/** Clocks of the three acts: a cookie keeps its elder only when ten minutes lie between two changes. */
export const acts = { first: -2 * hourMs, second: -hourMs, third: 0 } as const;

/** What the test has to know of the story besides what is stored. */
export interface Told {
  readonly mailboxes: Readonly<Record<string, string>>;
  /** Titles of items that something was under way with; every other item must stay exactly as it is. */
  readonly touched: Readonly<Partial<Record<Name, readonly string[]>>>;
}

const bobsDeletes = 26;
/** Of these the brake lets so many go. */
const bobsFree = 20;
const franksItems = 40;
const franksEqual = 8;
const franksCreatesBeforeTheHang = 12;

/** From an empty system with the clock of the first act to one whose services can be ended. */
export async function tell(stage: Stage): Promise<Told> {
  const play = new Play(stage);
  await play.first();
  await stage.restartAt(acts.second);
  await play.second();
  await stage.restartAt(acts.third);
  await play.third();
  return { mailboxes: await mailboxKeys(stage.system), touched };
}

const touched: Told['touched'] = {
  alice: [
    ...['Alice outlook 1', 'Alice outlook 2', 'Alice web 1', 'Alice web 2'],
    'Alice outlook 7',
    ...['Waiting outlook 1', 'Waiting web 2', 'Alice outlook 3', 'Alice web 3', 'New in Outlook', 'New on the web'],
  ],
  bob: Array.from({ length: bobsDeletes }, (_, index) => `Bob outlook ${index + 1}`),
  carol: ['Carol hangs', 'Carol outlook 1', 'Carol notifies'],
  dave: ['Dave hangs'],
  erin: ['Erin hangs'],
  ivan: ['Ivan outlook 1'],
};

interface Explained {
  readonly openIntents: number;
  readonly heldDeletes: number;
  readonly firstLoadDone: boolean;
  readonly parked: readonly { readonly state: string }[];
}

class Play {
  readonly #stage: Stage;
  readonly #people: Readonly<Record<Name, Player>>;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#people = Object.fromEntries(names.map((name) => [name, new Player(stage.system, name)])) as Record<
      Name,
      Player
    >;
  }

  /** Settings, users, ordinary pairs; one user goes, one is switched off. */
  async first(): Promise<void> {
    const { system } = this.#stage;
    await provision(system);
    await seedOthers(system);
    await this.#settings();
    for (const name of ['erin', 'gina', 'henry', 'ivan', 'judy'] as const) await link(system, name);
    await this.#ordinaryPairs();
    const mailboxes = await mailboxKeys(system);
    await this.#api('DELETE', `/user-links/${mailboxes['gina']}`);
    await this.#api('PATCH', `/user-links/${mailboxes['judy']}`, { enabled: false });
  }

  /** A conflict is decided; a create of Henry's is left open. */
  async second(): Promise<void> {
    const { alice, henry } = this.#people;
    const engine = this.#stage.system.process('sync-engine');
    await engine.stop();
    await alice.changeItem('Alice outlook 5', { subject: 'Alice outlook 5 as Outlook says' });
    await alice.changeRow('Alice outlook 5', { title: 'Alice outlook 5 as the web says' });
    engine.start();
    await until(() => alice.holds(['Alice outlook 5 as the web says']), 'the conflict to be decided');
    const struck = await this.#exchangeHangs('henry', 'after');
    await henry.web('Henry hangs', 5);
    await struck();
    await this.#stage.kill('sync-engine');
  }

  /** Everything that is half done when the services end. */
  async third(): Promise<void> {
    const { alice, bob, henry, ivan } = this.#people;
    await until(() => henry.holds(['Henry hangs']), "Henry's create to be settled");
    await this.#explained('henry', ({ openIntents }) => openIntents === 0);
    await alice.changeItem('Alice outlook 6', { location: 'So that the cookie moves once more' });
    for (let n = 1; n <= bobsDeletes; n++) await bob.deleteRow(`Bob outlook ${n}`);
    await this.#explained('bob', ({ heldDeletes }) => heldDeletes === bobsDeletes - bobsFree);
    await this.#superoffice('/control/switches', { transactionLogReadable: false });
    await ivan.deleteRow('Ivan outlook 1');
    await this.#explained('ivan', ({ parked }) => parked.some(({ state }) => state === 'suspected-delete'));
    await this.#superoffice('/control/switches', { transactionLogReadable: true });
    await this.#parkedLink();
    await this.#leaveCallsOpen();
    await this.#stage.kill('sync-engine');
    await this.#waitingChanges();
  }

  /** Exchange refuses a change for good: the pair stays linked, and apart. */
  async #parkedLink(): Promise<void> {
    const { alice } = this.#people;
    const url = `${this.#stage.system.simulatorUrl('exchange')}/control/faults`;
    const action = { kind: 'message', code: 'ErrorInvalidPropertySet' };
    const match = { mailbox: addressOf('alice'), operation: 'UpdateItem', count: null };
    await call('POST', url, { match, when: 'before', action });
    await alice.changeRow('Alice outlook 7', { location: 'Refused by Exchange' });
    await this.#explained('alice', ({ parked }) => parked.length === 2);
  }

  async #settings(): Promise<void> {
    await this.#api('PATCH', '/settings/sync', { conflictRules: { title: 'superoffice', place: 'exchange' } });
    // So that the items lie in the window in all the years in which this release is upgraded from.
    await this.#api('PATCH', '/settings/sync', { windowBackDays: 3650, windowForwardDays: 400 });
    await this.#api('PATCH', '/settings/technical', { concurrentRequestLimit: 24, eventsOptimizerMinutes: 30 });
    await this.#api('PATCH', '/settings/superoffice', { pollEveryMs: 2_000 });
  }

  async #ordinaryPairs(): Promise<void> {
    const { alice, bob, frank } = this.#people;
    const made: Promise<unknown>[] = [];
    for (const name of ['alice', 'carol', 'dave', 'erin', 'gina', 'henry', 'ivan', 'judy'] as const) {
      const player = this.#people[name];
      for (let n = 1; n <= (name === 'alice' ? 8 : 3); n++) {
        made.push(player.outlook(`${titled(name)} outlook ${n}`, n), player.web(`${titled(name)} web ${n}`, 20 + n));
      }
    }
    for (let n = 1; n <= bobsDeletes + 4; n++) made.push(bob.outlook(`Bob outlook ${n}`, n));
    await Promise.all(made);
    await alice.outlook('All day', 30, { start: day(30), end: day(32), isAllDay: true, timeZone: 'Europe/Oslo' });
    await alice.outlook('Formatted', 31, { body: { format: 'HTML', text: '<html><body><p>One</p></body></html>' } });
    await alice.outlook('A far place', 32, { location: 'A very long way from here, '.repeat(30) });
    await alice.outlook('Private', 33, { sensitivity: 'Private', busy: 'Free' });
    await alice.web('Described', 34, { description: 'Described\nin two lines', isFree: true });
    await alice.web('With others', 35, { participants: ['dave'] });
    for (let n = 1; n <= franksItems; n++) {
      await frank.web(`Frank web ${n}`, 2 * n);
      if (n <= franksEqual) await frank.outlook(`Frank web ${n}`, 2 * n);
      else await frank.outlook(`Frank outlook ${n}`, 2 * n + 1);
    }
    const outlook = (name: Name, count: number) =>
      Array.from({ length: count }, (_, index) => `${titled(name)} outlook ${index + 1}`);
    await until(() => bob.holds(outlook('bob', bobsDeletes + 4)), "Bob's pairs");
    await until(() => alice.holds(['All day', 'Formatted', 'Private', 'Described']), "Alice's pairs");
    for (const name of ['carol', 'dave', 'erin', 'gina', 'henry', 'ivan', 'judy'] as const)
      await until(() => this.#people[name].holds([...outlook(name, 3), `${titled(name)} web 3`]), `${name}'s pairs`);
  }

  /** Each of four mailboxes in the middle of a create whose call is not answered. */
  async #leaveCallsOpen(): Promise<void> {
    const { carol, dave, erin } = this.#people;
    const { system } = this.#stage;
    const { dave: davesMailbox = '' } = await mailboxKeys(system);
    const path = `*/ForeignApp/Lockstep/exchange/${davesMailbox}/Key`;
    await this.#superoffice('/control/faults', { method: 'POST', path, hang: true });
    const carolStruck = await this.#exchangeHangs('carol', 'after');
    const erinStruck = await this.#exchangeHangs('erin', 'before');
    const frankStruck = await this.#exchangeHangs('frank', 'before', franksCreatesBeforeTheHang);
    await link(system, 'frank');
    await frankStruck();
    await Promise.all([dave.outlook('Dave hangs', 6), carol.web('Carol hangs', 6), erin.web('Erin hangs', 6)]);
    await until(async () => {
      const faults = await call<{ struck: number }[]>('GET', `${system.simulatorUrl('superoffice')}/control/faults`);
      return faults.some(({ struck }) => struck > 0);
    }, "Dave's foreign key to hang");
    await Promise.all([carolStruck(), erinStruck()]);
  }

  /** The engine is dead: what people do now waits in the stream, and after the scanner's end as a notification. */
  async #waitingChanges(): Promise<void> {
    const { alice, carol } = this.#people;
    const { alice: alicesMailbox = '', carol: carolsMailbox = '' } = await mailboxKeys(this.#stage.system);
    await alice.changeItem('Alice outlook 1', { subject: 'Waiting outlook 1' });
    await alice.changeItem('Alice web 1', { location: 'Changed in Outlook' });
    await alice.changeRow('Alice web 2', { title: 'Waiting web 2' });
    await alice.changeRow('Alice outlook 2', { location: 'Changed on the web' });
    await alice.deleteItem('Alice outlook 3');
    await alice.deleteRow('Alice web 3');
    await alice.outlook('New in Outlook', 40);
    await alice.web('New on the web', 41);
    await until(async () => (await this.#waiting('CHANGE', alicesMailbox)) >= 8, "Alice's changes to wait");
    await this.#stage.kill('ics-scanner');
    await carol.changeItem('Carol outlook 1', { subject: 'Carol notifies' });
    await until(async () => (await this.#waiting('NOTIFIED', carolsMailbox)) === 1, "Carol's notification to wait");
  }

  /** Lets a create in this person's mailbox hang; answers how to wait until one does. */
  async #exchangeHangs(name: Name, when: 'before' | 'after', skip = 0): Promise<() => Promise<void>> {
    const url = `${this.#stage.system.simulatorUrl('exchange')}/control/faults`;
    const match = { mailbox: addressOf(name), operation: 'CreateItem', skip };
    const { id } = await call<{ id: number }>('POST', url, { match, when, action: { kind: 'hang' } });
    return () =>
      until(async () => {
        const faults = await call<{ id: number; met: number }[]>('GET', url);
        return faults.some((fault) => fault.id === id && fault.met > 0);
      }, `a create of ${name} to hang`);
  }

  async #explained(name: Name, holds: (explained: Explained) => boolean): Promise<void> {
    const mailbox = (await mailboxKeys(this.#stage.system))[name];
    await until(
      async () => holds(await this.#api<Explained>('GET', `/mailboxes/${mailbox}/explain`)),
      `what ${name} waits for`,
    );
  }

  async #waiting(stream: 'CHANGE' | 'NOTIFIED', mailbox: string): Promise<number> {
    const manager = await this.#stage.nats.jetstreamManager();
    const partition = partitionOf(mailbox as MailboxKey);
    const filter = `lockstep.v1.${stream.toLowerCase()}.${partition}.${mailbox}${stream === 'CHANGE' ? '.>' : ''}`;
    const { state } = await manager.streams.info(stream, { subjects_filter: filter });
    return Object.values(state.subjects ?? {}).length;
  }

  #api<T>(method: string, route: string, body?: unknown): Promise<T> {
    return settingsApi(this.#stage.system)<T>(method, route, body);
  }

  async #superoffice(route: string, body: unknown): Promise<void> {
    await call('POST', `${this.#stage.system.simulatorUrl('superoffice')}${route}`, body);
  }
}

const titled = (name: Name): string => `${name[0]?.toUpperCase()}${name.slice(1)}`;
const day = (n: number): string => `${at(n).start.slice(0, 10)}T00:00:00+01:00`;
