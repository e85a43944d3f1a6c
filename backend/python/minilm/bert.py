"""The forward pass of a BERT encoder in numpy, which is all that sentence embeddings need."""

import os
from dataclasses import dataclass

# Passes run side by side, each on one thread: libraries that split every product over all processors wait for the
# slowest of them thousands of times a pass. They read this when numpy is imported.
for _variable in ("OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ[_variable] = "1"

import numpy as np  # noqa: E402

# Numbers that go through GELU at once: few enough for what is in between to stay in the processor's cache.
_BLOCK = 16384


@dataclass(frozen=True)
class Shape:
    """What config.json says of the encoder."""

    layers: int
    heads: int
    epsilon: float

    @classmethod
    def of(cls, config: dict) -> "Shape":
        if config["model_type"] != "bert" or config["hidden_act"] != "gelu":
            raise ValueError(
                f"the model is a {config['model_type']} with {config['hidden_act']}, expected a bert with gelu"
            )
        if config.get("position_embedding_type", "absolute") != "absolute":
            raise ValueError("the model's position embeddings are not absolute")
        if config["hidden_size"] % config["num_attention_heads"]:
            raise ValueError("the hidden size is no multiple of the number of heads")
        return cls(config["num_hidden_layers"], config["num_attention_heads"], config["layer_norm_eps"])


class Encoder:
    """Turns token ids into one vector for each token."""

    def __init__(self, shape: Shape, tensors: dict[str, np.ndarray]):
        self._shape = shape
        self._tensors = tensors
        # All names that a pass will ask for are asked for now, so that a wrong file fails while it is loaded.
        self.hidden(np.zeros((1, 1), np.int64), np.ones((1, 1), bool))

    def hidden(self, ids: np.ndarray, real: np.ndarray) -> np.ndarray:
        """Takes (batch, length) ids and which of them are no padding; returns (batch, length, width)."""
        t = self._tensors
        x = t["embeddings.word_embeddings.weight"][ids]
        x = x + t["embeddings.position_embeddings.weight"][: ids.shape[1]]
        x = x + t["embeddings.token_type_embeddings.weight"][0]
        x = self._norm("embeddings.LayerNorm", x)
        hide = np.where(real, np.float32(0), np.float32(-1e9))[:, None, None, :]
        for layer in range(self._shape.layers):
            prefix = f"encoder.layer.{layer}"
            x = self._norm(f"{prefix}.attention.output.LayerNorm", x + self._attention(f"{prefix}.attention", x, hide))
            wide = gelu(self._linear(f"{prefix}.intermediate.dense", x))
            x = self._norm(f"{prefix}.output.LayerNorm", x + self._linear(f"{prefix}.output.dense", wide))
        return x

    def _attention(self, name: str, x: np.ndarray, hide: np.ndarray) -> np.ndarray:
        batch, length, width = x.shape
        heads = self._shape.heads

        def split(part: str) -> np.ndarray:
            return self._linear(f"{name}.self.{part}", x).reshape(batch, length, heads, -1).swapaxes(1, 2)

        scores = split("query") @ split("key").swapaxes(2, 3)
        scores *= np.float32((width // heads) ** -0.5)
        mixed = softmax(scores + hide) @ split("value")
        return self._linear(f"{name}.output.dense", mixed.swapaxes(1, 2).reshape(batch, length, width))

    def _linear(self, name: str, x: np.ndarray) -> np.ndarray:
        return x @ self._tensors[f"{name}.weight"].T + self._tensors[f"{name}.bias"]

    def _norm(self, name: str, x: np.ndarray) -> np.ndarray:
        x = x - x.mean(-1, keepdims=True)
        x /= np.sqrt((x * x).mean(-1, keepdims=True) + np.float32(self._shape.epsilon))
        return x * self._tensors[f"{name}.weight"] + self._tensors[f"{name}.bias"]


def softmax(x: np.ndarray) -> np.ndarray:
    """Over the last axis, in place."""
    x -= x.max(-1, keepdims=True)
    np.exp(x, out=x)
    x /= x.sum(-1, keepdims=True)
    return x


def gelu(x: np.ndarray) -> np.ndarray:
    """The exact GELU, x times the normal distribution function. Works in place on an array without gaps."""
    flat = x.reshape(-1)
    for start in range(0, flat.size, _BLOCK):
        block = flat[start : start + _BLOCK]
        block *= np.float32(0.5) * (1 + erf(block * np.float32(0.5**0.5)))
    return x


def erf(x: np.ndarray) -> np.ndarray:
    """The error function, which numpy lacks: Abramowitz and Stegun 7.1.26, off by at most 1.5e-7 before rounding."""
    a = np.abs(x)
    t = 1 / (1 + np.float32(0.3275911) * a)
    p = np.float32(1.061405429)
    for c in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        p = p * t + np.float32(c)
    return np.copysign(1 - p * t * np.exp(-a * a), x)
