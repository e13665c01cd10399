// Kmeans measures package kmeans beside scikit-learn and faiss on the same
// files, in turns, and prints the table of kmeans/BENCHMARKS.md.
//
//	go run ./scripts/peers/kmeans [-short] [-rounds N] [-only B,C] [-peers faiss] [-dir DIR]
//
// It is to be run from the top of the repository, and wants Debian's
// python3-sklearn and python3-faiss, run by /usr/bin/python3. The sets (1.2 GB)
// are made in DIR, by default under the user's cache folder, and kept there.
// -short takes one round of the large sets and leaves the slowest peer out.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
)

func main() {
	var err error
	switch args := os.Args[1:]; {
	case len(args) > 0 && args[0] == "fit": // one process each, for its memory
		err = fit(args[1:])
	case len(args) > 0 && args[0] == "pass":
		err = pass(args[1:])
	case len(args) > 0 && args[0] == "cancel":
		err = cancel(args[1:])
	default:
		err = compare()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// A job is a set and a number of clusters; peers are those of a full run.
type job struct {
	name, set string
	k         int
	large     bool // one round in a short run
	slow      bool // without scikit-learn in a short run
}

var jobs = []job{
	{"T", "T", 20, false, false},
	{"A", "A", 50, false, false},
	{"B", "B", 100, false, false},
	{"B, k=8", "B", 8, false, false},
	{"C", "C", 200, true, false},
	{"E", "E", 100, true, true},
	{"D", "D", 1000, true, true},
}

// A comparison is all measures of one job: by program, one of each round.
type comparison map[string][]measure

func compare() error {
	short := flag.Bool("short", false, "fewer rounds: some minutes")
	rounds := flag.Int("rounds", 5, "rounds, each with a seed of its own; 3 in a short run")
	dir := flag.String("dir", "", "folder of the sets")
	only := flag.String("only", "", "names of the sets to run, separated by commas; empty: all")
	peers := flag.String("peers", "sklearn,faiss", "the programs to measure beside ours")
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if *dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return err
		}
		*dir = filepath.Join(cache, "sheaf-kmeans-peers")
	}
	if err := os.MkdirAll(*dir, 0o755); err != nil {
		return err
	}
	seen := map[string]comparison{}
	for _, j := range jobs {
		if *only != "" && !strings.Contains(","+*only+",", ","+j.set+",") {
			continue
		}
		file, err := sets[j.set].path(*dir)
		if err != nil {
			return err
		}
		programs := []string{"sheaf"}
		for p := range strings.SplitSeq(*peers, ",") {
			if p != "" && !(p == "sklearn" && *short && j.slow) {
				programs = append(programs, p)
			}
		}
		times := *rounds
		if *short {
			times = min(times, 3)
			if j.large {
				times = 1
			}
		}
		c := comparison{}
		for seed := range times {
			for _, p := range programs {
				m, err := measureOne(p, file, j.k, seed)
				if err != nil {
					return fmt.Errorf("%s on %s: %w", p, j.name, err)
				}
				fmt.Fprintf(os.Stderr, "%-7s %-7s seed %d: %7.2f s, %7.2f s CPU, inertia %.1f, %d iterations, %.0f MB\n",
					j.name, p, seed, m.Wall, m.CPU, m.Inertia, m.Iterations, m.Peak)
				c[p] = append(c[p], m)
			}
		}
		seen[j.name] = c
	}
	fmt.Printf("%s, %d threads, %s; medians\n\n", processor(), runtime.NumCPU(), runtime.Version())
	report(seen)
	if *only != "" {
		return nil
	}
	return properties(*dir)
}

// measureOne runs one fit in a process of its own.
func measureOne(program, file string, k, seed int) (measure, error) {
	args := []string{"fit", file, strconv.Itoa(k), strconv.Itoa(seed)}
	name, err := os.Executable()
	if err != nil {
		return measure{}, err
	}
	if program != "sheaf" {
		name, args = "/usr/bin/python3", append([]string{"scripts/peers/kmeans/peer.py", program}, args[1:]...)
	}
	out, err := output(name, args...)
	var m measure
	if err == nil {
		err = json.Unmarshal([]byte(out), &m)
	}
	return m, err
}

// output runs a program on two threads, without the settings that could slow a
// peer down.
func output(name string, args ...string) (string, error) {
	return outputWith(nil, name, args...)
}

