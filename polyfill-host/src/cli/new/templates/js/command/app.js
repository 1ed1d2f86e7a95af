// Greets everybody who is named.

import { getArguments } from "wasi:cli/environment@0.3.2";
import { writeViaStream } from "wasi:cli/stdout@0.3.2";

export const run = {
  async run() {
    const [, ...names] = getArguments();
    const lines = (async function* () {
      for (const name of names) {
        yield ascii(`Hello, ${name}!\n`);
      }
    })();
    await writeViaStream(lines);
  },
};

function ascii(text) {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
