// The imports of a component: what this package has, and what its user implements, with promises where functions are async.

import { hasPayload } from './errors.js';
import { changed } from './resource.js';
import { camel, original } from './exports.js';
import { toComponent, toJs } from './streams.js';

const START = 'IsyswasfaStart';
const RESULT = 'IsyswasfaResult';

/**
 * An object that has every import, by its name with or without a version. `given` has those of the user; `provided(name)` returns
 * one of ours.
 */
export function importsOf(context, provider, given, provided) {
  /** The async functions that may fail with a value. */
  const throwing = new Set();
  const byPath = new Map(Object.entries(given).map(([name, value]) => [path(name), value]));
  const get = (_, name) => {
    // Asked by whoever takes the object for a promise.
    if (typeof name !== 'string' || name === 'then') return undefined;
    if (name === 'describe') return describe;
    const half = /^(.*)-isyswasfa-(start|result|poll)$/.exec(name);
    if (half !== null) return { default: rootFunction(half[1], half[2]) };
    const ours = provided(path(name));
    if (byPath.has(path(name))) return users(byPath.get(path(name)), name);
    if (ours !== undefined) return ours;
    throw missing(original(name));
  };
  const describe = (interfaces) => {
    for (const { name, functions } of interfaces) {
      for (const fn of functions) {
        if (fn.throws) throwing.add(name === '' ? fn.name : `${path(name)}#${camel(fn.name)}`);
      }
    }
  };
  const users = (value, name) => {
    // A function of the world itself.
    if (typeof value === 'function') return { default: value };
    return new Proxy(value, {
      get(target, key) {
        if (key === 'isyswasfaPoll') return () => provider.poll();
        if (typeof key !== 'string') return target[key];
        const half = [START, RESULT].find((suffix) => key.endsWith(suffix));
        const member = target[half === undefined ? key : key.slice(0, -half.length)];
        if (member === undefined) {
          const wanted = half === undefined ? key : key.slice(0, -half.length);
          throw new Error(`the component imports \`${wanted}\` of \`${original(name)}\`, which \`imports\` does not have`);
        }
        if (half === undefined) return member;
        const fn = `${path(name)}#${key.slice(0, -half.length)}`;
        return half === START ? start(fn, member.bind(target)) : (ready) => provider.result(fn, ready);
      },
    });
  };
  /** A half of an async function of the world itself. */
  const rootFunction = (name, half) => {
    const call = given[name];
    if (call === undefined) throw missing(name);
    if (half === 'poll') return () => provider.poll();
    return half === 'start' ? start(name, call) : (ready) => provider.result(name, ready);
  };
  const { driver, bytes } = context;
  let calls = 0;
  const ok = (value) => ({ tag: 'ok', val: changed(value, (part) => toComponent(driver, bytes, part)) });

  /** The start half of a function of JavaScript: it never has a result at once. */
  const start = (fn, call) => (...args) => {
    const taken = args.map((arg) => changed(arg, (part) => toJs(driver, part)));
    const traced = { name: fn, id: ++calls };
    driver.trace?.({ kind: 'import', ...traced });
    const settled = async (signal) => {
      signal.addEventListener('abort', () => driver.trace?.({ kind: 'import-cancel', ...traced }));
      try {
        const value = await call(...taken, { signal });
        driver.trace?.({ kind: 'import-return', ...traced });
        return throwing.has(fn) ? ok(value) : ok(value).val;
      } catch (error) {
        if (signal.aborted) return undefined;
        // An `Error` without a payload is a fault of the function, which the component could not make sense of.
        if (throwing.has(fn) && (hasPayload(error) || !(error instanceof Error))) {
          return { tag: 'err', val: hasPayload(error) ? error.payload : error };
        }
        driver.die(error);
        return undefined;
      }
    };
    return { tag: 'err', val: provider.start(fn, settled) };
  };
  return new Proxy({}, { get, has: () => true });
}

function missing(name) {
  return new Error(`the component imports \`${name}\`: give it to \`load\`, in \`imports\``);
}

function path(name) {
  return name.split('@')[0];
}
