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

// The first process of a container ignores a signal that it does not handle. Until the service handles them, which replaces
// these, there is nothing to finish.
const endNow = () => process.exit(0);
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, endNow);
// Afterwards, not at once: Node stops listening to a signal when its last listener goes.
process.on('newListener', (event) => process.nextTick(() => process.off(event, endNow)));

await import(new URL(`${name}/src/main.ts`, services).href);
