// A deliberately broken gateway: its second call goes out with a token that it made up instead of acquired.
// The audit of the end-to-end tests has to catch it (token-audit.test.ts).
import process from 'node:process';
import { success, type TokenId } from '@lockstep/contracts';
import { start, TokenClient } from '@lockstep/exchange-gateway-service';
import { runService } from '@lockstep/service-kit';

class SkippingTokenClient extends TokenClient {
  private calls = 0;

  protected override async acquire(wish: Parameters<TokenClient['withToken']>[0]): ReturnType<TokenClient['acquire']> {
    this.calls += 1;
    if (this.calls !== 2) return super.acquire(wish);
    const { ids, session } = this.options;
    return success({ token: ids.uuidv4() as TokenId, epoch: session().epoch ?? 0, limit: 0 });
  }
}

process.env['TZ'] = 'UTC';
await runService({
  name: 'exchange-gateway',
  start: (kit) => start(kit, { tokenClient: (options) => new SkippingTokenClient(options) }),
});
