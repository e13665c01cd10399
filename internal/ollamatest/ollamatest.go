// Package ollamatest has what tests of chat models' clients need: a real Ollama
// server with a tiny random model, and a proxy that puts faults between a client
// and a server.
package ollamatest
