// What a release stored, as `npm run release-storage` saved it: restored into a folder of its own, so that today's
// services start on it, and read for what the test has to know.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const releasesFolder = path.resolve(import.meta.dirname, '..');

export interface Manifest {
  readonly release: string;
  readonly ports: { readonly exchange: number; readonly superoffice: number; readonly webhooks: number };
  readonly people: Readonly<
    Record<string, { readonly part: string; readonly mailbox?: string; readonly touched: readonly string[] }>
  >;
}

/** The releases that were saved, the oldest first. */
export function savedReleases(): readonly string[] {
  const names = readdirSync(releasesFolder).filter((name) => /^\d+\.\d+\.\d+$/.test(name));
  return names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

export class SavedRelease {
  readonly manifest: Manifest;
  readonly #folder: string;

  constructor(release: string) {
    this.#folder = path.join(releasesFolder, release);
    this.manifest = JSON.parse(readFileSync(path.join(this.#folder, 'manifest.json'), 'utf8')) as Manifest;
  }

  /** Puts everything into a new folder, which the caller removes. */
  restore(): string {
    const dataFolder = mkdtempSync(path.join(os.tmpdir(), 'lockstep-upgrade-'));
    execFileSync('tar', ['-xzf', path.join(this.#folder, 'data.tar.gz'), '-C', dataFolder]);
    return dataFolder;
  }

  /** Ids of the items that were linked, of both sides. */
  linkedIds(): ReadonlySet<string> {
    interface Chunk {
      readonly links?: readonly { readonly exchange: { id: string }; readonly superoffice: { id: string } }[];
    }
    const lines = readFileSync(path.join(this.#folder, 'contents', 'KV_links.jsonl'), 'utf8')
      .trim()
      .split('\n');
    const chunks = lines.map((line) => (JSON.parse(line) as { value: Chunk | null }).value);
    return new Set(
      chunks
        .flatMap((chunk) => chunk?.links ?? [])
        .flatMap(({ exchange, superoffice }) => [exchange.id, superoffice.id]),
    );
  }
}
