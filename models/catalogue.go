package models

import (
	"slices"
	"strings"
)

// The precisions of a model's weights.
const (
	Full = "fp32"
	Int8 = "int8"
)

// What Entry.Languages says.
const (
	english      = "English"
	multilingual = "50+ languages"
	hundred      = "about 100 languages"
)

// An Entry is a model of the catalogue. What is said of it is for choosing
// one; what is computed follows the files of the model.
type Entry struct {
	Name       string // the short name, which is also the folder's
	Repository string // on the hub
	Revision   string // the branch, tag or commit to take
	Dims       int    // of a vector
	MaxTokens  int    // a text is cut after these; special tokens included
	Pooling    string // "mean" or "cls"
	// Prompts go before a text, by the name of the purpose; Clustering is the
	// one that groups of texts want, "" where the model was trained without.
	Prompts    map[string]string
	Clustering string
	Languages  string
	Licence    string // as SPDX names it
	Variants   []Variant
}

// A Variant is one form of a model's weights.
type Variant struct {
	Precision string // [Full] or [Int8]
	// Repository is set where another repository than the entry's publishes
	// the file.
	Repository string
	File       string // slash-separated, in its repository
	Size       int64  // bytes; of the file where SHA256 is known, else about
	SHA256     string // "" where only the hub knows it
}

// Static says whether the model is a table of token vectors.
func (e Entry) Static() bool { return e.Variants[0].File == StaticWeights }

// Installed is the name under which a variant is installed.
func (e Entry) Installed(v Variant) string {
	if v.Precision == Full {
		return e.Name
	}
	return e.Name + "-" + v.Precision
}

// Variant returns the form of that precision, "" standing for [Full].
func (e Entry) Variant(precision string) (Variant, bool) {
	if precision == "" {
		precision = Full
	}
	i := slices.IndexFunc(e.Variants, func(v Variant) bool { return v.Precision == precision })
	if i < 0 {
		return Variant{}, false
	}
	return e.Variants[i], true
}

// Lookup finds an entry by its name, by that of an installed variant
// ("gte-small-int8") or by its repository, whatever the case of the letters.
func Lookup(name string) (Entry, Variant, bool) {
	for _, e := range Catalogue() {
		if strings.EqualFold(name, e.Repository) {
			return e, e.Variants[0], true
		}
		for _, v := range e.Variants {
			if strings.EqualFold(name, e.Installed(v)) {
				return e, v, true
			}
		}
	}
	return Entry{}, Variant{}, false
}

const mega = 1_000_000

// quantised is where transformers.js's authors publish int8 weights of other
// people's models.
const quantised = "Xenova/"

// transformerVariants is the two usual files: full precision from the model's
// own repository, int8 from the one named.
func transformerVariants(full, int8 int64, int8Repository string) []Variant {
	return []Variant{
		{Precision: Full, File: "onnx/model.onnx", Size: full},
		{Precision: Int8, Repository: int8Repository, File: "onnx/model_quantized.onnx", Size: int8},
	}
}

func staticVariants(size int64) []Variant {
	return []Variant{{Precision: Full, File: StaticWeights, Size: size}}
}

