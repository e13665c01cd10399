//go:build unix

// Command transformersjs compares engine/onnx with Transformers.js on
// onnxruntime-node: a random model of MiniLM's shape, the same texts, the same
// ONNX Runtime library, the same number of threads. transformers.sh installs
// what it needs and runs it; SHEAF_ONNXRUNTIME names the library.
//
// Transformers.js embeds batches of 32 with padding, once in the order of the
// texts, as its users do, and once sorted by length. The three take turns, part
// by part, so that a busy machine disturbs all of them. The engine sorts each
// part alone, the peer sorts all texts. What is timed is texts to vectors;
// loading is not.
package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"sheaf/engine/onnx"
	"sheaf/engine/transformer"
	"sheaf/internal/testmodel"
)

// tolerance is how far a number of a unit vector may be off that of the peer.
const tolerance = 1e-4

func main() {
	var c comparison
	flag.IntVar(&c.texts, "texts", 2000, "how many `texts`")
	flag.IntVar(&c.shortest, "shortest", 5, "`words` of the shortest text")
	flag.IntVar(&c.longest, "longest", 200, "`words` of the longest text")
	flag.IntVar(&c.rounds, "rounds", 3, "how many `rounds`")
	flag.IntVar(&c.parts, "parts", 5, "in how many `parts` all texts are embedded, in turn with the others")
	flag.IntVar(&c.threads, "threads", runtime.NumCPU(), "`threads` of each side")
	flag.StringVar(&c.peer, "peer", filepath.Join("scripts", "peers", "transformersjs", "peer.mjs"), "the peer's `script`")
	flag.Parse()
	if err := c.run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "transformersjs:", err)
		os.Exit(1)
	}
}

type comparison struct {
	texts, shortest, longest int
	rounds, parts, threads   int
	peer                     string
}

// cost is what embedding the texts took.
type cost struct {
	Seconds float64 `json:"seconds"`
	CPU     float64 `json:"cpu"` // seconds of all processors
}

func (c *cost) add(d cost) { c.Seconds, c.CPU = c.Seconds+d.Seconds, c.CPU+d.CPU }

// The contestants, in the order of their turns.
const (
	sheaf = iota
	natural
	sorted
	contestants
)

var (
	names  = [contestants]string{"sheaf", "Transformers.js, natural order", "Transformers.js, sorted by length"}
	orders = [contestants]string{natural: "natural", sorted: "sorted"} // as the peer calls them
)

func (c *comparison) run(ctx context.Context) (err error) {
	dir, err := os.MkdirTemp("", "peers")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	spec := testmodel.MiniLM()
	model := filepath.Join(dir, "minilm")
	if err := writeModel(&spec, model); err != nil {
		return err
	}
	texts := mixedTexts(&spec, c.texts, c.shortest, c.longest)
	textsFile, vectorsFile := filepath.Join(dir, "texts.jsonl"), filepath.Join(dir, "vectors.f32")
	if err := writeTexts(textsFile, texts); err != nil {
		return err
	}

	library, err := onnx.FindLibrary(onnx.Search{})
	if err != nil {
		return err
	}
	e, err := onnx.Open(model, onnx.Options{Options: transformer.Options{Threads: c.threads}, LibraryPath: library.Path})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	p, err := startPeer(ctx, c.peer, dir, filepath.Base(model), strconv.Itoa(c.threads), textsFile, vectorsFile)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	if err := p.hasLoaded(library.Path); err != nil {
		return err
	}
	if _, err := e.Embed(ctx, texts[:min(64, len(texts))], nil); err != nil { // warms up
		return err
	}

	fmt.Printf("%d texts of %d to %d words, %d threads, ONNX Runtime %s\n", len(texts), c.shortest, c.longest, c.threads, library.Version)
	var costs [contestants][]cost
	for round := range c.rounds {
		took, ours, err := c.round(ctx, e, p, texts)
		if err != nil {
			return err
		}
		for i := range took {
			costs[i] = append(costs[i], took[i])
		}
		if alike(ours, spec.Hidden) {
			return errors.New("the model gives all texts the same vector: there is nothing to compare")
		}
		worst := 0.0
		for _, i := range []int{natural, sorted} {
			if err := p.write(orders[i]); err != nil {
				return err
			}
			d, err := distance(vectorsFile, ours)
			if err != nil {
				return err
			}
			worst = max(worst, d)
		}
		fmt.Printf("round %d: %.1f s, %.1f s, %.1f s; vectors differ by %.1g at most\n",
			round+1, took[sheaf].Seconds, took[natural].Seconds, took[sorted].Seconds, worst)
		if !(worst <= tolerance) {
			return fmt.Errorf("the vectors differ by %g, more than %g", worst, tolerance)
		}
	}
	report(costs)
	return nil
}

