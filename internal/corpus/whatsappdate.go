package corpus

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A whatsappHead is what stands before a message, its date not yet understood.
type whatsappHead struct {
	date      [3]int // in the order of the file
	isLongEnd bool   // the last has four digits
	separator byte
	clock     time.Duration
	is12      bool   // of twelve hours
	rest      string // after it
}

// The date and the time as the phones of many countries write them, once the marks
// of direction are gone, digits are ASCII and blanks are plain:
//
//	31/12/2024, 23:59 - …    12/31/24, 11:59 PM - …    31.12.24, 23:59 - …
//	[31.12.24, 23:59:58] …   [2024-12-31 23:59:58] …   2024/12/31 下午11:59 - …
//	31/12/24 11:59 p. m. - …  31. 12. 2024 23:59 - …   2024. 12. 31. 오후 11:59, …
//	31-12-2024 23.59 - …     2024년 12월 31일 오후 11:59, …
var whatsappLine = regexp.MustCompile(`^(\[?)(\d{1,4})(?:([./\-]) ?|년 )(\d{1,2})(?:([./\-]) ?|월 )(\d{1,4})(?:\.|일)?[,،]?` +
	`(?: at| um| kl\.?| a las| à| às| alle| om)? *(上午|下午|凌晨|早上|中午|晚上|오전|오후|午前|午後)? *` +
	`(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))? ?([AaPp](?:\.? ?[Mm]\.?)|ص|م)?(\]| [-–] |,)(.*)$`)

// parseWhatsApp returns the head of a message, if the line begins with one.
func parseWhatsApp(line string) (h whatsappHead, ok bool) {
	start := strings.TrimLeftFunc(line, func(r rune) bool { return withoutMarks(string(r)) == "" })
	if first, _ := utf8.DecodeRuneInString(start); first != '[' && !unicode.IsDigit(first) {
		return h, false // most lines, quickly
	}
	// The head is no longer than that, with all its marks.
	cut := min(len(start), 100)
	for cut < len(start) && start[cut]&0xc0 == 0x80 {
		cut++
	}
	m := whatsappLine.FindStringSubmatch(plainDigits(start[:cut]))
	if m == nil || (m[1] == "[") != (m[12] == "]") || m[3] != m[5] {
		return h, false
	}
	if m[12] == "," && !strings.ContainsAny(m[7], "오午上下") && m[3] != "" && m[3] != "." {
		return h, false
	}
	for i, at := range [3]int{2, 4, 6} {
		h.date[i], _ = strconv.Atoi(m[at])
	}
	h.isLongEnd = len(m[6]) == 4
	if m[3] != "" {
		h.separator = m[3][0]
	}
	hour, _ := strconv.Atoi(m[8])
	minute, _ := strconv.Atoi(m[9])
	second, _ := strconv.Atoi(m[10])
	switch half := strings.ToLower(m[11]); {
	case strings.HasPrefix(half, "p"), half == "م", m[7] == "下午", m[7] == "오후", m[7] == "午後", m[7] == "晚上", m[7] == "中午" && hour < 6:
		h.is12 = true
		hour = hour%12 + 12
	case strings.HasPrefix(half, "a"), half == "ص", m[7] != "" && m[7] != "中午":
		h.is12 = true
		hour %= 12
	}
	if hour > 23 || minute > 59 || second > 59 {
		return h, false
	}
	h.clock = time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second
	// What follows the head is taken from the line as it is, since a mark may
	// tell the system's words from a person's.
	_, h.rest = cutPlain(start, len(plainDigits(start[:cut]))-len(m[13]))
	if m[12] == "]" || m[12] == "," {
		h.rest = strings.TrimPrefix(h.rest, " ")
	}
	return h, true
}

// plainDigits returns s without marks of direction, with plain blanks and with
// ASCII digits.
func plainDigits(s string) string {
	return strings.Map(plainRune, withoutMarks(s))
}

