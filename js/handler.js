// `fetch` of a component that handles HTTP requests.

import { IncomingRequest, ResponseOutparam } from './wasi/http.js';

const SERVE = 'isyswasfa:js/serve@0.1.0';

/** `{ fetch }`, if the component has a handler. */
export function handlerOf(driver, tasks, instance) {
  const serve = instance[SERVE];
  if (serve === undefined) return {};
  return {
    fetch(input, init) {
      // A `Headers` joins lines of one name. A list keeps them.
      const headers = Array.isArray(init?.headers) ? init.headers : undefined;
      return handle(driver, tasks, serve, new Request(input, init), headers);
    },
  };
}

async function handle(driver, { Pending }, serve, request, headers = request.headers) {
  const { signal } = request;
  const isHead = request.method === 'HEAD';
  const { param, response } = ResponseOutparam.make();
  // Awaited below; a trap may come before.
  response.catch(() => {});
  let out;
  const start = () => {
    driver.link(serve.pollAdapter);
    const begun = serve.start(IncomingRequest.of(request, headers), param, isHead);
    if (begun.tag === 'answered') return begun.val;
    out = begun.val[1];
    throw { payload: begun.val[0] };
  };
  const result = (done) => serve.finish(done, out, isHead);
  const name = `${request.method} ${new URL(request.url).pathname}`;
  const done = await driver.call({ name, poll: serve.pollGuests, start, result, Pending, signal });
  const answer = done.result ?? done.value;
  const giveUp = () => {
    if (driver.isDead) return;
    driver.enter(() => serve.giveUp(answer));
    driver.schedule();
  };
  const undo = driver.whenDead((error) => param.fail(error));
  try {
    return withSignal(await response, signal, driver, giveUp);
  } finally {
    undo();
  }
}

/**
 * The response, whose body ends with an error when the request is aborted or the component traps. If nobody reads the body any more,
 * `giveUp` tells the component.
 */
function withSignal(response, signal, driver, giveUp) {
  if (response.body === null) return response;
  const reader = response.body.getReader();
  let stop;
  const body = new ReadableStream(
    {
      start(controller) {
        const fail = (reason) => {
          stop();
          controller.error(reason);
          reader.cancel(reason).catch(() => {});
        };
        const aborted = () => {
          fail(signal.reason);
          // Not at once: the component may be what aborts.
          queueMicrotask(giveUp);
        };
        const undo = driver.whenDead(fail);
        stop = () => {
          undo();
          signal.removeEventListener('abort', aborted);
        };
        signal.addEventListener('abort', aborted);
      },
      async pull(controller) {
        const { done, value } = await reader.read().catch((error) => {
          stop();
          throw error;
        });
        if (!done) return controller.enqueue(value);
        stop();
        controller.close();
      },
      cancel(reason) {
        stop();
        queueMicrotask(giveUp);
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, response);
}
