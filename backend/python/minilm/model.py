"""A sentence embedding model: tokenizer, encoder and pooling, read from one directory."""

import json
from enum import Enum
from pathlib import Path

import bert
import numpy as np
import weights
from tokenizers import Tokenizer


class Pooling(Enum):
    """How the vectors of a text's tokens become one."""

    MEAN = "mean"
    CLS = "cls"
    LAST = "last"


class ModelError(ValueError):
    """The directory holds no model that this backend can run."""


class TooLong(ValueError):
    """A text has more tokens than the context."""


class Model:
    """Safe for concurrent use once it is made."""

    def __init__(self, directory: Path):
        try:
            config = _json(directory / "config.json")
            self.trained_length = config["max_position_embeddings"]
            self.usual_length = min(_usual_length(directory) or self.trained_length, self.trained_length)
            self.tensors = weights.read(directory / "model.safetensors")
            self._encoder = bert.Encoder(bert.Shape.of(config), self.tensors)
            self._tokenizer = _tokenizer(directory)
        except FileNotFoundError as error:
            raise ModelError(f"{error.filename} is missing") from error
        except (weights.WeightsError, KeyError, TypeError, ValueError, IndexError) as error:
            raise ModelError(f"{directory} is not a BERT model with safetensors weights: {error!r}") from error
        self.width: int = config["hidden_size"]
        self.description = f"bert {config['num_hidden_layers']} layers, {self.width} wide"
        self.pooling = _pooling(directory)
        self.vocabulary_size = self._tokenizer.get_vocab_size()

    def tokenize(self, text: str, add_special: bool) -> list[int]:
        """Token ids."""
        return self._tokenizer.encode(text, add_special_tokens=add_special).ids

    def detokenize(self, tokens: list[int]) -> str:
        """Text that gives the tokens again, as far as the vocabulary allows."""
        return self._tokenizer.decode(tokens, skip_special_tokens=True)

    def embed(self, tokens: list[int], pooling: Pooling, length: int) -> np.ndarray:
        """The vector of length 1 for the tokens of a text."""
        if len(tokens) > length:
            raise TooLong(f"the input has {len(tokens)} tokens, the context holds {length}")
        hidden = self._encoder.hidden(np.array([tokens], np.int64), np.ones((1, len(tokens)), bool))
        vector = pool(hidden, np.array([len(tokens)]), pooling)[0]
        return vector / max(float(np.linalg.norm(vector)), 1e-12)


def pool(hidden: np.ndarray, lengths: np.ndarray, pooling: Pooling) -> np.ndarray:
    """(batch, length, width) to (batch, width), blind to padding."""
    match pooling:
        case Pooling.CLS:
            return hidden[:, 0]
        case Pooling.LAST:
            return hidden[np.arange(len(lengths)), lengths - 1]
        case Pooling.MEAN:
            real = np.arange(hidden.shape[1]) < lengths[:, None]
            return (hidden * real[:, :, None]).sum(1) / lengths[:, None].astype(hidden.dtype)


def _tokenizer(directory: Path) -> Tokenizer:
    path = directory / "tokenizer.json"
    # The library reports every failure as a bare Exception.
    try:
        tokenizer = Tokenizer.from_str(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise
    except Exception as error:
        raise ValueError(f"{path}: {error}") from error
    # The file's own settings cut texts at 128 tokens and pad all to that.
    tokenizer.no_truncation()
    tokenizer.no_padding()
    # Who writes a control token in a text means its letters.
    tokenizer.encode_special_tokens = True
    return tokenizer


def _usual_length(directory: Path) -> int | None:
    path = directory / "sentence_bert_config.json"
    return _json(path).get("max_seq_length") if path.exists() else None


def _pooling(directory: Path) -> Pooling:
    path = directory / "1_Pooling" / "config.json"
    cls = path.exists() and _json(path).get("pooling_mode_cls_token", False)
    return Pooling.CLS if cls else Pooling.MEAN


def _json(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))
