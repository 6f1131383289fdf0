// What a promise was rejected with.
import * as assert from 'uvu/assert';

type ErrorClass = new (...args: never[]) => Error;

/** The message of the error of this type; fails when there is none, or another. */
export async function refusal(promise: Promise<unknown>, type: ErrorClass): Promise<string> {
  const error = await promise.then(
    () => assert.unreachable('did not throw'),
    (thrown: Error) => thrown,
  );
  if (!(error instanceof type)) throw error;
  return error.message;
}

/** That it is rejected with an error of this type whose message matches every pattern. */
export async function refuses(
  promise: Promise<unknown>,
  type: ErrorClass,
  ...patterns: readonly (RegExp | string)[]
): Promise<void> {
  const message = await refusal(promise, type);
  for (const pattern of patterns) assert.match(message, pattern);
}
