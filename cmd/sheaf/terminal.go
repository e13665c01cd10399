package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"sheaf/internal/pipeline"
)

// Rules for the terminal: data goes to stdout and everything else to stderr.
// A bar is drawn only where stderr is a terminal and neither --quiet nor JSON
// was asked for; elsewhere a line is printed now and then. Colour follows
// FORCE_COLOR, then NO_COLOR, then TERM=dumb, then whether there is a terminal.

// terminal returns the file behind w if it is a terminal.
func terminal(w any) (*os.File, bool) {
	f, ok := w.(*os.File)
	return f, ok && term.IsTerminal(int(f.Fd()))
}

// width is the number of columns of the terminal behind w, or 80.
func width(w io.Writer) int {
	if f, ok := terminal(w); ok {
		if n, _, err := term.GetSize(int(f.Fd())); err == nil && n > 0 {
			return n
		}
	}
	return 80
}

func (p *program) color(w io.Writer) bool {
	if v := p.getenv("FORCE_COLOR"); v != "" {
		return v != "0"
	}
	if p.getenv("NO_COLOR") != "" || p.getenv("TERM") == "dumb" {
		return false
	}
	_, ok := terminal(w)
	return ok
}

// lineEvery is how far lines of progress are apart.
const lineEvery = 5 * time.Second

// progress shows how far a run is. Its calls must not overlap.
type progress struct {
	w     io.Writer
	bars  bool
	quiet bool
	bar   *progressbar.ProgressBar
	stage pipeline.Stage
	last  time.Time // of the last line
	began time.Time // of the stage
	first int       // what was done when it began
}

func (p *program) newProgress(quiet, json bool) *progress {
	_, tty := terminal(p.stderr)
	return &progress{w: p.stderr, bars: tty && !quiet && !json, quiet: quiet, last: time.Now()}
}

func (g *progress) report(stage pipeline.Stage, done, total int) {
	if g.quiet {
		return
	}
	if stage != g.stage || done < g.first {
		g.clear()
		g.stage, g.began, g.first = stage, time.Now(), done
	}
	if !g.bars {
		if now := time.Now(); now.Sub(g.last) >= lineEvery {
			g.last = now
			say(g.w, progressLine(stage, done, total)+remaining(now.Sub(g.began), done-g.first, total-done))
		}
		return
	}
	if total <= 0 {
		return // reading: over before a bar would be of use
	}
	if g.bar == nil {
		isLong := stage == pipeline.Reading || stage == pipeline.Summarizing
		g.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(g.w), progressbar.OptionSetDescription(string(stage)),
			progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionShowCount(),
			progressbar.OptionSetWidth(24), progressbar.OptionSetPredictTime(isLong), progressbar.OptionShowBytes(stage == pipeline.Reading))
	}
	if g.bar.GetMax() != total {
		g.bar.ChangeMax(total)
	}
	g.draw(g.bar.Set(done))
}

func progressLine(stage pipeline.Stage, done, total int) string {
	if stage == pipeline.Reading && total > 0 {
		return fmt.Sprintf("%s: %.1f of %.1f MB", stage, float64(done)/1e6, float64(total)/1e6)
	}
	if total > 0 {
		return fmt.Sprintf("%s: %d of %d", stage, done, total)
	}
	return fmt.Sprintf("%s: %.1f MB", stage, float64(done)/1e6)
}

// remaining says how long a stage will still take, where what is done of it so
// far allows to say that: in proportion, which fits stages whose items are alike.
func remaining(spent time.Duration, done, left int) string {
	if done <= 0 || left <= 0 || spent < 2*time.Second {
		return ""
	}
	about := time.Duration(float64(spent) / float64(done) * float64(left))
	return fmt.Sprintf(", about %s left in this stage", max(about.Round(time.Second), time.Second))
}

// clear takes the bar off the screen.
func (g *progress) clear() {
	if g.bar != nil {
		g.draw(g.bar.Clear())
		g.bar = nil
	}
}

// draw ends the drawing when it fails: a bar is not worth a run.
func (g *progress) draw(err error) {
	if err != nil {
		g.bars, g.quiet, g.bar = false, true, nil
	}
}

// note prints a line above the bar.
func (g *progress) note(line string) {
	if !g.quiet {
		g.clear()
		say(g.w, line)
	}
}

// warn prints a line that --quiet does not hide.
func (g *progress) warn(line string) {
	g.clear()
	say(g.w, "warning: "+line)
}
