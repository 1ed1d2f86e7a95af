/** What a call takes after its parameters. */
export interface CallOptions {
  /** Cancels the call: the component drops its task, and the promise is rejected with the signal's reason. */
  signal?: AbortSignal;
}

/** Something that the component did, as it happens. */
export type TraceEvent =
  /** A call of an exported function began, was not done at once, was given up, or has returned. */
  | { kind: 'call' | 'pending' | 'cancel' | 'return'; id: number; name: string }
  /** A function of `imports` was called, given up, or has returned. */
  | { kind: 'import' | 'import-cancel' | 'import-return'; id: number; name: string }
  /** A request was sent, or its response has begun. */
  | { kind: 'fetch' | 'fetch-return'; id: number; name: string }
  | { kind: 'trap'; message: string };

export interface LoadOptions {
  /** Where the files lie that jco has written, such as `new URL('./out/', import.meta.url)`. */
  base?: string | URL;
  /** What `base` stands for: compiles the module of this name. */
  getCoreModule?: (file: string) => WebAssembly.Module | Promise<WebAssembly.Module>;
  /** `core.wasm` of this package, compiled. Not given: the one beside `index.js`. */
  core?: WebAssembly.Module;
  /**
   * What the component imports besides WASI, by the names of the interfaces, with or without a version. Async functions of WIT are
   * functions that return promises here. After their parameters they get `{ signal }`, which says that the component has given the
   * call up.
   */
  imports?: Record<string, unknown>;
  /** Sends the requests of the component. Not given: `fetch`. */
  fetch?: (url: URL, init: RequestInit) => Promise<Response>;
  /** The arguments of a command, without its name. */
  args?: string[];
  env?: Record<string, string>;
  stdin?: ReadableStream<Uint8Array>;
  /** Takes what the component prints. Not given: the console, line by line. */
  stdout?: (bytes: Uint8Array) => void;
  stderr?: (bytes: Uint8Array) => void;
  /** Is told what the component does. */
  trace?: (event: TraceEvent) => void;
}

/**
 * A value as JavaScript has it: a stream of bytes is a `ReadableStream`. The types of other streams and of futures, which are
 * `ReadableStream` and `Promise`, jco knows as their readers.
 */
type FromComponent<T> = T extends { read(mailbox: bigint, token: number, max: number): infer Items; cancelRead(): unknown }
  ? Items extends Uint8Array
    ? ReadableStream<Uint8Array>
    : ReadableStream<unknown> | Promise<unknown>
  : T;
type ToComponent<T> = T extends { read(mailbox: bigint, token: number, max: number): Uint8Array; cancelRead(): unknown }
  ? ReadableStream<Uint8Array>
  : T;
type Params<T extends unknown[]> = { [K in keyof T]: ToComponent<T[K]> };

/** The name of an async function, by that of its start half. */
type AsyncName<K> = K extends `${infer Name}IsyswasfaStart` ? Name : never;
/** The name of an ordinary function. */
type PlainName<K> = K extends `${string}IsyswasfaStart` | `${string}IsyswasfaResult` | `${string}syswasfaPoll` ? never : K;

/** An interface as jco types it, with `async` functions in the place of their halves. */
export type Async<I> = {
  [K in keyof I as AsyncName<K>]: I[K] extends (...args: infer P) => unknown
    ? (...args: [...Params<P>, options?: CallOptions]) => Promise<FromComponent<Result<I, AsyncName<K>>>>
    : never;
} & {
  [K in keyof I as PlainName<K>]: I[K] extends (...args: infer P) => infer R
    ? (...args: Params<P>) => FromComponent<R>
    : I[K];
};
/** What an async function returns: the result half says so, without the `result` whose error is thrown. */
type Result<I, Name extends string> = `${Name}IsyswasfaResult` extends keyof I
  ? I[`${Name}IsyswasfaResult`] extends (...args: never[]) => infer R
    ? R
    : never
  : never;

/** The name of an interface without the mark of the split ABI: `a:b/c@1.0.0-isyswasfa` is `a:b/c@1.0.0`. */
type Original<K> = K extends `${infer Name}@0.0.0-isyswasfa` ? Name : K extends `${infer Name}-isyswasfa` ? Name : K;

/** The exports of a component: `Root` of the types that jco has written. */
export type Exports<Root> = {
  [K in keyof Root as K extends `${string}:${string}/${string}` ? Original<K> : never]: Async<Root[K]>;
} & Async<Omit<Root, `${string}:${string}/${string}`>>;

export interface App<Root = Record<string, any>> {
  /** The exported interfaces by their names in WIT, and the functions of the world itself. */
  exports: Exports<Root>;
  /**
   * Answers a request, if the component exports `wasi:http/handler`. The signal of the request cancels the call, or ends the body of
   * the response. Headers that are given as a list stay lines of their own, where a `Headers` joins those of one name.
   */
  fetch?: (input: RequestInfo | URL, init?: RequestInit) => Promise<Response>;
  /** Runs the command, if the component exports `wasi:cli/run`. Rejected with an `ExitError` if it fails. */
  run?: (options?: CallOptions) => Promise<void>;
}

type Instantiate<Root> = (
  getCoreModule: (file: string) => WebAssembly.Module | Promise<WebAssembly.Module>,
  imports: any,
) => Root | Promise<Root>;

/**
 * Instantiates a component. `instantiate` is what `jco transpile --instantiation async` has made of a component that
 * `polyfill-host lower --for js` has made.
 */
export function load<Root = Record<string, any>>(
  instantiate: Instantiate<Root>,
  options: LoadOptions,
): Promise<App<Root>>;

/** The error of a `result`: what the component says went wrong. */
export class GuestError<E = unknown> extends Error {
  constructor(payload: E);
  payload: E;
}

/** The component has trapped. All calls under way are rejected with it, and all later ones. */
export class TrapError extends Error {
  /** The end of what it has written to stderr. */
  stderr: string;
}

/** A command has ended with an exit status that is not 0. */
export class ExitError extends Error {
  constructor(code: number);
  code: number;
}
