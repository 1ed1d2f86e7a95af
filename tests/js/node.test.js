// The scenarios in Node.

import assert from 'node:assert';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { load } from '../../js/index.js';
import { dispose } from '../../js/resource.js';
import { clocks } from '../../js/wasi/clocks.js';
import { io } from '../../js/wasi/io.js';
import * as example from './example.js';
import { scenarios } from './scenarios.js';
import { startUpstream } from './upstream.js';

/** Where the transpiled components are. */
const components = pathToFileURL(`${process.env.JS_COMPONENTS}/`);
let upstream;
before(async () => {
  upstream = await startUpstream();
});
after(() => upstream.close());

async function component(name) {
  const base = new URL(`${name}/`, components);
  const { instantiate } = await import(new URL(`${name}.js`, base));
  return { instantiate, base };
}

test('the examples of the guide', async () => {
  const line = await component('round-trip');
  const passed = await example.line(line.instantiate, line.base);
  assert.strictEqual(passed, 'hello > guest > JavaScript < guest');
  const echo = await component('echo');
  assert.strictEqual(await example.service(echo.instantiate, echo.base), 'hello');
});

test('a component that was lowered for other hosts is refused', async () => {
  const loading = load(async () => ({ 'wasi:http/incoming-handler@0.2.0': {} }), { base: components });
  await assert.rejects(loading, /was not made with `polyfill-host lower --for js`/);
});

test('whoever blocks is told to await', () => {
  const timer = clocks()['wasi:clocks/monotonic-clock'].subscribeDuration(1_000_000_000n);
  const { poll } = io()['wasi:io/poll'];
  assert.throws(() => poll([timer]), /blocks in `wasi:io\/poll`, which JavaScript cannot/);
  assert.throws(() => timer.block(), /let it await that in an async function/);
  dispose(timer);
});

for (const [name, scenario] of Object.entries(scenarios)) {
  test(name, { timeout: 60_000 }, () =>
    scenario({
      isNode: true,
      origins: upstream.origins,
      closed: upstream.closed,
      async load(name, options) {
        const { instantiate, base } = await component(name);
        return load(instantiate, { base, ...options });
      },
    }),
  );
}
