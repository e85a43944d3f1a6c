"""Models that tests write themselves, as files in GGUF."""

import math
import struct

ALIGNMENT = 32
U32, I32, F32, BOOL, TEXT, LIST = 4, 5, 6, 7, 8, 9
_FORMS = {0: "B", 1: "b", 2: "H", 3: "h", U32: "I", I32: "i", F32: "f", BOOL: "?", 10: "Q", 11: "q", 12: "d"}


def _text(value):
    raw = value.encode(errors="surrogateescape")
    return struct.pack("<Q", len(raw)) + raw


def _value(kind, value):
    if kind == TEXT:
        return _text(value)
    if kind == LIST:
        item, values = value
        return struct.pack("<IQ", item, len(values)) + b"".join(_value(item, each) for each in values)
    return struct.pack(f"<{_FORMS[kind]}", value)


class _Reader:
    def __init__(self, content):
        self.content, self.at = content, 0

    def take(self, form):
        value, = struct.unpack_from(f"<{form}", self.content, self.at)
        self.at += struct.calcsize(f"<{form}")
        return value

    def text(self):
        length = self.take("Q")
        self.at += length
        return self.content[self.at - length:self.at].decode(errors="surrogateescape")

    def value(self, kind):
        if kind == TEXT:
            return self.text()
        if kind == LIST:
            item = self.take("I")
            return item, [self.value(item) for _ in range(self.take("Q"))]
        return self.take(_FORMS[kind])


def read_settings(path):
    """What a file says of its model."""
    return _settings(_Reader(path.read_bytes()))


def _settings(reader):
    reader.at = 16
    settings = {}
    for _ in range(reader.take("Q")):
        key = reader.text()
        kind = reader.take("I")
        settings[key] = kind, reader.value(kind)
    return settings


def _tensors(reader, count):
    """What stands after the settings, of a file whose tensors are all of F32."""
    shapes = {}
    for _ in range(count):
        name = reader.text()
        shape = tuple(reader.take("Q") for _ in range(reader.take("I")))
        _, shapes[name] = reader.take("I"), (shape, reader.take("Q"))
    start = -(-reader.at // ALIGNMENT) * ALIGNMENT
    return {name: (shape, struct.unpack_from(f"<{math.prod(shape)}f", reader.content, start + offset))
            for name, (shape, offset) in shapes.items()}


def _q4_0(numbers):
    """Blocks of 32: a scale in 16 bits, and four bits for each number."""
    out = bytearray()
    for at in range(0, len(numbers), 32):
        block = numbers[at:at + 32]
        scale = max(block, key=abs) / -8 or 1.0
        steps = [min(15, int(number / scale + 8.5)) for number in block]
        out += struct.pack("<e", scale) + bytes(low | high << 4 for low, high in zip(steps[:16], steps[16:], strict=True))
    return bytes(out)


def write_quantised(path, source):
    """The model of another file, its matrices in Q4_0."""
    reader = _Reader(source.read_bytes())
    settings = _settings(reader)
    reader.at, at = 8, reader.at
    count = reader.take("Q")
    reader.at = at
    write(path, settings, _tensors(reader, count), quantised=True)


def write(path, settings, tensors, *, quantised=False):
    """`settings`: key to (kind, value); `tensors`: name to (shape, numbers), the fastest dimension first."""
    packed = [(2, _q4_0(numbers)) if quantised and len(shape) > 1 else (0, struct.pack(f"<{len(numbers)}f", *numbers))
              for shape, numbers in tensors.values()]
    content = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(settings))
    for key, (kind, value) in settings.items():
        content += _text(key) + struct.pack("<I", kind) + _value(kind, value)
    offset = 0
    for (name, (shape, _)), (kind, raw) in zip(tensors.items(), packed, strict=True):
        content += _text(name) + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *shape)
        content += struct.pack("<IQ", kind, offset)
        offset += -(-len(raw) // ALIGNMENT) * ALIGNMENT
    parts = [content]
    for _, raw in packed:
        parts += [bytes(-len(parts[-1]) % ALIGNMENT), raw]
    path.write_bytes(b"".join(parts))


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


def write_script(path, pieces, *, settings=None, **numbers):
    """A model that writes these pieces, one token each, after a prompt that ends with a newline; then it ends. No two of
    them may be the same, and none a newline alone. `settings` and the `numbers` of tensors take the place of the usual."""
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
    usual = {
        "general.architecture": (TEXT, "llama"), "llama.context_length": (U32, 4096),
        "llama.embedding_length": (U32, WIDTH), "llama.block_count": (U32, 1), "llama.feed_forward_length": (U32, 32),
        "llama.attention.head_count": (U32, 1), "llama.attention.head_count_kv": (U32, 1),
        "llama.attention.layer_norm_rms_epsilon": (F32, 1e-5),
        "tokenizer.ggml.model": (TEXT, "llama"), "tokenizer.ggml.tokens": (LIST, (TEXT, tokens)),
        "tokenizer.ggml.scores": (LIST, (F32, [0.0] * len(tokens))),
        "tokenizer.ggml.token_type": (LIST, (I32, kinds)),
        "tokenizer.ggml.bos_token_id": (U32, 1), "tokenizer.ggml.eos_token_id": (U32, END),
        "tokenizer.ggml.unknown_token_id": (U32, 0), "tokenizer.ggml.add_space_prefix": (BOOL, False),
    }
    tensors = {
        # Each token is a direction of its own, and the next one is what lies in it.
        "token_embd.weight": table({token: (i, 1.0) for i, token in enumerate([NEWLINE, *script])}),
        "output.weight": table({token: (i, 20.0) for i, token in enumerate([*script, END])}),
        "output_norm.weight": ones, "blk.0.attn_norm.weight": ones, "blk.0.ffn_norm.weight": ones,
        **{f"blk.0.attn_{part}.weight": zeros(WIDTH, WIDTH) for part in ("q", "k", "v", "output")},
        "blk.0.ffn_gate.weight": zeros(WIDTH, 32), "blk.0.ffn_up.weight": zeros(WIDTH, 32),
        "blk.0.ffn_down.weight": zeros(32, WIDTH),
    }
    for name, number in numbers.items():
        shape, _ = tensors[f"{name}.weight"]
        tensors[f"{name}.weight"] = shape, [number] * math.prod(shape)
    write(path, {**usual, **(settings or {})}, tensors)


def write_with_vocabulary(path, source):
    """A model that can do nothing, with the vocabulary of another file."""
    vocabulary = {key: value for key, value in read_settings(source).items() if key.startswith("tokenizer.")}
    _, tokens = vocabulary["tokenizer.ggml.tokens"][1]
    table = (32, len(tokens)), [0.0] * (32 * len(tokens))
    ones, square = ((32,), [1.0] * 32), ((32, 32), [0.0] * 1024)
    write(path, {
        "general.architecture": (TEXT, "llama"), "llama.context_length": (U32, 4096), "llama.embedding_length": (U32, 32),
        "llama.block_count": (U32, 1), "llama.feed_forward_length": (U32, 32), "llama.attention.head_count": (U32, 1),
        "llama.attention.head_count_kv": (U32, 1), "llama.attention.layer_norm_rms_epsilon": (F32, 1e-5), **vocabulary,
    }, {
        "token_embd.weight": table, "output_norm.weight": ones, "blk.0.attn_norm.weight": ones, "blk.0.ffn_norm.weight": ones,
        **{f"blk.0.{part}.weight": square
           for part in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")},
    })
