//! What the tiny model is: a llama of two layers with random weights and a vocabulary of bytes and letters.

use super::format::{File, Fill, Tensor, Value};

/// What a token is to the model, and what a piece of an image or of a sound must become.
pub(super) const EMBEDDING: u32 = 64;
const LAYERS: u32 = 2;
const HEADS: u32 = 4;
const KV_HEADS: u32 = 2;
const FEED_FORWARD: u32 = 128;
const CONTEXT: u32 = 256;

const UNKNOWN: u32 = 0;
const BEGIN: u32 = 1;
const END: u32 = 2;
/// `<unk> <s> </s>` and one token for each byte.
const SPECIAL_AND_BYTES: u32 = 3 + 256;

/// Pieces longer than a letter; each is the join of two shorter ones, as the merging tokenizer needs.
const JOINED: [&str; 7] = ["▁a", "▁t", "he", "▁the", "in", "er", "an"];

/// The kinds of token that the format knows.
#[derive(Clone, Copy)]
enum Kind {
    Normal = 1,
    Unknown = 2,
    Control = 3,
    Byte = 6,
}

#[derive(Default)]
struct Vocabulary {
    texts: Vec<String>,
    scores: Vec<f32>,
    kinds: Vec<i32>,
}

impl Vocabulary {
    fn new() -> Self {
        let mut all = Self::default();
        all.push("<unk>", 0.0, Kind::Unknown);
        all.push("<s>", 0.0, Kind::Control);
        all.push("</s>", 0.0, Kind::Control);
        for byte in 0..=u8::MAX {
            all.push(&format!("<0x{byte:02X}>"), 0.0, Kind::Byte);
        }
        // Merging takes the pair with the highest score first, and earlier pieces score higher.
        let mut score = 0.0;
        let letters = std::iter::once("▁".to_owned()).chain(('a'..='z').map(String::from));
        for piece in JOINED.map(str::to_owned).into_iter().chain(letters) {
            score -= 1.0;
            all.push(&piece, score, Kind::Normal);
        }
        all
    }

    fn push(&mut self, text: &str, score: f32, kind: Kind) {
        self.texts.push(text.to_owned());
        self.scores.push(score);
        self.kinds.push(kind as i32);
    }
}

/// The whole model, ready to be written.
pub(super) fn model() -> File {
    let vocabulary = Vocabulary::new();
    let tokens = vocabulary.texts.len() as u64;
    File { metadata: metadata(vocabulary), tensors: tensors(tokens) }
}

fn metadata(vocabulary: Vocabulary) -> Vec<(String, Value)> {
    let pairs = [
        ("general.architecture", Value::Str("llama".into())),
        ("general.name", Value::Str("tiny random weights: its words are noise".into())),
        ("general.file_type", Value::U32(0)),
        ("llama.context_length", Value::U32(CONTEXT)),
        ("llama.embedding_length", Value::U32(EMBEDDING)),
        ("llama.block_count", Value::U32(LAYERS)),
        ("llama.feed_forward_length", Value::U32(FEED_FORWARD)),
        ("llama.rope.dimension_count", Value::U32(EMBEDDING / HEADS)),
        ("llama.attention.head_count", Value::U32(HEADS)),
        ("llama.attention.head_count_kv", Value::U32(KV_HEADS)),
        ("llama.attention.layer_norm_rms_epsilon", Value::F32(1e-5)),
        ("tokenizer.ggml.model", Value::Str("llama".into())),
        ("tokenizer.ggml.tokens", Value::Strs(vocabulary.texts)),
        ("tokenizer.ggml.scores", Value::F32s(vocabulary.scores)),
        ("tokenizer.ggml.token_type", Value::I32s(vocabulary.kinds)),
        ("tokenizer.ggml.bos_token_id", Value::U32(BEGIN)),
        ("tokenizer.ggml.eos_token_id", Value::U32(END)),
        ("tokenizer.ggml.unknown_token_id", Value::U32(UNKNOWN)),
        ("tokenizer.ggml.add_bos_token", Value::Bool(true)),
        ("tokenizer.ggml.add_space_prefix", Value::Bool(true)),
    ];
    pairs.map(|(key, value)| (key.to_owned(), value)).into()
}

fn tensors(tokens: u64) -> Vec<Tensor> {
    let width = u64::from(EMBEDDING);
    let kv_width = u64::from(EMBEDDING / HEADS * KV_HEADS);
    let ff = u64::from(FEED_FORWARD);
    let mut all = vec![
        matrix("token_embd.weight", tokens, width, 1.7),
        norm("output_norm.weight", width),
        Tensor {
            name: "output.weight".into(),
            shape: vec![width, tokens],
            // Special tokens and raw bytes keep a logit of zero, so that the noise is made of letters.
            fill: Fill::RandomAfter { quiet: u64::from(SPECIAL_AND_BYTES), scale: 1.0 },
        },
    ];
    for layer in 0..LAYERS {
        let name = |part: &str| format!("blk.{layer}.{part}.weight");
        all.extend([
            norm(&name("attn_norm"), width),
            matrix(&name("attn_q"), width, width, 0.4),
            matrix(&name("attn_k"), kv_width, width, 0.4),
            matrix(&name("attn_v"), kv_width, width, 0.4),
            matrix(&name("attn_output"), width, width, 0.4),
            norm(&name("ffn_norm"), width),
            matrix(&name("ffn_gate"), ff, width, 0.2),
            matrix(&name("ffn_up"), ff, width, 0.2),
            matrix(&name("ffn_down"), width, ff, 0.2),
        ]);
    }
    all
}

fn matrix(name: &str, rows: u64, columns: u64, scale: f32) -> Tensor {
    Tensor::random(name, &[rows, columns], scale)
}

fn norm(name: &str, columns: u64) -> Tensor {
    Tensor::ones(name, columns)
}
