// Resources of the component model in JavaScript: objects that know how to be dropped.

export const symbolDispose = Symbol.dispose ?? Symbol.for('dispose');

/** Drops a resource, or nothing. */
export function dispose(resource) {
  resource?.[symbolDispose]?.();
}

/** Whether a value has properties that may be resources: an object or a list, and no resource itself. */
function isPlain(value) {
  if (Array.isArray(value)) return true;
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** A copy of a value in which `change` has replaced what it answers anything else for. */
export function changed(value, change) {
  const other = change(value);
  if (other !== value || !isPlain(value)) return other;
  if (Array.isArray(value)) return value.map((item) => changed(item, change));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, changed(item, change)]));
}

/** Drops all resources in a value that nobody will take. */
export function disposeAll(value) {
  changed(value, (part) => {
    if (typeof part === 'object' && part !== null && !isPlain(part)) dispose(part);
    return part;
  });
}