// round has each contestant embed all texts once, and returns what it took and
// the engine's vectors.
func (c *comparison) round(ctx context.Context, e *transformer.Embedder, p *peer, texts []string) (costs [contestants]cost, vectors []float32, err error) {
	for part := range c.parts {
		from, to := part*len(texts)/c.parts, (part+1)*len(texts)/c.parts
		v, took, err := embed(ctx, e, texts[from:to])
		if err != nil {
			return costs, nil, err
		}
		vectors = append(vectors, v...)
		costs[sheaf].add(took)
		for _, i := range []int{natural, sorted} {
			took, err := p.embed(orders[i], part, c.parts)
			if err != nil {
				return costs, nil, err
			}
			costs[i].add(took)
		}
	}
	return costs, vectors, nil
}

// report prints the medians of the rounds, the ratio of them to those of the
// engine, and the median of the rounds' own ratios, which a machine that is
// busy in one round disturbs less.
func report(costs [contestants][]cost) {
	wall, cpu := func(c cost) float64 { return c.Seconds }, func(c cost) float64 { return c.CPU }
	fmt.Print("\n| | seconds | ratio | by rounds | CPU seconds | ratio | by rounds |\n|---|---|---|---|---|---|---|\n")
	for i, name := range names {
		fmt.Printf("| %s |", name)
		for _, of := range []func(cost) float64{wall, cpu} {
			its, ours, ratios := make([]float64, len(costs[i])), make([]float64, len(costs[i])), make([]float64, len(costs[i]))
			for round := range costs[i] {
				its[round], ours[round] = of(costs[i][round]), of(costs[sheaf][round])
				ratios[round] = its[round] / ours[round]
			}
			fmt.Printf(" %.1f | %.2f | %.2f |", median(its), median(its)/median(ours), median(ratios))
		}
		fmt.Println()
	}
}

func median(values []float64) float64 {
	slices.Sort(values)
	return (values[(len(values)-1)/2] + values[len(values)/2]) / 2
}

// writeModel writes the model, and the file that tells Transformers.js where
// to cut a text.
func writeModel(spec *testmodel.Spec, dir string) error {
	if err := spec.Write(dir); err != nil {
		return err
	}
	config, err := json.Marshal(map[string]any{
		"tokenizer_class": "BertTokenizer", "model_max_length": spec.MaxTokens, "do_lower_case": true,
		"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]", "mask_token": "[MASK]",
	})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "tokenizer_config.json"), config, 0o600)
}

// mixedTexts makes n texts, of which every length is equally likely. One word
// of eight has an ending that is a token of its own.
func mixedTexts(spec *testmodel.Spec, n, shortest, longest int) []string {
	var words, endings []string
	for _, token := range spec.Tokens() {
		if ending, ok := strings.CutPrefix(token, "##"); ok && len(ending) > 1 {
			endings = append(endings, ending)
		} else if !ok && len(token) > 1 && token[0] != '[' {
			words = append(words, token)
		}
	}
	rng := rand.New(rand.NewPCG(1, 5))
	texts := make([]string, n)
	for i := range texts {
		text := make([]string, shortest+rng.IntN(longest-shortest+1))
		for j := range text {
			text[j] = words[rng.IntN(len(words))]
			if rng.IntN(8) == 0 {
				text[j] += endings[rng.IntN(len(endings))]
			}
		}
		texts[i] = strings.Join(text, " ")
	}
	return texts
}

