/** Shell scripts that start the installed language host under the Node that the program's project pins. */

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * The text of an executable that stands beside the CLI and starts `language-host/<main>` beside itself.
 * The clone in use, which the environment names, is where it looks last; where none is named, the one it was installed from, which may be gone.
 */
export function launcher(main: string, origin: string): string {
  return `#!/bin/sh
# Starts the language host under the nearest pinned Node above the folder the engine works in.
if [ -z "$SOVEREIGN_LANGUAGE_HOST_ORIGIN" ]; then SOVEREIGN_LANGUAGE_HOST_ORIGIN=${quote(origin)}; fi
export SOVEREIGN_LANGUAGE_HOST_ORIGIN
node=node
folder=$PWD
for candidate in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
  if [ -x "$folder/node_modules/.bin/node" ]; then
    node=$folder/node_modules/.bin/node
    break
  fi
  [ -n "$folder" ] || break
  folder=\${folder%/*}
done
if [ "$node" = node ] && [ -x "$SOVEREIGN_LANGUAGE_HOST_ORIGIN/node_modules/.bin/node" ]; then
  node=$SOVEREIGN_LANGUAGE_HOST_ORIGIN/node_modules/.bin/node
fi
exec "$node" --disable-warning=ExperimentalWarning "\${0%/*}/language-host/${main}" "$@"
`;
}
