// A program for the command line: says hello, or fails if it is told to.

import { getArguments } from "wasi:cli/environment@0.3.2";
import { writeViaStream } from "wasi:cli/stdout@0.3.2";

export const run = {
  async run() {
    const text = "hello, command line\n";
    const lines = (async function* () {
      yield Uint8Array.from(text, (character) => character.charCodeAt(0));
    })();
    await writeViaStream(lines).read();
    if (getArguments().includes("fail")) {
      throw undefined;
    }
  },
};
