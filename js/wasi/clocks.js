// `wasi:clocks` on timers.

import { Pollable, Readiness } from './io.js';

/** The longest that a timer can be set to, in milliseconds. */
const LONGEST = 2 ** 31 - 1;
const PER_MILLISECOND = 1_000_000n;

const now = () => BigInt(Math.round(performance.now() * 1e6));

/** Ready from this time on. */
function at(when) {
  const readiness = new Readiness(() => now() >= when);
  let timer;
  const wait = () => {
    const left = when - now();
    if (left <= 0n) {
      readiness.changed();
      return;
    }
    // Rounded up: a timer never fires early, but for what its own clock rounds.
    const milliseconds = Number((left + PER_MILLISECOND - 1n) / PER_MILLISECOND);
    timer = setTimeout(wait, Math.min(milliseconds, LONGEST));
  };
  wait();
  return new Pollable(readiness, () => clearTimeout(timer));
}

export function clocks() {
  return {
    'wasi:clocks/monotonic-clock': {
      now,
      resolution: () => 1000n,
      subscribeInstant: at,
      subscribeDuration: (duration) => at(now() + duration),
    },
    'wasi:clocks/wall-clock': {
      now() {
        const milliseconds = Date.now();
        return {
          seconds: BigInt(Math.floor(milliseconds / 1000)),
          nanoseconds: (milliseconds % 1000) * 1_000_000,
        };
      },
      resolution: () => ({ seconds: 0n, nanoseconds: 1_000_000 }),
    },
  };
}
