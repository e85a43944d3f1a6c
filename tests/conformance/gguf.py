"""Models that tests write themselves, as files in GGUF."""

import math
import struct

ALIGNMENT = 32
U32, I32, F32, BOOL, TEXT, LIST = 4, 5, 6, 7, 8, 9


def _text(value):
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def _value(kind, value):
    if kind == TEXT:
        return _text(value)
    if kind == LIST:
        item, values = value
        return struct.pack("<IQ", item, len(values)) + b"".join(_value(item, each) for each in values)
    return struct.pack({U32: "<I", I32: "<i", F32: "<f", BOOL: "<?"}[kind], value)


def write(path, settings, tensors):
    """`settings`: key to (kind, value); `tensors`: name to (shape, numbers), the fastest dimension first."""
    content = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(settings))
    for key, (kind, value) in settings.items():
        content += _text(key) + struct.pack("<I", kind) + _value(kind, value)
    offset = 0
    for name, (shape, _) in tensors.items():
        content += _text(name) + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *shape)
        content += struct.pack("<IQ", 0, offset)
        offset += -(-math.prod(shape) * 4 // ALIGNMENT) * ALIGNMENT
    for _, numbers in tensors.values():
        content += bytes(-len(content) % ALIGNMENT)
        content += struct.pack(f"<{len(numbers)}f", *numbers)
    path.write_bytes(content)


def write_adapter(path, width):
    """A LoRA adapter of rank 1 for the output of the first layer's attention."""
    settings = {key: (TEXT, value) for key, value in {
        "general.architecture": "llama", "general.type": "adapter", "adapter.type": "lora"}.items()}
    numbers = [math.sin(i) for i in range(width)]
    write(path, {**settings, "adapter.lora.alpha": (F32, 1)},
          {f"blk.0.attn_output.weight.lora_{name}": (shape, numbers)
           for name, shape in {"a": (width, 1), "b": (1, width)}.items()})


# At most this many pieces in a script, and one token before them.
WIDTH = 64
SPECIAL = ["<unk>", "<s>", "</s>"]
NEWLINE = len(SPECIAL) + ord("\n")
END = SPECIAL.index("</s>")


def write_script(path, pieces):
    """A model that writes these pieces, one token each, after a prompt that ends with a newline; then it ends. No two of
    them may be the same, and none a newline alone."""
    tokens = [*SPECIAL, *(f"<0x{byte:02X}>" for byte in range(256)), *pieces]
    kinds = [2, 3, 3, *[6] * 256, *[4] * len(pieces)]
    script = range(len(tokens) - len(pieces), len(tokens))

    def table(rows):
        numbers = [0.0] * (WIDTH * len(tokens))
        for token, (column, number) in rows.items():
            numbers[WIDTH * token + column] = number
        return (WIDTH, len(tokens)), numbers

    def zeros(*shape):
        return shape, [0.0] * math.prod(shape)

    ones = (WIDTH,), [1.0] * WIDTH
    write(path, {
        "general.architecture": (TEXT, "llama"), "llama.context_length": (U32, 4096),
        "llama.embedding_length": (U32, WIDTH), "llama.block_count": (U32, 1), "llama.feed_forward_length": (U32, 32),
        "llama.attention.head_count": (U32, 1), "llama.attention.head_count_kv": (U32, 1),
        "llama.attention.layer_norm_rms_epsilon": (F32, 1e-5),
        "tokenizer.ggml.model": (TEXT, "llama"), "tokenizer.ggml.tokens": (LIST, (TEXT, tokens)),
        "tokenizer.ggml.scores": (LIST, (F32, [0.0] * len(tokens))),
        "tokenizer.ggml.token_type": (LIST, (I32, kinds)),
        "tokenizer.ggml.bos_token_id": (U32, 1), "tokenizer.ggml.eos_token_id": (U32, END),
        "tokenizer.ggml.unknown_token_id": (U32, 0), "tokenizer.ggml.add_space_prefix": (BOOL, False),
    }, {
        # Each token is a direction of its own, and the next one is what lies in it.
        "token_embd.weight": table({token: (i, 1.0) for i, token in enumerate([NEWLINE, *script])}),
        "output.weight": table({token: (i, 20.0) for i, token in enumerate([*script, END])}),
        "output_norm.weight": ones, "blk.0.attn_norm.weight": ones, "blk.0.ffn_norm.weight": ones,
        **{f"blk.0.attn_{part}.weight": zeros(WIDTH, WIDTH) for part in ("q", "k", "v", "output")},
        "blk.0.ffn_gate.weight": zeros(WIDTH, 32), "blk.0.ffn_up.weight": zeros(WIDTH, 32),
        "blk.0.ffn_down.weight": zeros(32, WIDTH),
    })
