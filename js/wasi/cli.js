// `wasi:cli`: arguments and environment as given, output to the console.

import { ExitError } from '../errors.js';
import { InputStream, OutputStream, sinkTo } from './io.js';

class TerminalInput {}
class TerminalOutput {}

/** A sink for whole lines: the console adds the ends of lines. */
function lines(log) {
  const decoder = new TextDecoder();
  let begun = '';
  return (bytes) => {
    const parts = (begun + decoder.decode(bytes, { stream: true })).split('\n');
    begun = parts.pop();
    for (const line of parts) log(line);
  };
}

export function cli({ args = [], env = {}, stdin, stdout, stderr }, kept) {
  const out = stdout ?? lines((line) => console.log(line));
  const err = stderr ?? lines((line) => console.error(line));
  const input = InputStream.of(stdin);
  return {
    'wasi:cli/environment': {
      getEnvironment: () => Object.entries(env),
      getArguments: () => ['component', ...args],
      initialCwd: () => undefined,
    },
    'wasi:cli/exit': {
      exit(status) {
        throw new ExitError(status.tag === 'ok' ? 0 : 1);
      },
    },
    'wasi:cli/stdin': { getStdin: () => input },
    'wasi:cli/stdout': { getStdout: () => OutputStream.to(sinkTo(out)) },
    'wasi:cli/stderr': {
      getStderr: () =>
        OutputStream.to(
          sinkTo((bytes) => {
            kept(bytes);
            err(bytes);
          }),
        ),
    },
    'wasi:cli/terminal-input': { TerminalInput },
    'wasi:cli/terminal-output': { TerminalOutput },
    'wasi:cli/terminal-stdin': { getTerminalStdin: () => undefined },
    'wasi:cli/terminal-stdout': { getTerminalStdout: () => undefined },
    'wasi:cli/terminal-stderr': { getTerminalStderr: () => undefined },
  };
}