func outputWith(env []string, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "OPENBLAS_CORETYPE=") && !strings.HasPrefix(v, "SHEAF_SIMD=") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(append(cmd.Env, "OMP_NUM_THREADS=2", "GOMAXPROCS=2"), env...)
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		err = fmt.Errorf("%w: %s", err, strings.TrimSpace(string(exit.Stderr)))
	}
	return strings.TrimSpace(string(out)), err
}

func each(ms []measure, f func(measure) float64) []float64 {
	var v []float64
	for _, m := range ms {
		v = append(v, f(m))
	}
	return v
}

func wall(m measure) float64    { return m.Wall }
func cpuTime(m measure) float64 { return m.CPU }
func inertia(m measure) float64 { return m.Inertia }

// report prints what each program took, and how the peers compare.
func report(seen map[string]comparison) {
	fmt.Println("| set | n × d, k | program | wall s | CPU s | × wall | × CPU | inertia | ours / theirs | peak MB |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|---|")
	for _, j := range jobs {
		c, ok := seen[j.name]
		if !ok {
			continue
		}
		s, ours := sets[j.set], c["sheaf"]
		for _, p := range []string{"sheaf", "sklearn", "faiss"} {
			if len(c[p]) == 0 {
				continue
			}
			// Ratios are of the same round, which other work on the machine
			// slows alike.
			ratio := func(f func(measure) float64) float64 {
				var v []float64
				for i, m := range c[p] {
					v = append(v, f(m)/f(ours[i]))
				}
				return median(v)
			}
			fmt.Printf("| %s | %d × %d, %d | %s | %.2f | %.2f | %.1f | %.1f | %.1f | %.4f | %.0f |\n", j.name, s.n, s.d, j.k, p,
				median(each(c[p], wall)), median(each(c[p], cpuTime)), ratio(wall), ratio(cpuTime),
				median(each(c[p], inertia)), 1/ratio(inertia), median(each(c[p], func(m measure) float64 { return m.Peak })))
		}
	}
	fmt.Println()
}

// properties prints what is measured without a peer.
func properties(dir string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	file := func(set string) string { return filepath.Join(dir, set+".npy") }
	fmt.Println("| measured alone | |")
	fmt.Println("|---|---|")
	out, err := output("go", "test", "-run", "^$", "-bench", "Tile/(avx|neon)[^/]*/d=384", "./kmeans/internal/simd")
	if err != nil {
		return err
	}
	for _, m := range regexp.MustCompile(`BenchmarkTile/(\w+)/d=384\S*\s.*?([0-9.]+) %ofpeak`).FindAllStringSubmatch(out, -1) {
		fmt.Printf("| tile %s, d = 384, k = 96: share of the peak of FMAs | %s %% |\n", m[1], m[2])
	}
	if out, err = output(self, "pass", file("C"), "200", "0"); err != nil {
		return err
	}
	fmt.Printf("| a pass without bounds, set C: one thread / two | %s |\n", out)
	if out, err = output(self, "cancel", file("D"), "1000", "0"); err != nil {
		return err
	}
	fmt.Printf("| cancelled at 11 moments of a fit of set D: the longest wait | %s ms |\n", out)

	// T for every kernel, as the plain one is slow; B for threads.
	digests := map[string]bool{}
	var ran []string
	for _, kern := range []string{"generic", "avx2", "avx512", "neon"} {
		out, err := outputWith([]string{"SHEAF_SIMD=" + kern}, self, "fit", file("T"), "20", "0")
		if err != nil {
			continue // not on this processor
		}
		var m measure
		if err := json.Unmarshal([]byte(out), &m); err != nil {
			return err
		}
		ran = append(ran, kern)
		digests[m.Digest] = true
	}
	fmt.Printf("| digests of a fit of set T with %s | %d |\n", strings.Join(ran, ", "), len(digests))
	clear(digests)
	for threads := 1; threads <= 3; threads++ {
		out, err := outputWith([]string{"GOMAXPROCS=" + strconv.Itoa(threads)}, self, "fit", file("B"), "100", "0")
		if err != nil {
			return err
		}
		var m measure
		if err := json.Unmarshal([]byte(out), &m); err != nil {
			return err
		}
		digests[m.Digest] = true
	}
	fmt.Printf("| digests of a fit of set B on 1, 2 and 3 threads | %d |\n", len(digests))
	return nil
}

func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for _, line := range strings.Split(string(text), "\n") {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOOS + "/" + runtime.GOARCH
}
