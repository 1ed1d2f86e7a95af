// `wasi:http/types`: messages that JavaScript gives to the component, and messages that the component makes.

import { GuestError } from '../errors.js';
import { symbolDispose } from '../resource.js';
import { codeOf } from './error-code.js';
import { Fields } from './fields.js';
import { InputStream, OutputStream, Pollable, Readiness, StreamSink, reasonOf } from './io.js';

const METHODS = ['get', 'head', 'post', 'put', 'delete', 'connect', 'options', 'trace', 'patch'];

/** What may be done once. */
function once(isDone) {
  // `result` without a payload.
  if (isDone) throw { payload: undefined };
  return true;
}

/** Something that a promise brings, as WASI's futures have it: `get` answers it once. */
class Future {
  #outcome;
  #isTaken = false;
  #readiness = new Readiness(() => this.#outcome !== undefined);

  static of(promise) {
    const future = new this();
    const set = (outcome) => {
      future.#outcome = outcome;
      future.#readiness.changed();
    };
    promise.then(
      (val) => set({ tag: 'ok', val }),
      (reason) => set({ tag: 'err', val: codeOf(reason) }),
    );
    return future;
  }

  subscribe() {
    return new Pollable(this.#readiness);
  }

  get() {
    if (this.#outcome === undefined) return undefined;
    if (this.#isTaken) return { tag: 'err', val: undefined };
    this.#isTaken = true;
    return { tag: 'ok', val: this.#outcome };
  }
}

export class FutureTrailers extends Future {
  [symbolDispose]() {}
}

export class FutureIncomingResponse extends Future {
  /** Gives up what is under way, if nobody has asked for the response yet. */
  giveUp = () => {};

  get() {
    const outcome = super.get();
    if (outcome !== undefined) this.giveUp = () => {};
    return outcome;
  }

  [symbolDispose]() {
    this.giveUp();
  }
}

export class IncomingBody {
  #stream;
  #isOpened = false;

  static of(stream) {
    const body = new IncomingBody();
    body.#stream = stream;
    return body;
  }

  stream() {
    this.#isOpened = once(this.#isOpened);
    return InputStream.of(this.#stream);
  }

  /** JavaScript has no trailers. */
  static finish() {
    return FutureTrailers.of(Promise.resolve(undefined));
  }

  [symbolDispose]() {
    if (!this.#isOpened) this.#stream?.cancel().catch(() => {});
  }
}

/** A message that comes in. */
class Incoming {
  _body;
  _headers;
  #isConsumed = false;

  headers() {
    return this._headers;
  }

  consume() {
    this.#isConsumed = once(this.#isConsumed);
    return IncomingBody.of(this._body);
  }

  [symbolDispose]() {
    if (!this.#isConsumed) this._body?.cancel().catch(() => {});
  }
}

export class IncomingResponse extends Incoming {
  #status;

  static of(response) {
    const incoming = new IncomingResponse();
    incoming.#status = response.status;
    const headers = new Headers(response.headers);
    if (headers.has('content-encoding')) {
      // What `fetch` gives is decoded already.
      headers.delete('content-encoding');
      headers.delete('content-length');
    }
    incoming._headers = Fields.fromHeaders(headers);
    incoming._body = response.body;
    return incoming;
  }

  status() {
    return this.#status;
  }
}

export class IncomingRequest extends Incoming {
  #request;
  #url;

  static of(request, headers) {
    const incoming = new IncomingRequest();
    incoming.#request = request;
    incoming.#url = new URL(request.url);
    incoming._headers = Fields.fromHeaders(headers);
    incoming._body = request.body;
    // A browser's requests do not show their bodies as streams.
    if (request.body === undefined && !['GET', 'HEAD'].includes(request.method)) {
      incoming._body = streamOfBlob(request);
    }
    return incoming;
  }

  method() {
    const method = this.#request.method.toLowerCase();
    return METHODS.includes(method) ? { tag: method } : { tag: 'other', val: this.#request.method };
  }

  pathWithQuery() {
    return this.#url.pathname + this.#url.search;
  }

  scheme() {
    return this.#url.protocol === 'https:' ? { tag: 'HTTPS' } : { tag: 'HTTP' };
  }

  authority() {
    return this.#url.host;
  }
}

function streamOfBlob(request) {
  return new ReadableStream({
    async pull(controller) {
      const bytes = new Uint8Array(await request.arrayBuffer());
      if (bytes.length > 0) controller.enqueue(bytes);
      controller.close();
    },
  });
}

export class OutgoingBody {
  #isOpened = false;
  #isFinished = false;
  sink = new StreamSink();

  write() {
    this.#isOpened = once(this.#isOpened);
    return OutputStream.to(this.sink);
  }

  /** JavaScript has no trailers: they are left out. */
  static finish(body) {
    body.#isFinished = true;
    body.sink.close();
  }

  [symbolDispose]() {
    if (!this.#isFinished) this.sink.fail(new TypeError('the component has dropped the body before its end'));
  }
}

/** A message that goes out. */
class Outgoing {
  #headers;
  _body = new OutgoingBody();
  #isTaken = false;

  constructor(headers) {
    this.#headers = headers.frozen();
  }

  headers() {
    return this.#headers;
  }

  body() {
    this.#isTaken = once(this.#isTaken);
    return this._body;
  }

  /** Whether the component has asked for the body, which has an end of its own then. */
  hasBody() {
    return this.#isTaken;
  }

  [symbolDispose]() {}
}

export class OutgoingRequest extends Outgoing {
  #method = { tag: 'get' };
  #path;
  #scheme;
  #authority;

  method() {
    return this.#method;
  }
  setMethod(method) {
    this.#method = method;
  }
  pathWithQuery() {
    return this.#path;
  }
  setPathWithQuery(path) {
    this.#path = path;
  }
  scheme() {
    return this.#scheme;
  }
  setScheme(scheme) {
    this.#scheme = scheme;
  }
  authority() {
    return this.#authority;
  }
  setAuthority(authority) {
    this.#authority = authority;
  }

  /** As `fetch` has it. */
  get url() {
    const scheme = this.#scheme === undefined ? 'https' : (this.#scheme.val ?? this.#scheme.tag).toLowerCase();
    return new URL(`${scheme}://${this.#authority ?? ''}${this.#path ?? '/'}`);
  }

  get methodName() {
    return (this.#method.val ?? this.#method.tag).toUpperCase();
  }
}

export class OutgoingResponse extends Outgoing {
  #status = 200;

  statusCode() {
    return this.#status;
  }

  setStatusCode(status) {
    this.#status = status;
  }
}

export class RequestOptions {
  #connect;
  #firstByte;
  #betweenBytes;

  connectTimeout() {
    return this.#connect;
  }
  setConnectTimeout(duration) {
    this.#connect = duration;
  }
  firstByteTimeout() {
    return this.#firstByte;
  }
  setFirstByteTimeout(duration) {
    this.#firstByte = duration;
  }
  betweenBytesTimeout() {
    return this.#betweenBytes;
  }
  setBetweenBytesTimeout(duration) {
    this.#betweenBytes = duration;
  }

  [symbolDispose]() {}
}

/** The statuses whose responses have no body. */
const WITHOUT_BODY = [204, 205, 304];

/** Where the component puts its response. */
export class ResponseOutparam {
  #settle;

  /** The parameter, and the `Response` that it will be. */
  static make() {
    const param = new ResponseOutparam();
    const response = new Promise((resolve, reject) => {
      param.#settle = { resolve, reject };
    });
    return { param, response };
  }

  static set(param, answer) {
    const { resolve, reject } = param.#settle;
    param.#settle = undefined;
    if (answer.tag === 'err') {
      reject(new GuestError(answer.val));
      return;
    }
    const response = answer.val;
    const { sink } = response._body;
    if (!response.hasBody()) sink.close();
    const status = response.statusCode();
    try {
      const headers = response.headers().toHeaders();
      resolve(new Response(WITHOUT_BODY.includes(status) ? null : sink.stream, { status, headers }));
    } catch (error) {
      reject(error);
    }
  }

  fail(reason) {
    this.#settle?.reject(reason);
  }

  [symbolDispose]() {
    this.fail(new Error('the component has dropped the request without a response'));
  }
}

export function httpTypes() {
  return {
    Fields,
    FutureIncomingResponse,
    FutureTrailers,
    IncomingBody,
    IncomingRequest,
    IncomingResponse,
    OutgoingBody,
    OutgoingRequest,
    OutgoingResponse,
    RequestOptions,
    ResponseOutparam,
    httpErrorCode(error) {
      const reason = reasonOf(error);
      return reason === undefined ? undefined : codeOf(reason);
    },
  };
}
