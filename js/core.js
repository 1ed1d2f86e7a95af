// `isyswasfa:core`, tasks and pollables: the state machine in `core.wasm`, with JavaScript's objects as its handles.

import { dispose, symbolDispose } from './resource.js';

const TASKS = 'isyswasfa:core/tasks@0.1.0';
const BYTES = 'isyswasfa:core/bytes@0.1.0';
const POLLABLES = 'isyswasfa:core/pollables@0.1.0';

/** The kinds of events, by the two highest bits of an event word. */
export const TOKEN = 0;
export const CANCELLED = 1;
export const CHILD = 2;
export const NOTHING = 3;

/** The state machine in WebAssembly. */
export class Machine {
  #said = '';

  constructor(module) {
    const same = (number) => number;
    const blocks = () => {
      throw new Error(BLOCKS);
    };
    const instance = new WebAssembly.Instance(module, {
      [`[export]${TASKS}`]: {
        '[resource-new]pending': same,
        '[resource-rep]pending': same,
        '[resource-drop]pending': (task) => this.raw[`${TASKS}#[dtor]pending`](task),
      },
      [`[export]${BYTES}`]: { '[resource-new]reader': same, '[resource-new]writer': same },
      [`[export]${POLLABLES}`]: { '[resource-new]waiting': same },
      'wasi:io/poll@0.2.0': {
        poll: blocks,
        '[method]pollable.ready': blocks,
        '[resource-drop]pollable': () => {},
      },
      'wasi:cli/stderr@0.2.0': { 'get-stderr': () => 0 },
      'wasi:io/streams@0.2.0': {
        '[method]output-stream.blocking-write-and-flush': (_, at, length, answer) => {
          this.#said += new TextDecoder().decode(new Uint8Array(this.raw.memory.buffer, at, length));
          this.#view().setUint8(answer, 0);
        },
        '[resource-drop]output-stream': () => {},
      },
    });
    this.raw = instance.exports;
  }

  #view() {
    return new DataView(this.raw.memory.buffer);
  }

  /** Calls a function of the module. What it says before it traps becomes the error's message. */
  call(name, ...args) {
    try {
      return this.raw[name](...args);
    } catch (error) {
      const said = this.#said.trim().replace(/^isyswasfa: /, '');
      this.#said = '';
      throw said ? new Error(said, { cause: error }) : error;
    }
  }

  tasks(name, ...args) {
    return this.call(`${TASKS}#${name}`, ...args);
  }

  /** The number in the `result<u32, status>` at this address; throws the status. */
  answer(at) {
    const view = this.#view();
    if (view.getUint8(at) === 0) return view.getUint32(at + 4, true);
    throw view.getUint8(at + 4) === 0 ? 'blocked' : 'closed';
  }

  /** What `make-task` answers. */
  made(at) {
    const view = this.#view();
    return [view.getUint32(at, true), view.getUint32(at + 4, true), view.getBigUint64(at + 8, true)];
  }

  /** Passes text to a function: `use` gets its address and length. */
  withText(text, use) {
    const bytes = new TextEncoder().encode(text);
    const at = this.call('cabi_realloc', 0, 0, 1, bytes.length);
    new Uint8Array(this.raw.memory.buffer, at, bytes.length).set(bytes);
    return use(at, bytes.length);
  }
}

const BLOCKS = 'the component blocks until something happens, which JavaScript cannot: let it await that in an async function';

/** The interfaces `tasks` and `pollables`. `changed` is called when there may be events that no guest is going to take. */
export function coreInterfaces(machine, changed) {
  class Pending {
    constructor(task) {
      this.task = task;
    }

    [symbolDispose]() {
      if (this.task === undefined) return;
      machine.tasks('[dtor]pending', this.take());
      changed();
    }

    /** The task's number, which now belongs to the caller. */
    take() {
      const { task } = this;
      this.task = undefined;
      return task;
    }
  }

  class Waiting {
    constructor(pollable, stop) {
      this.pollable = pollable;
      this.stop = stop;
    }

    [symbolDispose]() {
      this.stop();
      dispose(this.pollable);
    }
  }

  const tasks = {
    Pending,
    register: () => machine.tasks('register'),
    number: (component) => machine.tasks('number', component) >>> 0,
    mailbox: (component) => machine.tasks('mailbox', component),
    link: (component, child) => machine.tasks('link', component, child),
    nameFunction: (component, name) =>
      machine.withText(name, (at, length) => machine.tasks('name-function', component, at, length)),
    makeTask(component, functionNumber, key, poll) {
      const at = machine.tasks('make-task', component, functionNumber, key, Number(poll));
      const [task, number, origin] = machine.made(at);
      return [new Pending(task), number, origin];
    },
    complete(component, task) {
      machine.tasks('complete', component, task);
      changed();
    },
    finish: (component, functionNumber, ready) =>
      machine.tasks('finish', component, functionNumber, ready.take()),
    subscribe: (pending, component, token) =>
      machine.tasks('subscribe', pending.task, component, token),
    cancel: (pending) => machine.tasks('cancel', pending.take()) >>> 0,
    wake(component) {
      machine.tasks('wake', component);
      changed();
    },
    post(mailbox, token) {
      machine.tasks('post', mailbox, token);
      changed();
    },
    nextEvent: (component) => BigInt.asUintN(64, machine.tasks('next-event', component)),
    origin: () => BigInt.asUintN(64, machine.tasks('origin')),
    setOrigin: (origin) => machine.tasks('set-origin', origin),
    waits: (component, task, what) =>
      machine.withText(what, (at, length) =>
        machine.tasks('waits', component, Number(task !== undefined), task ?? 0, at, length),
      ),
    wait() {
      throw new Error(BLOCKS);
    },
  };

  const pollables = {
    Waiting,
    waitFor(mailbox, token, pollable) {
      const stop = pollable.whenReady(() => tasks.post(mailbox, token));
      return new Waiting(pollable, stop);
    },
  };
  return { tasks, pollables };
}

/** The kind and the value of an event word. */
export function takeApart(word) {
  const low = Number(word & 0xffffffffn);
  return [low >>> 30, low & 0x3fffffff];
}
