"""A sentence embedding model: tokenizer, encoder and pooling, read from one directory."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from pathlib import Path

import bert
import numpy as np
import weights
from runtime.slots import Gone
from tokenizers import Tokenizer

# Tokens, padding included, that one pass through the encoder takes: more does not make it faster, only bigger, and
# between passes it is seen whether anybody still waits.
_PASS_TOKENS = 1024


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

    def __init__(self, directory: Path, threads: int):
        self._threads = ThreadPoolExecutor(threads)
        try:
            config = _json(directory / "config.json")
            self.trained_length = config["max_position_embeddings"]
            self.usual_length = min(_usual_length(directory) or self.trained_length, self.trained_length)
            self.tensors = weights.read(directory / "model.safetensors")
            self._encoder = bert.Encoder(bert.Shape.of(config), self.tensors)
            # Two tokenizers, for the choice is a property of the whole: control tokens as text, and as tokens.
            self._plain = _tokenizer(directory, specials_as_text=True)
            self._special = _tokenizer(directory, specials_as_text=False)
        except FileNotFoundError as error:
            raise ModelError(f"{error.filename} is missing") from error
        except (weights.WeightsError, KeyError, TypeError, ValueError, IndexError) as error:
            raise ModelError(f"{directory} is not a BERT model with safetensors weights: {error!r}") from error
        self.width: int = config["hidden_size"]
        self.description = f"bert {config['num_hidden_layers']} layers, {self.width} wide"
        self.pooling = _pooling(directory)
        self.vocabulary_size = self._plain.get_vocab_size()

    def tokenize(self, text: str, add_special: bool, parse_special: bool) -> list[int]:
        """Token ids."""
        tokenizer = self._special if parse_special else self._plain
        return tokenizer.encode(text, add_special_tokens=add_special).ids

    def piece(self, token: int) -> str:
        """The text that a token stands for."""
        return self._plain.id_to_token(token).removeprefix("##")

    def detokenize(self, tokens: list[int], show_special: bool) -> str:
        """Text that gives the tokens again, as far as the vocabulary allows."""
        return self._plain.decode(tokens, skip_special_tokens=not show_special)

    def embed(
        self, texts: list[str], pooling: Pooling, normalize: bool, length: int, waits: Callable[[], bool]
    ) -> tuple[list[np.ndarray], int]:
        """One vector for each text, and how many tokens they had together. Stops when nobody waits for it."""
        tokens = [self.tokenize(text, add_special=True, parse_special=False) for text in texts]
        for i, ids in enumerate(tokens):
            if len(ids) > length:
                raise TooLong(f"input {i} has {len(ids)} tokens, the context holds {length}")
        vectors: list[np.ndarray] = [np.empty(0)] * len(texts)

        def run(batch: list[int]) -> np.ndarray:
            if not waits():
                raise Gone
            return self._pass([tokens[i] for i in batch], pooling)

        groups = batches([len(ids) for ids in tokens], _PASS_TOKENS)
        for batch, pooled in zip(groups, self._threads.map(run, groups), strict=True):
            for i, vector in zip(batch, pooled, strict=True):
                vectors[i] = vector / max(float(np.linalg.norm(vector)), 1e-12) if normalize else vector
        return vectors, sum(map(len, tokens))

    def _pass(self, tokens: list[list[int]], pooling: Pooling) -> np.ndarray:
        lengths = np.array([len(ids) for ids in tokens])
        real = np.arange(lengths.max()) < lengths[:, None]
        ids = np.zeros(real.shape, np.int64)
        ids[real] = np.concatenate(tokens)
        return pool(self._encoder.hidden(ids, real), lengths, pooling)


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


def batches(lengths: list[int], most: int) -> list[list[int]]:
    """Groups texts of like length so that no group, padded to its longest, has more tokens than `most`."""
    groups: list[list[int]] = []
    for i in sorted(range(len(lengths)), key=lengths.__getitem__):
        if groups and (len(groups[-1]) + 1) * lengths[i] <= most:
            groups[-1].append(i)
        else:
            groups.append([i])
    return groups


def _tokenizer(directory: Path, specials_as_text: bool) -> Tokenizer:
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
    tokenizer.encode_special_tokens = specials_as_text
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
