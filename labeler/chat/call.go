package chat

import (
	"context"
	"errors"
	"time"
)

const tries = 3 // of one call

// call sends a request, up to three times where the server is busy or the
// connection was lost, and all of them within the timeout of a call. The error
// is ctx's own, ErrOverflow or a *Failure.
func (s *Session) call(outer context.Context, req *Request) (*Response, error) {
	if err := s.gaveUp(); err != nil {
		return nil, err
	}
	timed := outer
	if !s.deadline.IsZero() {
		var cancel context.CancelFunc
		timed, cancel = context.WithDeadline(outer, s.deadline)
		defer cancel()
	}
	ctx, cancel := context.WithTimeout(timed, s.opts.Timeout)
	defer cancel()
	resp, err := s.callRepeatedly(ctx, req)
	switch {
	case outer.Err() != nil:
		return nil, outer.Err()
	case err != nil && timed.Err() != nil:
		if stop := s.gaveUp(); stop != nil { // the run's time is over
			return nil, stop
		}
		return nil, &Failure{Why: "did not answer in time", Timeout: true}
	case err != nil && ctx.Err() != nil:
		err = &Failure{Why: "did not answer in time", Timeout: true}
	}
	if !errors.Is(err, ErrOverflow) {
		s.count(err)
	} else {
		s.count(nil)
	}
	return resp, err
}

func (s *Session) callRepeatedly(ctx context.Context, req *Request) (*Response, error) {
	wait := s.opts.Backoff
	for try := 1; ; try++ {
		s.mu.Lock()
		s.stats.Calls++
		s.mu.Unlock()
		resp, err := s.client.Chat(ctx, req)
		var f *Failure
		if ctx.Err() != nil || !errors.As(err, &f) || !f.Retry || try == tries {
			return resp, err
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil, ctx.Err()
		case <-timer.C:
		}
		wait *= 4
	}
}
