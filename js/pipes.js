// The pipes of the split ABI. Who waits for whom is the business of the state machine, which sees counts only; the items stay in
// JavaScript, in a queue for each pipe. The queue has, in order: items that a read has received and not been asked for, items
// of the write that stands, and items of the last write that nobody took.

import { disposeAll, symbolDispose } from './resource.js';

const PAYLOAD = { count: 'count', bytes: 'bytes', items: 'items' };

/** Items in a row: bytes, another typed array, an ordinary one, or, without payload, a count. */
class Queue {
  #pieces = [];
  length = 0;

  push(items) {
    if (items.length === 0) return;
    this.#pieces.push(items);
    this.length += items.length;
  }

  unshift(items) {
    if (items.length === 0) return;
    this.#pieces.unshift(items);
    this.length += items.length;
  }

  /** The first `count` items. */
  shift(count) {
    const taken = [];
    this.length -= count;
    while (count > 0) {
      const [first] = this.#pieces;
      if (first.length <= count) {
        taken.push(this.#pieces.shift());
        count -= first.length;
      } else {
        // A copy, since whoever takes it may do with it what he wants; the rest is not copied.
        taken.push(first.slice(0, count));
        this.#pieces[0] = rest(first, count);
        count = 0;
      }
    }
    return joined(taken);
  }

  /** The last `count` items. */
  pop(count) {
    const kept = this.shift(this.length - count);
    const last = this.shift(count);
    this.push(kept);
    return last;
  }
}

function rest(items, from) {
  return ArrayBuffer.isView(items) ? items.subarray(from) : items.slice(from);
}

function joined(pieces) {
  if (pieces.length === 0) return new Uint8Array(0);
  if (pieces.length === 1) return pieces[0];
  const [first] = pieces;
  if (!ArrayBuffer.isView(first)) return [].concat(...pieces);
  const all = new first.constructor(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** Without payload there is no queue: the items are their count. */
class Counts {
  push() {}
  unshift() {}
  shift(count) {
    return count;
  }
  pop(count) {
    return count;
  }
}

/** The interface of one kind of pipes, by its name: `bytes`, `stream-string`, `future-unit`. */
export function pipeInterface(machine, name, changed) {
  const payload = name === 'bytes' ? PAYLOAD.bytes : name.endsWith('-unit') ? PAYLOAD.count : PAYLOAD.items;
  const none = () => (payload === PAYLOAD.count ? 0 : payload === PAYLOAD.bytes ? new Uint8Array(0) : []);
  const size = (items) => (payload === PAYLOAD.count ? items : items.length);
  const call = (operation, ...args) => {
    const done = machine.call(`unit-${operation}`, ...args);
    changed();
    return done;
  };
  const lose = (items) => payload === PAYLOAD.items && disposeAll(items);

  class Reader {
    constructor(pipe) {
      Object.assign(this, pipe);
    }

    read(mailbox, token, max) {
      const count = machine.answer(call('read', this.pipe, mailbox, token, max));
      return count === 0 ? none() : this.queue.shift(count);
    }

    cancelRead() {
      const count = call('cancel-read', this.pipe);
      return count === 0 ? none() : this.queue.shift(count);
    }

    unread(items) {
      const isBack = call('unread', this.pipe, size(items)) !== 0;
      if (isBack) this.queue.unshift(items);
      return isBack;
    }

    [symbolDispose]() {
      if (this.isDropped) return;
      this.isDropped = true;
      lose(this.cancelRead());
      call('drop-reader', this.pipe);
    }
  }

  class Writer {
    constructor(pipe) {
      Object.assign(this, pipe);
    }

    write(mailbox, token, items) {
      // What is left of the last offer is forgotten.
      lose(this.takeBack());
      this.queue.push(items);
      return machine.answer(call('write', this.pipe, mailbox, token, size(items)));
    }

    written(mailbox, token) {
      return machine.answer(call('written', this.pipe, mailbox, token));
    }

    cancelWrite() {
      return call('cancel-write', this.pipe);
    }

    takeBack() {
      const count = call('take-back', this.pipe);
      return count === 0 ? none() : this.queue.pop(count);
    }

    [symbolDispose]() {
      if (this.isDropped) return;
      this.isDropped = true;
      this.cancelWrite();
      lose(this.takeBack());
      call('drop-writer', this.pipe);
    }
  }

  function make() {
    const pipe = machine.call('unit-new') >>> 0;
    const queue = payload === PAYLOAD.count ? new Counts() : new Queue();
    const isFuture = name.startsWith('future-');
    return [new Writer({ pipe, queue }), new Reader({ pipe, queue, isFuture, payload })];
  }

  return { Reader, Writer, new: make };
}
