// Streams and futures across the border: readers of pipes as `ReadableStream` or `Promise`, and streams of bytes the other way.

import { statusOf } from './driver.js';
import { dispose } from './resource.js';

/** How many items are read at once. */
const PIECE = 64 * 1024;

function isReader(value) {
  return typeof value?.read === 'function' && typeof value.cancelRead === 'function';
}

/** The value that a component has given, with JavaScript's streams in it. */
export function toJs(driver, value) {
  if (!isReader(value)) return value;
  const isFuture = value.isFuture ?? value.constructor.name.startsWith('Future');
  return isFuture ? promiseOf(driver, value) : streamOf(driver, value);
}

async function promiseOf(driver, reader) {
  try {
    const items = await driver.wait((mailbox, token) => reader.read(mailbox, token, 1));
    return reader.payload === 'count' ? undefined : items[0];
  } catch (error) {
    if (statusOf(error) !== 'closed') throw error;
    throw new Error('the component has dropped the writer of a future without a value');
  } finally {
    dispose(reader);
    driver.schedule();
  }
}

function streamOf(driver, reader) {
  const isOfBytes = reader.payload === 'bytes' || reader.constructor.name === 'StreamU8Reader';
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          await null;
          const items = await driver.wait((mailbox, token) => reader.read(mailbox, token, PIECE));
          driver.schedule();
          if (isOfBytes) controller.enqueue(items);
          else if (typeof items === 'number') for (let n = 0; n < items; n++) controller.enqueue(undefined);
          else for (const item of items) controller.enqueue(item);
        } catch (error) {
          if (statusOf(error) === 'closed') controller.close();
          else controller.error(error);
          dispose(reader);
          driver.schedule();
        }
      },
      cancel() {
        dispose(reader);
        driver.schedule();
      },
    },
    // Nothing is read before it is wanted.
    { highWaterMark: 0 },
  );
}

/** The value for a component, with readers in the place of streams of bytes. */
export function toComponent(driver, bytes, value) {
  if (!(value instanceof ReadableStream)) return value;
  const [writer, reader] = bytes.new();
  feed(driver, writer, value);
  return reader;
}

async function feed(driver, writer, stream) {
  const source = stream.getReader();
  try {
    for (;;) {
      // Nothing is read before it is wanted.
      await write(driver, writer, new Uint8Array(0));
      const { done, value } = await source.read();
      if (done) return;
      await write(driver, writer, asBytes(value));
    }
  } catch (error) {
    // Nobody reads any more, or the source has failed, which a stream of WASI cannot say.
    await source.cancel(statusOf(error) === 'closed' ? undefined : error).catch(() => {});
  } finally {
    dispose(writer);
    driver.schedule();
  }
}

/** Writes all of it. */
async function write(driver, writer, bytes) {
  let left = bytes.length;
  let hasBegun = false;
  do {
    const taken = await driver.wait((mailbox, token) => {
      if (hasBegun) return writer.written(mailbox, token);
      hasBegun = true;
      return writer.write(mailbox, token, bytes);
    });
    driver.schedule();
    left -= taken;
  } while (left > 0);
}

export function asBytes(value) {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string') return new TextEncoder().encode(value);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  throw new TypeError('a stream for a component must have bytes: `Uint8Array`, or text');
}
