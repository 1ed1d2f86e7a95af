// `wasi:io`: pollables that are never blocked on, and streams around JavaScript's.

import { symbolDispose } from '../resource.js';

/** Something that becomes ready, possibly several times, and those who are told. */
export class Readiness {
  #listeners = new Set();

  /** `isReady` tells whether it is now. */
  constructor(isReady) {
    this.isReady = isReady;
  }

  changed() {
    if (!this.isReady()) return;
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const tell of listeners) tell();
  }

  /** Calls `tell` once, when it is ready. Returns a function that prevents that. */
  whenReady(tell) {
    if (this.isReady()) {
      tell();
      return () => {};
    }
    this.#listeners.add(tell);
    return () => this.#listeners.delete(tell);
  }
}

const BLOCKS = 'the component blocks in `wasi:io/poll`, which JavaScript cannot: let it await that in an async function';

export class Pollable {
  #readiness;
  #dropped;

  /** `dropped` is called when the component drops the pollable. */
  constructor(readiness, dropped) {
    this.#readiness = readiness;
    this.#dropped = dropped;
  }

  ready() {
    return this.#readiness.isReady();
  }

  block() {
    if (!this.ready()) throw new Error(BLOCKS);
  }

  whenReady(tell) {
    return this.#readiness.whenReady(tell);
  }

  [symbolDispose]() {
    this.#dropped?.();
  }
}

/** What `last-operation-failed` has: the reason, for `http-error-code`. */
class IoError {
  constructor(reason) {
    this.reason = reason;
  }

  toDebugString() {
    return String(this.reason?.message ?? this.reason);
  }

  [symbolDispose]() {}
}

const closed = () => ({ tag: 'closed' });
const failed = (reason) => ({ tag: 'last-operation-failed', val: new IoError(reason) });

/** The bytes of a `ReadableStream`, one piece ahead of the component at most. */
export class InputStream {
  #reader;
  #piece;
  #end;
  #isReading = false;
  #readiness = new Readiness(() => this.#piece !== undefined || this.#end !== undefined);

  static of(stream) {
    const input = new InputStream();
    if (stream) input.#reader = stream.getReader();
    else input.#end = closed;
    return input;
  }

  #fill() {
    if (this.#isReading || this.#readiness.isReady()) return;
    this.#isReading = true;
    const done = (set) => {
      this.#isReading = false;
      set();
      this.#readiness.changed();
    };
    this.#reader.read().then(
      ({ done: isEnd, value }) =>
        done(() => {
          if (isEnd) this.#end = closed;
          else if (value.length > 0) this.#piece = value;
          else this.#fill();
        }),
      (reason) => done(() => (this.#end = () => failed(reason))),
    );
  }

  read(length) {
    this.#fill();
    if (this.#piece === undefined) {
      if (this.#end) throw this.#end();
      return new Uint8Array(0);
    }
    const piece = this.#piece;
    const taken = Number(length);
    this.#piece = taken < piece.length ? piece.subarray(taken) : undefined;
    return taken < piece.length ? piece.subarray(0, taken) : piece;
  }

  blockingRead(length) {
    const piece = this.read(length);
    if (piece.length === 0 && length > 0n) throw new Error(BLOCKS);
    return piece;
  }

  skip(length) {
    return BigInt(this.read(length).length);
  }

  blockingSkip(length) {
    return BigInt(this.blockingRead(length).length);
  }

  subscribe() {
    this.#fill();
    return new Pollable(this.#readiness);
  }

  [symbolDispose]() {
    if (!this.#end) this.#reader.cancel().catch(() => {});
    this.#end ??= closed;
  }
}

/** Bytes that go to a sink: an object with `room()`, `write(bytes)`, and, when there is room again, `readiness`. */
export class OutputStream {
  #sink;

  static to(sink) {
    const output = new OutputStream();
    output.#sink = sink;
    return output;
  }

  checkWrite() {
    const room = this.#sink.room();
    if (room === undefined) throw this.#sink.reason ? failed(this.#sink.reason) : closed();
    return BigInt(room);
  }

  write(bytes) {
    if (this.#sink.room() === undefined) throw closed();
    this.#sink.write(bytes);
  }

  flush() {}

  blockingFlush() {}

  blockingWriteAndFlush(bytes) {
    this.write(bytes);
  }

  writeZeroes(length) {
    this.write(new Uint8Array(Number(length)));
  }

  blockingWriteZeroesAndFlush(length) {
    this.writeZeroes(length);
  }

  splice(source, length) {
    const room = this.checkWrite();
    const bytes = source.read(length < room ? length : room);
    this.write(bytes);
    return BigInt(bytes.length);
  }

  blockingSplice(source, length) {
    return this.splice(source, length);
  }

  subscribe() {
    return new Pollable(this.#sink.readiness);
  }

  [symbolDispose]() {
    this.#sink.dropped?.();
  }
}

/** A sink that takes everything at once. */
export function sinkTo(write) {
  return { room: () => 1 << 20, write, readiness: new Readiness(() => true) };
}

/** A sink whose bytes come out of `stream`, which is read at the pace of its reader. */
export class StreamSink {
  #controller;
  #isOver = false;
  readiness = new Readiness(() => this.room() !== 0);

  constructor() {
    this.stream = new ReadableStream(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.readiness.changed(),
        cancel: () => this.#end(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: 64 * 1024 }),
    );
  }

  /** How many bytes may be written now; `undefined`: nobody will read them. */
  room() {
    return this.#isOver ? undefined : Math.max(0, this.#controller.desiredSize);
  }

  write(bytes) {
    if (bytes.length > 0) this.#controller.enqueue(bytes);
  }

  close() {
    if (!this.#isOver) this.#controller.close();
    this.#end();
  }

  fail(reason) {
    if (!this.#isOver) this.#controller.error(reason);
    this.reason = reason;
    this.#end();
  }

  #end() {
    this.#isOver = true;
    this.readiness.changed();
  }
}

export function io() {
  return {
    'wasi:io/error': { Error: IoError },
    'wasi:io/poll': {
      Pollable,
      poll(pollables) {
        const ready = pollables.flatMap((pollable, at) => (pollable.ready() ? [at] : []));
        if (ready.length === 0) throw new Error(BLOCKS);
        return Uint32Array.from(ready);
      },
    },
    'wasi:io/streams': { InputStream, OutputStream },
  };
}

/** The reason why a stream failed, as its reader was told. */
export function reasonOf(error) {
  return error.reason;
}
