package tokenizer

import (
	"encoding/json"
	"slices"
)

// postProcessorConfig is the union of the fields of all post-processors.
type postProcessorConfig struct {
	Type          string                   `json:"type"`
	Processors    []json.RawMessage        `json:"processors"`     // Sequence
	Single        []templatePiece          `json:"single"`         // TemplateProcessing
	Pair          json.RawMessage          `json:"pair"`           // of two texts: not looked at
	SpecialTokens map[string]templateToken `json:"special_tokens"` // TemplateProcessing
	Sep           *tokenPair               `json:"sep"`            // BertProcessing, RobertaProcessing
	Cls           *tokenPair               `json:"cls"`            // BertProcessing, RobertaProcessing

	// These change the offsets of tokens only.
	TrimOffsets    json.RawMessage `json:"trim_offsets"`
	AddPrefixSpace json.RawMessage `json:"add_prefix_space"`
	UseRegex       json.RawMessage `json:"use_regex"`
}

// templatePiece is a special token or the place of the text.
type templatePiece struct {
	SpecialToken *templatePlace `json:"SpecialToken"`
	Sequence     *templatePlace `json:"Sequence"`
}

type templatePlace struct {
	ID     string `json:"id"`
	TypeID uint32 `json:"type_id"`
}

type templateToken struct {
	ID     string   `json:"id"`
	IDs    []uint32 `json:"ids"`
	Tokens []string `json:"tokens"`
}

// tokenPair is ["[SEP]", 102].
type tokenPair struct{ id uint32 }

func (p *tokenPair) UnmarshalJSON(data []byte) error {
	var content string
	return json.Unmarshal(data, &[]any{&content, &p.id})
}

// maxSpecial bounds the ids around a text. Real files have two or three; a
// template can name a long list many times.
const maxSpecial = 1000

// template is what stands around a single text.
type template struct {
	prefix, suffix specials
	textType       uint32 // the type id of the text itself
}

// specials is special tokens with their type ids.
type specials struct{ ids, types []uint32 }

func (s *specials) add(typeID uint32, ids ...uint32) {
	s.ids = append(s.ids, ids...)
	s.types = append(s.types, slices.Repeat([]uint32{typeID}, len(ids))...)
}

// specials returns the number of special tokens.
func (t *template) specials() int { return len(t.prefix.ids) + len(t.suffix.ids) }

// highest returns the highest of the special ids.
func (t *template) highest() (id uint32, ok bool) {
	for _, ids := range [][]uint32{t.prefix.ids, t.suffix.ids} {
		for _, i := range ids {
			id, ok = max(id, i), true
		}
	}
	return id, ok
}

// around puts the tokens of an outer template around those of t, which are
// the text to it and take its type.
func (t *template) around(outer template) {
	for _, types := range [][]uint32{t.prefix.types, t.suffix.types} {
		for i := range types {
			types[i] = outer.textType
		}
	}
	outer.prefix.ids = append(outer.prefix.ids, t.prefix.ids...)
	outer.prefix.types = append(outer.prefix.types, t.prefix.types...)
	t.prefix = outer.prefix
	t.suffix.ids = append(t.suffix.ids, outer.suffix.ids...)
	t.suffix.types = append(t.suffix.types, outer.suffix.types...)
	t.textType = outer.textType
}

// newPostProcessor reads the post-processor of a tokenizer.json.
func newPostProcessor(raw json.RawMessage) (template, error) {
	var t template
	err := t.add(raw, 0)
	return t, err
}

// add applies a post-processor after those that t holds.
func (t *template) add(raw json.RawMessage, depth int) error {
	if isNull(raw) {
		return nil
	}
	var c postProcessorConfig
	if err := decode(raw, "post_processor", &c); err != nil {
		return err
	}
	switch c.Type {
	case "Sequence":
		if depth == maxDepth {
			return malformed("post_processor: sequences nested deeper than %d", maxDepth)
		}
		for _, step := range c.Processors {
			if err := t.add(step, depth+1); err != nil {
				return err
			}
			if t.specials() > maxSpecial {
				return tooManySpecial()
			}
		}
		return nil
	case "ByteLevel": // changes offsets only
		return nil
	case "BertProcessing", "RobertaProcessing":
		if c.Sep == nil || c.Cls == nil {
			return malformed("post_processor: %s needs sep and cls", c.Type)
		}
		var outer template
		outer.prefix.add(0, c.Cls.id)
		outer.suffix.add(0, c.Sep.id)
		t.around(outer)
		return nil
	case "TemplateProcessing":
		outer, err := c.template()
		if err != nil {
			return err
		}
		t.around(outer)
		return nil
	}
	return &UnsupportedError{"post_processor", c.Type}
}

// template returns what stands around the text in the template for one text.
func (c *postProcessorConfig) template() (template, error) {
	var t template
	texts := 0
	for _, piece := range c.Single {
		switch {
		case piece.SpecialToken != nil:
			token, ok := c.SpecialTokens[piece.SpecialToken.ID]
			if !ok {
				return t, malformed("post_processor: template token %q is not among special_tokens", piece.SpecialToken.ID)
			}
			if t.specials()+len(token.IDs) > maxSpecial {
				return t, tooManySpecial()
			}
			if texts == 0 {
				t.prefix.add(piece.SpecialToken.TypeID, token.IDs...)
			} else {
				t.suffix.add(piece.SpecialToken.TypeID, token.IDs...)
			}
		case piece.Sequence != nil:
			t.textType = piece.Sequence.TypeID
			texts++
		}
	}
	if texts != 1 {
		return t, malformed("post_processor: the template for one text holds the text %d times, want 1", texts)
	}
	return t, nil
}

func tooManySpecial() error {
	return malformed("post_processor: more than %d tokens around a text", maxSpecial)
}
