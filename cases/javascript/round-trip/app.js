// An exported async function that calls an imported one.

import nextLine from "cases:round-trip/line@0.1.0";

export const line = {
  async pass(text) {
    return `${await nextLine.pass(`${text} > guest`)} < guest`;
  },
};
