// `wasi:random` on the platform's cryptography.

/** The most that `getRandomValues` gives at once. */
const AT_ONCE = 65536;

function bytes(length) {
  const all = new Uint8Array(Number(length));
  for (let at = 0; at < all.length; at += AT_ONCE) crypto.getRandomValues(all.subarray(at, at + AT_ONCE));
  return all;
}

const number = () => crypto.getRandomValues(new BigUint64Array(1))[0];

export function random() {
  return {
    'wasi:random/random': { getRandomBytes: bytes, getRandomU64: number },
    'wasi:random/insecure': { getInsecureRandomBytes: bytes, getInsecureRandomU64: number },
    'wasi:random/insecure-seed': { insecureSeed: () => [number(), number()] },
  };
}
