#!/usr/bin/env bash
# The figures of BENCHMARKS.md, "Transformer models": engine/onnx against
# Transformers.js, against the floor, against the pure-Go backend, and a warm
# store against a cold one. All load the ONNX Runtime library of npm's
# onnxruntime-node. Needs Node 20 or newer with npm, and no GPU.
#
#     scripts/peers/transformers.sh [FLAGS]     those of scripts/peers/transformersjs
set -euo pipefail
cd "$(dirname "$0")/../.."
peer=scripts/peers/transformersjs

# Only ready-made libraries are used, so no package has to run a script.
npm install --prefix "$peer" --ignore-scripts --no-save --no-package-lock --no-audit --no-fund --loglevel=error
platform=$(node -p 'process.platform + "/" + process.arch')
export SHEAF_ONNXRUNTIME=$PWD/$peer/node_modules/onnxruntime-node/bin/napi-v6/$platform

echo "== engine/onnx and Transformers.js"
go run "./$peer" "$@"

echo "== engine/onnx and its floor"
go test -run '^$' -bench '^BenchmarkEmbed$' -benchtime 5x ./engine/onnx | grep -E '^Benchmark'
echo "== engine/purego and engine/onnx"
go test -run '^$' -bench '^BenchmarkEmbed$' -benchtime 2x ./engine/purego | grep -E '^Benchmark'
echo "== a warm store and a cold one"
go test -run '^$' -bench '^BenchmarkWarmStore$' -benchtime 3x ./internal/pipeline | grep -E '^Benchmark'
