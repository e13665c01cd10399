#!/usr/bin/env bash
# Puts the ONNX Runtime library for this platform into a folder:
#
#     scripts/setup-onnxruntime/setup.sh FOLDER
#
# It comes out of the npm package onnxruntime-node, by npm's own client and
# its settings; no script of the package is run. The file's sha256 is checked.
set -euo pipefail
folder=${1:?name the folder to put the library into}
version=1.24.3
case "$(uname -s)/$(uname -m)" in
  Linux/x86_64)
    file=linux/x64/libonnxruntime.so.1 name=libonnxruntime.so
    sum=92ba8e44d31b80a34f5e805076a044122c3be1fffe0d88ed790de7267b0b2682 ;;
  Linux/aarch64)
    file=linux/arm64/libonnxruntime.so.1 name=libonnxruntime.so
    sum=33032cb5b91c12edbf028d7c69fa40a31848d66c0095448758af237d5e0b07db ;;
  Darwin/arm64)
    file=darwin/arm64/libonnxruntime.$version.dylib name=libonnxruntime.dylib
    sum=76831409ce6eded92b4cb343cf422c458a60c1ea1d5f3cfa69692ab7fcc67f0f ;;
  *)
    echo "setup-onnxruntime: there is no ONNX Runtime $version for $(uname -s)/$(uname -m)" >&2
    exit 1 ;;
esac
command -v npm >/dev/null || { echo "setup-onnxruntime: npm is not installed" >&2; exit 1; }

digest() {
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d' ' -f1
}

if [ -f "$folder/$name" ] && [ "$(digest "$folder/$name")" = "$sum" ]; then
  echo "$folder/$name"
  exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm pack --silent "onnxruntime-node@$version" >/dev/null 2>&1) ||
  { echo "setup-onnxruntime: npm could not fetch onnxruntime-node@$version" >&2; exit 1; }
tar -xzf "$work/onnxruntime-node-$version.tgz" -C "$work" "package/bin/napi-v6/$file"
got=$(digest "$work/package/bin/napi-v6/$file")
if [ "$got" != "$sum" ]; then
  echo "setup-onnxruntime: $file has the sha256 $got, want $sum" >&2
  exit 1
fi
mkdir -p "$folder"
install -m 0644 "$work/package/bin/napi-v6/$file" "$folder/$name.new"
mv "$folder/$name.new" "$folder/$name"
echo "$folder/$name"
