// The people of a trial system: each a mailbox in the Exchange simulator and an associate in the SuperOffice simulator.

export interface SamplePerson {
  readonly login: string;
  readonly address: string;
  readonly fullName: string;
}

export const samplePassword = 'lockstep';
export const sampleZone = 'Europe/Oslo';
export const synchronizer = {
  login: 'sync',
  address: 'sync@lockstep.test',
  fullName: 'Lockstep Synchronizer',
} as const;

const person = (login: string, fullName: string): SamplePerson => ({
  login,
  address: `${login}@lockstep.test`,
  fullName,
});

export const samplePeople: readonly SamplePerson[] = [
  person('alice', 'Alice Andersen'),
  person('bob', 'Bob Berg'),
  person('carol', 'Carol Christensen'),
  person('dave', 'Dave Dahl'),
];