func plainRune(r rune) rune {
	switch {
	case r == '\u00a0', r == '\u202f', r == '\u2009':
		return ' '
	case r > unicode.MaxASCII && unicode.Is(unicode.Nd, r):
		zero := r // of the same script: its ten digits follow each other
		for i := 0; i < 9 && unicode.Is(unicode.Nd, zero-1); i++ {
			zero--
		}
		if d := r - zero; d <= 9 {
			return '0' + d
		}
	}
	return r
}

// cutPlain cuts s behind the first n bytes of plainDigits(s).
func cutPlain(s string, n int) (before, after string) {
	size := 0
	for i, r := range s {
		if size >= n {
			return s[:i], s[i:]
		}
		if withoutMarks(string(r)) != "" {
			size += len(string(plainRune(r)))
		}
	}
	return s, ""
}

// A dateOrder is the order of day, month and year.
type dateOrder int

const (
	dayFirst dateOrder = iota
	monthFirst
	yearFirst
)

// time returns the time of a message under an order, if there is such a date.
func (h *whatsappHead) time(order dateOrder) (t time.Time, ok bool) {
	day, month, year := h.date[0], h.date[1], h.date[2]
	switch order {
	case monthFirst:
		day, month = month, day
	case yearFirst:
		day, year = year, day
	}
	switch {
	case year < 100:
		year += 2000
	case year > 2400: // of the Buddhist calendar
		year -= 543
	}
	if day < 1 || day > 31 || month < 1 || month > 12 || year < 1990 || year > 2200 {
		return t, false
	}
	date := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return date.Add(h.clock), date.Day() == day
}

// whatsappOrder finds the order of the dates of a whole chat: that in which most of
// them exist and the fewest go back in time. A year of two digits that comes first
// makes days into years, which shows in how long the chat lasts. Where nothing
// tells, it is the order that goes with the separator, and the remark says so.
func whatsappOrder(text string) (order dateOrder, remark string) {
	orders := [...]dateOrder{dayFirst, monthFirst, yearFirst}
	var wrong, back [3]int
	var last [3]time.Time
	var span [3]time.Duration
	var sample whatsappHead
	for rest := text; rest != ""; {
		var line string
		line, rest = nextLine(rest)
		h, ok := parseWhatsApp(line)
		if !ok {
			continue
		}
		sample = h
		for _, o := range orders {
			t, ok := h.time(o)
			switch {
			case !ok:
				wrong[o]++
				continue
			case t.Before(last[o].Add(-time.Minute)): // phones do not agree on the minute
				back[o]++
			}
			if !last[o].IsZero() {
				span[o] += t.Sub(last[o]).Abs()
			}
			last[o] = t
		}
	}
	better := func(a, b dateOrder) bool {
		switch {
		case wrong[a] != wrong[b]:
			return wrong[a] < wrong[b]
		case back[a] != back[b]:
			return back[a] < back[b]
		}
		return (a == yearFirst || b == yearFirst) && span[a] < span[b]
	}
	likely := sample.likelyOrders()
	order = likely[0]
	for _, o := range likely[1:] {
		if better(o, order) {
			order = o
		}
	}
	for _, o := range orders {
		if sample.separator == '.' && o == monthFirst {
			continue // nobody writes that
		}
		if o != order && !better(order, o) && sample.date != [3]int{} {
			names := [...]string{"day before month", "month before day", "year first"}
			return order, "nothing tells the order of its dates, read as " + names[order]
		}
	}
	return order, ""
}

// likelyOrders returns the orders, the one first that most people use who write
// dates like this.
func (h *whatsappHead) likelyOrders() [3]dateOrder {
	if h.separator == '/' && h.is12 && !h.isLongEnd {
		return [3]dateOrder{monthFirst, dayFirst, yearFirst}
	}
	if h.separator == '-' && !h.isLongEnd {
		return [3]dateOrder{yearFirst, dayFirst, monthFirst}
	}
	return [3]dateOrder{dayFirst, monthFirst, yearFirst}
}
