// WebAssembly modules by their URLs: from the file system in Node, else from the network.

let core;

/** `core.wasm`, which lies beside this file. */
export function coreModule() {
  core ??= compile(new URL('./core.wasm', import.meta.url));
  return core;
}

/** What jco's `instantiate` asks for modules: those that lie at `base`. */
export function modulesAt(base) {
  return (file) => compile(new URL(file, base));
}

async function compile(url) {
  if (url.protocol !== 'file:') {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`failed to read ${url}: status ${response.status}`);
    return WebAssembly.compile(await response.arrayBuffer());
  }
  const { readFile } = await import('node:fs/promises');
  return WebAssembly.compile(await readFile(url));
}
