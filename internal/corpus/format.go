package corpus

import (
	"path/filepath"
	"slices"
	"strings"

	"sheaf/internal/hint"
)

// A Format is how the notes or conversations lie in an input.
type Format string

// The formats of notes. The zero value is FormatAuto.
const (
	FormatAuto        Format = "auto"        // found by content and file extension; "" means the same
	FormatLines       Format = "lines"       // each line is a note
	FormatMarkdown    Format = "markdown"    // bullets and nested bullets, Obsidian, Logseq
	FormatKeep        Format = "keep"        // Google Keep: a note's JSON file from Takeout
	FormatTrello      Format = "trello"      // a Trello board as JSON
	FormatOPML        Format = "opml"        // outlines
	FormatFreeMind    Format = "freemind"    // mind maps of FreeMind and Freeplane
	FormatENEX        Format = "enex"        // Evernote
	FormatStickyNotes Format = "stickynotes" // plum.sqlite of Windows Sticky Notes
	FormatCSV         Format = "csv"         // with commas, semicolons, tabs or bars
	FormatTSV         Format = "tsv"         // with tabs
	FormatJSON        Format = "json"        // an array of texts or objects
	FormatJSONL       Format = "jsonl"       // a text or an object on each line
)

// The formats of conversations.
const (
	FormatChatGPT   Format = "chatgpt"   // ChatGPT's export: conversations.json, several of them, or the zip
	FormatClaude    Format = "claude"    // Claude's export, or the zip
	FormatMessages  Format = "messages"  // {"messages": [{"role", "content"}]}, one or many; OpenAI's JSONL
	FormatShareGPT  Format = "sharegpt"  // {"conversations": [{"from", "value"}]}
	FormatLMSYS     Format = "lmsys"     // rows of LMSYS-Chat-1M
	FormatWildChat  Format = "wildchat"  // rows of WildChat
	FormatOpenWebUI Format = "openwebui" // Open WebUI's export
	FormatLMStudio  Format = "lmstudio"  // LM Studio's conversations, a file or their folder
	FormatSlack     Format = "slack"     // a Slack export, the zip or its folder
	FormatWhatsApp  Format = "whatsapp"  // a chat exported as text from WhatsApp
)

// ChatFormats returns every format of conversations, FormatAuto first.
func ChatFormats() []Format {
	return []Format{
		FormatAuto, FormatChatGPT, FormatClaude, FormatMessages, FormatShareGPT, FormatLMSYS, FormatWildChat,
		FormatOpenWebUI, FormatLMStudio, FormatSlack, FormatWhatsApp,
	}
}

// ParseChatFormat is ParseFormat for conversations.
func ParseChatFormat(name string) (Format, error) {
	return parseFormat(name, "conversations", ChatFormats())
}

// Formats returns every format of notes, FormatAuto first.
func Formats() []Format {
	return []Format{
		FormatAuto, FormatLines, FormatMarkdown, FormatKeep, FormatTrello, FormatOPML, FormatFreeMind,
		FormatENEX, FormatStickyNotes, FormatCSV, FormatTSV, FormatJSON, FormatJSONL,
	}
}

// ParseFormat returns the format of that name. "" is FormatAuto.
func ParseFormat(name string) (Format, error) {
	return parseFormat(name, "notes", Formats())
}

func parseFormat(name, of string, formats []Format) (Format, error) {
	if name == "" {
		return FormatAuto, nil
	}
	f := Format(strings.ToLower(name))
	if !slices.Contains(formats, f) {
		names := make([]string, 0, len(formats))
		for _, f := range formats {
			names = append(names, string(f))
		}
		return "", hint.Errorf("choose one of "+strings.Join(names, ", "), "unknown format of %s %q", of, name)
	}
	return f, nil
}

// formatOfExtension returns the format that a file's name alone settles, or
// "" where the content has to be looked at.
func formatOfExtension(name string) Format {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".md", ".markdown", ".mdown":
		return FormatMarkdown
	case ".csv":
		return FormatCSV
	case ".tsv", ".tab":
		return FormatTSV
	case ".jsonl", ".ndjson":
		return FormatJSONL
	case ".opml":
		return FormatOPML
	case ".mm":
		return FormatFreeMind
	case ".enex":
		return FormatENEX
	}
	return ""
}
