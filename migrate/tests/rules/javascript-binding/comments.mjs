// import { poll } from "wasi:io/poll@0.2.3";
import /* to wait */ { poll as waiting } /* import */ from "wasi:io/poll@0.2.3"; // poll

export function wait(all) {
  // poll(all)
  return waiting(/* here */ all);
}
