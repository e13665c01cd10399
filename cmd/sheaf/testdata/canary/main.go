// Canary does what sheaf must never do, so that the offline test can be seen
// to notice it: it tries to reach the address or the name it is given.
package main

import (
	"net"
	"os"
	"time"
)

func main() {
	// 192.0.2.0/24 is set aside for documentation; in the test's network
	// namespace it leads nowhere.
	if c, err := net.DialTimeout("tcp", os.Args[1], time.Second); err == nil {
		_ = c.Close()
	}
}
