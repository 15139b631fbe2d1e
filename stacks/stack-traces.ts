/**
 * Gives stack traces back to V8. The SDK notes one with each output of each resource, and the source-map-support that it loads
 * renders every one in JavaScript: a fifth of a preview of 100 servers. This program needs no source maps: its types are
 * stripped in place, so that lines and columns are those of the source.
 */
export function useNativeStackTraces(): void {
  delete (Error as { prepareStackTrace?: unknown }).prepareStackTrace;
}
