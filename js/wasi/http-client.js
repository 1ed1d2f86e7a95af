// `wasi:http/outgoing-handler` on `fetch`.

import { dispose } from '../resource.js';
import { HttpError } from './error-code.js';
import { FutureIncomingResponse, IncomingResponse } from './http.js';

/** A browser's `fetch` cannot stream the body of a request over HTTP/1.1. */
const isNode = typeof process === 'object' && process.versions?.node !== undefined;

/** The longest that a timer can be set to, in nanoseconds. */
const LONGEST = 2n ** 31n * 1_000_000n;

/** `send` does what `fetch` does. */
export function outgoingHandler(send, trace) {
  let requests = 0;
  return {
    handle(request, options) {
      const controller = new AbortController();
      const response = begin(send, request, options, controller);
      if (trace) {
        const traced = { name: `${request.methodName} ${request.pathWithQuery() ?? '/'}`, id: ++requests };
        trace({ kind: 'fetch', ...traced });
        const done = () => trace({ kind: 'fetch-return', ...traced });
        response.then(done, done);
      }
      const future = FutureIncomingResponse.of(response);
      future.giveUp = () => controller.abort();
      return future;
    },
  };
}

async function begin(send, request, options, controller) {
  let url;
  try {
    ({ url } = request);
  } catch (error) {
    throw new HttpError({ tag: 'HTTP-request-URI-invalid' });
  }
  const timeout = timer(controller, sum(options?.connectTimeout(), options?.firstByteTimeout()), 'HTTP-response-timeout');
  const between = options?.betweenBytesTimeout();
  dispose(options);
  try {
    const body = await bodyOf(request);
    const response = await send(url, {
      method: request.methodName,
      headers: request.headers().toHeaders(),
      body,
      duplex: 'half',
      // A browser shows nothing of a redirect, and cannot but follow it.
      redirect: isNode ? 'manual' : 'follow',
      signal: controller.signal,
    });
    return IncomingResponse.of(timed(response, between));
  } finally {
    clearTimeout(timeout);
  }
}

/** The body for `fetch`: nothing if there is none, since a `GET` must not have any. */
async function bodyOf(request) {
  const { sink } = request._body;
  if (!request.hasBody()) sink.close();
  const reader = sink.stream.getReader();
  const first = await reader.read();
  if (first.done) return undefined;
  const rest = new ReadableStream({
    start: (stream) => stream.enqueue(first.value),
    async pull(stream) {
      const { done, value } = await reader.read();
      if (done) stream.close();
      else stream.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return isNode ? rest : new Response(rest).arrayBuffer();
}

/** The response, with a body that fails if it stands still for longer than `between`. */
function timed(response, between) {
  if (between === undefined || response.body === null) return response;
  const reader = response.body.getReader();
  const body = new ReadableStream({
    async pull(stream) {
      const controller = new AbortController();
      const timeout = timer(controller, between, 'connection-read-timeout');
      const expired = new Promise((_, reject) => {
        controller.signal.addEventListener('abort', () => reject(controller.signal.reason));
      });
      try {
        const { done, value } = await Promise.race([reader.read(), expired]);
        if (done) stream.close();
        else stream.enqueue(value);
      } catch (error) {
        reader.cancel(error).catch(() => {});
        throw error;
      } finally {
        clearTimeout(timeout);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return new Response(body, response);
}

function sum(one, other) {
  return one === undefined || other === undefined ? (one ?? other) : one + other;
}

/** Aborts after so many nanoseconds, with this error code as the reason. */
function timer(controller, nanoseconds, tag) {
  // What is longer than a timer can be is for ever.
  if (nanoseconds === undefined || nanoseconds >= LONGEST) return undefined;
  return setTimeout(() => controller.abort(new HttpError({ tag })), Number(nanoseconds / 1_000_000n));
}
