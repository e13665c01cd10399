package main

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// transfer shows how far a file is that comes, or a pack that is written. Its
// calls must not overlap.
type transfer struct {
	w     io.Writer
	bars  bool
	quiet bool
	bar   *progressbar.ProgressBar
	name  string
	last  time.Time
}

func (p *program) newTransfer(quiet bool) *transfer {
	_, tty := terminal(p.stderr)
	return &transfer{w: p.stderr, bars: tty && !quiet, quiet: quiet, last: time.Now()}
}

func (t *transfer) report(name string, done, total int64) {
	switch {
	case t.quiet:
	case !t.bars:
		if now := time.Now(); now.Sub(t.last) >= lineEvery {
			t.last = now
			say(t.w, fmt.Sprintf("%s: %.1f of %.1f MB", name, float64(done)/1e6, float64(total)/1e6))
		}
	default:
		if t.bar == nil || name != t.name {
			t.clear()
			t.name = name
			t.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(t.w), progressbar.OptionSetDescription(oneLine(name)),
				progressbar.OptionShowBytes(true), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond),
				progressbar.OptionSetWidth(24))
		}
		t.draw(t.bar.Set64(done))
	}
}

// clear takes the bar off the screen.
func (t *transfer) clear() {
	if t.bar != nil {
		t.draw(t.bar.Clear())
		t.bar = nil
	}
}

// draw ends the drawing when it fails: a bar is not worth a transfer.
func (t *transfer) draw(err error) {
	if err != nil {
		t.bars, t.quiet, t.bar = false, true, nil
	}
}

// note prints a line above the bar.
func (t *transfer) note(line string) {
	if !t.quiet {
		t.clear()
		say(t.w, line)
	}
}
