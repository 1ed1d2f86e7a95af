// The scenarios in Chromium, without JSPI.

import assert from 'node:assert';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { createRequire } from 'node:module';
import { extname, join, normalize } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { scenarios } from './scenarios.js';
import { startUpstream } from './upstream.js';

const { chromium } = createRequire(`${process.env.JS_MODULES}/`)('playwright-core');

/** The folders that the page sees. */
const FOLDERS = {
  js: fileURLToPath(new URL('../../js', import.meta.url)),
  tests: fileURLToPath(new URL('.', import.meta.url)),
  components: process.env.JS_COMPONENTS,
};
const TYPES = { '.js': 'text/javascript', '.wasm': 'application/wasm' };

let upstream;
let server;
let browser;
let page;

before(async () => {
  upstream = await startUpstream();
  server = http.createServer(answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ['--no-sandbox'],
  });
  page = await browser.newPage();
  // Chromium has no switch for it any more. These are all ways into it.
  await page.addInitScript(() => {
    for (const name of ['Suspending', 'promising', 'SuspendError']) delete WebAssembly[name];
  });
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
});

after(async () => {
  await browser?.close();
  server?.close();
  upstream?.close();
});

async function answer(request, response) {
  const { pathname } = new URL(request.url, 'http://page');
  if (pathname === '/') {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>tests</title>');
    return;
  }
  const [, folder, ...path] = normalize(pathname).split('/');
  try {
    const file = await readFile(join(FOLDERS[folder], ...path));
    response.setHeader('content-type', TYPES[extname(pathname)] ?? 'application/octet-stream');
    response.end(file);
  } catch {
    response.statusCode = 404;
    response.end();
  }
}

test('there is no JSPI', async () => {
  const there = await page.evaluate('[typeof WebAssembly.Suspending, typeof WebAssembly.promising]');
  assert.deepStrictEqual(there, ['undefined', 'undefined']);
});

for (const name of Object.keys(scenarios)) {
  test(name, { timeout: 60_000 }, () =>
    page.evaluate(
      async ([name, origins, closed]) => {
        const { scenarios } = await import('/tests/scenarios.js');
        const { load } = await import('/js/index.js');
        await scenarios[name]({
          isNode: false,
          origins,
          closed,
          async load(component, options) {
            const base = new URL(`/components/${component}/`, location.href);
            const { instantiate } = await import(`${base}${component}.js`);
            return load(instantiate, { base, ...options });
          },
        });
      },
      [name, upstream.origins, upstream.closed],
    ),
  );
}
