// The exports of a component, with `async` functions in the place of their halves.

import { GuestError, hasPayload } from './errors.js';
import { changed } from './resource.js';
import { toComponent, toJs } from './streams.js';

const START = 'IsyswasfaStart';
const RESULT = 'IsyswasfaResult';
const POLL = 'isyswasfaPoll';

/** A name of WIT as jco has it in JavaScript: `get-random-u64` is `getRandomU64`. */
export function camel(name) {
  return name.toLowerCase().replace(/-([a-z0-9])/g, (_, letter) => letter.toUpperCase());
}

/** A resource's class: `my-cart` is `MyCart`. */
function pascal(name) {
  const inner = camel(name);
  return inner[0].toUpperCase() + inner.slice(1);
}

/** The name of an interface without the split's mark: `a:b/c@1.0.0-isyswasfa` is `a:b/c@1.0.0`. */
export function original(name) {
  return name.replace(/^([^@]*)@0\.0\.0-isyswasfa$/, '$1').replace(/(-isyswasfa|\.isyswasfa)(?=$|\+)/, '');
}

/** The exports by the names that they had before the split. */
export function wrapExports(context, instance, about) {
  const wrapped = {};
  for (const { name, functions } of about) {
    if (name === '') {
      for (const fn of functions) {
        const poll = instance[`${camel(fn.name)}IsyswasfaPoll`];
        wrapped[camel(fn.name)] = asyncFunction(context, fn, instance, poll);
      }
      continue;
    }
    const found = instance[name];
    // `wasi:http/handler` stays inside: see `handler.js`.
    if (found === undefined) continue;
    const exported = (wrapped[original(name)] = {});
    for (const [key, value] of Object.entries(found)) {
      if (!key.endsWith(START) && !key.endsWith(RESULT) && key !== POLL) exported[key] = plain(context, value, found[POLL]);
    }
    for (const fn of functions) wrapOne(context, fn, found, exported);
  }
  return wrapped;
}

function wrapOne(context, fn, found, exported) {
  const of = /^\[(method|static)\]([^.]*)\.(.*)$/.exec(fn.name);
  if (of === null) {
    exported[camel(fn.name)] = asyncFunction(context, fn, found, found[POLL]);
    return;
  }
  const [, kind, resource, name] = of;
  const Class = found[pascal(resource)];
  const halves = {
    [`${camel(name)}${START}`]: (kind === 'method' ? Class.prototype : Class)[`${camel(name)}${START}`],
    [`${camel(name)}${RESULT}`]: Class[`${camel(name)}${RESULT}`],
  };
  const to = kind === 'method' ? Class.prototype : Class;
  to[camel(name)] = asyncFunction(context, { ...fn, name }, halves, found[POLL]);
}

/** An ordinary function: only streams are something else in JavaScript. Classes stay what they are. */
function plain(context, value, poll) {
  if (typeof value !== 'function' || /^class\b/.test(Function.prototype.toString.call(value))) return value;
  return (...args) => {
    const { driver } = context;
    if (poll !== undefined) driver.link(poll);
    const given = args.map((arg) => giveArg(context, arg));
    try {
      return takeValue(context, driver.enter(() => value(...given)));
    } catch (error) {
      throw hasPayload(error) ? new GuestError(error.payload) : error;
    } finally {
      driver.schedule();
    }
  };
}

function giveArg({ driver, bytes }, arg) {
  return changed(arg, (value) => toComponent(driver, bytes, value));
}

function takeValue({ driver }, value) {
  return changed(value, (part) => toJs(driver, part));
}

/** The function `fn` of `about`. After its parameters it takes `{ signal }`. */
function asyncFunction(context, fn, halves, poll) {
  const start = halves[`${camel(fn.name)}${START}`];
  const result = halves[`${camel(fn.name)}${RESULT}`];
  return async function (...args) {
    const { signal } = args[fn.params] ?? {};
    const call = () => {
      const given = args.slice(0, fn.params).map((arg) => giveArg(context, arg));
      return start.apply(this, given);
    };
    const done = await callHalves(context, { name: fn.name, poll, start: call, result, signal }, fn.throws);
    return takeValue(context, done);
  };
}

/** Calls both halves. An error of the component's is a `GuestError`. */
export async function callHalves({ driver, tasks }, halves, throws) {
  let done;
  try {
    done = await driver.call({ ...halves, Pending: tasks.Pending });
  } catch (error) {
    throw hasPayload(error) ? new GuestError(error.payload) : error;
  }
  // The start half returns a `result` as a value, the result half throws its error.
  if ('result' in done) return done.result;
  if (!throws) return done.value;
  if (done.value.tag === 'err') throw new GuestError(done.value.val);
  return done.value.val;
}
