// Runs the steps of an operation and turns each outcome into its response message.
import { failureMessage, responseEnvelope, successMessage, warningMessage } from '../soap/envelope.ts';
import { EwsError, EwsFault } from '../soap/ews-error.ts';
import type { Operation, Step } from './operation.ts';

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** NoError, or the first code that is not. */
  readonly code: string;
}

/** @param beforeStep may wait (over budget) or throw; called before each step */
export async function runSteps(
  operation: Operation,
  steps: readonly Step[],
  beforeStep: () => Promise<void> | undefined,
): Promise<Answer> {
  const messages: string[] = [];
  let code = 'NoError';
  for (const step of steps) {
    const wait = beforeStep();
    if (wait !== undefined) await wait;
    const outcome = runStep(operation, step);
    if (code === 'NoError') code = outcome.code;
    messages.push(outcome.message);
  }
  return { status: 200, body: responseEnvelope(operation.name, messages), code };
}

function runStep(operation: Operation, step: Step): { readonly message: string; readonly code: string } {
  try {
    const result = step();
    if (typeof result === 'string') return { message: successMessage(operation.name, result), code: 'NoError' };
    return { message: warningMessage(operation.name, result.code, result.text, result.content), code: result.code };
  } catch (error) {
    if (!(error instanceof EwsError) || error instanceof EwsFault) throw error;
    return { message: failureMessage(operation.name, error, operation.errorContent), code: error.code };
  }
}

/** The same error in every response message. */
export function allFailed(operation: Operation, count: number, error: EwsError): Answer {
  const message = failureMessage(operation.name, error, operation.errorContent);
  return { status: 200, body: responseEnvelope(operation.name, Array(count).fill(message)), code: error.code };
}
