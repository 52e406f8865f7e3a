// A gateway in a process of its own, to be killed or stopped: opens a session, takes one token and lives on. Says each step on its
// standard output.
import { connect } from '@lockstep/bus';
import { FakeGateway } from './fake-gateway.ts';
import { quickGateway } from './helpers.ts';

const [url = '', password = '', name = ''] = process.argv.slice(2);
const bus = await connect({ url, name, user: 'exchange-gateway', password });
const presence = bus.announce(name);
const present = setInterval(() => {
  if (presence.id === undefined) return;
  clearInterval(present);
  void takeOne();
}, 10);

async function takeOne(): Promise<void> {
  const gateway = new FakeGateway(bus, quickGateway, undefined, { gatewayId: name, presence: () => presence.id });
  gateway.live();
  const answer = await gateway.acquire({ payer: name }, 60_000);
  if (!answer.ok) throw new Error(answer.error.code);
  gateway.hold(answer.value.token, 'call', name);
  process.stdout.write(`${answer.value.token}\n`);
}
