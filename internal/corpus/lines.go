package corpus

import (
	"context"
	"strings"
)

// readLines reads plain text: each line is a note. Bullets before it are not
// part of it; a number is, since "3. Oktober" is no third item.
func readLines(ctx context.Context, s *source) error {
	rest := s.text
	for n := 1; rest != ""; n++ {
		if err := s.tick(ctx); err != nil {
			return err
		}
		var line string
		line, rest = nextLine(rest)
		s.addLine(n, withoutSign(line))
	}
	return nil
}

// withoutSign cuts bullets and a check box off a line of plain text.
func withoutSign(line string) string {
	text := strings.TrimLeft(line, " \t")
	rest, ok := cutBullet(text)
	for ok {
		text = rest
		if rest, ok = cutBullet(text); rest == "" {
			break // a second mark alone is the text
		}
	}
	if rest, ok := cutCheckbox(text); ok {
		text = rest
	}
	return text
}