// Catalogue returns the models that are known by name, in the order in which
// they are listed. The caller owns the result.
func Catalogue() []Entry {
	const sentenceTransformers = "sentence-transformers/"
	e5 := map[string]string{"query": "query: ", "passage": "passage: "}
	retrieval := map[string]string{"query": "Represent this sentence for searching relevant passages: "}
	mini := Entry{Name: "all-MiniLM-L6-v2", Repository: sentenceTransformers + "all-MiniLM-L6-v2",
		Dims: 384, MaxTokens: 256, Pooling: "mean", Languages: english, Licence: "Apache-2.0",
		Variants: []Variant{
			{Precision: Full, File: "onnx/model.onnx", Size: 90_405_214,
				SHA256: "6fd5d72fe4589f189f8ebc006442dbb529bb7ce38f8082112682524616046452"},
			{Precision: Int8, Repository: quantised + "all-MiniLM-L6-v2", File: "onnx/model_quantized.onnx", Size: 22_972_370,
				SHA256: "afdb6f1a0e45b715d0bb9b11772f032c399babd23bfc31fed1c170afc848bdb1"},
		}}
	entries := []Entry{
		mini,
		{Name: "all-MiniLM-L12-v2", Repository: sentenceTransformers + "all-MiniLM-L12-v2",
			Dims: 384, MaxTokens: 128, Pooling: "mean", Languages: english, Licence: "Apache-2.0",
			Variants: transformerVariants(133*mega, 34*mega, quantised+"all-MiniLM-L12-v2")},
		{Name: "all-mpnet-base-v2", Repository: sentenceTransformers + "all-mpnet-base-v2",
			Dims: 768, MaxTokens: 384, Pooling: "mean", Languages: english, Licence: "Apache-2.0",
			Variants: transformerVariants(436*mega, 110*mega, quantised+"all-mpnet-base-v2")},
		{Name: "paraphrase-multilingual-MiniLM-L12-v2", Repository: sentenceTransformers + "paraphrase-multilingual-MiniLM-L12-v2",
			Dims: 384, MaxTokens: 128, Pooling: "mean", Languages: multilingual, Licence: "Apache-2.0",
			Variants: transformerVariants(470*mega, 118*mega, quantised+"paraphrase-multilingual-MiniLM-L12-v2")},
		{Name: "gte-small", Repository: "thenlper/gte-small",
			Dims: 384, MaxTokens: 512, Pooling: "mean", Languages: english, Licence: "MIT",
			Variants: transformerVariants(133*mega, 34*mega, quantised+"gte-small")},
		{Name: "gte-base", Repository: "thenlper/gte-base",
			Dims: 768, MaxTokens: 512, Pooling: "mean", Languages: english, Licence: "MIT",
			Variants: transformerVariants(436*mega, 110*mega, quantised+"gte-base")},
		{Name: "gte-large", Repository: "thenlper/gte-large",
			Dims: 1024, MaxTokens: 512, Pooling: "mean", Languages: english, Licence: "MIT",
			Variants: transformerVariants(1340*mega, 337*mega, quantised+"gte-large")},
		{Name: "bge-small-en-v1.5", Repository: "BAAI/bge-small-en-v1.5", Prompts: retrieval,
			Dims: 384, MaxTokens: 512, Pooling: "cls", Languages: english, Licence: "MIT",
			Variants: transformerVariants(133*mega, 34*mega, quantised+"bge-small-en-v1.5")},
		{Name: "bge-base-en-v1.5", Repository: "BAAI/bge-base-en-v1.5", Prompts: retrieval,
			Dims: 768, MaxTokens: 512, Pooling: "cls", Languages: english, Licence: "MIT",
			Variants: transformerVariants(436*mega, 110*mega, quantised+"bge-base-en-v1.5")},
		{Name: "bge-large-en-v1.5", Repository: "BAAI/bge-large-en-v1.5", Prompts: retrieval,
			Dims: 1024, MaxTokens: 512, Pooling: "cls", Languages: english, Licence: "MIT",
			Variants: transformerVariants(1340*mega, 337*mega, quantised+"bge-large-en-v1.5")},
		{Name: "e5-small-v2", Repository: "intfloat/e5-small-v2", Prompts: e5, Clustering: "query",
			Dims: 384, MaxTokens: 512, Pooling: "mean", Languages: english, Licence: "MIT",
			Variants: transformerVariants(133*mega, 34*mega, quantised+"e5-small-v2")},
		{Name: "multilingual-e5-small", Repository: "intfloat/multilingual-e5-small", Prompts: e5, Clustering: "query",
			Dims: 384, MaxTokens: 512, Pooling: "mean", Languages: hundred, Licence: "MIT",
			Variants: transformerVariants(470*mega, 118*mega, quantised+"multilingual-e5-small")},
		{Name: "nomic-embed-text-v1.5", Repository: "nomic-ai/nomic-embed-text-v1.5", Clustering: "clustering",
			Prompts: map[string]string{"query": "search_query: ", "document": "search_document: ",
				"clustering": "clustering: ", "classification": "classification: "},
			Dims: 768, MaxTokens: 8192, Pooling: "mean", Languages: english, Licence: "Apache-2.0",
			Variants: transformerVariants(547*mega, 137*mega, "")},
		{Name: "snowflake-arctic-embed-xs", Repository: "Snowflake/snowflake-arctic-embed-xs", Prompts: retrieval,
			Dims: 384, MaxTokens: 512, Pooling: "cls", Languages: english, Licence: "Apache-2.0",
			Variants: transformerVariants(90*mega, 23*mega, "")},
		{Name: "snowflake-arctic-embed-s", Repository: "Snowflake/snowflake-arctic-embed-s", Prompts: retrieval,
			Dims: 384, MaxTokens: 512, Pooling: "cls", Languages: english, Licence: "Apache-2.0",
			Variants: transformerVariants(133*mega, 34*mega, "")},
		{Name: "snowflake-arctic-embed-m", Repository: "Snowflake/snowflake-arctic-embed-m", Prompts: retrieval,
			Dims: 768, MaxTokens: 512, Pooling: "cls", Languages: english, Licence: "Apache-2.0",
			Variants: transformerVariants(436*mega, 110*mega, "")},
		{Name: "mxbai-embed-large-v1", Repository: "mixedbread-ai/mxbai-embed-large-v1", Prompts: retrieval,
			Dims: 1024, MaxTokens: 512, Pooling: "cls", Languages: english, Licence: "Apache-2.0",
			Variants: transformerVariants(1340*mega, 337*mega, "")},
		{Name: "potion-base-2M", Repository: "minishlab/potion-base-2M",
			Dims: 64, MaxTokens: 512, Pooling: "mean", Languages: english, Licence: "MIT", Variants: staticVariants(8 * mega)},
		{Name: "potion-base-8M", Repository: "minishlab/potion-base-8M",
			Dims: 256, MaxTokens: 512, Pooling: "mean", Languages: english, Licence: "MIT", Variants: staticVariants(30 * mega)},
		{Name: "potion-base-32M", Repository: "minishlab/potion-base-32M",
			Dims: 512, MaxTokens: 512, Pooling: "mean", Languages: english, Licence: "MIT", Variants: staticVariants(129 * mega)},
	}
	for i := range entries {
		entries[i].Revision = "main"
	}
	return entries
}
