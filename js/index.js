// Instantiates what `jco transpile --instantiation async` has made of a component that `polyfill-host lower --for js` has made,
// and turns its async functions into `async` functions.

import { Machine, coreInterfaces } from './core.js';
import { Driver, Provider } from './driver.js';
import { ExitError, GuestError, TrapError } from './errors.js';
import { wrapExports } from './exports.js';
import { coreModule, modulesAt } from './files.js';
import { handlerOf } from './handler.js';
import { importsOf } from './imports.js';
import { pipeInterface } from './pipes.js';
import { cli } from './wasi/cli.js';
import { clocks } from './wasi/clocks.js';
import { outgoingHandler } from './wasi/http-client.js';
import { httpTypes } from './wasi/http.js';
import { io } from './wasi/io.js';
import { random } from './wasi/random.js';

export { ExitError, GuestError, TrapError };

const ABOUT = 'isyswasfa:js/about@0.1.0';
const PIPES = 'isyswasfa:pipes/';
/** How much of the end of stderr a `TrapError` has. */
const KEPT = 4096;

/** See `index.d.ts`. */
export async function load(instantiate, options) {
  const getCoreModule = options.getCoreModule ?? modulesAt(options.base);
  const machine = new Machine(options.core ?? (await coreModule()));
  let driver;
  const changed = () => driver?.schedule();
  const core = coreInterfaces(machine, changed);
  driver = new Driver(core.tasks, options.trace);
  const bytes = pipeInterface(machine, 'bytes', changed);
  const decoder = new TextDecoder();
  const kept = (written) => {
    driver.stderr = (driver.stderr + decoder.decode(written, { stream: true })).slice(-KEPT);
  };

  const provided = {
    ...io(),
    ...clocks(),
    ...random(),
    ...cli(options, kept),
    'wasi:http/types': httpTypes(),
    'wasi:http/outgoing-handler': outgoingHandler(options.fetch ?? ((...args) => fetch(...args)), options.trace),
    'isyswasfa:core/tasks': core.tasks,
    'isyswasfa:core/pollables': core.pollables,
    'isyswasfa:core/bytes': bytes,
  };
  const pipe = (name) => {
    provided[name] ??= pipeInterface(machine, name.slice(PIPES.length), changed);
    return provided[name];
  };
  const context = { driver, tasks: core.tasks, bytes };
  const provider = new Provider(core.tasks);
  const imports = importsOf(context, provider, options.imports ?? {}, (name) =>
    name.startsWith(PIPES) ? pipe(name) : provided[name],
  );

  const instance = await instantiate(getCoreModule, imports);
  if (!(ABOUT in instance)) {
    throw new Error(
      'this component was not made with `polyfill-host lower --for js`: it does not say which of its functions are async',
    );
  }
  const about = JSON.parse(instance[ABOUT].exports());
  imports.describe(about.imports);
  const exports = wrapExports(context, instance, about.exports);
  return { exports, ...handlerOf(driver, core.tasks, instance), ...runOf(exports) };
}

/** `run`, if the component is a command. */
function runOf(exports) {
  const name = Object.keys(exports).find((name) => name.startsWith('wasi:cli/run@0.3'));
  if (name === undefined) return {};
  return {
    async run(options) {
      try {
        await exports[name].run(options);
      } catch (error) {
        if (error instanceof ExitError && error.code === 0) return;
        if (error instanceof GuestError) throw new ExitError(1);
        throw error;
      }
    },
  };
}
