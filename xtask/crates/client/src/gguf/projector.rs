//! What lets the tiny model see and hear: a file of its own with two encoders, whose weights are as random.

use super::format::{File, Tensor, Value};
use super::tiny;

const WIDTH: u32 = 32;
const HEADS: u32 = 2;
const FEED_FORWARD: u32 = 64;
/// The last layer of an encoder of images is not used.
const IMAGE_LAYERS: u32 = 2;
const SOUND_LAYERS: u32 = 1;

const IMAGE_SIZE: u32 = 32;
const PATCH_SIZE: u32 = 8;

const MEL_BINS: u32 = 40;
/// Sounds are padded to thirty seconds of a hundred frames each, two of which make one position.
const POSITIONS: u32 = 1500;
/// So many positions become one token.
const STACKED: u32 = 10;

/// Both encoders, ready to be written.
pub(super) fn model() -> File {
    File { metadata: metadata(), tensors: image_tensors().into_iter().chain(sound_tensors()).collect() }
}

fn metadata() -> Vec<(String, Value)> {
    let mut all = vec![
        ("general.architecture".to_owned(), Value::Str("clip".into())),
        ("general.name".to_owned(), Value::Str("tiny random weights: it sees and hears nothing".into())),
        ("general.type".to_owned(), Value::Str("mmproj".into())),
        ("general.file_type".to_owned(), Value::U32(0)),
        ("clip.has_vision_encoder".to_owned(), Value::Bool(true)),
        ("clip.has_audio_encoder".to_owned(), Value::Bool(true)),
        ("clip.vision.projector_type".to_owned(), Value::Str("mlp".into())),
        ("clip.vision.image_size".to_owned(), Value::U32(IMAGE_SIZE)),
        ("clip.vision.patch_size".to_owned(), Value::U32(PATCH_SIZE)),
        ("clip.vision.image_mean".to_owned(), Value::F32s(vec![0.5; 3])),
        ("clip.vision.image_std".to_owned(), Value::F32s(vec![0.5; 3])),
        ("clip.audio.projector_type".to_owned(), Value::Str("ultravox".into())),
        ("clip.audio.num_mel_bins".to_owned(), Value::U32(MEL_BINS)),
        ("clip.audio.projector.stack_factor".to_owned(), Value::U32(STACKED)),
    ];
    for (encoder, layers) in [("vision", IMAGE_LAYERS), ("audio", SOUND_LAYERS)] {
        let pairs = [
            ("embedding_length", Value::U32(WIDTH)),
            ("feed_forward_length", Value::U32(FEED_FORWARD)),
            ("block_count", Value::U32(layers)),
            ("projection_dim", Value::U32(tiny::EMBEDDING)),
            ("attention.head_count", Value::U32(HEADS)),
            ("attention.layer_norm_epsilon", Value::F32(1e-5)),
        ];
        all.extend(pairs.map(|(key, value)| (format!("clip.{encoder}.{key}"), value)));
    }
    all
}

fn image_tensors() -> Vec<Tensor> {
    let (width, out) = (u64::from(WIDTH), u64::from(tiny::EMBEDDING));
    let (side, patch) = (u64::from(IMAGE_SIZE / PATCH_SIZE), u64::from(PATCH_SIZE));
    let mut all = vec![
        Tensor::random("v.class_embd", &[width], 1.0),
        Tensor::random("v.patch_embd.weight", &[width, 3, patch, patch], 0.2),
        // One more for the class.
        Tensor::random("v.position_embd.weight", &[side * side + 1, width], 0.5),
        Tensor::random("mm.0.weight", &[out, width], 0.4),
        Tensor::random("mm.0.bias", &[out], 0.1),
        Tensor::random("mm.2.weight", &[out, out], 0.4),
        Tensor::random("mm.2.bias", &[out], 0.1),
    ];
    all.extend((0..IMAGE_LAYERS).flat_map(|layer| encoder_layer("v", layer)));
    all
}

fn sound_tensors() -> Vec<Tensor> {
    let (width, out) = (u64::from(WIDTH), u64::from(tiny::EMBEDDING));
    let mut all = vec![
        Tensor::random("a.position_embd.weight", &[u64::from(POSITIONS), width], 0.5),
        Tensor::random("a.conv1d.1.weight", &[width, u64::from(MEL_BINS), 3], 0.2),
        Tensor::random("a.conv1d.1.bias", &[width, 1], 0.1),
        Tensor::random("a.conv1d.2.weight", &[width, width, 3], 0.2),
        Tensor::random("a.conv1d.2.bias", &[width, 1], 0.1),
        Tensor::ones("mm.a.norm_pre.weight", width * u64::from(STACKED)),
        Tensor::random("mm.a.mlp.1.weight", &[2 * out, width * u64::from(STACKED)], 0.2),
        Tensor::ones("mm.a.norm_mid.weight", out),
        Tensor::random("mm.a.mlp.2.weight", &[out, out], 0.4),
    ];
    all.extend((0..SOUND_LAYERS).flat_map(|layer| encoder_layer("a", layer)));
    all
}

/// One block of attention and one of feeding forward.
fn encoder_layer(encoder: &str, layer: u32) -> Vec<Tensor> {
    let (width, ff) = (u64::from(WIDTH), u64::from(FEED_FORWARD));
    let name = |part: &str| format!("{encoder}.blk.{layer}.{part}");
    let mut all = vec![
        Tensor::random(&name("ffn_up.weight"), &[ff, width], 0.2),
        Tensor::random(&name("ffn_up.bias"), &[ff], 0.1),
        Tensor::random(&name("ffn_down.weight"), &[width, ff], 0.2),
        Tensor::random(&name("ffn_down.bias"), &[width], 0.1),
        Tensor::random(&name("attn_k.weight"), &[width, width], 0.4),
    ];
    for norm in ["ln1", "ln2"] {
        all.push(Tensor::ones(&name(&format!("{norm}.weight")), width));
        all.push(Tensor::random(&name(&format!("{norm}.bias")), &[width], 0.1));
    }
    for part in ["attn_q", "attn_v", "attn_out"] {
        all.push(Tensor::random(&name(&format!("{part}.weight")), &[width, width], 0.4));
        all.push(Tensor::random(&name(&format!("{part}.bias")), &[width], 0.1));
    }
    all
}
