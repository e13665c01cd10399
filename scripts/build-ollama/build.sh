#!/usr/bin/env bash
# Builds a real Ollama server (CPU only) from the Go module that go.mod names, as an oracle for the tests of
# labeler/ollama. Nothing of the system is changed: what is fetched goes to Go's module cache and to a temporary
# folder.
#
#   scripts/build-ollama/build.sh DIR     writes DIR/ollama
#
# Takes three to ten minutes and wants Go, a C and a C++ compiler. Environment:
#   OLLAMA_VERSION    another version than go.mod's
#   OLLAMA_INCLUDE    a folder that already has nlohmann/json.hpp, stb/stb_image.h and miniaudio/miniaudio.h
#   JOBS              how many packages are compiled at once (default 2)
set -euo pipefail

die() { echo "error: $1" >&2; echo "hint: $2" >&2; exit 1; }

[ $# -eq 1 ] || { echo "usage: $0 DIR" >&2; exit 2; }
mkdir -p "$1"
out=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."

for tool in go cc c++; do
	command -v "$tool" >/dev/null || die "$tool is not on the PATH" "install Go and a C++ compiler"
done
version=${OLLAMA_VERSION:-$(go list -m -f '{{.Version}}' github.com/ollama/ollama)}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The module zip lacks three single-header libraries that its C++ includes as vendored files.
include=${OLLAMA_INCLUDE:-$work/include}
if [ -z "${OLLAMA_INCLUDE:-}" ]; then
	mkdir -p "$include/miniaudio" "$work/deb" "$work/module"
	# Two of them are Debian packages; they are unpacked here rather than installed.
	if [ -e /usr/include/nlohmann/json.hpp ] && [ -e /usr/include/stb/stb_image.h ]; then
		ln -s /usr/include/nlohmann /usr/include/stb "$include/"
	else
		command -v apt-get >/dev/null ||
			die "nlohmann/json.hpp and stb/stb_image.h are missing" "set OLLAMA_INCLUDE to a folder that has them"
		(cd "$work/deb" && apt-get -o APT::Sandbox::User= download nlohmann-json3-dev libstb-dev >&2) ||
			die "apt-get could not fetch nlohmann-json3-dev and libstb-dev" "run: apt-get update"
		for deb in "$work"/deb/*.deb; do dpkg-deb -x "$deb" "$work/deb/root"; done
		mv "$work/deb/root/usr/include/nlohmann" "$work/deb/root/usr/include/stb" "$include/"
	fi
	# The third travels with a Go module.
	malgo=$(cd "$work/module" && go mod init headers >/dev/null 2>&1 &&
		go mod download -json github.com/gen2brain/malgo@v0.11.24 | sed -n 's/.*"Dir": "\(.*\)",/\1/p')
	cp "$malgo/miniaudio.h" "$include/miniaudio/"
fi

flags="-O3"
# Without these ggml compiles its slow portable kernels. The binary then runs on this kind of processor only.
if [ "$(go env GOARCH)" = amd64 ] && grep -qs '\bavx2\b' /proc/cpuinfo; then
	flags="$flags -mavx2 -mfma -mf16c -mbmi2"
fi
export CGO_ENABLED=1 CGO_CPPFLAGS="-I$include" CGO_CFLAGS="$flags" CGO_CXXFLAGS="$flags"
(cd "$work" && GOBIN="$out" go install -p "${JOBS:-2}" "github.com/ollama/ollama@$version")
echo "$out/ollama"
