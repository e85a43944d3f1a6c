//! The tiny model's file: pinned to the byte, and read back by a reader that shares no code with the writer.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

use client::gguf::Tiny;
use std::collections::BTreeMap;

fn tiny(seed: u64) -> Vec<u8> {
    written(Tiny::Model, seed)
}

fn written(tiny: Tiny, seed: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    client::gguf::write_tiny_to(&mut bytes, tiny, seed).unwrap();
    bytes
}

/// Reads GGUF from a slice, straight from the format's description.
struct Reader<'a> {
    all: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> &'a [u8] {
        let part = &self.all[self.at..self.at + n];
        self.at += n;
        part
    }

    fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.take(4).try_into().unwrap())
    }

    fn len(&mut self) -> usize {
        usize::try_from(u64::from_le_bytes(self.take(8).try_into().unwrap())).unwrap()
    }

    fn text(&mut self) -> String {
        let n = self.len();
        String::from_utf8(self.take(n).to_vec()).unwrap()
    }

    /// A value as text; an array as its items.
    fn value(&mut self, kind: u32) -> Vec<String> {
        match kind {
            4 => vec![self.u32().to_string()],
            5 => vec![i32::from_le_bytes(self.take(4).try_into().unwrap()).to_string()],
            6 => vec![f32::from_le_bytes(self.take(4).try_into().unwrap()).to_string()],
            7 => vec![(self.take(1) == [1]).to_string()],
            8 => vec![self.text()],
            9 => {
                let item = self.u32();
                (0..self.len()).flat_map(|_| self.value(item)).collect()
            }
            other => panic!("unknown value type {other} at byte {}", self.at),
        }
    }
}

struct Parsed {
    metadata: BTreeMap<String, Vec<String>>,
    /// Name to dimensions (fastest first) and numbers.
    tensors: BTreeMap<String, (Vec<usize>, Vec<f32>)>,
}

fn parse(all: &[u8]) -> Parsed {
    let mut r = Reader { all, at: 0 };
    assert_eq!(r.take(4), b"GGUF");
    assert_eq!(r.u32(), 3);
    let (tensor_count, pair_count) = (r.len(), r.len());
    let metadata: BTreeMap<_, _> = (0..pair_count)
        .map(|_| {
            let key = r.text();
            let kind = r.u32();
            (key, r.value(kind))
        })
        .collect();
    assert_eq!(metadata.len(), pair_count, "a key is there twice");
    let table: Vec<_> = (0..tensor_count)
        .map(|_| {
            let name = r.text();
            let dimensions: Vec<usize> = (0..r.u32()).map(|_| r.len()).collect();
            assert_eq!(r.u32(), 0, "{name} is not f32");
            (name, dimensions, r.len())
        })
        .collect();
    let data = r.at.next_multiple_of(32);
    let mut end = data;
    let tensors = table
        .into_iter()
        .map(|(name, dimensions, offset)| {
            assert_eq!(data + offset, end.next_multiple_of(32), "{name} overlaps or leaves a hole");
            let bytes = &all[data + offset..][..dimensions.iter().product::<usize>() * 4];
            end = data + offset + bytes.len();
            let numbers = bytes.chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
            (name, (dimensions, numbers))
        })
        .collect();
    assert_eq!(all.len(), end.next_multiple_of(32));
    Parsed { metadata, tensors }
}

#[test]
fn the_bytes_are_pinned() {
    let bytes = tiny(client::gguf::DEFAULT_SEED);
    assert_eq!(bytes.len(), 454_624);
    assert_eq!(
        blake3::hash(&bytes).to_hex().as_str(),
        "6c608660e25bd9db55dd7cc67b26af8b3da48e60314851053c0e844a6dd03f85"
    );
}

