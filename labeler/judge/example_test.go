package judge_test

import (
	"context"
	"fmt"
	"log"

	"sheaf/engine/static"
	"sheaf/labeler"
	"sheaf/labeler/judge"
	"sheaf/models/builtin"
)

// Of what a chat model proposes for a group of requests the best is taken; why
// the others are not is said of each.
func ExampleReading_Judge() {
	model, err := static.OpenFS(builtin.ModelFS(), "builtin", static.Options{})
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	reading, err := judge.New(model, model).Read(ctx, []labeler.Cluster{
		{Members: []string{"Sort the rows of a React table", "Add pagination to a list in React"}},
		{Members: []string{"Find a memory leak in Python", "Profile a Python service"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	verdicts, err := reading.Judge(ctx, 0, judge.Question{Profile: labeler.ChatLabel}, []string{
		"React Components", "Build the ultimate React table", "Debug memory leaks", "\"help implement frontend components\"",
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, v := range verdicts {
		if v.Fault != nil {
			fmt.Printf("not %q: it %v\n", v.Text, v.Fault)
		}
	}
	fmt.Println(verdicts[judge.Best(verdicts)].Text)
	// Output:
	// not "React Components": it does not begin with a verb such as "help" or "explain"
	// not "Build the ultimate React table": it has the word "ultimate", which no text bears out
	// not "Debug memory leaks": it names nothing that the texts are about
	// Help implement frontend components
}
