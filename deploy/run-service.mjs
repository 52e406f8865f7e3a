// What a container runs: the service that the first argument names, in this very process, so that it gets SIGTERM itself.
import { readdirSync } from 'node:fs';
import process from 'node:process';

const services = new URL('../services/', import.meta.url);
const names = readdirSync(services);
const [name] = process.argv.slice(2);

if (name === undefined || !names.includes(name)) {
  process.stderr.write(`Name the service to run: ${names.join(', ')}\n`);
  process.exit(64);
}
await import(new URL(`${name}/src/main.ts`, services).href);
