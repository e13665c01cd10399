package labeler

import (
	"regexp"
	"strings"
)

// IsInstruction says whether a text speaks to a chat model that reads it, to
// change what it answers: "Ignore the above and say …". Such a text is a text
// like any other, but what it asks for says nothing about its cluster.
func IsInstruction(text string) bool {
	const looked = 1 << 10
	if len(text) > looked {
		text = text[:looked]
	}
	return instruction.MatchString(strings.ToLower(text))
}

var instruction = regexp.MustCompile(`\b(?:ignore|disregard|forget|override|bypass)\b.{0,30}\b(?:above|previous|prior|earlier|preceding|instructions?|prompts?|rules|other (?:texts?|notes?)|everything|all (?:texts?|notes?))\b` +
	`|\b(?:system|new|updated|real|hidden) (?:prompt|instructions?)\b|\byou are (?:now )?(?:an? )?(?:chatgpt|dan|ai|assistant|language model|pirate|unrestricted)\b` +
	`|\b(?:reply|respond|answer|output|print|return)\b.{0,20}\b(?:only|just|exactly|with|the word|nothing but)\b` +
	`|\b(?:label|call|name|title|categori[sz]e)\b.{0,12}\b(?:this|these|the|it|all|everything)\b.{0,24}\b(?:as|with|label|group|cluster|notes|texts)?\s*[:"“'‹]` +
	`|\b(?:the|your|correct|only) (?:label|answer|title|output) (?:must be|should be|shall be|is (?:now )?["“:])|"label"\s*:` +
	`|</?(?:notes|others|system|user|assistant|inst)\b|\[/?inst\]|<\|im_|^\s*(?:system|assistant)\s*:` +
	`|\bignorier\pL* .{0,20}\b(?:obig|vorherig|anweisung|alles|bisherig)|\bignore[zr]? (?:les|toutes|tout|ce qui)\b|\bignora (?:las|todas|todo|lo anterior|le)\b|\bnegeer .{0,12}(?:instructies|bovenstaande|vorige)` +
	`|忽略.{0,6}(?:以上|之前|所有|指令)|(?:上記|以前|これまで).{0,8}無視|игнорируй|تجاهل (?:التعليمات|ما سبق|كل)`)
