// libmspack as a decoder that somebody else wrote: compiles decode-oab.c, installing Debian's package when that is allowed.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const source = join(import.meta.dirname, 'decode-oab.c');

export class MspackDecoder {
  readonly #folder: string;
  #files = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Undefined, loudly, without the library. @throws Error instead when `CI` is `true` */
  static async build(): Promise<MspackDecoder | undefined> {
    const folder = await mkdtemp(join(tmpdir(), 'decode-oab-'));
    const decoder = new MspackDecoder(folder);
    try {
      await decoder.#compile().catch(async () => {
        await install();
        await decoder.#compile();
      });
      return decoder;
    } catch (error) {
      await decoder.close();
      if (process.env['CI'] === 'true') throw error;
      process.stderr.write(
        `\n*** Decoding with libmspack was LEFT OUT (Debian: gcc libmspack-dev): ${String(error)} ***\n\n`,
      );
      return undefined;
    }
  }

  async #compile(): Promise<void> {
    await run('cc', ['-Wall', '-Werror', '-o', join(this.#folder, 'decode-oab'), source, '-lmspack']);
  }

  /** @throws Error with `code`, the library's error, when it refuses the file */
  async decode(file: Buffer): Promise<Buffer> {
    this.#files += 1;
    const [input, output] = ['lzx', 'oab'].map((ending) => join(this.#folder, `${this.#files}.${ending}`));
    if (input === undefined || output === undefined) throw new Error('There are two names.');
    await writeFile(input, file);
    await run(join(this.#folder, 'decode-oab'), [input, output]);
    return readFile(output);
  }

  close(): Promise<void> {
    return rm(this.#folder, { recursive: true });
  }
}

async function install(): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('only root may install it');
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  const packages = ['gcc', 'libc6-dev', 'libmspack-dev'];
  const arguments_ = ['install', '-y', '--no-install-recommends', ...packages];
  await run('apt-get', arguments_, options).catch(async () => {
    await run('apt-get', ['update'], options);
    await run('apt-get', arguments_, options);
  });
}
