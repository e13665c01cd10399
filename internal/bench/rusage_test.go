//go:build linux

package bench

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// A process that a large one has started does not have that one's memory.
func TestUsageIsOwn(t *testing.T) {
	if os.Getenv("SHEAF_TEST_USAGE") != "" {
		_, peak := Usage()
		t.Logf("peak=%d.", peak)
		return
	}
	large := make([]byte, 300<<20)
	for i := 0; i < len(large); i += 4096 {
		large[i] = 1
	}
	cmd := exec.Command(os.Args[0], "-test.run", "UsageIsOwn", "-test.v")
	cmd.Env = append(os.Environ(), "SHEAF_TEST_USAGE=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	_, rest, _ := strings.Cut(string(out), "peak=")
	digits, _, _ := strings.Cut(rest, ".")
	peak, err := strconv.Atoi(digits)
	if err != nil || peak < 1<<20 || peak > 200<<20 {
		t.Errorf("%d bytes beside %d here (%v)\n%s", peak, len(large), err, out)
	}
	if _, own := Usage(); own < 300<<20 {
		t.Errorf("%d bytes here", own)
	}
}
