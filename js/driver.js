// The driver: enters the component when it has events, and turns its tasks into promises.

import { CANCELLED, CHILD, NOTHING, TOKEN, takeApart } from './core.js';
import { TrapError, hasPayload } from './errors.js';
import { dispose } from './resource.js';

/** How many events are taken before timers and the network have their turn. */
const EVENTS_AT_ONCE = 1000;

export class Driver {
  #key;
  #mailbox;
  #tokens = new Map();
  #lastToken = 0;
  /** The poll functions of the components that JavaScript calls, by their numbers. */
  #polls = new Map();
  #linked = new Set();
  #isScheduled = false;
  #calls = new Set();
  #dead;
  #lastCall = 0;
  /** The end of what the component has written to stderr. */
  stderr = '';

  /** `trace` is told what happens: see `TraceEvent`. */
  constructor(tasks, trace) {
    this.tasks = tasks;
    this.trace = trace;
    this.#key = tasks.register();
    this.#mailbox = tasks.mailbox(this.#key);
  }

  /** Lets the component run soon, if it has events. */
  schedule() {
    if (this.#isScheduled || this.#dead) return;
    this.#isScheduled = true;
    // Never at once: the component may be what calls.
    queueMicrotask(() => this.#run());
  }

  #run() {
    this.#isScheduled = false;
    try {
      for (let events = 0; events < EVENTS_AT_ONCE; events++) {
        if (this.#dead) return;
        const [kind, value] = takeApart(this.tasks.nextEvent(this.#key));
        if (kind === NOTHING) return;
        if (kind === TOKEN) this.#tokens.get(value)?.();
        if (kind === CHILD) this.#polls.get(value)?.();
      }
      this.#isScheduled = true;
      setTimeout(() => this.#run());
    } catch (error) {
      this.die(error);
    }
  }

  /** Runs a function of the component; a trap ends everything. */
  enter(run) {
    if (this.#dead) throw this.#dead;
    try {
      return run();
    } catch (error) {
      if (hasPayload(error)) throw error;
      throw this.die(error);
    }
  }

  /** The component has trapped: all calls under way are rejected, and so are later ones. Returns their reason. */
  die(error) {
    if (this.#dead) return this.#dead;
    this.#dead = error.isExit ? error : new TrapError(error, this.stderr);
    this.trace?.({ kind: 'trap', message: this.#dead.message });
    for (const reject of this.#calls) reject(this.#dead);
    this.#calls.clear();
    return this.#dead;
  }

  get isDead() {
    return this.#dead !== undefined;
  }

  /** Says how somebody who waits is told that the component has trapped. Returns a function that ends that. */
  whenDead(tell) {
    if (this.#dead) {
      tell(this.#dead);
      return () => {};
    }
    this.#calls.add(tell);
    return () => this.#calls.delete(tell);
  }

  /** Lets JavaScript hear of events of the component behind this poll function. */
  link(poll) {
    if (this.#linked.has(poll)) return;
    this.#linked.add(poll);
    const number = this.enter(poll);
    this.#polls.set(number, poll);
    this.tasks.link(this.#key, number);
  }

  #newToken(tell) {
    do {
      this.#lastToken = (this.#lastToken + 1) & 0x3fffffff;
    } while (this.#tokens.has(this.#lastToken));
    this.#tokens.set(this.#lastToken, tell);
    return this.#lastToken;
  }

  /** Waits as an end of a pipe does: `step(mailbox, token)` is called until it does not throw `blocked`. */
  async wait(step) {
    let tell;
    let undo;
    const token = this.#newToken(() => tell?.());
    try {
      for (;;) {
        const told = new Promise((resolve, reject) => {
          tell = resolve;
          undo = this.whenDead(reject);
        });
        // Without it, a reason that nobody awaits is an unhandled one.
        told.catch(() => {});
        try {
          return step(this.#mailbox, token);
        } catch (error) {
          if (statusOf(error) !== 'blocked') throw error;
        }
        this.schedule();
        await told;
        undo();
      }
    } finally {
      undo?.();
      this.#tokens.delete(token);
    }
  }

  /**
   * Calls an async function: `start` and `result` are its halves. The result is what it returns, or is thrown as the `payload` of
   * what is rejected.
   */
  async call({ name, poll, start, result, Pending, signal }) {
    // Not at once: the component may be what calls.
    await null;
    signal?.throwIfAborted();
    this.link(poll);
    const call = { name, id: ++this.#lastCall };
    this.trace?.({ kind: 'call', ...call });
    let pending;
    try {
      const value = this.enter(start);
      this.trace?.({ kind: 'return', ...call });
      return { value };
    } catch (error) {
      if (!(error?.payload instanceof Pending)) throw error;
      pending = error.payload;
    } finally {
      this.schedule();
    }
    this.trace?.({ kind: 'pending', ...call });
    await this.#done(pending, poll, signal, call);
    this.trace?.({ kind: 'return', ...call });
    try {
      return { result: this.enter(() => result(pending)) };
    } finally {
      this.schedule();
    }
  }

  /** Waits until a task is done, or cancels it when `signal` says so. */
  #done(pending, poll, signal, call) {
    return new Promise((resolve, reject) => {
      const stop = () => {
        undo();
        signal?.removeEventListener('abort', aborted);
        this.#tokens.delete(token);
      };
      const aborted = () =>
        queueMicrotask(() => {
          if (!this.#tokens.has(token)) return;
          stop();
          this.trace?.({ kind: 'cancel', ...call });
          try {
            if (this.tasks.cancel(pending) !== 0) this.enter(poll);
            this.schedule();
          } catch (error) {
            reject(this.die(error));
          }
          reject(signal.reason);
        });
      const token = this.#newToken(() => {
        stop();
        resolve();
      });
      const undo = this.whenDead((error) => {
        stop();
        dispose(pending);
        reject(error);
      });
      signal?.addEventListener('abort', aborted);
      this.tasks.subscribe(pending, this.#key, token);
      if (signal?.aborted) aborted();
    });
  }
}

/** The tasks of functions that JavaScript implements. */
export class Provider {
  #key;
  #tasks;
  #calls = new Map();
  #lastKey = 0;
  #names = new Map();

  constructor(tasks) {
    this.#tasks = tasks;
    this.#key = tasks.register();
  }

  /** The poll function of every import: drops the tasks that were given up. */
  poll() {
    for (;;) {
      const [kind, value] = takeApart(this.#tasks.nextEvent(this.#key));
      if (kind === NOTHING) break;
      if (kind === CANCELLED) {
        this.#calls.get(value)?.controller.abort();
        this.#calls.delete(value);
      }
    }
    return this.#tasks.number(this.#key);
  }

  /** The start half. `settle` makes of a promise one of what the result half returns. */
  start(name, run) {
    const controller = new AbortController();
    const returned = run(controller.signal);
    const key = (this.#lastKey = (this.#lastKey + 1) & 0x3fffffff);
    const [pending, task] = this.#tasks.makeTask(this.#key, this.#number(name), key, false);
    const call = { controller };
    this.#calls.set(key, call);
    returned.then((value) => {
      call.value = value;
      // Otherwise it was given up.
      if (this.#calls.has(key)) this.#tasks.complete(this.#key, task);
    });
    return pending;
  }

  /** The result half. */
  result(name, ready) {
    const key = this.#tasks.finish(this.#key, this.#number(name), ready);
    const { value } = this.#calls.get(key);
    this.#calls.delete(key);
    return value;
  }

  #number(name) {
    if (!this.#names.has(name)) this.#names.set(name, this.#tasks.nameFunction(this.#key, name));
    return this.#names.get(name);
  }
}

/** Why a read or a write has moved nothing: `blocked` or `closed`, from this package's pipes or from a guest's. */
export function statusOf(error) {
  return error?.payload ?? error;
}
