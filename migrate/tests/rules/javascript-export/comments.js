import { getStdout } from "wasi:cli/stdout@0.2.3";

// What the component exports.
export /* of 0.2 */ const run /* : wasi:cli/run */ = {
  // async run() {}
  run() {
    getStdout();
  },
};
