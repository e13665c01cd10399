package pipeline

import (
	"sheaf/labeler/chat"
	"sheaf/labeler/ollama"
	"sheaf/labeler/openai"
)

// A Secret is a text that no message shows.
type Secret = openai.Secret

// serverKind is which kind of server these settings ask, where they ask one:
// auto asks the one at BaseURL where that is given, else Ollama.
func (c *Common) serverKind() string {
	if c.Labeler == labelerOpenAI || c.Chat.BaseURL != "" && c.Labeler != labelerOllama {
		return openai.Kind
	}
	return ollama.Kind
}

// wantsChat says whether the user asked for a chat model by its kind, and not
// just for the best there is.
func (c *Common) wantsChat() bool { return c.Labeler == labelerOllama || c.Labeler == labelerOpenAI }

// chatClient is the client for the server that the settings name.
func chatClient(c *Common) (chat.Client, error) {
	if c.serverKind() == openai.Kind {
		opts := openai.Options{BaseURL: c.Chat.BaseURL, Model: c.Chat.Model, Key: c.Chat.APIKey}
		if !c.Chat.NamedModel {
			opts.Model = "" // the default is the name of one of Ollama's
		}
		client, err := openai.New(opts)
		if err != nil {
			return nil, err // no client inside an interface
		}
		return client, nil
	}
	client, err := ollama.New(ollama.Options{Host: c.Chat.Host, Model: c.Chat.Model, KeepAlive: c.Chat.KeepAlive})
	if err != nil {
		return nil, err
	}
	return client, nil
}

// ValidChatModel says whether a name can be that of a chat model of Ollama's.
func ValidChatModel(name string) bool { return ollama.ValidName(name) }

// serverName is how a server is called in a sentence.
func serverName(kind string) string {
	if kind == ollama.Kind {
		return "Ollama"
	}
	return "the chat model's server"
}
