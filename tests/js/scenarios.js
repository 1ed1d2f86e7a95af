// What must hold in Node and in a browser alike. Each scenario is given `load(name, options)`, which loads a component, the
// origins of servers, and a URL where nobody listens.

const PATH = 'cases:round-trip/line';
const LINE = `${PATH}@0.1.0`;
const GREETINGS = 'test:functions/greetings@1.0.0';

export const scenarios = {
  async 'a host answers the guest, and calls overlap'({ load }) {
    let most = 0;
    let now = 0;
    const pass = async (text) => {
      now += 1;
      most = Math.max(most, now);
      await sleep(50);
      now -= 1;
      return `${text} > host < host`;
    };
    const line = (await load('round-trip', { imports: { [LINE]: { pass } } })).exports[LINE];
    equal(await line.pass('hello'), 'hello > guest > host < host < guest');
    const begin = performance.now();
    const passed = await Promise.all(Array.from({ length: 50 }, (_, number) => line.pass(`${number}`)));
    equal(passed[49], '49 > guest > host < host < guest');
    equal(most, 50);
    // One after the other, the host alone would take that long.
    holds(performance.now() - begin < 50 * 50, 'calls wait at the same time');
  },

  async 'a call that is given up is given up in the host too'({ load }) {
    const began = deferred();
    const given = deferred();
    const pass = (_, { signal }) => {
      began.resolve();
      return new Promise(() => signal.addEventListener('abort', given.resolve));
    };
    const line = (await load('round-trip', { imports: { [LINE]: { pass } } })).exports[LINE];
    const controller = new AbortController();
    const call = line.pass('hello', { signal: controller.signal });
    await began.promise;
    controller.abort(new Error('enough'));
    equal((await rejected(call)).message, 'enough');
    await given.promise;
    equal((await rejected(line.pass('x', { signal: AbortSignal.abort(new Error('before')) }))).message, 'before');
  },

  async 'a failure of an imported function ends the instance'({ load }) {
    const pass = async () => {
      throw new Error('the line is cut');
    };
    const line = (await load('round-trip', { imports: { [LINE]: { pass } } })).exports[LINE];
    for (const call of [line.pass('first'), line.pass('second')]) {
      const error = await rejected(call);
      equal([error.name, error.message], ['TrapError', 'the component trapped: the line is cut']);
    }
  },

  async 'an import that is not given is named'({ load }) {
    const missing = await rejected(load('round-trip'));
    equal(missing.message, `the component imports \`${PATH}\`: give it to \`load\`, in \`imports\``);
    const empty = await rejected(load('round-trip', { imports: { [LINE]: {} } }));
    equal(empty.message, `the component imports \`pass\` of \`${PATH}\`, which \`imports\` does not have`);
  },

  async 'values, errors and streams are those of JavaScript'({ load }) {
    const { exports } = await load('functions');
    const greetings = exports[GREETINGS];
    equal(await greetings.greet('bob', 2), [
      { text: 'hello, bob', loud: false },
      { text: 'hello, bob', loud: true },
    ]);
    const error = await rejected(greetings.greet('bob', 100));
    equal([error.name, error.payload], ['GuestError', { tag: 'too-many', val: 100 }]);
    equal(await greetings.nothing(), undefined);
    equal(greetings.add(1, 2), 3);
    equal(await exports.ready([1.5, 'x']), ['x', 1.5]);
    equal(await new Response(greetings.streamed()).text(), '');
  },

  async 'resources have async methods, and come in streams'({ load }) {
    const tops = [];
    const imports = {
      't:t/api': { five: async (...args) => BigInt(args.length), nothing: async () => {} },
      top: async (byte) => (tops.push(byte), new Uint8Array(byte)),
    };
    const { exports } = await load('kinds', { imports });
    const api = exports['t:t/api@1.0.0'];
    const thing = new api.Thing(5);
    equal([await thing.work(2), thing.plain()], ['5 and 2', 5]);
    const made = await api.Thing.make('abc');
    equal([made.plain(), api.alive()], [3, 2]);
    await api.Thing.merge(made, thing);
    // The parameters, and `{ signal }`.
    equal(`${await api.five(1, 'b', 2n, 0.5, { a: 1, b: 'x' })}`, '6');
    const numbers = [];
    for await (const thing of await api.produce(Uint32Array.of(1, 2, 3))) numbers.push(thing.plain());
    equal(numbers, [1, 2, 3]);
    await exports.run(new Blob(['ab']).stream());
    equal(tops, [97, 98]);
  },

  async 'pollables of WASI 0.2 are awaited, beside timers and stdin'({ load }) {
    const stdin = new Blob(['so much ', 'text']).stream();
    const waits = (await load('pollables', { stdin })).exports['tests:pollables/waits@0.1.0'];
    const [took] = await Promise.all([waits.together(20, 20_000_000n), waits.race(10_000_000n, true), waits.race(10_000_000n, false)]);
    holds(took >= 20_000_000n && took < 2_000_000_000n, `${took} nanoseconds`);
    await waits.ready();
    equal(new TextDecoder().decode(await waits.stdin()), 'so much text');
    equal((await rejected(waits.never({ signal: AbortSignal.timeout(20) }))).name, 'TimeoutError');
  },

  async 'a command prints and ends'({ load }) {
    let printed = '';
    const stdout = (bytes) => (printed += new TextDecoder().decode(bytes));
    await (await load('command', { stdout, args: ['one'] })).run();
    holds(printed.startsWith('hello'), printed);
  },

  async 'every url is hashed, from several servers'({ load, origins }) {
    const app = await load('hash-all');
    const lengths = [0, 1, 1000, 3 << 20];
    const urls = lengths.map((length, at) => `${origins[at % origins.length]}/bytes/${length}`);
    const response = await app.fetch('http://app/', { headers: urls.map((url) => ['url', url]) });
    equal([response.status, response.headers.get('content-type')], [200, 'text/plain']);
    const lines = await Promise.all(urls.map(async (url, at) => `${url}: ${await hash(pattern(lengths[at]))}`));
    equal((await response.text()).trimEnd().split('\n').sort(), lines.sort());
  },

  async 'sixteen are fetched at once'({ load, origins }) {
    const app = await load('hash-all');
    const urls = Array.from({ length: 40 }, (_, at) => `${origins[at % origins.length]}/together/${at}`);
    const response = await app.fetch('http://app/', { headers: urls.map((url) => ['url', url]) });
    const done = await hash(new TextEncoder().encode('done'));
    const lines = (await response.text()).trimEnd().split('\n');
    equal(lines.sort(), urls.map((url) => `${url}: ${done}`).sort());
    equal((await counts(origins)).most, 16);
  },

  async 'what fails has its error in its line'({ load, origins, closed, isNode }) {
    const app = await load('hash-all');
    const [origin] = origins;
    const urls = [`${origin}/bytes/5`, `${origin}/broken`, closed, 'nonsense'];
    const response = await app.fetch('http://app/', { headers: urls.map((url) => ['url', url]) });
    const lines = (await response.text()).trimEnd().split('\n');
    const line = (url) => lines.find((line) => line.startsWith(`${url}: `)).slice(url.length + 2);
    equal(line(urls[0]), await hash(pattern(5)));
    holds(line(urls[1]).startsWith('error: ErrorCode::'), line(urls[1]));
    // A browser does not tell why.
    const refused = isNode ? 'error: ErrorCode::ConnectionRefused' : 'error: ErrorCode::InternalError';
    holds(line(urls[2]).startsWith(refused), line(urls[2]));
    equal(line(urls[3]), 'error: ErrorCode::HttpRequestUriInvalid');
  },

  async 'whoever aborts a request ends its fetches'({ load, origins }) {
    const app = await load('hash-all');
    const urls = origins.map((origin) => `${origin}/endless`);
    const before = await counts(origins);
    const headers = urls.map((url) => ['url', url]);
    const controller = new AbortController();
    const response = await app.fetch('http://app/', { headers, signal: controller.signal });
    await until(async () => (await counts(origins)).opened === before.opened + 4);
    const text = readAll(response);
    controller.abort();
    equal((await rejected(text)).name, 'AbortError');
    await until(async () => (await counts(origins)).closed === before.closed + 4);
    // The same if nobody reads the body any more.
    const other = await app.fetch('http://app/', { headers });
    await until(async () => (await counts(origins)).opened === before.opened + 8);
    await other.body.cancel();
    await until(async () => (await counts(origins)).closed === before.closed + 8);
  },

  async 'bodies pass through a component piece by piece'({ load }) {
    const app = await load('echo');
    const body = pattern(3 << 20);
    const response = await app.fetch('http://app/echo', { method: 'POST', body });
    equal(await hash(new Uint8Array(await response.arrayBuffer())), await hash(body));
    // A browser's requests take streams, but only send them over HTTP/2; this one stays here.
    const { readable, writable } = new TransformStream();
    const writer = writable.getWriter();
    const init = { method: 'POST', body: readable, duplex: 'half' };
    const echoed = (await app.fetch('http://app/echo', init)).body.getReader();
    for (const text of ['one', 'two']) {
      const read = echoed.read();
      await writer.write(new TextEncoder().encode(text));
      equal(new TextDecoder().decode((await read).value), text);
    }
    await writer.close();
    equal((await echoed.read()).done, true);
  },

  async 'a composition answers all at once'({ load }) {
    const app = await load('routes');
    const paths = ['/echo', '/service', '/middleware', '/elsewhere'];
    const answers = Array.from({ length: 40 }, async (_, at) => {
      const path = paths[at % paths.length];
      const response = await app.fetch(`http://app${path}`, { method: 'POST', body: `request ${at}` });
      return [response.status, await response.text()];
    });
    const expected = Array.from({ length: 40 }, (_, at) => (at % 4 === 3 ? [404, ''] : [200, `request ${at}`]));
    equal(await Promise.all(answers), expected);
  },

  async 'an error of the handler rejects, and the next request is answered'({ load }) {
    const app = await load('faults');
    const error = await rejected(app.fetch('http://app/error'));
    equal([error.name, error.payload], ['GuestError', { tag: 'internal-error', val: 'on purpose' }]);
    equal((await app.fetch('http://app/fine')).status, 200);
  },

  async 'a panic rejects everything under way, with what it said'({ load }) {
    const app = await load('faults', { stderr() {} });
    const slow = rejected(app.fetch('http://app/never'));
    const error = await rejected(app.fetch('http://app/panic'));
    equal(error.name, 'TrapError');
    holds(error.message.includes('asked to panic'), error.message);
    equal(await slow, error);
    equal(await rejected(app.fetch('http://app/fine')), error);
    // Another instance is as good as new.
    equal((await (await load('faults')).fetch('http://app/fine')).status, 200);
  },

  async 'a panic in a body ends the body'({ load }) {
    const app = await load('faults', { stderr() {} });
    const response = await app.fetch('http://app/panic-in-body');
    equal((await rejected(readAll(response))).name, 'TrapError');
  },
};

function equal(found, expected) {
  if (found === expected) return;
  const [one, other] = [found, expected].map((value) => JSON.stringify(value));
  if (one !== other) throw new Error(`found ${one}, expected ${other}`);
}

function holds(condition, what) {
  if (!condition) throw new Error(`this does not hold: ${what}`);
}

async function rejected(promise) {
  let value;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`a rejection was expected, found ${JSON.stringify(value)}`);
}

/** Reads a body. (`text()` of Chromium is rejected with a `TypeError` whatever the reason is.) */
async function readAll(response) {
  const reader = response.body.getReader();
  while (!(await reader.read()).done);
}

async function until(condition) {
  const end = performance.now() + 20_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`it does not come: ${condition}`);
    await sleep(20);
  }
}

async function counts([origin]) {
  return (await fetch(`${origin}/counts`)).json();
}

async function hash(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function pattern(length) {
  return Uint8Array.from({ length }, (_, at) => at % 251);
}

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A promise that is resolved from outside. */
function deferred() {
  let resolve;
  const promise = new Promise((resolved) => (resolve = resolved));
  return { promise, resolve };
}
