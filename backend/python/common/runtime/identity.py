"""Whether a request is meant for the model that is loaded."""


def mismatch(loaded: str, meant: str) -> str | None:
    """Why a request for the model `meant` is refused. Nobody who names none, or loaded none, minds."""
    if not meant or not loaded or meant == loaded:
        return None
    # LocalAI looks for the words before the colon.
    return f"model identity mismatch: {loaded!r} is loaded, the request is for {meant!r}"
