// Package sidecar reads the files that stand beside a plugin's executable. A plugin writes them itself, once, when it
// is installed (`pulumi-resource-NAME schema --out DIR --skip-docs`): embedding them would need a second program,
// linked first, only to generate what the other embeds.
package sidecar

import (
	"fmt"
	"os"
	"path/filepath"
)

// Generating says that the plugin was started to write its files.
func Generating() bool {
	return len(os.Args) > 1 && os.Args[1] == "schema"
}

// Read returns the schema and the bridge metadata, or ends the program with a message.
func Read() (schema, metadata []byte) {
	executable, err := os.Executable()
	if err == nil {
		executable, err = filepath.EvalSymlinks(executable)
	}
	if err != nil {
		fail(err)
	}
	return read(filepath.Join(filepath.Dir(executable), "schema.json")),
		read(filepath.Join(filepath.Dir(executable), "bridge-metadata.json"))
}

func read(path string) []byte {
	content, err := os.ReadFile(path)
	if err != nil {
		fail(err)
	}
	return content
}

func fail(err error) {
	fmt.Fprintf(os.Stderr, "%s cannot read what its installation wrote: %v\n", filepath.Base(os.Args[0]), err)
	os.Exit(1)
}
