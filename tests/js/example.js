// The examples of `docs/javascript.md`, which the tests run.

import { load } from '../../js/index.js';

/** A component with an interface of its own, which calls one of ours. */
export async function line(instantiate, base) {
  const app = await load(instantiate, {
    base,
    imports: {
      'cases:round-trip/line': {
        async pass(text, { signal }) {
          await new Promise((resolve) => setTimeout(resolve, 10));
          signal.throwIfAborted();
          return `${text} > JavaScript`;
        },
      },
    },
  });
  const line = app.exports['cases:round-trip/line@0.1.0'];
  return line.pass('hello', { signal: AbortSignal.timeout(5000) });
}

/** A component that answers HTTP requests. */
export async function service(instantiate, base) {
  const app = await load(instantiate, { base });
  const response = await app.fetch('https://app.example/echo', { method: 'POST', body: 'hello' });
  let text = '';
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    text += piece;
  }
  return text;
}
