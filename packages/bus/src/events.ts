// What the bus tells whoever counts and logs. Declared subjects and stream names only: labels stay bounded, nothing personal.
import type { CodedError } from '@lockstep/contracts';

export type BusEvent =
  /** A request was answered. `code` is `ok` or the code of the error. */
  | {
      readonly kind: 'served';
      readonly operation: string;
      readonly code: 'ok' | CodedError['code'];
      readonly tookMs: number;
    }
  /** A handler threw: a defect. The caller got `internal-error`. */
  | {
      readonly kind: 'handler-failed';
      readonly subject: string;
      readonly correlationId: string;
      readonly cause: unknown;
    }
  /** A broadcast or stream message could not be read. `source` is the declared subject or the stream. */
  | { readonly kind: 'unreadable'; readonly source: string; readonly reason: string }
  | { readonly kind: 'disconnected' }
  | { readonly kind: 'reconnected'; readonly serverId: string }
  /** The NATS user lacks a permission that was just needed: a defect in contracts/access.ts. */
  | { readonly kind: 'not-permitted'; readonly detail: string };

export type OnBusEvent = (event: BusEvent) => void;
