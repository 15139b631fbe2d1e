/**
 * The SDK maps its own frames to source files that it does not ship, such as `node_modules/@pulumi/resource.ts`. Node's
 * printing of errors in colour never ends on a scoped package without a folder below it: a program that fails would hang
 * for minutes, until memory runs out. This program needs no source maps, so frames stay as they are.
 */
Error.prepareStackTrace = undefined;
