package testmodel

import (
	"fmt"
	"slices"
)

// words is the head of every vocabulary, after the special tokens and letters.
var words = []string{
	"the", "of", "to", "and", "in", "for", "on", "with", "at", "buy", "get", "fix", "call", "plan", "read", "write",
	"apple", "pear", "banana", "milk", "bread", "tap", "door", "garden", "tree", "cat", "dog", "horse", "music", "band",
	"song", "drum", "meeting", "project", "budget", "train", "ticket", "friend", "week", "##ing", "##ed", "##er", "##ly",
}

// specials is the special tokens of an architecture by id, and its opening
// and closing token.
func (s *Spec) specials() (tokens []string, open, close int) {
	if s.Architecture == BERT {
		return []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}, 2, 3
	}
	return []string{"<s>", "<pad>", "</s>", "<unk>", "<mask>"}, 0, 2
}

const letters = "abcdefghijklmnopqrstuvwxyz0123456789.,:;!?'-"

// MinVocab is how many tokens every vocabulary has.
const MinVocab = 5 + 2*len(letters) + 43

// Tokens is the vocabulary in the order of the ids.
func (s *Spec) Tokens() []string {
	tokens, _, _ := s.specials()
	for _, r := range letters {
		tokens = append(tokens, string(r), "##"+string(r))
	}
	tokens = append(tokens, words...)
	for len(tokens) < s.Vocab+s.TokenizerExtra {
		tokens = append(tokens, fmt.Sprintf("word%d", len(tokens)))
	}
	return tokens
}

// ID is the id of a token, or -1.
func (s *Spec) ID(token string) int { return slices.Index(s.Tokens(), token) }

// tokenizer is the content of tokenizer.json: WordPiece for each of them.
func (s *Spec) tokenizer() object {
	tokens := s.Tokens()
	vocab := make(map[string]int, len(tokens))
	for id, token := range tokens {
		vocab[token] = id
	}
	special, first, last := s.specials()
	added := make([]object, len(special))
	unknown := special[1]
	if s.Architecture != BERT {
		unknown = special[3]
	}
	for id, token := range special {
		added[id] = object{"id": id, "content": token, "special": true, "normalized": false,
			"single_word": false, "lstrip": false, "rstrip": false}
	}
	template := func(token string) object { return object{"SpecialToken": object{"id": token, "type_id": 0}} }
	byName := func(id int) object {
		return object{"id": special[id], "ids": []int{id}, "tokens": []string{special[id]}}
	}
	return object{
		"version": "1.0", "truncation": nil, "padding": nil, "added_tokens": added,
		"normalizer": object{"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
			"strip_accents": nil, "lowercase": true},
		"pre_tokenizer": object{"type": "BertPreTokenizer"},
		"post_processor": object{"type": "TemplateProcessing",
			"single": []object{template(special[first]), {"Sequence": object{"id": "A", "type_id": 0}}, template(special[last])},
			"pair":   []object{},
			"special_tokens": object{
				special[first]: byName(first), special[last]: byName(last),
			}},
		"decoder": object{"type": "WordPiece", "prefix": "##", "cleanup": true},
		"model": object{"type": "WordPiece", "unk_token": unknown, "continuing_subword_prefix": "##",
			"max_input_chars_per_word": 100, "vocab": vocab},
	}
}