func writeTexts(path string, texts []string) error {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	for _, t := range texts {
		if err := enc.Encode(t); err != nil {
			return err
		}
	}
	return os.WriteFile(path, []byte(b.String()), 0o600)
}

// embed is sheaf's turn. The vectors come without a gap between rows.
func embed(ctx context.Context, e *transformer.Embedder, texts []string) ([]float32, cost, error) {
	cpu, err := cpuSeconds()
	if err != nil {
		return nil, cost{}, err
	}
	start := time.Now()
	emb, err := e.Embed(ctx, texts, nil)
	if err != nil {
		return nil, cost{}, err
	}
	took := time.Since(start).Seconds()
	after, err := cpuSeconds()
	return emb.Vectors.Data, cost{took, after - cpu}, err
}

func cpuSeconds() (float64, error) {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0, err
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano()).Seconds(), nil
}

// distance is the largest difference of any number in the peer's file from ours.
func distance(path string, ours []float32) (float64, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	if len(data) != 4*len(ours) {
		return 0, fmt.Errorf("the peer made %d numbers, sheaf %d", len(data)/4, len(ours))
	}
	worst := 0.0
	for i, x := range ours {
		y := math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
		worst = max(worst, math.Abs(float64(x)-float64(y))) // a NaN stays
	}
	return worst, nil
}

// alike says whether all vectors of dim numbers are the same to ten times the
// tolerance. If they were, agreeing with the peer would mean nothing.
func alike(vectors []float32, dim int) bool {
	for i := dim; i < len(vectors); i++ {
		if math.Abs(float64(vectors[i])-float64(vectors[i-dim])) > 10*tolerance {
			return false
		}
	}
	return true
}

// peer is a process that embeds when it is told to.
type peer struct {
	cmd     *exec.Cmd
	orders  io.WriteCloser
	answers *bufio.Scanner
}

func startPeer(ctx context.Context, args ...string) (*peer, error) {
	p := &peer{cmd: exec.CommandContext(ctx, "node", args...)}
	p.cmd.Stderr = os.Stderr
	in, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.orders, p.answers = in, bufio.NewScanner(out)
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	if !p.answers.Scan() {
		return nil, errors.Join(errors.New("the peer did not start"), p.answers.Err(), p.stop())
	}
	return p, nil
}

// hasLoaded sees that the peer computes with the same file, where the system
// can tell.
func (p *peer) hasLoaded(library string) error {
	if runtime.GOOS != "linux" {
		return nil
	}
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", p.cmd.Process.Pid))
	if err != nil {
		return err
	}
	library, err = filepath.EvalSymlinks(library)
	if err != nil {
		return err
	}
	if !strings.Contains(string(maps), " "+library+"\n") {
		return fmt.Errorf("the peer has not loaded %s; set %s to the library in its node_modules", library, onnx.LibraryVariable)
	}
	return nil
}

// embed has the peer embed one of several parts of the texts in an order.
func (p *peer) embed(order string, part, parts int) (c cost, err error) {
	err = p.ask(&c, "embed %s %d %d", order, part, parts)
	return c, err
}

// write has the peer write the vectors that it made in an order.
func (p *peer) write(order string) error { return p.ask(&struct{}{}, "write %s", order) }

// ask sends a line and reads the answer.
func (p *peer) ask(answer any, format string, args ...any) error {
	if _, err := fmt.Fprintf(p.orders, format+"\n", args...); err != nil {
		return err
	}
	if !p.answers.Scan() {
		return errors.Join(errors.New("the peer does not answer"), p.answers.Err())
	}
	return json.Unmarshal(p.answers.Bytes(), answer)
}

func (p *peer) stop() error { return errors.Join(p.orders.Close(), p.cmd.Wait()) }
