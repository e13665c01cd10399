package tokenizer

import "encoding/json"

// postProcessorConfig is the union of the fields of all post-processors.
type postProcessorConfig struct {
	Type          string                   `json:"type"`
	Processors    []json.RawMessage        `json:"processors"`     // Sequence
	Single        []templatePiece          `json:"single"`         // TemplateProcessing
	SpecialTokens map[string]templateToken `json:"special_tokens"` // TemplateProcessing
	Sep           *tokenPair               `json:"sep"`            // BertProcessing, RobertaProcessing
	Cls           *tokenPair               `json:"cls"`            // BertProcessing, RobertaProcessing
}

// templatePiece is a special token or the place of the text.
type templatePiece struct {
	SpecialToken *struct {
		ID string `json:"id"`
	} `json:"SpecialToken"`
	Sequence *struct {
		ID string `json:"id"`
	} `json:"Sequence"`
}

type templateToken struct {
	IDs []uint32 `json:"ids"`
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

// newPostProcessor returns the ids that the post-processor of a
// tokenizer.json puts before and after a single text.
func newPostProcessor(raw json.RawMessage) (prefix, suffix []uint32, err error) {
	return appendPostProcessor(nil, nil, raw, 0)
}

func appendPostProcessor(prefix, suffix []uint32, raw json.RawMessage, depth int) (p, s []uint32, err error) {
	if isNull(raw) {
		return prefix, suffix, nil
	}
	var c postProcessorConfig
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, nil, &FormatError{Reason: "post_processor", Err: err}
	}
	switch c.Type {
	case "Sequence":
		if depth == maxDepth {
			return nil, nil, malformed("post_processor: sequences nested deeper than %d", maxDepth)
		}
		for _, step := range c.Processors {
			if prefix, suffix, err = appendPostProcessor(prefix, suffix, step, depth+1); err != nil {
				return nil, nil, err
			}
			if len(prefix)+len(suffix) > maxSpecial {
				return nil, nil, tooManySpecial()
			}
		}
		return prefix, suffix, nil
	case "ByteLevel": // changes offsets only
		return prefix, suffix, nil
	case "BertProcessing", "RobertaProcessing":
		if c.Sep == nil || c.Cls == nil {
			return nil, nil, malformed("post_processor: %s needs sep and cls", c.Type)
		}
		return append([]uint32{c.Cls.id}, prefix...), append(suffix, c.Sep.id), nil
	case "TemplateProcessing":
		before, after, err := c.template()
		if err != nil {
			return nil, nil, err
		}
		return append(before, prefix...), append(suffix, after...), nil
	}
	return nil, nil, &UnsupportedError{"post_processor", c.Type}
}

// template returns what stands around the text in the template for one text.
func (c *postProcessorConfig) template() (before, after []uint32, err error) {
	texts := 0
	for _, piece := range c.Single {
		switch {
		case piece.SpecialToken != nil:
			token, ok := c.SpecialTokens[piece.SpecialToken.ID]
			if !ok {
				return nil, nil, malformed("post_processor: template token %q is not among special_tokens", piece.SpecialToken.ID)
			}
			if len(before)+len(after)+len(token.IDs) > maxSpecial {
				return nil, nil, tooManySpecial()
			}
			if texts == 0 {
				before = append(before, token.IDs...)
			} else {
				after = append(after, token.IDs...)
			}
		case piece.Sequence != nil:
			texts++
		}
	}
	if texts != 1 {
		return nil, nil, malformed("post_processor: the template for one text holds the text %d times, want 1", texts)
	}
	return before, after, nil
}

func tooManySpecial() error {
	return malformed("post_processor: more than %d tokens around a text", maxSpecial)
}
