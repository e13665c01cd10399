package bench

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
)

// Process runs a job in a process of its own, so that the memory it takes is
// the model's own: command reads the job from its standard input and writes the
// measurement to its standard output, as JSON. Nothing but these two pipes
// connects it. Standard input is closed when nobody waits for it any longer. A
// process that dies costs the one measurement.
func Process(command []string, env []string) func(context.Context, *Job) (*Measurement, error) {
	return func(ctx context.Context, job *Job) (*Measurement, error) {
		in, err := json.Marshal(job)
		if err != nil {
			return nil, err
		}
		cmd := exec.CommandContext(ctx, command[0], command[1:]...)
		cmd.Env = env
		var out bytes.Buffer
		cmd.Stdout = &out
		pipe, err := cmd.StdinPipe() // which Wait closes
		if err != nil {
			return nil, err
		}
		if err := cmd.Start(); err != nil {
			return nil, err
		}
		_, writeErr := pipe.Write(in)
		err = errors.Join(cmd.Wait(), writeErr)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		var m Measurement
		if jsonErr := json.Unmarshal(out.Bytes(), &m); jsonErr != nil {
			return &Measurement{
				Model: job.Model, Error: fmt.Sprintf("its process ended without a result: %v", cmp.Or(err, jsonErr)),
				Hint: "the model may need more memory than there is: close other programs, or leave it out",
			}, nil
		}
		return &m, nil
	}
}
