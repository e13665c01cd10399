//go:build unix

package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"sheaf/internal/report"
	"sheaf/internal/testchats"
)

// TestLarge runs the real program on a large list: no item is lost, and the
// memory stays within what a laptop has to spare.
func TestLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("-short")
	}
	large(t, 100_000, 400<<20)
	t.Run("400000", func(t *testing.T) {
		if os.Getenv("SHEAF_VERIFY") == "" {
			t.Skip("SHEAF_VERIFY is not set: the long half of the tests")
		}
		large(t, 400_000, 1200<<20)
	})
}

func large(t *testing.T, n int, most int64) {
	t.Helper()
	dir := t.TempDir()
	sheaf := filepath.Join(dir, "sheaf")
	build(t, sheaf, ".")
	input := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(input, manyNotes(n), 0o600); err != nil {
		t.Fatal(err)
	}
	var same []byte
	for _, threads := range []string{"1", "2"} {
		out := filepath.Join(dir, threads+".json")
		cmd := exec.Command(sheaf, "notes", "-q", "--labeler", "keywords", "-k", "100", "--threads", threads, "-o", out, input)
		peak := runMeasured(t, cmd)
		raw, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		r, err := report.Read(bytes.NewReader(raw)) // which checks that every item is there once
		if err != nil {
			t.Fatal(err)
		}
		c, s := r.Manifest.Counts, r.Manifest.Seconds
		t.Logf("%d notes, %s threads: %.1f s (read %.1f, embed %.1f, cluster %.1f, label %.1f), peak %d MB", n, threads, s.Total, s.Read, s.Embed, s.Cluster, s.Label, peak>>20)
		if c.Read != n || c.Clustered != n || len(r.Items) != n {
			t.Errorf("%d notes in, counts %+v", n, c)
		}
		if peak > most {
			t.Errorf("peak memory %d MB, more than %d", peak>>20, most>>20)
		}
		r.Manifest.Created, r.Manifest.Seconds = "", report.Seconds{}
		var b bytes.Buffer
		if err := report.Write(&b, r, report.JSON, report.Options{}); err != nil {
			t.Fatal(err)
		}
		if same != nil && !bytes.Equal(same, b.Bytes()) {
			t.Error("one thread and two gave different results")
		}
		same = b.Bytes()
	}
}

// TestLargeChats runs the real program on a large export without a chat model: no
// conversation is lost, and the memory stays below 1 GB.
func TestLargeChats(t *testing.T) {
	if testing.Short() {
		t.Skip("-short")
	}
	n, most := 1000, int64(400<<20)
	if os.Getenv("SHEAF_VERIFY") != "" {
		n, most = 100_000, 1_000_000_000
	}
	dir := t.TempDir()
	sheaf := filepath.Join(dir, "sheaf")
	build(t, sheaf, ".")
	input, out := filepath.Join(dir, "chats.jsonl"), filepath.Join(dir, "out.json")
	f, err := os.Create(input)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(testchats.Write(f, "messages", n, testchats.Options{Turns: 10}), f.Close()); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(sheaf, "chats", "-q", "--labeler", "keywords", "-o", out, input)
	cmd.Env = append(os.Environ(), "SHEAF_HOME="+dir)
	peak := runMeasured(t, cmd)
	raw, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	r, err := report.Read(bytes.NewReader(raw)) // which checks that every item is there once
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d conversations into %d clusters: %+v, peak %d MB", n, r.Manifest.Clustering.K, r.Manifest.Seconds, peak>>20)
	if c := r.Manifest.Counts; c.Read != n || c.Clustered != n {
		t.Errorf("%d conversations in, counts %+v", n, c)
	}
	if peak > most {
		t.Errorf("peak memory %d MB, more than %d", peak>>20, most>>20)
	}
}

// runMeasured runs a program to its end and tells the most memory it had, in bytes.
// On Linux that is asked while it runs: what is known of it afterwards is never less
// than what this process had when it started it.
func runMeasured(t *testing.T, cmd *exec.Cmd) (peak int64) {
	t.Helper()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	asked := make(chan int64)
	go func() {
		var most int64
		for {
			if hwm, ok := residentPeak(cmd.Process.Pid); ok {
				most = max(most, hwm)
			}
			select {
			case <-ended:
				asked <- most
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	err := cmd.Wait()
	close(ended)
	if peak = <-asked; err != nil {
		t.Fatalf("%v\n%s", err, out.Bytes())
	}
	if peak == 0 {
		peak = int64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) //nolint:unconvert // it is an int32 on 32-bit platforms
		if runtime.GOOS == "linux" {
			peak <<= 10 // in kilobytes there, in bytes elsewhere
		}
	}
	return peak
}

// residentPeak is the most memory of a process that runs, where Linux tells it.
func residentPeak(pid int) (int64, bool) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, false
	}
	_, rest, ok := strings.Cut(string(status), "\nVmHWM:")
	line, _, _ := strings.Cut(rest, "kB")
	kB, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
	return kB << 10, ok && err == nil
}

// manyNotes makes n short notes of many kinds, the same every time.
func manyNotes(n int) []byte {
	things := strings.Fields(`apples bread milk rent dentist passport bicycle laptop invoice garden piano meeting password
		flight hotel camera novel recipe heating printer server database contract salary holiday birthday vaccine puppy
		kettle curtains ladder concert museum exam homework taxi umbrella mortgage charger ticket parcel router window`)
	verbs := strings.Fields(`buy fix call cancel book return paint clean order review renew check sell move plan write send learn`)
	rest := []string{"", " today", " before friday", " with anna", " again", " for the office", " in berlin", " as soon as possible", " for 20 euros"}
	rng := rand.New(rand.NewPCG(3, 4))
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, "%s %s and %s%s no %d\n", verbs[rng.IntN(len(verbs))], things[rng.IntN(len(things))], things[rng.IntN(len(things))], rest[rng.IntN(len(rest))], i)
	}
	return b.Bytes()
}
