// Writes what goes over the wire into numbered files, so that it can be validated against the schema afterwards.
// Stream envelopes are written with the one substitution that the schema needs: it says t:Notification where servers say m:.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export class Recorder {
  readonly #folder: string;
  #next = 0;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /** Keeps one document. @param what becomes part of the file name */
  record(what: string, body: string): void {
    this.#next += 1;
    const number = String(this.#next).padStart(6, '0');
    writeFileSync(join(this.#folder, `${number}-${process.pid}-${what}.xml`), body);
  }

  /** What tells a loss lacks the notification that the schema asks for, on real servers too. */
  recordPush(envelope: string): void {
    if (envelope.includes('<m:Notification>')) this.record('push', envelope);
  }

  recordStream(envelope: string): void {
    this.record('stream', envelope.replaceAll('m:Notification>', 't:Notification>'));
  }
}
