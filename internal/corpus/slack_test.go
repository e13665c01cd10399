package corpus

import "testing"

// The first message of a thread is in it, whichever way an export says so.
func TestSlackThreads(t *testing.T) {
	for _, first := range []string{
		`"thread_ts": "1704103200.1"`, `"thread_ts": "1704103200.1", "reply_count": 1`, `"replies": [{"user": "U2", "ts": "1704103260.1"}]`,
	} {
		given, _, err := readChats(t, []Input{textInput("2024-01-01.json", `[
			{"type": "message", "user": "U1", "text": "alone", "ts": "1704103100.1"},
			{"type": "message", "user": "U2", "text": "answer", "ts": "1704103260.1", "thread_ts": "1704103200.1"},
			{"type": "message", "user": "U1", "text": "question", "ts": "1704103200.1", `+first+`}]`)}, ChatOptions{})
		if err != nil || len(given) != 2 {
			t.Errorf("%s: %+v, error %v", first, given, err)
			continue
		}
		if thread := given[1].Messages; len(thread) != 2 || thread[0].Text != "question" || thread[1].Text != "answer" {
			t.Errorf("%s: the thread is %+v", first, thread)
		}
	}
}
