package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
)

// Process runs a job in a process of its own, so that the memory it takes is
// the model's own: command reads the job from its standard input and writes the
// measurement to its standard output, as JSON. Nothing but these two pipes
// connects it.
func Process(command []string, env []string) func(context.Context, *Job) (*Measurement, error) {
	return func(ctx context.Context, job *Job) (*Measurement, error) {
		in, err := json.Marshal(job)
		if err != nil {
			return nil, err
		}
		cmd := exec.CommandContext(ctx, command[0], command[1:]...)
		cmd.Stdin, cmd.Env = bytes.NewReader(in), env
		var out, says bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &says
		err = cmd.Run()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		var m Measurement
		if jsonErr := json.Unmarshal(out.Bytes(), &m); jsonErr != nil {
			return nil, fmt.Errorf("the process that measures %s ended without a result: %w", job.Model, errors.Join(err, jsonErr))
		}
		return &m, nil
	}
}
