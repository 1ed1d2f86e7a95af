// What the types of the package make of those that jco writes. It is compiled, and never run.

import { load, GuestError, type App } from 'isyswasfa';
import { instantiate as functions } from 'components/functions/functions.js';
import { instantiate as roundTrip, type Root } from 'components/round-trip/round-trip.js';

export async function calls(): Promise<void> {
  const { exports } = await load(functions, { base: new URL('https://a.example/') });
  const greetings = exports['test:functions/greetings@1.0.0'];
  const { signal } = new AbortController();
  const greeted: { text: string; loud: boolean }[] = await greetings.greet('bob', 2, { signal });
  const nothing: void = await greetings.nothing();
  const sum: number = greetings.add(1, 2);
  const streamed: ReadableStream<Uint8Array> = greetings.streamed();
  const ready: [string, number] = await exports.ready([1, 'x']);
  // @ts-expect-error: the halves are gone.
  greetings.greetIsyswasfaStart;
  // @ts-expect-error: a number is no name.
  await greetings.greet(1, 2);
  console.log(greeted, nothing, sum, streamed, ready);
}

export async function line(): Promise<string> {
  const app: App<Root> = await load(roundTrip, {
    base: 'https://a.example/',
    imports: { 'cases:round-trip/line': { pass: async (text: string) => text } },
  });
  try {
    return await app.exports['cases:round-trip/line@0.1.0'].pass('hello');
  } catch (error) {
    if (error instanceof GuestError) return String(error.payload);
    throw error;
  }
}
