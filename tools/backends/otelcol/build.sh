#!/usr/bin/env bash
# build.sh OUT: builds the Collector of builder-config.yaml with the locked go.mod and go.sum beside it.
#
# The generator's own `go mod tidy` fails (two test-only modules cannot be resolved), so its result is
# ignored and the locked files take its place. `remove_all_sd` leaves out the Prometheus receiver's
# service discovery: a third of the packages remain. Changing any flag recompiles everything.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$(realpath -m "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
version=$(sed -n 's/^  version: //p' "$here/builder-config.yaml")

GOBIN=$work go install "go.opentelemetry.io/collector/cmd/builder@v$version"
cp "$here/builder-config.yaml" .
./builder --config builder-config.yaml --skip-compilation >generate.log 2>&1 || true
test -f _build/main.go || { cat generate.log >&2; exit 1; }
cp "$here/go.mod" "$here/go.sum" _build/
cd _build
mkdir -p "$(dirname "$out")"
go build -p "${JOBS:-2}" -tags remove_all_sd -trimpath -ldflags='-s -w' -o "$out" .
"$out" --version
