// What promises of this package are rejected with.

/** The error of a `result`: what the component says went wrong. */
export class GuestError extends Error {
  name = 'GuestError';

  constructor(payload) {
    super(`the component answered an error: ${describe(payload)}`);
    this.payload = payload;
  }
}

/** The component cannot go on: a panic, or a fault of its code. */
export class TrapError extends Error {
  name = 'TrapError';

  constructor(cause, stderr) {
    const last = stderr.trim();
    super(`the component trapped: ${cause?.message ?? cause}${last && `\n${last}`}`, { cause });
    /** The end of what it has written to stderr. */
    this.stderr = stderr;
  }
}

/** The component has called `wasi:cli/exit`. */
export class ExitError extends Error {
  name = 'ExitError';
  isExit = true;

  constructor(code) {
    super(`the component has ended with exit status ${code}`);
    this.code = code;
  }
}

/** Whether an exception is an `err` of a `result`, as jco throws and takes them. */
export function hasPayload(error) {
  return error !== null && typeof error === 'object' && 'payload' in error;
}

function describe(payload) {
  if (typeof payload === 'string') return payload;
  return JSON.stringify(payload, (_, value) => (typeof value === 'bigint' ? `${value}` : value)) ?? 'without a value';
}