#[test]
fn another_seed_gives_other_weights_and_the_same_shape() {
    let (a, b) = (parse(&tiny(1)), parse(&tiny(2)));
    assert_eq!(a.metadata, b.metadata);
    for (name, (dimensions, numbers)) in &a.tensors {
        let (other_dimensions, other_numbers) = &b.tensors[name];
        assert_eq!(dimensions, other_dimensions, "{name}");
        assert_eq!(numbers == other_numbers, name.contains("norm"), "{name}");
    }
}

#[test]
fn an_independent_reader_finds_the_llama_that_was_meant() {
    let Parsed { metadata, tensors } = parse(&tiny(0));
    let one = |key: &str| metadata[key].join(",");
    assert_eq!(one("general.architecture"), "llama");
    assert_eq!(one("llama.context_length"), "256");
    assert_eq!(one("llama.attention.head_count_kv"), "2");
    let tokens = &metadata["tokenizer.ggml.tokens"];
    assert_eq!(tokens.len(), 293);
    assert_eq!(tokens[..4], ["<unk>", "<s>", "</s>", "<0x00>"]);
    assert_eq!(tokens[258], "<0xFF>");
    assert_eq!(metadata["tokenizer.ggml.scores"].len(), 293);
    let kinds = &metadata["tokenizer.ggml.token_type"];
    assert_eq!(kinds[..4], ["2", "3", "3", "6"]);
    assert_eq!(kinds[259..], vec!["1"; 34]);

    // A piece that no merge of two others makes would never be used.
    let pieces = &tokens[259..];
    for piece in pieces.iter().filter(|p| p.chars().count() > 1) {
        let made = piece.char_indices().skip(1).any(|(at, _)| {
            let (left, right) = piece.split_at(at);
            pieces.iter().any(|p| p == left) && pieces.iter().any(|p| p == right)
        });
        assert!(made, "{piece}");
    }

    let shape = |name: &str| tensors[name].0.clone();
    assert_eq!(tensors.len(), 3 + 2 * 9);
    assert_eq!(shape("token_embd.weight"), [64, 293]);
    assert_eq!(shape("output.weight"), [64, 293]);
    assert_eq!(shape("output_norm.weight"), [64]);
    assert_eq!(shape("blk.1.attn_k.weight"), [64, 32]);
    assert_eq!(shape("blk.1.ffn_down.weight"), [128, 64]);
    assert!(tensors["blk.0.attn_norm.weight"].1.iter().all(|n| n.to_bits() == 1_f32.to_bits()));
    let (quiet, loud) = tensors["output.weight"].1.split_at(259 * 64);
    assert!(quiet.iter().all(|n| *n == 0.0) && loud.iter().all(|n| *n != 0.0));
}

#[test]
fn the_projector_makes_tokens_of_the_model() {
    let Parsed { metadata, tensors } = parse(&written(Tiny::Projector, 0));
    let one = |key: &str| metadata[key].join(",");
    assert_eq!(one("general.architecture"), "clip");
    assert_eq!(
        (one("clip.has_vision_encoder"), one("clip.has_audio_encoder")),
        ("true".into(), "true".into())
    );
    let shape = |name: &str| tensors[name].0.clone();
    let width = parse(&tiny(0)).tensors["token_embd.weight"].0[0];
    assert_eq!((shape("mm.2.weight")[1], shape("mm.a.mlp.2.weight")[1]), (width, width));
    assert_eq!(shape("v.patch_embd.weight"), [8, 8, 3, 32]);
    assert_eq!(shape("a.conv1d.1.weight"), [3, 40, 32]);
}

#[test]
fn a_file_is_written_whole_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("tiny.gguf");
    client::gguf::write_tiny(&path, Tiny::Model, 3).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), tiny(3));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "a temporary file stayed");

    let missing = dir.path().join("no/such/dir/tiny.gguf");
    let error = client::gguf::write_tiny(&missing, Tiny::Model, 3).unwrap_err().to_string();
    assert!(error.contains(missing.to_str().unwrap()), "{error}");
}
